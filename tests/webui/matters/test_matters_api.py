"""Matters, proceedings, events, directories and saved searches over the API."""

from uuid import uuid4

import pytest

from config import directories as shipped
from engine import deployments
from engine.actor import SYSTEM
from practice.conflicts.models import ConflictCheck, ConflictDecision
from practice.directories import operations as directories
from practice.enquiries.models import Enquiry
from practice.matters.models import Matter
from tests.conftest import NOON
from tests.practice.firm import civil

SOME = {
    "direction": [{"key": "injury", "name": "Injury"}, {"key": "railway", "name": "Railway", "parent": "injury"}],
    "tag": [{"key": "urgent", "name": "Urgent"}],
    "recovery_kind": [{"key": "treatment", "name": "Treatment"}],
    "event_kind": [
        {"key": "meetings", "name": "Meetings"},
        {"key": "client_meeting", "name": "Client meeting", "parent": "meetings"},
    ],
}
#: Pia is a partner, Ana and Bo are lawyers, Ada is an administrator (tests/webui/conftest.py).
NEW = {
    "case_type": "civil",
    "responsible": "ana",
    "parties": [{"name": "Ana Ruiz", "role": "client"}, {"name": "Beton AG", "role": "opponent"}],
}


@pytest.fixture
def firm(each_office):
    with each_office.transaction() as session:
        deployments.deploy(session, civil(), by=SYSTEM, now=NOON)
        directories.seed(session, SOME, by=SYSTEM, now=NOON)
    return each_office


@pytest.fixture
def opened(firm):
    answer = firm.pia.post("matters", NEW)
    assert answer.status_code == 201, answer.json
    return answer.json["number"]


def numbers(answer):
    assert answer.status_code == 200, answer.json
    return [item["number"] for item in answer.json["items"]]


def test_a_matter_is_opened_in_one_call_when_nobody_of_the_names_is_known(firm):
    facts = {
        **NEW,
        "direction": "railway",
        "tags": ["urgent"],
        "claim_value": "1200.50",
        "currency": "EUR",
        "court": "District Court",
        "limitation_on": "2029-01-31",
    }

    answer = firm.pia.post("matters", facts)

    assert answer.status_code == 201, answer.json
    assert answer.json["title"] == "Ana Ruiz – Beton AG"
    assert (answer.json["claim_value_minor"], answer.json["court"]) == (120050, "District Court")
    assert answer.json["process_instance_id"]
    assert numbers(firm.ana.get("matters?q=beton")) == [answer.json["number"]]


def test_without_the_right_nobody_opens_a_matter_directly(firm):
    assert firm.ana.post("matters", NEW).json["code"] == "right_missing"
    with firm.transaction() as session:
        assert session.query(Matter).count() == 0


def test_our_client_s_opponent_does_not_become_a_client_and_the_check_is_kept(firm, opened):
    turned = [{"name": "Beton AG", "role": "client"}, {"name": "Ana Ruiz", "role": "opponent"}]

    answer = firm.pia.post("matters", {**NEW, "parties": turned})

    assert answer.status_code == 422
    assert answer.json["code"] == "conflict_is_absolute"
    with firm.transaction() as session:
        assert session.query(Matter).count() == 1
        refused = session.query(Enquiry).filter_by(state="declined").one()
        check = session.query(ConflictCheck).filter_by(subject=refused.number).one()
    assert check.outcome == "absolute"
    assert refused.reason


def test_a_relative_conflict_is_for_the_intake(firm, opened):
    witness = [{"name": "New Client", "role": "client"}, {"name": "Beton AG", "role": "other"}]

    answer = firm.pia.post("matters", {**NEW, "parties": witness})

    assert (answer.status_code, answer.json["code"]) == (409, "conflict_needs_decision")
    assert answer.json["reasons"]


def test_a_check_that_was_decided_opens_the_matter_it_was_about_and_no_other(firm, opened):
    witness = [{"name": "New Client", "role": "client"}, {"name": "Beton AG", "role": "other"}]
    made = firm.pia.post("conflict-checks", {"parties": witness}).json
    new = {**NEW, "parties": witness, "conflict_check_id": made["id"]}
    undecided = firm.pia.post("matters", new)
    decided = firm.ada.post(f"conflict-checks/{made['id']}/decisions", {"decision": "clear", "note": "A namesake."})

    elsewhere = firm.pia.post(
        "matters", {**new, "parties": [{"name": "Ana Ruiz", "role": "other"}, {"name": "New Client", "role": "client"}]}
    )
    answer = firm.pia.post("matters", new)

    assert (undecided.status_code, undecided.json["code"]) == (409, "conflict_needs_decision")
    assert decided.status_code == 201
    assert (elsewhere.status_code, elsewhere.json["code"]) == (409, "conflict_needs_decision")
    assert answer.status_code == 201, answer.json
    with firm.transaction() as session:
        row = session.query(ConflictDecision).join(ConflictCheck, ConflictCheck.trigger == "intake").all()[-1]
    assert (row.decided_by, row.decision) == ("ada", "clear")


