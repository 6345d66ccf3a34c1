"""What operators do over the API, who may, and what they are told."""

from uuid import uuid4

import pytest

from engine import deployments
from engine.actor import SYSTEM
from tests.factories import end, gateway, model, path, start, user_task
from tests.webui.conftest import COURT, MORNING

STEPS = (
    start()
    + user_task("draft")
    + user_task("review")
    + user_task("sign")
    + end()
    + path("started", "draft", "review", "sign", "ended")
)
LETTER = model(STEPS, key="letter")
LETTER_2 = model(STEPS.replace('name="draft"', 'name="Draft it"').replace('"sign"', '"seal"'), key="letter")


@pytest.fixture
def desk(each_office):
    """The firm with a letter's process in two versions."""
    with each_office.transaction() as session:
        deployments.deploy(session, {"letter.bpmn": LETTER}, by=SYSTEM, now=MORNING)
        deployments.deploy(session, {"letter.bpmn": LETTER_2}, by=SYSTEM, now=MORNING)
    return each_office


def letter(office, **more):
    return office.start("letter", version=1, **more)


def act(client, instance, what, body=None, **more):
    return client.post(f"process-instances/{instance['id']}/{what}", body, **more)


def at(office, instance):
    return office.ada.get(f"process-instances/{instance['id']}/activities").json["active"]


def modification(*instructions, reason="It went wrong"):
    return {"reason": reason, "instructions": list(instructions)}


def test_tokens_are_moved_and_data_corrected_in_one_command(desk):
    instance = letter(desk, variables={"n": 1})
    token = act_on_tokens(desk, instance)[0]

    answer = act(
        desk.ada,
        instance,
        "modify",
        modification(
            {"type": "set_variables", "variables": {"n": 2}},
            {"type": "move", "from": "draft", "to": "sign", "token_id": token["token_id"]},
        ),
    )

    assert (answer.status_code, answer.json["id"], answer.json["state"]) == (200, instance["id"], "active")
    assert at(desk, instance) == ["sign"]
    assert desk.ada.get(f"process-instances/{instance['id']}/variables").json["variables"] == {"n": 2}
    kinds = [event["kind"] for event in desk.ada.get(f"process-instances/{instance['id']}/history").json["items"]]
    assert {"variables_set", "token_moved"} <= set(kinds)


def act_on_tokens(office, instance):
    items = office.ada.get(f"process-instances/{instance['id']}/tokens").json["items"]
    assert [(item["element_id"], item["state"], item["is_stuck"], item["scope_token_id"]) for item in items] == [
        ("draft", "ready", False, None)
    ]
    return items


def test_what_is_impossible_is_refused_with_the_element_and_changes_nothing(desk):
    instance = letter(desk)

    answer = act(
        desk.ada,
        instance,
        "modify",
        modification({"type": "skip", "from": "draft"}, {"type": "move", "from": "review", "to": "nowhere"}),
    )

    assert (answer.status_code, answer.json["code"], answer.json["element_id"]) == (
        409,
        "modification_refused",
        "nowhere",
    )
    assert at(desk, instance) == ["draft"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason": "x"},
        {"reason": "x", "instructions": []},
        {"reason": "", "instructions": [{"type": "skip", "from": "draft"}]},
        {"instructions": [{"type": "skip", "from": "draft"}]},
        {"reason": "x", "instructions": [{"type": "explode"}]},
        {"reason": "x", "instructions": [{"type": "move", "from": "draft"}]},
        {"reason": "x", "instructions": [{"type": "remove", "from": "draft", "variables": {}}]},
        {"reason": "x", "instructions": [{"type": "skip", "from": "draft", "variables": {"no name": 1}}]},
        {"reason": "x", "instructions": [{"type": "skip", "from": "draft", "else": 1}]},
    ],
    ids=str,
)
def test_a_command_that_says_too_little_or_too_much_is_refused(office, body):
    instance = office.start()

    assert act(office.ada, instance, "modify", body).status_code == 422


