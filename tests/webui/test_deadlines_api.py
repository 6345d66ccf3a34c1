"""Deadlines over the API: register, verify, end by two persons, calculate, stay; outsiders get nothing."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from engine import deployments
from engine.actor import SYSTEM
from practice.conflicts import operations as conflicts
from practice.enquiries import operations as enquiries
from practice.matters import operations as matters
from tests.practice.firm import PETRA, civil
from tests.webui.conftest import MORNING

APPEAL = {
    "matter": "2026-CV-0001",
    "pack": "cn",
    "rule": "appeal_judgment",
    "anchor_on": "2026-09-01",
    "source": "Judgment of 20 August, stamped 1 September",
}
PIA = replace(PETRA, username="pia")


@pytest.fixture
def ruiz(office):
    """A matter of the lawyer Ana that the partner Pia has opened; nobody else is on its team."""
    facts = {"client_name": "Orhan Demir", "opponent_name": "Beton AG", "case_type": "civil", "responsible": "ana"}
    with office.transaction() as session:
        deployments.deploy(session, civil(), by=SYSTEM, now=MORNING)
        asked = enquiries.register(session, facts, by=PIA, now=MORNING)
        conflicts.check(session, asked, by=SYSTEM, now=MORNING)
        return matters.open_matter(session, asked, facts, by=PIA, now=MORNING).number


@pytest.fixture
def appeal(office, ruiz):
    answer = office.ana.post("deadlines", APPEAL)
    assert answer.status_code == 201, answer.json
    return answer.json["items"][0]


def test_a_fatal_deadline_takes_two_persons_from_beginning_to_end(office, appeal):
    assert (appeal["due_on"], appeal["state"], appeal["is_fatal"]) == ("2026-09-16", "proposed", True)
    address = f"deadlines/{appeal['id']}"
    body = {"due_on": "2026-09-16", "document_seen": True}
    assert office.ana.post(f"{address}/verify", body).json["code"] == "second_person_needed"
    assert [one["id"] for one in office.pia.get("deadlines/waiting").json["items"]] == [appeal["id"]]

    assert office.pia.post(f"{address}/verify", {**body, "due_on": "2026-09-17"}).json["code"] == "deadline_differs"
    assert office.pia.post(f"{address}/verify", body).json["state"] == "verified"
    ended = office.ana.post(f"{address}/end", {"outcome": "met", "reason": "Receipt 7741"})
    assert (ended.json["state"], ended.json["ending"]) == ("verified", "met")
    assert office.ana.post(f"{address}/confirm-end", {}).json["code"] == "second_person_needed"
    assert office.pia.post(f"{address}/confirm-end", {}).json["state"] == "met"

    told = office.ana.get(address).json
    assert [one["kind"] for one in told["changes"]] == ["proposed", "verified", "met_requested", "met"]
    assert [step["code"] for step in told["steps"]] == ["anchor", "counted"]
    assert office.ana.get("deadlines").json["items"] == []
    assert [one["matter"] for one in office.ana.get("deadlines?state=met").json["items"]] == ["2026-CV-0001"]


def test_an_outsider_gets_nothing(office, appeal):
    for address in ("deadlines", "deadlines?scope=team", "deadlines?matter=2026-CV-0001", "deadlines/waiting"):
        assert office.bo.get(address).json["items"] == []
    assert office.bo.get(f"deadlines/{appeal['id']}").status_code == 404
    body = {"due_on": "2026-09-16", "document_seen": True}
    assert office.bo.post(f"deadlines/{appeal['id']}/verify", body).status_code == 404
    assert office.bo.post("deadlines", APPEAL).status_code == 404
    stay = {"matter": "2026-CV-0001", "first_on": "2026-09-02", "reason": "Talks"}
    assert office.bo.post("deadlines/stays", stay).status_code == 404


def test_who_has_no_right_is_refused(office, ruiz):
    assert office.otto.post("deadlines", APPEAL).status_code == 403
    day = {"calendar": "cn.courts", "on": "2026-09-16", "is_working": False, "name": "X", "citation": "Y"}
    assert office.ana.post("deadlines/calendar-days", day).status_code == 403


def test_a_day_is_calculated_without_being_registered(office, ruiz):
    said = {"pack": "en", "rule": "application_notice", "anchor_on": "2025-10-20"}

    found = office.ana.post("deadlines/compute", said).json

    assert found["due_on"] == "2025-10-14"
    assert "2.8" in found["citation"]
    assert office.ana.get("deadlines").json["items"] == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"rule": "flight"}, "rule_unknown"),
        ({"pack": "atlantis"}, "pack_unknown"),
        ({"anchor_on": "1066-10-14"}, "day_out_of_range"),
        ({"calendar": "julian"}, "calendar_unknown"),
        ({"service_method": "pigeon"}, "service_method_unknown"),
    ],
)
def test_what_cannot_be_calculated_is_refused_by_its_field(office, said, code):
    body = {"pack": "cn", "rule": "appeal_judgment", "anchor_on": "2026-09-01", **said}

    answer = office.ana.post("deadlines/compute", body)

    assert (answer.status_code, answer.json["code"]) == (422, code)


def test_the_packs_say_that_a_lawyer_has_to_confirm_them(office):
    packs = {pack["key"]: pack for pack in office.ana.get("deadlines/rules").json["items"]}

    assert {"neutral", "tw", "cn", "ru", "gr", "en"} <= packs.keys()
    assert {pack["status"] for pack in packs.values()} == {"to be confirmed by a lawyer"}


def test_a_late_holiday_and_a_stay_calculate_anew(office, appeal):
    day = {
        "calendar": "cn.courts",
        "on": "2026-09-16",
        "is_working": False,
        "name": "Court moved",
        "citation": "Order",
    }

    added = office.ada.post("deadlines/calendar-days", day)

    assert added.status_code == 201, added.json
    assert [(one["due_on"], one["supersedes_id"]) for one in added.json["recomputed"]] == [("2026-09-17", appeal["id"])]
    neutral = office.ana.post("deadlines", {**APPEAL, "pack": "neutral"}).json["items"][0]
    stay = office.ana.post(
        "deadlines/stays", {"matter": "2026-CV-0001", "first_on": "2026-09-07", "reason": "Insolvency"}
    )
    assert [(one["due_on"], one["supersedes_id"]) for one in stay.json["recomputed"]] == [(None, neutral["id"])]
    ended = office.ana.post(f"deadlines/stays/{stay.json['id']}/end", {"last_on": "2026-09-16"})
    assert [one["due_on"] for one in ended.json["recomputed"]] == ["2026-09-26"]


def test_a_change_and_a_dispute_have_a_reason(office, appeal):
    address = f"deadlines/{appeal['id']}"
    assert office.pia.post(f"{address}/dispute", {"reason": "Stamped on the 2nd"}).status_code == 200
    changed = office.ana.post(f"{address}/change", {"anchor_on": "2026-09-02", "reason": "It is the 2nd"})

    assert (changed.json["due_on"], changed.json["supersedes_id"]) == ("2026-09-17", appeal["id"])
    assert office.ana.get(address).json["state"] == "superseded"
    assert office.ana.post(f"deadlines/{changed.json['id']}/change", {"due_on": "2026-09-18"}).status_code == 422


def test_a_refused_end_lets_the_deadline_go_on(office, appeal):
    address = f"deadlines/{appeal['id']}"
    office.ana.post(f"{address}/end", {"outcome": "waived", "reason": "No appeal wanted"})

    refused = office.pia.post(f"{address}/refuse-end", {"reason": "Nothing in writing"})

    assert (refused.json["state"], refused.json["ending"]) == ("proposed", None)


@pytest.mark.parametrize("table", ["deadline", "deadline_change"])
def test_an_installed_database_refuses_to_delete_what_was_registered(each_office, table):
    with each_office.transaction() as session:
        refusals = session.scalars(
            sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            if session.get_bind().dialect.name == "sqlite"
            else sa.text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        )

        assert f"{table}_is_never_deleted" in set(refusals)
