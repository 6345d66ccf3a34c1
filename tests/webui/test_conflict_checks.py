"""Show 2: whoever stands on the other side is found in any script, and nobody gets past the gate."""

from pathlib import Path

import pytest

from engine import bundles, deployments
from engine.actor import SYSTEM, Actor
from practice.conflicts import operations as conflicts
from practice.enquiries import operations as enquiries
from practice.matters import operations as matters
from practice.walls import operations as walls
from tests.webui.conftest import MORNING

PROCESSES = Path(__file__).parents[2] / "processes" / "bpmn"
PIA = Actor("pia", frozenset({"partners"}))
#: One person each, in the spellings of the issue.
SPELLINGS = [
    ("Сергей Иванов", ["Sergei Ivanov", "Ivanov S.", "IVANOV Sergey", "сергей ИВАНОВ"]),
    ("Sergei Ivanov", ["Сергей Иванов", "Ivanov S.", "IVANOV Sergey"]),
    ("欧阳锋", ["歐陽鋒", "Ouyang Feng", "Feng Ouyang"]),
    ("Ouyang Feng", ["欧阳锋", "歐陽鋒"]),
    ("Αθηνά Παπαδοπούλου", ["Athina Papadopoulou", "PAPADOPOULOU Athina"]),
    ("Athina Papadopoulou", ["Αθηνά Παπαδοπούλου"]),
]
WALL = {
    "name": "East",
    "kind": "excluding",
    "basis": "conflict",
    "reason": "Acts for him in another matter.",
    "people_out": ["bo"],
}
ROLES = ["ana", "bo", "pia", "otto", "ada"]


def bundle(name):
    return bundles.read(PROCESSES / name)


def open_against(office, opponent, *, client="Beton AG"):
    with office.transaction() as session:
        for name in ("civil", "intake"):
            deployments.deploy(session, bundle(name), by=SYSTEM, now=MORNING)
        facts = {"client_name": client, "opponent_name": opponent, "case_type": "civil", "responsible": "ana"}
        enquiry = enquiries.register(session, facts, by=PIA, now=MORNING)
        conflicts.check(session, enquiry, by=PIA, now=MORNING)
        return matters.open_matter(session, enquiry, facts, by=PIA, now=MORNING).number


def check(client, name, role="client", **more):
    return client.post("conflict-checks", {"parties": [{"name": name, "role": role, **more}]})


@pytest.mark.parametrize(("opponent", "spellings"), SPELLINGS)
def test_an_opponent_is_found_as_the_same_person_in_every_spelling(each_office, opponent, spellings):
    number = open_against(each_office, opponent)

    for spelling in spellings:
        answer = check(each_office.pia, spelling)

        assert answer.status_code == 201, answer.json
        assert answer.json["outcome"] == "absolute", spelling
        best = answer.json["hits"][0]
        assert (best["name"], best["matter_number"], best["role"]) == (opponent, number, "opponent")
        assert best["score"] >= 0.85
        assert best["party_id"]
        assert best["reason"].endswith(f"; is the opponent in {number} (open)")


def test_the_reason_names_the_script(office):
    number = open_against(office, "Сергей Иванов")

    hit = check(office.pia, "Sergei Ivanov").json["hits"][0]

    assert hit["reason"] == f"same name in Cyrillic; is the opponent in {number} (open)"


@pytest.mark.parametrize("role", ROLES)
def test_the_gate_blocks_all_roles(office, role):
    open_against(office, "Сергей Иванов")

    made = check(getattr(office, role), "Ivanov S.").json

    assert made["outcome"] == "absolute"
    for decider in ROLES:
        refused = getattr(office, decider).post(
            f"conflict-checks/{made['id']}/decisions", {"decision": "clear", "note": "I know better."}
        )
        assert refused.status_code in (403, 404, 422), (decider, refused.json)
    assert office.pia.get(f"conflict-checks/{made['id']}").status_code in (200, 404)


def test_who_may_not_see_the_matter_learns_that_there_is_a_conflict_and_no_more(office):
    number = open_against(office, "Сергей Иванов")

    answer = check(office.bo, "Sergei Ivanov")

    assert answer.json["outcome"] == "absolute"
    assert [(hit["hidden"], hit["party_id"], hit["matter_number"]) for hit in answer.json["hits"]] == [
        (True, None, None)
    ]
    assert number not in answer.text
    assert "Сергей" not in answer.text
    again = office.bo.get(f"conflict-checks/{answer.json['id']}")
    assert number not in again.text
    assert office.otto.get(f"conflict-checks/{answer.json['id']}").status_code == 404
    assert office.otto.get("conflict-checks").json["items"] == []