def test_a_check_that_nobody_made_opens_nothing(firm, opened):
    parties = [{"name": "New Client", "role": "client"}, {"name": "Beton AG", "role": "other"}]

    answer = firm.pia.post("matters", {**NEW, "parties": parties, "conflict_check_id": str(uuid4())})
    malformed = firm.pia.post("matters", {**NEW, "parties": parties, "conflict_check_id": "first"})

    assert (answer.status_code, answer.json["code"]) == (404, "conflict_check_not_found")
    assert malformed.status_code == 422


def test_further_clients_and_opponents_have_their_roles(firm):
    parties = [
        *NEW["parties"],
        {"name": "Second Foe", "role": "opponent"},
        {"name": "Second Client", "role": "client"},
        {"name": "Wit Ness"},
    ]

    answer = firm.pia.post("matters", {**NEW, "parties": parties})
    assert answer.status_code == 201, answer.json
    number = answer.json["number"]

    answer = firm.ana.get(f"matters/{number}/parties")
    assert answer.status_code == 200, answer.json
    found = answer.json["items"]
    assert [(one["name"], one["role"], one["side"]) for one in found] == [
        ("Ana Ruiz", "client", "ours"),
        ("Second Client", "client", "ours"),
        ("Beton AG", "opponent", "theirs"),
        ("Second Foe", "opponent", "theirs"),
        ("Wit Ness", "other", "neutral"),
    ]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"parties": []}, "variable_missing"),
        ({"case_type": "nothing"}, "case_type_unknown"),
        ({"responsible": "pia"}, "not_an_active_lawyer"),
        ({"direction": "nowhere"}, "directory_entry_unknown"),
        ({"claim_value": "x", "currency": "EUR"}, "amount_invalid"),
        ({"parties": [{"role": "client"}]}, "fields_invalid"),
        ({"nonsense": 1}, "fields_invalid"),
    ],
)
def test_a_matter_that_cannot_be_is_refused_and_nothing_is_left(firm, facts, code):
    answer = firm.pia.post("matters", {**NEW, **facts})

    assert (answer.status_code, answer.json["code"]) == (422, code)
    with firm.transaction() as session:
        assert session.query(Matter).count() == 0
        assert session.query(Enquiry).count() == 0


def test_criteria_are_combined(firm, opened):
    other = {**NEW, "responsible": "bo", "parties": [{"name": "Cy Young", "role": "client"}]}
    second = firm.pia.post("matters", other).json["number"]
    firm.pia.patch(f"matters/{second}", {"direction": "railway", "tags": ["urgent"]})

    for query, expected in {
        "": [second, opened],
        "direction=injury": [second],
        "tag=urgent&direction=railway": [second],
        "responsible=bo": [second],
        "person=pia": [second, opened],
        "person=ana": [opened],
        "q=young&person=ana": [],
        "confidentiality=ordinary&state=open": [second, opened],
        "opened_before=2020-01-01T00:00:00Z": [],
        "opened_from=2020-01-01T00:00:00Z": [second, opened],
    }.items():
        assert numbers(firm.pia.get(f"matters?{query}")) == expected, query
    client = firm.pia.get(f"matters/{second}/parties").json["items"][0]["party_id"]
    assert numbers(firm.pia.get(f"matters?party_id={client}")) == [second]
    assert firm.pia.get("matters?tag=nothing").status_code == 422