def test_an_instance_goes_back_to_a_finished_task_and_the_way_back_is_undone(desk):
    instance = letter(desk)
    task = desk.task(instance)
    desk.ana.post(f"user-tasks/{task['id']}/complete", {"variables": {"text": "first"}})

    answer = act(desk.ada, instance, "reset", {"user_task_id": task["id"], "reason": "Wrong text"})
    assert (answer.status_code, at(desk, instance)) == (200, ["draft"])
    undone = act(desk.ada, instance, "undo")

    assert (undone.status_code, at(desk, instance)) == (200, ["review"])
    again = act(desk.ada, instance, "undo")
    assert (again.status_code, again.json["code"]) == (409, "nothing_to_undo")
    other = act(desk.ada, instance, "reset", {"user_task_id": str(uuid4()), "reason": "x"})
    assert (other.status_code, other.json["code"]) == (404, "user_task_not_found")


def test_an_instance_is_suspended_resumed_and_cancelled(desk):
    instance = letter(desk)
    task = desk.task(instance)

    assert act(desk.ada, instance, "suspend", {"reason": "The client asked"}).json["state"] == "suspended"
    refused = desk.ana.post(f"user-tasks/{task['id']}/complete", {})
    assert (refused.status_code, refused.json["code"]) == (409, "process_instance_not_active")
    assert act(desk.ada, instance, "suspend").status_code == 409
    assert act(desk.ada, instance, "resume").json["state"] == "active"
    assert act(desk.ada, instance, "cancel").status_code == 422
    assert act(desk.ada, instance, "cancel", {"reason": "Settled"}).json["state"] == "cancelled"
    assert act(desk.ada, instance, "undo").json["state"] == "active"


def test_an_instance_is_cancelled_with_compensation(office):
    instance = office.start()

    answer = act(office.ada, instance, "cancel", {"reason": "Settled", "compensate": True})

    assert (answer.status_code, answer.json["state"]) == (200, "cancelled")


WRITES = {
    "modify": modification({"type": "skip", "from": "approve_leave"}),
    "reset": {"reason": "x", "user_task_id": str(uuid4())},
    "undo": None,
    "suspend": None,
    "resume": None,
    "cancel": {"reason": "x"},
}


@pytest.mark.parametrize("what", WRITES)
def test_who_only_sees_an_instance_is_refused_and_who_does_not_learns_nothing(office, what):
    instance = office.start()

    seeing = act(office.ana, instance, what, WRITES[what])
    outside = act(office.otto, instance, what, WRITES[what])
    nobody = act(office.nobody, instance, what, WRITES[what])

    assert (seeing.status_code, seeing.json["code"]) == (403, "right_missing")
    assert (outside.status_code, outside.json["code"]) == (404, "process_instance_not_found")
    assert nobody.status_code == 401
    assert at(office, instance) == ["approve_leave"]


def test_where_tokens_stand_is_shown_to_who_sees_the_instance(office):
    instance = office.start()

    assert office.ana.get(f"process-instances/{instance['id']}/tokens").status_code == 200
    assert office.otto.get(f"process-instances/{instance['id']}/tokens").status_code == 404


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("process-instances/suspend", {"process_instance_ids": [str(uuid4())], "reason": "x"}),
        ("process-instances/resume", {"process_instance_ids": [str(uuid4())], "reason": "x"}),
        ("process-instances/cancel", {"process_instance_ids": [str(uuid4())], "reason": "x"}),
        ("process-instances/migrate", {"process_key": "leave", "from_version": 1, "to_version": 2}),
        ("incidents/retry", {"incident_ids": [str(uuid4())]}),
    ],
)
def test_many_at_once_need_the_right_too(office, address, body):
    answer = office.ana.post(address, body)

    assert (answer.status_code, answer.json["code"]) == (403, "right_missing")


