"""Absences, approvals and authority over HTTP, and what outsiders and strangers get."""

from datetime import timedelta

import pytest

from engine import bundles, clock, deployments
from engine.actor import SYSTEM
from practice.people import operations as people
from tests.factories import end, model, path, properties, start, user_task
from tests.processes.shipped import ROOT
from tests.webui.conftest import MORNING, PASSWORD, Client

TODAY = clock.utc_now().date()
FIRST, LAST = ((TODAY + timedelta(days=n)).isoformat() for n in (30, 40))
DAYS = {"first_on": FIRST, "last_on": LAST}
ASK = model(
    start()
    + user_task("ask", groups="lawyers")
    + user_task("approve", groups="lawyers,partners", inner=properties(approve="decision=yes", notPerformedBy="ask"))
    + end()
    + path("started", "ask", "approve", "ended"),
    key="request",
)


@pytest.fixture
def firm(office):
    with office.transaction() as session:
        deployments.deploy(session, bundles.read(ROOT / "absence"), by=SYSTEM, now=MORNING)
        deployments.deploy(session, {"request.bpmn": ASK}, by=SYSTEM, now=MORNING)
    return office


def asked(office, by="ana"):
    instance = office.start("request", by=by)
    task = office.task(instance)
    assert getattr(office, by).post(f"user-tasks/{task['id']}/complete", {"variables": {}}).status_code == 200
    return instance["id"]


def waiting(client, first=None):
    """Return what waits for an approval, that of the process instance ``first`` in front."""
    listed = [one["user_task"] | {"version": one["version"]} for one in client.get("approvals").json["items"]]
    listed.sort(key=lambda one: one["process_instance_id"] != first)
    return [{"user_task_id": one["id"], "version": one["version"]} for one in listed]


def test_many_are_approved_and_those_that_may_not_be_say_why(firm):
    changed, *_ = [asked(firm, by) for by in ("ana", "ana", "bo")]
    items = waiting(firm.bo, first=changed)
    stale = [*items[1:], {**items[0], "version": "of yesterday"}]

    answer = firm.bo.post("approvals", {"items": stale}, headers={"Idempotency-Key": "once"})

    assert answer.status_code == 200
    told = {one["user_task_id"]: one["code"] for one in answer.json["items"]}
    assert told[items[0]["user_task_id"]] == "changed_since_shown"
    assert sorted(map(str, told.values())) == ["None", "changed_since_shown", "duties_not_separated"]
    assert len(firm.bo.get("approvals").json["items"]) == 2
    again = firm.bo.post("approvals", {"items": stale}, headers={"Idempotency-Key": "once"})
    assert (again.json, again.headers["Idempotency-Replayed"]) == (answer.json, "true")
    other = firm.bo.post("approvals", {"items": items[:1]}, headers={"Idempotency-Key": "once"})
    assert other.json["code"] == "idempotency_key_reused"


def test_what_one_is_refused_takes_nothing_from_the_others_and_sending_it_again_changes_nothing(firm):
    for _ in range(3):
        asked(firm)
    items = waiting(firm.pia)

    first = firm.pia.post("approvals", {"items": items}).json["items"]
    second = firm.pia.post("approvals", {"items": items}).json["items"]

    assert [one["result"] for one in first] == [one["result"] for one in second] == ["approved"] * 3
    late = firm.bo.post("approvals", {"items": items}).json["items"]
    assert {one["code"] for one in late} == {"user_task_not_open"}


def test_an_outsider_approves_nothing_and_learns_nothing(firm):
    asked(firm)
    items = waiting(firm.bo)

    assert firm.otto.get("approvals").json["items"] == []
    told = firm.otto.post("approvals", {"items": items}).json["items"]
    assert [(one["result"], one["code"]) for one in told] == [("dropped", "user_task_not_found")]
    assert firm.nobody.get("approvals").status_code == 401


@pytest.mark.parametrize("body", [{}, {"items": []}, {"items": [{"user_task_id": "x", "version": "v"}]}, {"items": 5}])
def test_a_list_that_is_none_is_refused_by_name(firm, body):
    answer = firm.bo.post("approvals", body)

    assert answer.status_code == 422
    assert "items" in str(answer.json["fields"])


