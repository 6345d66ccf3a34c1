"""An outsider finds nothing, and that they looked is on record: over HTTP, on both databases."""

import re
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa

from engine import clock
from engine.models import UserTask
from practice.accesses import attempts
from practice.accesses.models import AccessAttempt
from practice.matters.models import Matter
from tests.webui.closed_doors import (
    cases,
    client,
    furnish,
    is_locked,
    let_worker_run,
    on_record,
    put_up_wall,
    sign_in,
    told,
)
from tests.webui.conftest import serving

NOTHING = "2026-CV-9999"


def said(answer, number):
    """What was answered, without what differs from request to request."""
    text = answer.get_data(as_text=True).replace(number, "NUMBER")
    return answer.status_code, re.sub(r"[0-9a-f]{32}|I[jm][\w-]+\.[\w-]+\.[\w-]+", "", text)


def test_a_matter_of_others_is_refused_as_if_it_did_not_exist_and_the_attempt_is_on_record(each_office):
    (number,) = furnish(each_office)
    began = clock.utc_now()

    refused, missing = (each_office.bo.get(f"matters/{one}") for one in (number, NOTHING))

    assert refused.status_code == 404
    assert said(refused, number) == said(missing, NOTHING)
    assert on_record(each_office) == [("bo", number, "view", "api"), ("bo", NOTHING, "view", "api")]
    assert cases(each_office) == [("bo", number, "outsider", "open")]
    for name in ("ana", "olga", "odd"):
        (notice,) = told(each_office, name)
        assert (notice.kind, notice.facts["subject"], notice.facts["person"]) == ("access_attempted", number, "Bo")
        assert timedelta(0) <= notice.created_at - began < timedelta(minutes=1)
    assert told(each_office, "bo") == []
    assert not is_locked(each_office, "bo")


def test_the_page_of_a_matter_of_others_reads_like_the_page_of_none(each_office):
    (number,) = furnish(each_office)
    browser = sign_in(each_office, "bo")

    refused, missing = (browser.get(f"/matters/{one}") for one in (number, NOTHING))

    assert said(refused, number) == said(missing, NOTHING)
    assert refused.status_code == 404
    assert on_record(each_office)[0] == ("bo", number, "view", "page")


def test_a_refused_change_leaves_the_attempt_and_nothing_else(each_office):
    (number,) = furnish(each_office)

    answer = each_office.bo.open("PUT", f"matters/{number}/access-policy", {"policy": "break_glass"})

    assert answer.status_code == 404
    assert on_record(each_office) == [("bo", number, "edit", "api")]
    assert each_office.ana.get(f"matters/{number}/access-policy").json == {"policy": "deny"}


def test_work_of_a_matter_of_others_and_its_run_are_doors_of_the_matter(each_office):
    (number,) = furnish(each_office)
    task = each_office.ana.get("user-tasks").json["items"][0]

    for path in (f"user-tasks/{task['id']}", f"process-instances/{task['process_instance_id']}/history"):
        assert client(each_office, "otto").get(path).status_code == 404

    assert {row[:3] for row in on_record(each_office)} == {("otto", number, "view")}
    assert cases(each_office) == [("otto", number, "outsider", "open")]


@pytest.mark.parametrize(
    "path", ["matters?q={}", "user-tasks?scope=all&business_key={}", "process-instances?business_key={}"]
)
def test_searching_for_the_number_of_a_matter_of_others_finds_nothing_and_is_on_record(office, path):
    (number,) = furnish(office)

    answer = office.bo.get(path.format(number))

    assert (answer.status_code, answer.json["items"]) == (200, [])
    assert on_record(office) == [("bo", number, "search", "api")]


def test_a_list_narrowed_to_a_matter_whose_last_task_one_has_just_done_is_no_attempt(office):
    (number,) = furnish(office)
    with office.transaction() as session:
        task = session.scalars(sa.select(UserTask).where(UserTask.business_key == number)).first()
        session.execute(
            sa.update(UserTask)
            .where(UserTask.id == task.id)
            .values(state="completed", ended_at=clock.utc_now(), ended_by="bo", assignee=None)
        )
        session.commit()

    assert office.bo.get(f"user-tasks?scope=all&business_key={number}").status_code == 200
    assert on_record(office) == []
    assert office.bo.get(f"matters/{number}").status_code == 404
    assert [row[:3] for row in on_record(office)] == [("bo", number, "view")]


def test_naming_a_matter_of_others_in_a_form_is_an_attempt_too(each_office):
    (number,) = furnish(each_office)
    wall = {"name": "West", "kind": "excluding", "basis": "conflict", "reason": "Wants to know whether it is there.",
            "around": [number], "people_out": ["otto"]}  # fmt: skip

    answer = each_office.bo.post("walls", wall)

    assert (answer.status_code, answer.json["code"]) == (422, "matter_unknown")
    assert on_record(each_office) == [("bo", number, "edit", "api")]


