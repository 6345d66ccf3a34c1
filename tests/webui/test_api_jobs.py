"""Supervisors see what the engine has promised, and let what failed for good start over."""

from datetime import timedelta

import sqlalchemy as sa

from engine import clock, job_kinds, job_table, jobs
from engine.job_kinds import Policy
from engine.models import HistoryEvent, Job
from tests.webui.test_worker import WAITS, deploy


@job_kinds.handles("break_for_api_tests", Policy(attempts=1))
def break_down(_session, _job, _now):
    raise RuntimeError("no luck")


def fail_one(office, instance_id=None):
    with office.transaction() as session:
        now = clock.utc_now()
        job_id = job_table.promise(
            session,
            "break_for_api_tests",
            due_at=now,
            by="ana",
            now=now,
            process_instance_id=instance_id,
            element_id="x",
        )
    jobs.run_due(office.transaction, now=clock.utc_now)
    return job_id


def test_jobs_are_listed_and_counted_by_kind_and_state(each_office):
    office = each_office
    deploy(office, WAITS)
    instance = office.start("waits")
    failed = fail_one(office)

    listed = office.ada.get("jobs").json["items"]
    counted = office.ada.get("jobs/counts").json["items"]

    assert [(job["kind"], job["state"], job["process_instance_id"]) for job in listed] == [
        ("timer", "waiting", instance["id"]),
        ("break_for_api_tests", "failed", None),
    ]
    assert listed[1]["id"] == str(failed)
    assert (listed[1]["last_error"], listed[1]["next_at"]) == ("RuntimeError: no luck", None)
    assert counted == [
        {"kind": "break_for_api_tests", "state": "failed", "count": 1},
        {"kind": "timer", "state": "waiting", "count": 1},
    ]
    metrics = office.nobody.get("/metrics").get_data(as_text=True)
    assert 'matterflow_jobs{kind="timer",state="waiting"} 1.0' in metrics
    assert 'matterflow_jobs{kind="break_for_api_tests",state="failed"} 1.0' in metrics


def test_lists_are_filtered_and_paged(office):
    deploy(office, WAITS)
    instances = [office.start("waits")["id"] for _ in range(3)]
    fail_one(office)

    first = office.ada.get("jobs?state=waiting&limit=2").json
    rest = office.ada.get(f"jobs?state=waiting&limit=2&cursor={first['next_cursor']}").json
    own = office.ada.get(f"jobs?process_instance_id={instances[1]}").json["items"]

    assert [job["process_instance_id"] for job in first["items"] + rest["items"]] == instances
    assert rest["next_cursor"] is None
    assert [job["process_instance_id"] for job in own] == [instances[1]]
    assert len(office.ada.get("jobs?kind=timer").json["items"]) == 3
    assert office.ada.get("jobs?state=tired").status_code == 422


def test_a_failed_job_starts_over_once_and_history_says_who(office):
    deploy(office, WAITS)
    instance = office.start("waits")
    from uuid import UUID

    job_id = fail_one(office, UUID(instance["id"]))

    answer = office.ada.post(f"jobs/{job_id}/retry")
    again = office.ada.post(f"jobs/{job_id}/retry")

    assert (answer.status_code, answer.json["state"], answer.json["attempts"]) == (200, "due", 0)
    assert (again.status_code, again.json["code"]) == (404, "job_not_found")
    with office.transaction() as session:
        told = session.scalars(sa.select(HistoryEvent).where(HistoryEvent.kind == "job_retried")).one()
        assert (told.actor, told.data["job_id"]) == ("ada", str(job_id))
        assert session.get(Job, job_id).due_at <= clock.utc_now() + timedelta(seconds=1)


def test_people_without_the_right_see_no_jobs(office):
    assert {office.ana.get(path).status_code for path in ("jobs", "jobs/counts")} == {403}
    assert office.ana.post(f"jobs/{fail_one(office)}/retry").status_code == 403