def test_of_many_each_has_its_own_result(desk):
    able, ended = letter(desk), letter(desk)
    act(desk.ada, ended, "cancel", {"reason": "x"})
    unknown = str(uuid4())

    answer = desk.ada.post(
        "process-instances/suspend", {"process_instance_ids": [able["id"], ended["id"], unknown], "reason": "A holiday"}
    )

    told = {item["id"]: (item["done"], item["problem"] and item["problem"]["code"]) for item in answer.json["items"]}
    assert told == {
        able["id"]: (True, None),
        ended["id"]: (False, "process_instance_not_active"),
        unknown: (False, "process_instance_not_found"),
    }
    resumed = desk.ada.post("process-instances/resume", {"process_instance_ids": [able["id"]], "reason": "Back"})
    assert resumed.json["items"][0]["done"] is True
    cancelled = desk.ada.post("process-instances/cancel", {"process_instance_ids": [able["id"]], "reason": "Done"})
    assert cancelled.json["items"][0]["done"] is True
    assert desk.ada.get(f"process-instances/{able['id']}").json["state"] == "cancelled"


def test_many_failed_steps_run_again(desk):
    for number in range(3):
        desk.start("fragile", by="ada", business_key=f"F-{number}")
    ids = [item["id"] for item in desk.ada.get("incidents").json["items"]]
    COURT["answers"] = True

    answer = desk.ada.post("incidents/retry", {"incident_ids": [*ids, str(uuid4())], "variables": {"tried": 2}})

    assert [(item["done"], item["problem"] and item["problem"]["code"]) for item in answer.json["items"]] == [
        (True, None), (True, None), (True, None), (False, "incident_not_found"),
    ]  # fmt: skip
    assert desk.ada.get("incidents").json["items"] == []
    assert len(desk.ada.get("process-instances?process_key=fragile&state=completed").json["items"]) == 3


def test_a_failed_step_runs_again_with_other_variables(office):
    with office.transaction() as session:
        body = (
            start()
            + gateway("exclusive", "choose")
            + user_task("a")
            + user_task("b")
            + end()
            + path("started", "choose")
        )
        for name, kind in (("a", 1), ("b", 2)):
            body += (
                f'<bpmn:sequenceFlow id="to_{name}" sourceRef="choose" targetRef="{name}"><bpmn:conditionExpression>=kind = {kind}'
                f"</bpmn:conditionExpression></bpmn:sequenceFlow>" + path(name, "ended")
            )
        deployments.deploy(session, {"choice.bpmn": model(body, key="choice")}, by=SYSTEM, now=MORNING)
    instance = office.start("choice", by="ada", variables={"kind": 3})
    incident = office.ada.get("incidents").json["items"][0]

    answer = office.ada.post(f"incidents/{incident['id']}/retry", {"variables": {"kind": 2}})

    assert (answer.status_code, answer.json["resolved_by"]) == (200, "ada")
    assert at(office, instance) == ["b"]


def migration(**more):
    return {"process_key": "letter", "from_version": 1, "to_version": 2, **more}


def test_a_migration_is_planned_tried_out_and_carried_out(desk):
    going, staying = letter(desk, business_key="G"), letter(desk, business_key="S")
    act(desk.ada, staying, "modify", modification({"type": "move", "from": "draft", "to": "sign"}))

    plan = desk.ada.post("process-instances/migrate", migration(limit=0, dry_run=True)).json
    tried = desk.ada.post("process-instances/migrate", migration(dry_run=True)).json
    versions = [desk.ada.get(f"process-instances/{one['id']}").json["version"] for one in (going, staying)]
    done = desk.ada.post("process-instances/migrate", migration()).json

    assert plan["items"] == []
    assert [one["element_id"] for one in plan["plan"]["without"]] == ["sign"]
    assert {"from": "draft", "to": "draft", "type": "userTask"} in plan["plan"]["pairs"]
    assert versions == [1, 1]
    assert tried["items"] == done["items"]
    told = {item["id"]: item for item in done["items"]}
    assert told[going["id"]]["done"] is True
    assert told[going["id"]]["user_tasks"][0]["to"] == "Draft it"
    assert told[staying["id"]]["problem"]["code"] == "migration_refused"
    assert [one["element_id"] for one in told[staying["id"]]["obstacles"]] == ["sign"]
    assert [desk.ada.get(f"process-instances/{one['id']}").json["version"] for one in (going, staying)] == [2, 1]
    mapped = desk.ada.post("process-instances/migrate", migration(mapping={"sign": "seal"})).json
    assert [(item["id"], item["done"]) for item in mapped["items"]] == [(staying["id"], True)]
    assert at(desk, staying) == ["seal"]