def test_an_absence_is_booked_changed_and_called_off(firm):
    booked = firm.ana.post("absences", {**DAYS, "substitutes": [{"username": "bo"}], "note": "<b>Kos</b> 🏖"})

    assert booked.status_code == 201, booked.json
    number = booked.json["number"]
    assert booked.json["substitutes"] == [
        {"username": "bo", "process_key": None, "kind": None, "with_authority": False}
    ]
    assert firm.bo.get(f"absences/{number}").json["note"] is None
    assert firm.ana.get(f"absences/{number}").json["note"] == "<b>Kos</b> 🏖"
    assert (
        firm.ana.post(f"absences/{number}/substitute", {"username": "pia"}).json["substitutes"][0]["username"] == "pia"
    )
    assert firm.bo.post(f"absences/{number}/cancel", {}).json["code"] == "absence_of_another"
    assert firm.ana.post(f"absences/{number}/return", {}).json["code"] == "absence_not_in_state"
    assert firm.ana.post(f"absences/{number}/cancel", {}).json["state"] == "cancelled"


def test_absences_are_read_page_by_page(firm):
    for days in range(3):
        first = (TODAY + timedelta(days=30 + 2 * days)).isoformat()
        assert firm.ana.post("absences", {**DAYS, "first_on": first, "last_on": first}).status_code == 201

    assert pages(firm.bo, "absences", "first_on") == sorted(pages(firm.bo, "absences", "first_on"))
    assert len(pages(firm.bo, "absences", "first_on")) == 3
    assert firm.bo.get("absences?cursor=nonsense").json["code"] == "cursor_invalid"


def pages(client, path, field):
    """Read a list two at a time."""
    found, cursor = [], ""
    while cursor is not None:
        said = client.get(f"{path}?limit=2{cursor and '&cursor='}{cursor}").json
        assert len(said["items"]) <= 2
        found += [one[field] for one in said["items"]]
        cursor = said["next_cursor"]
    return found


def test_bad_bookings_are_refused_and_start_no_process(firm):
    for body, code in (
        ({**DAYS, "last_on": TODAY.isoformat()}, "absence_too_long"),
        ({**DAYS, "substitutes": [{"username": "ana"}]}, "substitute_unfit"),
        ({**DAYS, "substitutes": [{"username": "ghost"}]}, "not_an_active_person"),
        ({**DAYS, "person": "bo"}, "booked_for_another"),
        ({"first_on": FIRST}, "fields_invalid"),
    ):
        assert firm.ana.post("absences", body).json["code"] == code
    assert firm.ada.get("process-instances").json["items"] == []


def test_gaps_are_told_before_booking(firm):
    found = firm.otto.get(f"absences/gaps?first_on={FIRST}&last_on={LAST}").json["items"]

    assert [(one["group"], one["first_on"]) for one in found] == [("reception", FIRST)]
    assert firm.otto.get(f"absences/gaps?first_on={FIRST}&last_on={LAST}&person=bo").status_code == 422


def test_authority_is_given_by_who_may_and_read_by_whom_it_concerns(firm):
    with firm.transaction() as session:
        people.create_user(
            session, "max", "Max", password=PASSWORD, groups={"managing_partners"}, by=SYSTEM, now=MORNING
        )
        firm.tokens["max"] = people.issue_token(session, "max", "tests", by=SYSTEM, now=MORNING)
    chief = Client(firm.app.test_client(use_cookies=False), firm.tokens["max"])
    body = {"kind": "payment", "group": "lawyers", "limit": "2500.00", "currency": "EUR"}

    given = chief.post("authority-limits", body)

    assert given.status_code == 201, given.json
    assert (given.json["limit"], given.json["group"]) == ("2500.00", "lawyers")
    assert len(firm.ana.get("authority-limits").json["items"]) == 1
    assert firm.otto.get("authority-limits").json["items"] == []
    assert firm.ana.post("authority-limits", body).status_code == 403
    for limit in ("100.00", "200.00"):
        assert chief.post("authority-limits", body | {"limit": limit}).status_code == 201
    assert pages(firm.ana, "authority-limits", "limit") == ["2500.00", "100.00", "200.00"]
    assert chief.post(f"authority-limits/{given.json['id']}/revoke", {}).json["revoked_by"] == "max"
