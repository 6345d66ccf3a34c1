"""Lists of work over the API: narrowed, counted, watched, put aside, kept under a name; nothing of it for outsiders."""

from datetime import timedelta

from engine import clock

NOBODYS = "00000000-0000-4000-8000-000000000000"


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [task["id"] for task in answer.json["items"]]


def test_a_list_is_narrowed_and_counted_the_same_way(each_office):
    office = each_office
    first, second = (office.task(office.start(business_key=key)) for key in ("2026-LV-0001", "2026-LV-0002"))

    assert ids(office.ana.get("user-tasks?scope=group&q=0002")) == [second["id"]]
    assert ids(office.ana.get("user-tasks?scope=group&business_key=2026-LV-0001&sort=urgency")) == [first["id"]]
    assert len(ids(office.ana.get("user-tasks?scope=group&process_key=leave,other&undated=true"))) == 2
    assert ids(office.ana.get("user-tasks?scope=group&process_key=other")) == []
    assert ids(office.ana.get("user-tasks?scope=group&kind=approval")) == []
    assert ids(office.ana.get("user-tasks?scope=group&priority=high")) == []
    assert ids(office.ana.get("user-tasks?scope=group&client=C-000001")) == []
    assert office.ana.get("user-tasks/counts?q=0002").json == {
        "mine": 0, "group": 1, "watched": 0, "all": 1, "overdue": 0, "asleep": 0,
    }  # fmt: skip
    assert set(office.otto.get("user-tasks/counts").json.values()) == {0}


def test_what_is_no_filter_is_refused(office):
    for query in ("priority=loud", "sort=random", "scope=theirs", "tag=nothing", "due_from=soon", "colour=red"):
        assert office.ana.get(f"user-tasks?{query}").status_code == 422, query


def test_watching_puts_a_task_on_ones_list_of_what_is_watched(office):
    task = office.task(office.start())

    told = office.ana.put(f"user-tasks/{task['id']}/watch")

    assert (told.status_code, told.json["user_task_ids"]) == (200, [task["id"]])
    assert ids(office.ana.get("user-tasks?scope=watched")) == [task["id"]]
    assert office.ana.get("watches").json == {"business_keys": [], "user_task_ids": [task["id"]]}
    assert office.otto.put(f"user-tasks/{task['id']}/watch").status_code == 404
    assert office.otto.get("watches").json == {"business_keys": [], "user_task_ids": []}
    assert office.otto.put("watches/2026-CV-0001").json["code"] == "nothing_to_watch"
    assert office.ana.delete("watches/2026-CV-0001").status_code == 200
    assert office.ana.delete(f"user-tasks/{task['id']}/watch").json["user_task_ids"] == []


def test_what_is_put_aside_comes_back(office):
    task = office.task(office.start())
    until = (clock.utc_now() + timedelta(days=1)).isoformat()

    answer = office.ana.put(f"user-tasks/{task['id']}/snooze", {"until": until})

    assert (answer.status_code, answer.json["user_task_id"]) == (200, task["id"])
    assert ids(office.ana.get("user-tasks?scope=group")) == []
    assert ids(office.ana.get("user-tasks?asleep=true")) == ids(office.bo.get("user-tasks?scope=group")) == [task["id"]]
    assert office.ana.get("user-tasks/counts").json["asleep"] == 1
    assert office.otto.put(f"user-tasks/{task['id']}/snooze", {"until": until}).status_code == 404
    refused = office.ana.put(f"user-tasks/{task['id']}/snooze", {"until": "2001-01-01T00:00:00Z"})
    assert (refused.status_code, refused.json["code"], refused.json["field"]) == (422, "snooze_invalid", "until")
    assert office.ana.delete(f"user-tasks/{task['id']}/snooze").status_code == 204
    assert ids(office.ana.get("user-tasks?scope=group")) == [task["id"]]


def test_what_came_since_is_counted(office):
    before = clock.utc_now().isoformat().replace("+00:00", "Z")
    office.start()

    assert office.ana.get(f"user-tasks/new?since={before}").json == {"count": 1}
    assert office.otto.get(f"user-tasks/new?since={before}&scope=group").json == {"count": 0}
    assert office.ana.get("user-tasks/new").status_code == 422


def test_a_kept_filter_is_shared_with_whom_it_is_shared(office):
    facts = {"name": "Leave", "criteria": {"process": "leave"}, "shared_with": "lawyers"}

    made = office.ana.post("task-filters", facts, headers={"Idempotency-Key": "leave"})

    again = office.ana.post("task-filters", facts, headers={"Idempotency-Key": "leave"})
    assert (made.status_code, again.json) == (201, made.json)
    address = f"task-filters/{made.json['id']}"
    assert [row["name"] for row in office.bo.get("task-filters").json["items"]] == ["Leave"]
    assert office.otto.get("task-filters").json["items"] == []
    assert office.bo.patch(address, {"name": "Mine"}).status_code == office.bo.delete(address).status_code == 404
    assert office.ana.post("task-filters", facts).json["code"] == "task_filter_name_taken"
    assert office.ana.patch(address, {"shared_with": None}).json["shared_with"] is None
    assert office.bo.get("task-filters").json["items"] == []
    assert office.ana.delete(address).json["items"] == []
    assert office.ana.patch(f"task-filters/{NOBODYS}", {"name": "x"}).json["code"] == "task_filter_not_found"