@pytest.mark.parametrize("spelling", ["Sergei Ivanov", "Ivanov S.", "IVANOV Sergey"])
def test_the_intake_ends_in_a_refusal_whatever_is_entered(each_office, spelling):
    office = each_office
    open_against(office, "Сергей Иванов")
    variables = {
        "client_kind": "person",
        "client_name": spelling,
        "client_phone": "+49 30 5550 1234",
        "opponent_name": "Nordlicht GmbH",
        "case_type": "civil",
        "urgency": "normal",
        "summary": "Wants his money back.",
        "source": "call",
    }
    office.app.testing = True

    started = office.start("intake", by="otto", variables=variables)

    task = office.task(started)
    assert task["element_id"] == "decide_conflict"
    seen = office.ada.get(f"process-instances/{started['id']}/variables").json["variables"]
    assert seen["conflict_absolute"] is True
    assert [hit["matches"] for hit in seen["conflict_hits"]] == ["Сергей Иванов"]
    for person in ROLES:
        cleared = getattr(office, person).post(
            f"user-tasks/{task['id']}/complete",
            {"variables": {"conflict_decision": "clear", "conflict_note": "I know better."}},
        )
        assert cleared.status_code in (403, 404, 422), (person, cleared.json)
    with office.transaction() as session, pytest.raises(conflicts.ConflictIsAbsolute):
        number = seen["enquiry_number"]
        enquiry = session.scalars(
            conflicts.sa.select(conflicts.Enquiry).where(conflicts.Enquiry.number == number)
        ).one()
        matters.open_matter(session, enquiry, {**variables, "responsible": "ana"}, by=PIA, now=MORNING)


def test_a_number_that_differs_takes_namesakes_apart(office):
    number = open_against(office, "Сергей Иванов")
    party_id = check(office.pia, "Сергей Иванов").json["hits"][0]["party_id"]
    told = office.ada.post(f"parties/{party_id}/identifiers", {"kind": "passport", "value": "45 09 123456"})
    assert told.status_code == 201, told.json

    other = check(office.pia, "Sergei Ivanov", identifiers=[{"kind": "passport", "value": "71 11 999999"}]).json
    same = check(office.pia, "S. I.", identifiers=[{"kind": "passport", "value": "4509123456"}]).json

    assert other["outcome"] == "clear"
    assert same["outcome"] == "absolute"
    assert same["hits"][0]["reason"].startswith("same registration or identity number; is the opponent")
    assert same["hits"][0]["matter_number"] == number


def test_a_telephone_number_finds_whom_no_name_does_and_stays_unread(office):
    number = open_against(office, "Сергей Иванов")
    party_id = check(office.pia, "Сергей Иванов").json["hits"][0]["party_id"]
    told = office.ada.post(f"parties/{party_id}/contact-points", {"kind": "phone", "value": "+49 30 5550 1234"})
    assert told.status_code == 201, told.json

    answer = check(office.pia, "Dora", contacts=[{"kind": "phone", "value": "030 55501234"}])
    refused = check(office.pia, "Dora", contacts=[{"kind": "phone", "value": "none"}])

    assert answer.json["outcome"] == "relative"
    assert [(hit["matter_number"], hit["absolute"]) for hit in answer.json["hits"] if hit["adverse"]] == [
        (number, False)
    ]
    assert "5550" not in office.ada.get(f"conflict-checks/{answer.json['id']}").text
    assert refused.status_code == 422


def test_people_declare_their_own_ties_and_end_them(office):
    declared = office.ana.post("staff-interests", {"name": "Beton AG", "kind": "shareholding"})
    found = check(office.pia, "Beton AG", role="opponent").json
    ended = office.ana.post(f"staff-interests/{declared.json['id']}/end", {})

    assert declared.status_code == 201, declared.json
    assert found["outcome"] == "relative"
    assert office.bo.get("staff-interests").json["items"] == []
    assert office.bo.post(f"staff-interests/{declared.json['id']}/end", {}).status_code == 404
    assert office.bo.post("staff-interests", {"name": "X", "kind": "own", "username": "ana"}).status_code == 403
    assert ended.json["ended_at"]
    assert [one["username"] for one in office.pia.get("staff-interests").json["items"]] == ["ana"]