def test_an_outsider_gets_nothing_by_any_of_these_addresses(firm, opened):
    event = firm.ana.post(f"matters/{opened}/events", {"kind": "client_meeting"}).json["id"]
    firm.ana.post(f"matters/{opened}/proceedings", {"level": "first_instance"})

    for path in ("", "/parties", "/team", "/proceedings", "/recoveries"):
        assert firm.bo.get(f"matters/{opened}{path}").status_code == 404, path
    assert firm.bo.get("matters").json["items"] == []
    assert firm.bo.get("events").json["items"] == []
    assert firm.bo.get("events/durations").json["items"] == []
    assert firm.bo.get(f"events/{event}").status_code == 404
    for path, body in {
        "events": {"kind": "client_meeting"},
        "proceedings": {"level": "appeal"},
        "team": {"username": "bo"},
        "parties": {"name": "X"},
        "recoveries": {"recovery_kind": "treatment", "amount": "1", "currency": "EUR"},
        "relations": {"number": opened},
    }.items():
        assert firm.bo.post(f"matters/{opened}/{path}", body).status_code == 404, path
    assert firm.bo.patch(f"matters/{opened}", {"tags": []}).status_code == 404


def test_a_proceeding_lives_over_the_api(firm, opened):
    ana = firm.ana
    facts = {"level": "first_instance", "court": "District Court", "value": "10.50", "currency": "EUR"}
    assert ana.post(f"matters/{opened}/proceedings", facts).json["value"] == "10.50"
    hearing = ana.post(
        f"matters/{opened}/proceedings/1/hearings", {"starts_at": "2026-10-01T09:00:00Z", "representative": "ana"}
    ).json["id"]
    ended = ana.post(
        f"hearings/{hearing}/end",
        {"state": "adjourned", "result": "Witness ill", "next_starts_at": "2026-11-01T09:00:00Z"},
    )
    assert ended.status_code == 200, ended.json
    line = {"recovery_kind": "treatment", "amount": "100", "currency": "EUR"}
    claims = ana.put(f"matters/{opened}/proceedings/1/claims", {"lines": [line]})
    assert claims.json["totals"][0]["claimed"] == "100.00"
    award = {"recovery_kind": "treatment", "awarded": "80", "currency": "EUR"}
    decision = ana.post(
        f"matters/{opened}/proceedings/1/decisions", {"pronounced_on": "2026-11-02", "lines": [award]}
    ).json
    assert ana.post(f"decisions/{decision['id']}/serve", {"served_on": "2026-11-05"}).status_code == 200
    appeal = {"level": "appeal", "previous": 1, "link": "appeal"}
    assert ana.post(f"matters/{opened}/proceedings", appeal).json["number"] == 2
    recovery = ana.post(
        f"matters/{opened}/recoveries", {**line, "amount": "80", "decision_line": decision["lines"][0]["id"]}
    ).json["id"]
    assert ana.post(f"recoveries/{recovery}/receive", {"amount": "30"}).json["state"] == "part_received"
    assert ana.post(f"recoveries/{recovery}/write-off", {"reason": "insolvent"}).json["state"] == "written_off"
    next_one = ana.get(f"matters/{opened}/proceedings").json["items"][0]["hearings"][1]["id"]
    ana.post(f"hearings/{next_one}/end", {"state": "cancelled"})
    closed = ana.patch(f"matters/{opened}/proceedings/1", {"state": "closed", "outcome": "won", "judge": "J."})

    assert closed.json["outcome"] == "won"
    assert ana.patch(f"matters/{opened}/proceedings/2", {"outcome": "won"}).status_code == 422
    told = ana.get(f"matters/{opened}/recoveries").json
    assert told["totals"] == [
        {
            "recovery_kind": "treatment",
            "name": "Treatment",
            "currency": "EUR",
            "claimed": "100.00",
            "awarded": "80.00",
            "received": "30.00",
        }
    ]
    first = ana.get(f"matters/{opened}/proceedings").json["items"][0]
    assert first["decisions"][0]["served_on"] == "2026-11-05"
    assert first["value"] == "10.50"


def test_an_event_lives_over_the_api(firm, opened):
    ana = firm.ana
    ana.post(f"matters/{opened}/team", {"username": "bo"})
    event = ana.post(f"matters/{opened}/events", {"kind": "client_meeting", "responsible": ["ana", "bo"]}).json
    assert event["responsible"] == ["ana", "bo"]
    assert [one["id"] for one in firm.bo.get("events?responsible=bo&kind=meetings").json["items"]] == [event["id"]]
    changed = ana.patch(f"events/{event['id']}", {"title": "Second", "ended_by": "all"})
    assert changed.json["title"] == "Second"
    assert ana.post(f"events/{event['id']}/start").json["state"] == "started"
    assert ana.post(f"events/{event['id']}/finish", {"result": "ok"}).json["state"] == "started"
    assert firm.bo.post(f"events/{event['id']}/finish").json["state"] == "ended"
    assert ana.post(f"events/{event['id']}/cancel", {"reason": "x"}).status_code == 409

    (told,) = ana.get("events/durations").json["items"]
    assert (told["group"], told["number"], told["mean"], told["direction"]) == ("meetings", 1, 0.0, None)


