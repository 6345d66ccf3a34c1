"""User tasks over the API."""

from uuid import uuid4


def test_a_user_task_shows_its_form_and_its_data(office):
    task = office.task(office.start(business_key="2026-LV-0001", variables={"days": 3}))

    shown = office.pia.get(f"user-tasks/{task['id']}").json

    assert shown["element_id"] == "approve_leave"
    assert shown["business_key"] == "2026-LV-0001"
    assert shown["candidate_groups"] == ["partners", "lawyers"]
    assert shown["form"]["id"] == "approve_leave"
    assert shown["variables"] == {"days": 3}


def test_a_claimed_task_is_mine_and_no_longer_my_groups(each_office):
    office = each_office
    task = office.task(office.start())

    answer = office.ana.post(f"user-tasks/{task['id']}/claim")

    assert (answer.status_code, answer.json["assignee"]) == (200, "ana")
    assert [t["id"] for t in office.ana.get("user-tasks?scope=mine").json["items"]] == [task["id"]]
    assert office.bo.get("user-tasks?scope=group").json["items"] == []


def test_who_comes_late_is_told_who_was_faster(office):
    task = office.task(office.start())
    office.ana.post(f"user-tasks/{task['id']}/claim")

    answer = office.bo.post(f"user-tasks/{task['id']}/claim")

    assert answer.status_code == 409
    assert answer.content_type == "application/problem+json"
    assert (answer.json["code"], answer.json["assignee"]) == ("user_task_already_claimed", "ana")


def test_completing_answers_the_task_and_ends_the_instance(each_office):
    office = each_office
    instance = office.start()
    task = office.task(instance)

    answer = office.pia.post(f"user-tasks/{task['id']}/complete", {"variables": {"decision": "approve"}})

    assert (answer.status_code, answer.json["state"], answer.json["ended_by"]) == (200, "completed", "pia")
    assert office.ana.get(f"process-instances/{instance['id']}").json["state"] == "completed"
    kinds = [event["kind"] for event in office.ana.get(f"process-instances/{instance['id']}/history").json["items"]]
    assert kinds[0] == "process_started"
    assert kinds[-1] == "process_completed"


def test_a_task_cannot_be_completed_twice(office):
    task = office.task(office.start())
    office.pia.post(f"user-tasks/{task['id']}/complete", {"variables": {"decision": "approve"}})

    answer = office.ana.post(f"user-tasks/{task['id']}/complete", {"variables": {"decision": "refuse"}})

    assert answer.status_code == 409
    assert (answer.json["code"], answer.json["ended_by"]) == ("user_task_not_open", "pia")


def test_wrong_answers_are_refused_field_by_field_and_nothing_is_stored(office):
    task = office.task(office.start())

    answer = office.pia.post(
        f"user-tasks/{task['id']}/complete", {"variables": {"decision": "perhaps", "colour": "red"}}
    )

    assert (answer.status_code, answer.json["code"]) == (422, "form_invalid")
    assert set(answer.json["fields"]) == {"decision", "colour"}
    assert office.pia.get(f"user-tasks/{task['id']}").json["state"] == "created"


def test_an_outsider_finds_no_task_whatever_they_try(each_office):
    office = each_office
    task = office.task(office.start())

    answers = [office.otto.get(f"user-tasks/{task['id']}")]
    for verb, body in (
        ("claim", None),
        ("unclaim", None),
        ("complete", {}),
        ("assign", {"to": "otto"}),
        ("delegate", {"to": "bo"}),
    ):
        answers.append(office.otto.post(f"user-tasks/{task['id']}/{verb}", body))

    assert {answer.status_code for answer in answers} == {404}
    assert {answer.json["code"] for answer in answers} == {"user_task_not_found"}
    assert office.otto.get("user-tasks?scope=all").json == {"items": [], "next_cursor": None}


def test_what_an_outsider_gets_is_what_is_got_for_a_task_that_never_was(office):
    task = office.task(office.start())

    hidden = office.otto.get(f"user-tasks/{task['id']}").json
    absent = office.otto.get(f"user-tasks/{uuid4()}").json

    assert hidden.keys() == absent.keys()
    assert (hidden["title"], hidden["status"], hidden["code"]) == (absent["title"], absent["status"], absent["code"])


def test_a_task_is_handed_on_and_given_back(office):
    task = office.task(office.start())
    office.ana.post(f"user-tasks/{task['id']}/claim", {})

    delegated = office.ana.post(f"user-tasks/{task['id']}/delegate", {"to": "bo"}).json
    given_back = office.bo.post(f"user-tasks/{task['id']}/unclaim", {}).json

    assert (delegated["assignee"], delegated["owner"]) == ("bo", "ana")
    assert (given_back["assignee"], given_back["owner"]) == ("ana", None)


def test_only_who_may_assign_assigns(office):
    task = office.task(office.start())

    refused = office.ana.post(f"user-tasks/{task['id']}/assign", {"to": "bo"})
    assigned = office.ada.post(f"user-tasks/{task['id']}/assign", {"to": "bo"})

    assert refused.status_code == 403
    assert (assigned.status_code, assigned.json["assignee"]) == (200, "bo")


def test_the_inbox_is_read_in_pages_without_gaps_or_repeats(each_office):
    office = each_office
    started = {office.start()["id"] for _ in range(7)}

    seen, cursor = [], ""
    for _ in range(10):
        page = office.pia.get(f"user-tasks?scope=group&limit=3{cursor}").json
        seen += [item["process_instance_id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert len(seen) == 7
    assert set(seen) == started


def test_the_inbox_is_filtered(office):
    wanted = office.start(business_key="2026-LV-0002")
    office.start(business_key="2026-LV-0003")

    for query in ("business_key=2026-LV-0002", "q=0002", "process_key=leave&q=lv-0002"):
        items = office.pia.get(f"user-tasks?scope=group&{query}").json["items"]
        assert [item["process_instance_id"] for item in items] == [wanted["id"]], query
    assert office.pia.get("user-tasks?scope=group&process_key=parcel").json["items"] == []
    assert office.pia.get("user-tasks?scope=group&due_before=2026-09-01T08:00:00Z").json["items"] == []