def test_whoever_may_see_a_matter_leaves_no_trace_when_something_else_is_not_there(each_office):
    (number,) = furnish(each_office)

    assert each_office.ana.get(f"matters/{number}").status_code == 200
    assert each_office.ana.get(f"matters/{number}/nothing-like-this").status_code == 404
    assert each_office.ana.get(f"matters?q={number}").status_code == 200
    assert client(each_office, "olga").get(f"matters/{number}").status_code == 200

    assert on_record(each_office) == []


def test_the_same_attempt_again_counts_up_and_opens_no_second_case(each_office):
    (number,) = furnish(each_office)

    for _ in range(3):
        each_office.bo.get(f"matters/{number}")

    with each_office.transaction() as session:
        assert session.scalars(sa.select(AccessAttempt.times)).all() == [3]
    assert len(cases(each_office)) == len(told(each_office, "ana")) == 1


def test_many_matters_in_a_few_minutes_lock_the_account_by_token_session_and_password(each_office):
    numbers = furnish(each_office, attempts.USUAL.bulk)
    browser = sign_in(each_office, "bo")

    for number in numbers[:-1]:
        each_office.bo.get(f"matters/{number}")
    assert not is_locked(each_office, "bo")
    assert each_office.bo.get(f"matters/{numbers[-1]}").status_code == 404

    assert is_locked(each_office, "bo")
    assert cases(each_office)[-1] == ("bo", None, "bulk", "open")
    assert each_office.bo.get("me").status_code == 401
    assert browser.get("/inbox").status_code == 302
    assert sign_in(each_office, "bo") is None
    assert {notice.facts["subject"] for notice in told(each_office, "ana")} == set(numbers)


def test_guessing_numbers_locks_the_account_although_nothing_is_there(each_office):
    furnish(each_office)

    for guess in range(attempts.USUAL.guesses):
        each_office.bo.get(f"matters/2026-CV-{5000 + guess}")

    assert cases(each_office) == [("bo", None, "bulk", "open")]
    assert each_office.bo.get("me").status_code == 401


def test_one_attempt_at_a_walled_matter_locks_the_account_whatever_rights_it_holds(each_office):
    (number,) = furnish(each_office)
    put_up_wall(each_office, number, "odd", "ada")

    assert client(each_office, "odd").get("matters").json["items"] == []
    assert client(each_office, "odd").get(f"matters/{number}").status_code == 404

    assert cases(each_office) == [("odd", number, "walled", "open")]
    assert client(each_office, "odd").get("me").status_code == 401
    assert client(each_office, "olga").get("me").status_code == 200


def test_a_recording_that_fails_leaves_the_refusal_as_it_is(office, monkeypatch, caplog):
    (number,) = furnish(office)
    monkeypatch.setattr(attempts, "note_refusal", lambda *_, **__: 1 / 0)

    answer = office.bo.get(f"matters/{number}")

    assert (answer.status_code, answer.json["code"]) == (404, "matter_not_found")
    assert "could not be kept on record" in caplog.text


def test_the_review_begins_by_itself_and_a_justified_attempt_ends_on_the_team(each_office):
    (number,) = furnish(each_office)
    each_office.bo.get(f"matters/{number}")

    assert let_worker_run(each_office) >= 1
    (task,) = each_office.bo.get("user-tasks").json["items"]
    said_why = {"variables": {"explanation": "Ana asked me to stand in for her."}}
    assert each_office.bo.post(f"user-tasks/{task['id']}/complete", said_why).status_code == 200
    officer = client(each_office, "olga")
    (task,) = officer.get("user-tasks?scope=group").json["items"]
    finding = {"variables": {"finding": "justified", "finding_note": "Ana confirms it."}}
    assert officer.post(f"user-tasks/{task['id']}/complete", finding).status_code == 200

    assert cases(each_office) == [("bo", number, "outsider", "closed")]
    assert each_office.bo.get(f"matters/{number}").status_code == 200


def test_a_locked_person_comes_in_again_when_the_case_is_a_mistake(each_office):
    (number,) = furnish(each_office)
    put_up_wall(each_office, number, "bo")
    each_office.bo.get(f"matters/{number}")
    assert each_office.bo.get("me").status_code == 401

    let_worker_run(each_office)
    officer = client(each_office, "olga")
    for answers in (
        {"heard_on": "2026-11-22", "explanation": "An old bookmark."},
        {"finding": "mistake", "finding_note": "The bookmark is from before the wall."},
    ):
        (task,) = officer.get("user-tasks?scope=group").json["items"]
        assert officer.post(f"user-tasks/{task['id']}/complete", {"variables": answers}).status_code == 200

    assert each_office.bo.get("me").status_code == 200
    assert each_office.bo.get("matters").json["items"] == []


def test_attempts_and_cases_are_read_by_compliance_and_owner_and_by_nobody_else(each_office):
    (number,) = furnish(each_office)
    each_office.bo.get(f"matters/{number}")
    case = client(each_office, "olga").get("breach-cases").json["items"][0]["number"]

    for reader in ("olga", "ana"):
        assert [row["subject"] for row in client(each_office, reader).get("access-attempts").json["items"]] == [number]
        assert client(each_office, reader).get(f"breach-cases/{case}").json["username"] == "bo"
    for outsider in ("bo", "otto", "pia"):
        assert client(each_office, outsider).get("access-attempts").json["items"] == []
        assert client(each_office, outsider).get("breach-cases").json["items"] == []
        assert client(each_office, outsider).get(f"breach-cases/{case}").status_code == 404