def test_a_team_over_the_api_is_over_time(firm, opened):
    assert firm.ana.post(f"matters/{opened}/team", {"username": "bo"}).status_code == 201
    assert numbers(firm.bo.get("matters")) == [opened]
    assert firm.bo.delete(f"matters/{opened}/team/bo").json == {"items": []}
    assert numbers(firm.bo.get("matters")) == []
    firm.ana.post(f"matters/{opened}/team", {"username": "bo", "role": "responsible"})

    team = [
        (one["username"], one["role"], one["until"] is None)
        for one in firm.bo.get(f"matters/{opened}/team").json["items"]
    ]

    assert team[:3] == [("bo", "responsible", True), ("pia", "approver", True), ("ana", "member", True)]
    assert sorted(team[3:]) == [("ana", "responsible", False), ("bo", "member", False)]


def test_parties_come_and_go_over_the_api(firm, opened):
    added = firm.ana.post(f"matters/{opened}/parties", {"name": "Vita Insurance", "side": "theirs"}).json["items"]
    vita = next(one for one in added if one["name"] == "Vita Insurance")
    assert (vita["role"], vita["side"]) == ("other", "theirs")

    left = firm.ana.delete(f"matters/{opened}/parties/{vita['party_id']}").json["items"]

    assert [one["name"] for one in left] == ["Ana Ruiz", "Beton AG"]


def test_two_matters_are_related_over_the_api(firm, opened):
    second = firm.pia.post("matters", {**NEW, "parties": [{"name": "Cy Young", "role": "client"}]}).json["number"]

    answer = firm.pia.post(f"matters/{opened}/relations", {"number": second, "kind": "same_facts"})

    assert (answer.status_code, answer.json["number"]) == (201, second)


def test_an_administrator_keeps_a_directory_and_others_only_read_it(firm):
    assert firm.ana.post("directories/region/entries", {"name": "North"}).status_code == 403
    north = firm.ada.post("directories/region/entries", {"name": "North"}).json
    assert north["key"] == "north"
    firm.ada.post("directories/region/entries", {"name": "Far North", "parent": "north"})
    changed = firm.ada.patch("directories/region/entries/north", {"name": "The North", "is_active": False})

    assert changed.json["is_active"] is False
    assert [one["path"] for one in firm.ana.get("directories/region/entries").json["items"]] == [
        "north/",
        "north/far_north/",
    ]
    assert firm.ana.get("directories/colours/entries").status_code == 404
    assert firm.ada.patch("directories/region/entries/north", {"parent": "far_north"}).status_code == 422


def test_a_saved_search_is_one_s_own_until_it_is_shared_and_finds_what_its_reader_may_see(firm, opened):
    saved = firm.ana.post(
        "selections", {"entity": "matter", "name": "Railway", "criteria": {"direction": "railway", "tag": ["urgent"]}}
    )
    assert saved.status_code == 201, saved.json
    address = f"selections/{saved.json['id']}"
    assert firm.ana.post("selections", {"entity": "matter", "name": "Railway", "criteria": {}}).status_code == 409
    assert firm.bo.get("selections").json["items"] == []
    assert firm.bo.patch(address, {"name": "Mine"}).status_code == 404

    assert firm.ana.patch(address, {"is_shared": True, "name": "Rail", "criteria": {"q": "x"}}).status_code == 200

    assert [one["name"] for one in firm.bo.get("selections").json["items"]] == ["Rail"]
    assert firm.bo.delete(address).status_code == 404
    assert firm.ana.delete(address).json["items"] == []


@pytest.mark.parametrize(
    "criteria", [{"q": 1}, {"Q!": "x"}, {"q": "x" * 301}, {f"a{'b' * n}": "x" for n in range(31)}, {"q": ["x", None]}]
)
def test_criteria_that_no_list_takes_are_not_kept(firm, criteria):
    assert firm.ana.post("selections", {"entity": "matter", "name": "X", "criteria": criteria}).status_code == 422


def test_the_shipped_directories_fit_the_product(firm):
    with firm.transaction() as session:
        assert directories.seed(session, shipped.load(), by=SYSTEM, now=NOON) > 50
