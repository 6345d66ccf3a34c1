"""Parties, contact points, leads and clients over the API."""

import pytest

PHONE = "+44 20 7946 0958"
IVANOV = {
    "kind": "person",
    "name": "Сергей Иванов",
    "transliteration": "Sergei Ivanov",
    "names": [{"name": "Иванов С."}],
    "identifiers": [{"kind": "passport", "value": "45 09 123456", "country": "RU"}],
    "contact_points": [{"kind": "phone", "value": PHONE, "label": "mobile"}],
    "born_on": "1975-03-02",
    "language": "ru",
}


@pytest.fixture
def ivanov(office):
    answer = office.ana.post("parties", IVANOV)
    assert answer.status_code == 201, answer.json
    return answer.json


def test_a_party_is_recorded_with_names_identifiers_and_masked_contact_points(each_office):
    answer = each_office.ana.post("parties", IVANOV)

    assert answer.status_code == 201
    told = answer.json
    assert {(name["name"], name["kind"], name["script"]) for name in told["names"]} == {
        ("Сергей Иванов", "main", "Cyrl"),
        ("Иванов С.", "alias", "Cyrl"),
    }
    assert [(point["masked"], point["label"]) for point in told["contact_points"]] == [("••• ••• 58", "mobile")]
    assert "0958" not in answer.text
    shown = each_office.ana.get(f"parties/{told['id']}")
    assert shown.json == told
    assert [party["id"] for party in each_office.ana.get("parties?q=sergei").json["items"]] == [told["id"]]


def test_an_outsider_finds_neither_the_party_nor_who_is_calling(office, ivanov):
    assert office.bo.get("parties").json["items"] == []
    assert office.bo.get("parties?q=иванов").json["items"] == []
    assert office.bo.get(f"parties/{ivanov['id']}").status_code == 404
    assert office.bo.post("parties/look-up", {"value": PHONE}).json["items"] == []
    assert office.bo.get("leads").json["items"] == []
    assert office.bo.get("clients").json["items"] == []
    assert office.bo.post(f"parties/{ivanov['id']}/names", {"name": "X"}).status_code == 404
    point = ivanov["contact_points"][0]["id"]
    assert office.bo.post("unmaskings", {"contact_point_id": point, "reason": "why not"}).status_code == 404
    assert office.nobody.get("parties").status_code == 401


def test_reception_learns_who_is_calling_however_the_number_is_written(office, ivanov):
    answer = office.otto.post("parties/look-up", {"kind": "phone", "value": "020 7946 0958"})

    assert [party["name"] for party in answer.json["items"]] == ["Сергей Иванов"]


def test_a_number_is_read_once_with_a_second_person(each_office):
    office = each_office
    party = office.ana.post("parties", IVANOV).json
    asked = office.ana.post(
        "unmaskings", {"contact_point_id": party["contact_points"][0]["id"], "reason": "The hearing is today"}
    ).json
    own = office.ana.post(f"unmaskings/{asked['id']}/approve")
    early = office.ana.post(f"unmaskings/{asked['id']}/view")

    approved = office.pia.post(f"unmaskings/{asked['id']}/approve").json
    read = office.ana.post(f"unmaskings/{asked['id']}/view", headers={"Idempotency-Key": "read-it"})
    again = office.ana.post(f"unmaskings/{asked['id']}/view", headers={"Idempotency-Key": "read-it"})

    assert (own.status_code, early.status_code) == (403, 409)
    assert approved["state"] == "approved"
    assert read.json == {"value": PHONE}
    assert (again.status_code, again.json["code"]) == (409, "unmasking_not_open")
    assert office.pia.post(f"unmaskings/{asked['id']}/view").status_code == 404
    assert [row["state"] for row in office.ana.get("unmaskings").json["items"]] == ["used"]