def test_breaking_the_glass_opens_a_matter_for_a_day_on_record(each_office):
    (number,) = furnish(each_office)
    why = {"reason": "Ana is in hospital and the hearing is today."}
    assert each_office.bo.post(f"matters/{number}/break-glass", why).status_code == 404
    each_office.ana.open("PUT", f"matters/{number}/access-policy", {"policy": "break_glass"})

    assert each_office.bo.get(f"matters/{number}").status_code == 404
    answer = each_office.bo.post(f"matters/{number}/break-glass", why)

    assert answer.status_code == 201, answer.json
    assert each_office.bo.get(f"matters/{number}").status_code == 200
    assert each_office.bo.post(f"matters/{number}/break-glass", why).json["code"] == "emergency_access_not_needed"
    assert each_office.otto.get(f"matters/{number}").status_code == 404
    case = client(each_office, "olga").get("breach-cases?username=bo").json["items"][0]
    assert case["subject"] == number
    assert len(told(each_office, "ana")) >= 1


@pytest.mark.parametrize("reason", ["", "urgent", " " * 40])
def test_breaking_the_glass_needs_a_reason_that_is_one(office, reason):
    (number,) = furnish(office)
    office.ana.open("PUT", f"matters/{number}/access-policy", {"policy": "break_glass"})

    answer = office.bo.post(f"matters/{number}/break-glass", {"reason": reason})

    assert answer.status_code == 422
    assert office.bo.get(f"matters/{number}").status_code == 404


def test_no_glass_breaks_where_a_wall_stands_or_a_matter_is_secret(each_office):
    walled, secret = furnish(each_office, 2)
    why = {"reason": "I simply have to see this file now."}
    for number in (walled, secret):
        each_office.ana.open("PUT", f"matters/{number}/access-policy", {"policy": "break_glass"})
    with each_office.transaction() as session:
        session.execute(sa.update(Matter).where(Matter.number == secret).values(confidentiality="secret"))
    put_up_wall(each_office, walled, "otto")

    refusals = [
        client(each_office, who).post(f"matters/{number}/break-glass", why)
        for who, number in (("otto", walled), ("bo", secret), ("bo", NOTHING))
    ]

    assert [(answer.status_code, answer.json["code"]) for answer in refusals] == [(404, "matter_not_found")] * 3
    assert is_locked(each_office, "otto")
    assert not is_locked(each_office, "bo")


def test_notices_are_ones_own_and_go_when_they_were_seen(each_office):
    (number,) = furnish(each_office)
    each_office.bo.get(f"matters/{number}")
    (notice,) = each_office.ana.get("notices?unseen=true").json["items"]

    assert each_office.bo.post("notices/seen", {"ids": [notice["id"]]}).json == {"count": 0}
    assert each_office.ana.post("notices/seen", {"ids": [notice["id"]]}).json == {"count": 1}

    assert each_office.ana.get("notices?unseen=true").json["items"] == []
    assert len(each_office.ana.get("notices").json["items"]) == 1
    assert each_office.bo.get("notices").json["items"] == []


def test_behind_the_real_server_an_outsider_is_refused_recorded_and_locked(each_office):
    numbers = furnish(each_office, attempts.USUAL.bulk)
    headers = {"Authorization": f"Bearer {each_office.tokens['bo']}"}
    began = clock.utc_now()

    with serving(each_office) as http:
        http: httpx.Client
        missing = http.get(f"/api/v1/matters/{NOTHING}", headers=headers)
        refusals = [http.get(f"/api/v1/matters/{number}", headers=headers) for number in numbers]
        afterwards = http.get("/api/v1/me", headers=headers)

    assert {answer.status_code for answer in (missing, *refusals)} == {404}
    assert {answer.json()["code"] for answer in (missing, *refusals)} == {"matter_not_found"}
    assert afterwards.status_code == 401
    assert [row[1] for row in on_record(each_office)] == [NOTHING, *numbers]
    assert cases(each_office)[-1] == ("bo", None, "bulk", "open")
    assert all(notice.created_at - began < timedelta(minutes=1) for notice in told(each_office, "ana"))


def test_from_how_many_attempts_on_an_account_is_locked_is_for_the_firm_to_say(make_office):
    office = make_office(access_matters=2, access_walled=2, access_guesses=3)
    numbers = furnish(office, 2)
    put_up_wall(office, numbers[0], "otto")

    office.otto.get(f"matters/{numbers[0]}")
    assert not is_locked(office, "otto")
    office.otto.post(f"matters/{numbers[0]}/team", {"username": "otto"}, headers={"Idempotency-Key": "join-otto-1"})
    assert is_locked(office, "otto")
    for number in numbers:
        assert not is_locked(office, "bo")
        office.bo.get(f"matters/{number}")
    assert is_locked(office, "bo")
    for guess in range(3):
        assert not is_locked(office, "pia")
        office.pia.get(f"matters/2026-XX-000{guess}")
    assert is_locked(office, "pia")
