"""Drafts, comments, helpers, questions and the way back over the API."""

import pytest


@pytest.fixture
def task(office):
    """Leave to be approved, which Ana took."""
    task = office.task(office.start())
    office.ana.post(f"user-tasks/{task['id']}/claim", {})
    return f"user-tasks/{task['id']}"


def test_a_draft_is_kept_and_a_late_one_is_kept_beside_it(office, task):
    first = office.ana.put(f"{task}/draft", {"values": {"note": "one"}, "version": 0})
    office.ana.put(f"{task}/draft", {"values": {"note": "two"}, "version": 1})
    late = office.ana.put(f"{task}/draft", {"values": {"note": "late"}, "version": 1})

    assert (first.status_code, first.json["version"], first.json["beside"]) == (200, 1, None)
    assert (late.status_code, late.json["values"]) == (200, {"note": "two"})
    own = office.ana.get(f"{task}/draft").json
    assert [copy["values"] for copy in own["copies"]] == [{"note": "late"}]
    copy = own["copies"][0]["id"]
    assert office.bo.post(f"drafts/copies/{copy}/take", {}).status_code == 404
    taken = office.ana.post(f"drafts/copies/{copy}/take", {}).json
    assert (taken["values"], taken["version"]) == ({"note": "late"}, 3)
    (kept,) = office.ana.get(f"{task}/draft").json["copies"]
    assert office.ana.delete(f"drafts/copies/{kept['id']}", {}).status_code == 204
    assert office.ana.delete(f"{task}/draft", {}).json == {"draft": None, "copies": []}


def test_a_start_form_has_a_draft_without_validation(office):
    saved = office.ana.put("process-definitions/leave/draft", {"values": {"anything": [1]}, "version": 0})

    assert saved.json["values"] == {"anything": [1]}
    assert office.ana.get("process-definitions/leave/draft").json["draft"]["version"] == 1
    assert office.otto.put("process-definitions/leave/draft", {"values": {}}).status_code == 403
    assert office.otto.delete("process-definitions/leave/draft", {}).status_code == 403
    assert office.ana.delete("process-definitions/leave/draft", {}).json["draft"] is None


def test_a_helper_sees_drafts_and_does_not_complete(office, task):
    assert office.otto.get(task).status_code == 404

    added = office.ana.post(f"{task}/helpers", {"username": "otto"})

    assert (added.status_code, [h["username"] for h in added.json["items"]]) == (201, ["otto"])
    assert office.otto.get(task).status_code == 200
    assert [t["assignee"] for t in office.otto.get("user-tasks?scope=mine").json["items"]] == ["ana"]
    office.otto.put(f"{task}/draft", {"values": {"note": "from otto"}})
    assert office.otto.post(f"{task}/complete", {"variables": {"decision": "approve"}}).status_code == 403
    assert [d["username"] for d in office.ana.get(f"{task}/drafts").json["items"]] == ["otto"]
    assert office.otto.get(f"{task}/drafts").json["items"] == []
    assert office.ana.post(f"{task}/drafts/otto/take-over", {}).json["values"] == {"note": "from otto"}
    assert office.ana.delete(f"{task}/helpers/otto", {}).status_code == 204
    assert office.otto.get(task).status_code == 404
    assert office.ana.delete(f"{task}/helpers/otto", {}).status_code == 404
    assert office.ana.post(f"{task}/helpers", {"username": "santa"}).json["field"] == "username"


def test_a_question_is_asked_and_answered(office, task):
    asked = office.ana.post(f"{task}/questions", {"of": "otto", "question": "Is the room free?"})

    assert asked.status_code == 201
    for person in (office.ana, office.otto):
        assert [q["id"] for q in person.get("questions").json["items"]] == [asked.json["id"]]
    assert office.bo.get("questions").json["items"] == []
    assert office.bo.post(f"questions/{asked.json['id']}/answer", {"answer": "?"}).status_code == 404
    answered = office.otto.post(f"questions/{asked.json['id']}/answer", {"answer": "Yes"})
    assert (answered.status_code, answered.json["answer"]) == (200, "Yes")
    assert office.otto.post(f"questions/{asked.json['id']}/answer", {"answer": "No"}).status_code == 409
    assert [q["answer"] for q in office.ana.get(f"{task}/questions").json["items"]] == ["Yes"]
    assert office.otto.get("questions").json["items"] == []
    assert [n["kind"] for n in office.ana.get("notices").json["items"]] == ["question_answered"]
    again = office.ana.post(f"{task}/questions", {"of": "otto", "question": "And now?"}).json
    assert office.ana.post(f"questions/{again['id']}/withdraw", {}).status_code == 200


def test_comments_name_people_and_are_taken_back(office, task):
    said = office.ana.post(f"{task}/comments", {"body": "@pia @otto look 👀"})

    assert (said.status_code, said.json["mentions"]) == (201, ["pia"])
    assert office.otto.post(f"{task}/comments", {"body": "Me too"}).status_code == 404
    assert office.otto.get(f"{task}/comments").status_code == 404
    assert office.ana.post(f"{task}/comments", {"body": "\u200b"}).json["code"] == "comment_empty"
    assert [c["body"] for c in office.bo.get(f"{task}/comments?limit=1").json["items"]] == ["@pia @otto look 👀"]
    assert office.bo.post(f"comments/{said.json['id']}/withdraw", {}).status_code == 404
    assert office.ana.post(f"comments/{said.json['id']}/withdraw", {}).json["body"] == "–"


def test_what_was_delegated_comes_back_with_what_was_typed(office, task):
    office.ana.post(f"{task}/delegate", {"to": "bo"})
    office.bo.put(f"{task}/draft", {"values": {"decision": "refuse"}})
    refused = office.bo.post(f"{task}/complete", {"variables": {"decision": "refuse"}})

    back = office.bo.post(f"{task}/resolve", {})

    assert (refused.status_code, refused.json["code"], refused.json["owner"]) == (409, "user_task_delegated", "ana")
    assert (back.json["assignee"], back.json["owner"], back.json["with_draft"]) == ("ana", None, True)
    assert office.ana.get(f"{task}/draft").json["draft"]["values"] == {"decision": "refuse"}
    assert office.bo.post(f"{task}/resolve", {}).status_code == 409