def test_a_relative_conflict_takes_a_second_person_a_consent_and_a_wall(office):
    number = open_against(office, "Nordlicht GmbH", client="Сергей Иванов")
    made = check(office.pia, "Sergei Ivanov", role="other").json
    url = f"conflict-checks/{made['id']}/decisions"
    with office.transaction() as session:
        deployments.deploy(session, bundle("ethical_wall"), by=SYSTEM, now=MORNING)
    wall = office.ana.post("walls", WALL | {"around": [number]})
    assert wall.status_code == 201, wall.json
    consent = {"consent_from": "Sergei Ivanov", "consent_on": "2026-09-01", "wall_number": wall.json["number"]}

    own = office.pia.post(url, {"decision": "clear", "note": "A namesake."})
    missing = office.ada.post(url, {"decision": "relative", "note": "He agrees."})
    unknown = office.ada.post(url, {"decision": "relative", "note": "So.", **consent, "wall_number": "W-2026-0099"})
    decided = office.ada.post(url, {"decision": "relative", "note": "He agrees.", **consent})

    assert made["outcome"] == "relative"
    assert (own.status_code, own.json["code"]) == (403, "own_check_decided")
    assert (missing.status_code, missing.json["code"]) == (422, "consent_missing")
    assert (unknown.status_code, unknown.json["field"]) == (422, "wall_number")
    assert (decided.status_code, decided.json["wall_number"]) == (201, consent["wall_number"])
    assert office.pia.get(f"conflict-checks/{made['id']}").json["decisions"] == [decided.json]


def test_a_program_opens_a_matter_with_a_decided_conflict_once_its_wall_is_up(office):
    open_against(office, "Nordlicht GmbH", client="Сергей Иванов")
    with office.transaction() as session:
        deployments.deploy(session, bundle("ethical_wall"), by=SYSTEM, now=MORNING)
    parties = [{"name": "Cleo", "role": "client"}, {"name": "Sergei Ivanov", "role": "other"}]
    made = office.pia.post("conflict-checks", {"parties": parties}).json
    elsewhere = office.ana.get("matters").json["items"][0]["number"]
    wall = office.ana.post("walls", WALL | {"around": [elsewhere]}).json["number"]
    said = {"note": "He agrees.", "consent_from": "Sergei Ivanov", "consent_on": "2026-09-01", "wall_number": wall}
    decided = office.ada.post(f"conflict-checks/{made['id']}/decisions", {"decision": "relative", **said})
    assert decided.status_code == 201, decided.json
    body = {"parties": parties, "case_type": "civil", "responsible": "ana", "conflict_check_id": made["id"]}

    refused = office.pia.post("matters", body)
    with office.transaction() as session:
        walls.put_up(session, wall, by=SYSTEM, now=MORNING)
    opened = office.pia.post("matters", body)

    assert (refused.status_code, refused.json["code"]) == (422, "consent_wall_not_up")
    assert (refused.json["wall"], refused.json["state"]) == (wall, "requested")
    assert opened.status_code == 201, opened.json
    around = office.ana.get(f"walls?around={opened.json['number']}")
    assert [one["number"] for one in around.json["items"]] == [wall]


@pytest.mark.parametrize(
    "parties",
    [
        [],
        [{"name": "", "role": "client"}],
        [{"name": "\u200f\u202e", "role": "client"}],
        [{"name": "😀", "role": "client"}],
        [{"name": "x" * 1001, "role": "client"}],
        [{"name": "Ana", "role": "king"}],
        [{"name": "Ana", "role": "client", "identifiers": "12"}],
        [{"name": "Ana", "role": "client", "identifiers": [{"kind": "shoe_size", "value": "44"}]}],
        [{"name": f"Ana {n}", "role": "other"} for n in range(51)],
    ],
)
def test_what_is_no_question_is_refused_and_nothing_is_kept(office, parties):
    refused = office.pia.post("conflict-checks", {"parties": parties})

    assert refused.status_code == 422
    assert office.ada.get("conflict-checks").json["items"] == []


@pytest.mark.parametrize(
    "name",
    [
        "Z",
        "王",
        "x" * 1000,
        "Ｓｅｒｇｅｉ Ｉｖａｎｏｖ",
        "Serge\u0301i Ivano\u0308v",
        "\u200fسيرغي إيفانوف",
        "Sergei Ivanov 😀",
        "1" * 900,
    ],
)
def test_strange_names_are_answered(office, name):
    open_against(office, "Сергей Иванов")

    answer = check(office.pia, name)

    assert answer.status_code == 201, answer.json
    if "Ｓ" in name or "vano" in name or "سيرغي" in name:
        assert answer.json["outcome"] == "absolute"