def test_a_namesake_is_recorded_proposed_told_apart_or_merged(office, ivanov):
    second = office.ana.post("parties", {"name": "Сергей Иванов", "kind": "person"}).json
    third = office.ana.post("parties", {"name": "Сергей  ИВАНОВ", "kind": "person"}).json
    apart = next(each for each in third["possible_duplicates"] if each["party_id"] == second["id"])

    assert [each["party_id"] for each in second["possible_duplicates"]] == [ivanov["id"]]
    assert office.ana.post(f"parties/duplicates/{apart['id']}/tell-apart").status_code == 204
    assert office.ana.post(f"parties/{second['id']}/merge", {"into": ivanov["id"], "reason": "x"}).status_code == 403
    merged = office.pia.post(f"parties/{third['id']}/merge", {"into": ivanov["id"], "reason": "The same passport"})
    itself = office.pia.post(f"parties/{second['id']}/merge", {"into": second["id"], "reason": "x"})

    assert merged.json["survivor_id"] == ivanov["id"]
    assert (itself.status_code, itself.json["code"]) == (422, "merged_into_itself")
    assert office.ana.get(f"parties/{third['id']}").json["merged_into_id"] == ivanov["id"]
    changed = office.ana.open("PATCH", f"parties/{third['id']}", json={"language": "en"})
    assert (changed.status_code, changed.json["code"]) == (409, "party_is_merged")


def test_relations_leads_and_changes(office, ivanov):
    company = office.ana.post("parties", {"kind": "company", "name": "Beton AG"}).json
    owner = office.ana.post(f"parties/{ivanov['id']}/relations", {"to_party_id": company["id"], "kind": "owner"})
    itself = office.ana.post(f"parties/{company['id']}/relations", {"to_party_id": company["id"], "kind": "owner"})
    lead = office.ana.post("leads", {"party_id": company["id"], "source": "referral", "originator": "bo"}).json
    lost = office.ana.post(f"leads/{lead['number']}/move", {"state": "lost", "reason": "Too dear"}).json
    again = office.ana.post(f"leads/{lead['number']}/move", {"state": "contacted"})
    quiet = office.ana.open("PATCH", f"parties/{company['id']}", json={"is_discreet": True, "sensitivities": "Press"})

    assert (company["kind"], owner.json["other_name"]) == ("organisation", "Beton AG")
    assert (itself.status_code, itself.json["code"]) == (422, "related_to_itself")
    assert (lead["number"][:3], lost["state"], lost["lost_reason"]) == ("LD-", "lost", "Too dear")
    assert (again.status_code, again.json["code"]) == (409, "lead_closed")
    assert [row["number"] for row in office.bo.get("leads").json["items"]] == [lead["number"]]
    assert quiet.json["is_discreet"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 1000}, "name"),
        ({"name": "Ana", "kind": "dog"}, "kind"),
        ({"name": "Ana", "born_on": "yesterday"}, "born_on"),
        ({"name": "Ana", "owner": "me"}, "owner"),
        ({"name": "Ana", "language": "not a tag"}, "language"),
    ],
)
def test_a_party_that_cannot_be_is_refused_by_field(office, body, field):
    answer = office.ana.post("parties", body)

    assert answer.status_code == 422
    assert field in answer.json.get("fields", {}) or answer.json.get("field") == field
    assert office.ana.get("parties").json["items"] == []


def test_a_contact_point_that_is_none_is_refused_by_place_and_not_repeated(office):
    body = {"name": "Ana", "contact_points": [{"kind": "phone", "value": PHONE}, {"kind": "phone", "value": "ring me"}]}

    answer = office.ana.post("parties", body)

    assert (answer.status_code, answer.json["field"]) == (422, "contact_points.1.value")
    assert "ring me" not in answer.text
    assert office.ana.get("parties").json["items"] == []


def test_a_name_may_be_an_emoji_beside_letters_and_never_alone(office):
    assert office.ana.post("parties", {"name": "Ann 🙂"}).status_code == 201
    alone = office.ana.post("parties", {"name": "🙂"})
    assert (alone.status_code, alone.json["field"], alone.json["code"]) == (422, "name", "name_without_letters")
