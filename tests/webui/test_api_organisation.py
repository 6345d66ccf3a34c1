"""People, units and changes of rights over the API."""


def test_units_and_people_are_listed_and_founded_by_right(each_office):
    refused = each_office.ana.post("org-units", {"code": "taipei", "name": "Taipei", "kind": "branch"})
    made = each_office.ada.post("org-units", {"code": "taipei", "name": "Taipei", "kind": "branch"})
    wrong = each_office.ada.post("org-units", {"code": "T!", "name": "Taipei", "kind": "branch"})

    assert (refused.status_code, made.status_code, wrong.status_code) == (403, 201, 422)
    assert [unit["code"] for unit in each_office.ana.get("org-units").json["items"]] == ["taipei"]
    assert [one["username"] for one in each_office.ana.get("people?group=lawyers").json["items"]] == ["ana", "bo"]
    assert each_office.ana.get("people/bo").json["full_name"] == "Bo"
    assert each_office.ana.get("people/ghost").status_code == 404
    assert each_office.ana.get("people?org_unit=nowhere").status_code == 404


def test_groups_change_when_two_persons_agree(each_office):
    body = {"username": "bo", "groups": ["lawyers", "partners"], "reason": "Made partner"}
    assert each_office.ana.post("rights-changes/groups", body).status_code == 403
    change = each_office.ada.post("rights-changes/groups", body).json

    alone = each_office.ada.post(f"rights-changes/{change['id']}/decision", {"approve": True})
    by_two = each_office.pia.post(f"rights-changes/{change['id']}/decision", {"approve": True})

    assert (alone.status_code, alone.json["code"]) == (403, "own_proposal")
    assert (by_two.status_code, by_two.json["state"]) == (200, "applied")
    assert each_office.ana.get("people/bo").json["groups"] == ["lawyers", "partners"]
    assert each_office.ana.get("rights-changes").json["items"] == []
    assert len(each_office.bo.get("rights-changes?state=applied").json["items"]) == 1


def test_skills_are_kept_by_right_and_read_by_colleagues(each_office):
    said = {"skills": ["Maritime", "tax"]}

    assert each_office.ana.put("people/bo/skills", said).status_code == 403
    assert each_office.ada.put("people/bo/skills", {"skills": ["x" * 61]}).status_code == 422
    assert each_office.ada.put("people/ghost/skills", said).status_code == 404
    assert each_office.ada.put("people/bo/skills", said).json["skills"] == ["maritime", "tax"]
    assert each_office.ana.get("people/bo/skills").json["skills"] == ["maritime", "tax"]
    assert each_office.ana.get("people/ghost/skills").status_code == 404
    assert each_office.ana.get("skills").json["items"] == [
        {"skill": "maritime", "people": 1},
        {"skill": "tax", "people": 1},
    ]