def test_a_migration_goes_on_where_the_batch_before_ended(desk):
    ids = sorted(letter(desk)["id"] for _ in range(5))

    first = desk.ada.post("process-instances/migrate", migration(limit=2)).json
    rest = desk.ada.post("process-instances/migrate", migration(limit=3, cursor=first["next_cursor"])).json

    assert [item["id"] for item in first["items"]] == ids[:2]
    assert [item["id"] for item in rest["items"]] == ids[2:]
    assert rest["next_cursor"] is None


def test_only_instances_that_the_operator_sees_are_moved_or_suspended(desk, monkeypatch):
    own, others = letter(desk, by="pia"), letter(desk, by="ana", business_key="hidden")
    grant(desk, "partners", "migrate_instances", "suspend_instances")

    moved = desk.pia.post("process-instances/migrate", migration(process_instance_ids=[own["id"], others["id"]])).json
    held = desk.pia.post(
        "process-instances/suspend", {"process_instance_ids": [own["id"], others["id"]], "reason": "x"}
    ).json

    assert [item["id"] for item in moved["items"]] == [own["id"]]
    assert {item["id"]: item["done"] for item in held["items"]} == {own["id"]: True, others["id"]: False}
    assert desk.ada.get(f"process-instances/{others['id']}").json["state"] == "active"


def grant(office, group, *rights):
    held = office.app.extensions["matterflow_rights"]
    groups = dict(held.groups) | {group: held.groups[group] | set(rights)}
    office.app.extensions["matterflow_rights"] = held._replace(groups=groups)


def test_a_plan_that_cannot_be_is_refused_with_what_is_wrong(desk):
    unknown = desk.ada.post("process-instances/migrate", migration(to_version=9))
    wrong = desk.ada.post("process-instances/migrate", migration(mapping={"sign": "nowhere"}))

    assert (unknown.status_code, unknown.json["code"]) == (404, "process_definition_not_found")
    assert (wrong.status_code, wrong.json["code"]) == (422, "migration_plan_invalid")
    assert wrong.json["obstacles"][0]["element_id"] == "nowhere"


def test_an_operation_that_is_sent_twice_happens_once(desk):
    instance = letter(desk)
    body = modification({"type": "add", "to": "draft"})
    headers = {"Idempotency-Key": "once"}

    first, second = (act(desk.ada, instance, "modify", body, headers=headers) for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 200)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(desk.ada.get(f"process-instances/{instance['id']}/tokens").json["items"]) == 2


def test_drafts_survive_a_migration_and_an_undo(desk):
    from engine.actor import Actor
    from tasks.drafts import operations as drafts

    instance = letter(desk)
    task = desk.task(instance)
    ana = Actor("ana", frozenset({"lawyers"}))
    with desk.transaction() as session:
        drafts.save(session, ana, user_task_id=task_id(task), values={"text": "half"}, now=MORNING)

    desk.ada.post("process-instances/migrate", migration())
    act(desk.ada, instance, "modify", modification({"type": "move", "from": "draft", "to": "review"}))
    act(desk.ada, instance, "undo")

    with desk.transaction() as session:
        assert drafts.load(session, ana, user_task_id=task_id(task)).values == {"text": "half"}
    assert desk.task(instance)["id"] == task["id"]


def task_id(task):
    from uuid import UUID

    return UUID(task["id"])
