"""Compensation and transactions, stored and restored around every step."""

import pytest

from engine import deployments, history, process_instances
from engine.errors import ProcessInstanceNotActive
from tests.factories import (
    ANA,
    CHIEF,
    NOON,
    begin,
    boundary,
    deploy,
    end,
    flow,
    gateway,
    message,
    model,
    open_tasks,
    path,
    script,
    service_task,
    start,
    user_task,
)
from tests.instances import StoredInstance

MESSAGE = '<bpmn:message id="m" name="stop"/>'


def undone_by(activity, handler):
    """A compensation boundary event and its association."""
    return (
        f'<bpmn:boundaryEvent id="undo_{activity}" attachedToRef="{activity}"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>'
        f'<bpmn:association id="to_{handler}" sourceRef="undo_{activity}" targetRef="{handler}"/>'
    )


def handler(element_id):
    return user_task(element_id, attributes='isForCompensation="true"')


def throw(element_id="undo", activity="", attributes=""):
    reference = f'activityRef="{activity}"' if activity else ""
    return f'<bpmn:intermediateThrowEvent id="{element_id}"><bpmn:compensateEventDefinition {reference} {attributes}/></bpmn:intermediateThrowEvent>'


def findings(body, **options):
    found = deployments.check({"proc.bpmn": model(body, **options)})
    return {(finding.rule, finding.element_id) for finding in found if finding.rule != "no_diagram"}


def booked(*names, inner=""):
    """User tasks that can be undone, with their handlers."""
    return "".join(
        user_task(name, inner=inner) + undone_by(name, f"un_{name}") + handler(f"un_{name}") for name in names
    )


BOOKING = (
    start() + booked("a", "b", "c") + throw() + user_task("after") + end() + path("started", "a", "b", "undo", "after", "c", "ended")
)  # fmt: skip


@pytest.mark.bpmn("compensation throw event", "executes")
@pytest.mark.bpmn("compensation boundary event", "executes")
@pytest.mark.bpmn("compensation activity", "executes")
def test_what_completed_is_undone_the_last_first_and_then_the_throw_event_goes_on():
    instance = StoredInstance(model(BOOKING), {"x": 0})
    instance.complete("a", {"x": 1})
    instance.complete("b", {"x": 2})

    assert instance.tasks() == ["un_b"]
    assert instance.sees("un_b") == {"x": 2}
    instance.complete("un_b", {"x": 3})
    assert instance.tasks() == ["un_a"]
    assert instance.sees("un_a") == {"x": 3}
    instance.complete("un_a", {"y": 4})

    assert instance.tasks() == ["after"]
    assert instance.sees("after") == {"x": 3, "y": 4}
    assert findings(BOOKING) == set()


@pytest.mark.bpmn("compensation end event", "executes")
def test_an_end_event_undoes_too():
    body = (
        start()
        + booked("a")
        + '<bpmn:endEvent id="ended"><bpmn:compensateEventDefinition/></bpmn:endEvent>'
        + path("started", "a", "ended")
    )
    instance = StoredInstance(model(body))
    instance.complete("a")

    assert instance.tasks() == ["un_a"]
    instance.complete("un_a", {"x": 1})

    assert instance.is_finished
    assert instance.variables == {"x": 1}
    assert findings(body) == set()


def test_one_activity_may_be_undone_alone_and_each_only_once():
    body = (
        start() + booked("a", "b") + throw("first", "a") + throw("second", "a") + throw("third") + end()
        + path("started", "a", "b", "first", "second", "third", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body))
    instance.complete("a")
    instance.complete("b")

    assert instance.tasks() == ["un_a"]
    instance.complete("un_a")
    assert instance.tasks() == ["un_b"]
    instance.complete("un_b")

    assert instance.is_finished
    assert findings(body) == set()


def test_what_did_not_happen_is_not_undone():
    body = (
        start() + gateway("exclusive", "which", default="flow_which_b") + booked("a", "b") + throw() + end() + flow("started", "which")
        + flow("which", "a", "x") + flow("which", "b") + flow("a", "undo") + flow("b", "undo") + flow("undo", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body))
    instance.complete("b")

    assert instance.tasks() == ["un_b"]
    instance.complete("un_b")
    assert instance.is_finished


def test_each_round_of_a_loop_is_undone():
    body = (
        start() + booked("a") + gateway("exclusive", "again", default="flow_again_undo") + throw() + end() + path("started", "a", "again")
        + flow("again", "a", "more") + flow("again", "undo") + flow("undo", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body))
    for number in range(3):
        instance.complete("a", {"more": number < 2})

    for _ in range(3):
        assert instance.tasks() == ["un_a"]
        instance.complete("un_a")

    assert instance.is_finished


@pytest.mark.parametrize("sequential", ["true", "false"])
def test_each_item_is_undone_with_its_own_variables(sequential):
    loop = f'<bpmn:multiInstanceLoopCharacteristics isSequential="{sequential}" camunda:collection="parties" camunda:elementVariable="party"/>'
    body = start() + booked("a", inner=loop) + throw() + end() + path("started", "a", "undo", "ended")
    instance = StoredInstance(model(body), {"parties": ["A", "B", "C"], "party": "mine"})
    for _ in range(3):
        instance.complete("a")

    seen = []
    for number in range(3):
        seen.append(instance.sees("un_a")["party"])
        instance.complete("un_a", {f"undone_{number}": True})

    assert seen == ["C", "B", "A"]
    assert instance.is_finished
    assert instance.variables["party"] == "mine"


@pytest.mark.parametrize("kind", ["script", "job", "subprocess", "call", "repeated"])
def test_a_handler_may_be_any_activity(kind):
    inner = start("s1") + user_task("inside") + end("s2") + path("s1", "inside", "s2")
    called = f'<bpmn:process id="child" isExecutable="true">{start("c1") + user_task("inside") + end("c2") + path("c1", "inside", "c2")}</bpmn:process>'
    mark = 'isForCompensation="true"'
    made = {
        "script": script("un_a", "x + 1", "x").replace("<bpmn:scriptTask ", f"<bpmn:scriptTask {mark} "),
        "job": service_task("un_a", "tests.undo", mark),
        "subprocess": f'<bpmn:subProcess id="un_a" {mark}>{inner}</bpmn:subProcess>',
        "call": f'<bpmn:callActivity id="un_a" calledElement="child" {mark}/>',
        "repeated": user_task(
            "un_a",
            attributes=mark,
            inner="<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>",
        ),
    }[kind]
    body = (
        start()
        + user_task("a")
        + undone_by("a", "un_a")
        + made
        + throw()
        + user_task("after")
        + end()
        + path("started", "a", "undo", "after", "ended")
    )
    instance = StoredInstance(model(body, processes=called), {"x": 1})
    instance.complete("a")

    if kind == "job":
        instance.work("un_a", {"x": 2})
    elif kind in ("subprocess", "call"):
        instance.complete("inside", {"x": 2})
    elif kind == "repeated":
        instance.complete("un_a")
        instance.complete("un_a", {"x": 2})

    assert instance.tasks() == ["after"]
    assert instance.sees("after")["x"] == 2


def test_a_handler_that_fails_is_an_incident_and_goes_on_after_a_retry():
    made = script("un_a", "if ready then 1 else count(nothing + 1)", "x").replace(
        "<bpmn:scriptTask ", '<bpmn:scriptTask isForCompensation="true" '
    )
    made = made.replace("if ready then 1 else count(nothing + 1)", "count(for i in 1..amount return i)")
    body = (
        start()
        + user_task("a")
        + undone_by("a", "un_a")
        + made
        + throw()
        + user_task("after")
        + end()
        + path("started", "a", "undo", "after", "ended")
    )
    instance = StoredInstance(model(body), {"amount": 10**9})
    instance.complete("a")
    assert [element for element, _ in instance.failures] == ["un_a"]

    run = instance.run()
    next(token for token in run.workflow.all_tokens() if "stuck" in token.internal_data).data["amount"] = 2
    instance.blob = run.dump()
    instance.retry()

    assert instance.tasks() == ["after"]


def within(inner, tag="subProcess", element_id="sub", loop=""):
    return f'<bpmn:{tag} id="{element_id}">{loop}{inner}</bpmn:{tag}>'


TWO_INSIDE = start("s1") + booked("a", "b") + end("s2") + path("s1", "a", "b", "s2")


@pytest.mark.parametrize("kind", ["subprocess", "call"])
def test_what_was_done_in_a_completed_scope_is_undone_there(kind):
    called = f'<bpmn:process id="child" isExecutable="true">{TWO_INSIDE}</bpmn:process>' if kind == "call" else ""
    made = within(TWO_INSIDE) if kind == "subprocess" else '<bpmn:callActivity id="sub" calledElement="child"/>'
    body = (
        start()
        + booked("before")
        + made
        + booked("later")
        + throw()
        + user_task("after")
        + end()
        + path("started", "before", "sub", "later", "undo", "after", "ended")
    )
    assert findings(body, processes=called) == set()
    instance = StoredInstance(model(body, processes=called), {"x": 0})
    for task in ("before", "a", "b", "later"):
        instance.complete(task)

    for number, task in enumerate(("un_later", "un_b", "un_a", "un_before"), 1):
        assert instance.tasks() == [task]
        assert instance.sees(task)["x"] == number - 1
        instance.complete(task, {"x": number})

    assert instance.tasks() == ["after"]
    assert instance.sees("after")["x"] == 4


def test_a_handler_of_the_subprocess_itself_comes_instead_of_those_inside():
    body = (
        start()
        + within(TWO_INSIDE)
        + undone_by("sub", "un_sub")
        + handler("un_sub")
        + throw("undo", "sub")
        + end()
        + path("started", "sub", "undo", "ended")
    )
    instance = StoredInstance(model(body))
    instance.complete("a")
    instance.complete("b")

    assert instance.tasks() == ["un_sub"]
    instance.complete("un_sub")

    assert instance.is_finished
    assert findings(body) == set()


def test_scopes_within_repeated_scopes_are_undone_with_their_items():
    loop = '<bpmn:multiInstanceLoopCharacteristics isSequential="true" camunda:collection="parties" camunda:elementVariable="party"/>'
    innermost = within(start("t1") + booked("a") + end("t2") + path("t1", "a", "t2"), element_id="innermost")
    body = (
        start() + within(start("s1") + innermost + end("s2") + path("s1", "innermost", "s2"), loop=loop) + throw() + end()
        + path("started", "sub", "undo", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body), {"parties": ["A", "B"]})
    instance.complete("a")
    instance.complete("a")

    for party in "BA":
        assert instance.sees("un_a")["party"] == party
        instance.complete("un_a")

    assert instance.is_finished


def test_an_event_subprocess_undoes_what_was_done_around_it():
    handling = start("h1", message("m")) + throw() + user_task("tell") + end("h2") + path("h1", "undo", "tell", "h2")
    body = (
        start() + booked("a") + user_task("next") + end() + path("started", "a", "next", "ended")
        + f'<bpmn:subProcess id="stop" triggeredByEvent="true">{handling}</bpmn:subProcess>'
    )  # fmt: skip
    instance = StoredInstance(model(body, extra=MESSAGE))
    instance.complete("a")

    run = instance.run()
    waiting = next(item for item in run.waiting().values() if item.kind == "message")
    assert instance.tasks() == ["next"]
    instance.tell(waiting.element.id)
    assert instance.tasks() == ["un_a"]
    instance.complete("un_a")

    assert instance.tasks() == ["tell"]
    instance.complete("tell")
    assert instance.is_finished


def test_one_of_two_branches_undoes_while_the_other_works_on():
    body = (
        start() + booked("a") + gateway("parallel", "fork") + throw() + user_task("left") + user_task("right") + gateway("parallel", "join")
        + user_task("after") + end() + path("started", "a", "fork", "undo", "left", "join", "after", "ended") + path("fork", "right", "join")
    )  # fmt: skip
    instance = StoredInstance(model(body), {"x": 0})
    instance.complete("a")
    assert instance.tasks() == ["right", "un_a"]

    instance.complete("right", {"y": 1})
    instance.complete("un_a", {"x": 1})
    instance.complete("left")

    assert instance.sees("after") == {"x": 1, "y": 1}


def test_a_throw_that_does_not_wait_lets_the_scope_end_only_after_the_handlers():
    body = (
        start()
        + booked("a")
        + throw(attributes='waitForCompletion="false"')
        + user_task("after")
        + end()
        + path("started", "a", "undo", "after", "ended")
    )
    instance = StoredInstance(model(body))
    instance.complete("a")
    assert instance.tasks() == ["after", "un_a"]

    instance.complete("after")
    assert not instance.is_finished
    instance.complete("un_a")

    assert instance.is_finished


def test_interrupting_a_scope_takes_its_handlers_away():
    inner = start("s1") + booked("a") + throw() + end("s2") + path("s1", "a", "undo", "s2")
    body = (
        start() + within(inner) + boundary("stopped", "sub", message("m")) + user_task("instead") + end()
        + path("started", "sub", "ended") + path("stopped", "instead", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body, extra=MESSAGE))
    instance.complete("a")
    assert instance.tasks() == ["un_a"]

    instance.tell("stopped")

    assert instance.waits() == ["instead"]


CANCEL = '<bpmn:endEvent id="cancelled"><bpmn:cancelEventDefinition/></bpmn:endEvent>'
WAY_OUT = '<bpmn:boundaryEvent id="withdrawn" attachedToRef="deal"><bpmn:cancelEventDefinition/></bpmn:boundaryEvent>'


def undoing(inner, element_id="undoing"):
    """An event subprocess that undoes the subprocess around it."""
    begun = '<bpmn:startEvent id="asked"><bpmn:compensateEventDefinition/></bpmn:startEvent>'
    return f'<bpmn:subProcess id="{element_id}" triggeredByEvent="true">{begun}{inner}</bpmn:subProcess>'


CALL_OFF = undoing(
    user_task("call_off") + throw("throw_b", "b") + user_task("write") + end("called_off") + path("asked", "call_off", "throw_b", "write", "called_off")
)  # fmt: skip


def around(inner, *, after=""):
    return (
        start() + booked("before") + within(inner) + throw() + user_task("after") + end() + after
        + path("started", "before", "sub", "undo", "after", "ended")
    )  # fmt: skip


@pytest.mark.bpmn("compensation event subprocess", "executes")
def test_a_completed_subprocess_is_undone_by_its_own_event_subprocess_alone():
    body = around(TWO_INSIDE + CALL_OFF)
    assert findings(body) == set()
    instance = StoredInstance(model(body), {"x": 0})
    for task in ("before", "a", "b"):
        assert instance.tasks() == [task]
        instance.complete(task, {"x": task})

    for number, task in enumerate(("call_off", "un_b", "write", "un_before"), 1):
        assert instance.tasks() == [task]
        instance.complete(task, {"x": number})

    assert instance.tasks() == ["after"]
    assert instance.sees("after")["x"] == 4


def test_a_subprocess_without_anything_else_to_undo_has_its_event_subprocess_too():
    inner = start("s1") + user_task("a") + end("s2") + path("s1", "a", "s2")
    body = around(inner + undoing(user_task("call_off") + end("e") + path("asked", "call_off", "e")))
    instance = StoredInstance(model(body))
    instance.complete("before")
    instance.complete("a")

    assert instance.tasks() == ["call_off"]
    instance.complete("call_off")
    assert instance.tasks() == ["un_before"]


def test_what_an_event_subprocess_throws_for_all_undoes_the_work_of_its_subprocess_the_last_first():
    body = around(TWO_INSIDE + undoing(throw("undo_all") + end("e") + path("asked", "undo_all", "e")))
    instance = StoredInstance(model(body))
    for task in ("before", "a", "b"):
        instance.complete(task)

    for task in ("un_b", "un_a", "un_before", "after"):
        assert instance.tasks() == [task]
        instance.complete(task)

    assert instance.is_finished


def test_each_round_of_a_repeated_subprocess_is_undone_by_an_event_subprocess_with_its_item():
    loop = '<bpmn:multiInstanceLoopCharacteristics isSequential="true" camunda:collection="parties" camunda:elementVariable="party"/>'
    body = (
        start() + within(TWO_INSIDE + CALL_OFF, loop=loop) + throw() + user_task("after") + end()
        + path("started", "sub", "undo", "after", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body), {"parties": ["A", "B"]})
    for _ in range(2):
        instance.complete("a")
        instance.complete("b")

    for party in "BA":
        assert instance.sees("call_off")["party"] == party
        for task in ("call_off", "un_b", "write"):
            instance.complete(task)

    assert instance.tasks() == ["after"]


def test_a_subprocess_that_did_not_complete_is_undone_step_by_step(session):
    deploy(session, around(TWO_INSIDE + CALL_OFF))
    instance = begin(session)
    finish(session, "before")
    finish(session, "a")

    process_instances.cancel(session, instance.id, compensate=True, reason="client left", by=CHIEF, now=NOON)

    undone = []
    while tasks := state_and_tasks(session, instance)[1]:
        undone += tasks
        finish(session, tasks[0])
    assert undone == ["un_a", "un_before"]
    assert state_and_tasks(session, instance) == ("cancelled", [])


@pytest.mark.parametrize("done", [[], ["call_off"], ["call_off", "un_b"]])
def test_cancelling_while_an_event_subprocess_undoes_begins_it_anew_with_what_is_left(session, done):
    deploy(session, around(TWO_INSIDE + CALL_OFF))
    instance = begin(session)
    for task in ("before", "a", "b", *done):
        finish(session, task)

    process_instances.cancel(session, instance.id, compensate=True, reason="client left", by=CHIEF, now=NOON)

    undone = []
    while tasks := state_and_tasks(session, instance)[1]:
        undone += tasks
        finish(session, tasks[0])
    assert undone == [
        task for task in ("call_off", "un_b", "write", "un_before") if task != "un_b" or "un_b" not in done
    ]
    assert state_and_tasks(session, instance) == ("cancelled", [])


@pytest.mark.bpmn("compensation event subprocess of a process", "refused")
def test_an_event_subprocess_that_undoes_stands_alone_in_a_subprocess():
    ending = end("e") + path("asked", "e")
    other = undoing(end("e2") + path("asked2", "e2"), "second").replace('id="asked"', 'id="asked2"')

    assert findings(start() + end() + path("started", "ended") + undoing(ending)) == {
        ("event_subprocess_start", "undoing")
    }
    assert findings(around(TWO_INSIDE + undoing(ending) + other)) == {("event_subprocess_start", "second")}


def transaction(*, at_work=""):
    inner = (
        start("s1") + booked("a", "b") + at_work + gateway("parallel", "fork") + user_task("other") + user_task("decide")
        + gateway("exclusive", "agreed", default="flow_agreed_s2") + end("s2") + CANCEL + path("s1", "a", "b", "fork", "decide", "agreed")
        + path("fork", "other", "s2") + flow("agreed", "s2") + flow("agreed", "cancelled", "no")
    )  # fmt: skip
    return (
        start() + within(inner, "transaction", "deal") + WAY_OUT + user_task("celebrate") + user_task("mourn") + end()
        + path("started", "deal", "celebrate", "ended") + path("withdrawn", "mourn", "ended")
    )  # fmt: skip


@pytest.mark.bpmn("transaction subprocess", "executes")
@pytest.mark.bpmn("cancel end event", "executes")
@pytest.mark.bpmn("cancel boundary event", "executes")
def test_a_cancelled_transaction_is_undone_and_left_by_its_cancel_event():
    assert findings(transaction()) == set()
    instance = StoredInstance(model(transaction()), {"no": False})
    instance.complete("a", {"x": 1})
    instance.complete("b")

    instance.complete("decide", {"no": True})
    assert instance.tasks() == ["un_b"]
    instance.complete("un_b")
    assert instance.tasks() == ["un_a"]
    instance.complete("un_a", {"x": 0})

    assert instance.waits() == ["mourn"]
    assert instance.sees("mourn") == {"no": True, "x": 0}
    instance.complete("mourn")
    assert instance.is_finished
    assert not instance.run().is_cancelled


def test_a_transaction_that_is_not_cancelled_goes_on_and_can_be_undone_later():
    body = transaction().replace(
        path("started", "deal", "celebrate", "ended"), throw() + path("started", "deal", "celebrate", "undo", "ended")
    )
    instance = StoredInstance(model(body), {"no": False})

    for task in ("a", "b", "decide", "other", "celebrate", "un_b", "un_a"):
        assert task in instance.tasks()
        instance.complete(task)

    assert instance.is_finished


def test_a_cancelled_transaction_without_anything_to_undo_is_left_at_once():
    inner = start("s1") + user_task("decide") + CANCEL + path("s1", "decide", "cancelled") + end("s2")
    body = (
        start()
        + within(inner, "transaction", "deal")
        + WAY_OUT
        + user_task("mourn")
        + end()
        + path("started", "deal", "ended")
        + path("withdrawn", "mourn", "ended")
    )
    instance = StoredInstance(model(body))

    instance.complete("decide")

    assert instance.waits() == ["mourn"]


def test_a_cancelled_transaction_undoes_what_was_done_in_scopes_at_work_too():
    nested = within(
        start("t1") + booked("n") + user_task("n_on") + end("t2") + path("t1", "n", "n_on", "t2"), element_id="nested"
    )
    inner = (
        start("s1") + gateway("parallel", "fork") + nested + user_task("decide") + CANCEL + end("s2") + flow("s1", "fork")
        + path("fork", "nested", "s2") + path("fork", "decide", "cancelled")
    )  # fmt: skip
    body = (
        start()
        + within(inner, "transaction", "deal")
        + WAY_OUT
        + user_task("mourn")
        + end()
        + path("started", "deal", "ended")
        + path("withdrawn", "mourn", "ended")
    )
    instance = StoredInstance(model(body))
    instance.complete("n")
    assert instance.tasks() == ["decide", "n_on"]

    instance.complete("decide")

    assert instance.tasks() == ["un_n"]
    instance.complete("un_n")
    assert instance.waits() == ["mourn"]


def state_and_tasks(session, instance):
    return process_instances.get(session, instance.id).state, sorted(open_tasks(session, instance.id))


def finish(session, element_id):
    from engine import user_tasks

    user_tasks.complete(session, open_tasks(session)[element_id].id, {}, by=ANA, now=NOON)


@pytest.mark.bpmn("cancelling an instance with compensation", "executes")
def test_an_operator_cancels_an_instance_and_what_was_done_is_undone_first(session):
    body = (
        start() + booked("a") + within(start("s1") + booked("b") + user_task("inside") + end("s2") + path("s1", "b", "inside", "s2"))
        + end() + path("started", "a", "sub", "ended")
    )  # fmt: skip
    deploy(session, body)
    instance = begin(session)
    finish(session, "a")
    finish(session, "b")
    assert state_and_tasks(session, instance) == ("active", ["inside"])

    process_instances.cancel(session, instance.id, reason="Withdrawn", compensate=True, by=CHIEF, now=NOON)
    assert state_and_tasks(session, instance) == ("active", ["un_b"])
    finish(session, "un_b")
    assert state_and_tasks(session, instance) == ("active", ["un_a"])
    finish(session, "un_a")

    assert state_and_tasks(session, instance) == ("cancelled", [])
    kinds = [event.kind for event in history.for_instance(session, instance.id)]
    assert "process_cancelled" in kinds
    assert "process_completed" not in kinds


def test_an_instance_without_anything_to_undo_is_cancelled_at_once(session):
    deploy(session, start() + booked("a") + end() + path("started", "a", "ended"))
    instance = begin(session)

    process_instances.cancel(session, instance.id, reason="Withdrawn", compensate=True, by=CHIEF, now=NOON)

    assert state_and_tasks(session, instance) == ("cancelled", [])
    with pytest.raises(ProcessInstanceNotActive):
        process_instances.cancel(session, instance.id, reason="Again", compensate=True, by=CHIEF, now=NOON)


def test_cancelling_while_something_is_being_undone_undoes_the_rest():
    instance = StoredInstance(model(BOOKING))
    instance.complete("a")
    instance.complete("b")
    assert instance.tasks() == ["un_b"]

    run = instance.run()
    run.compensate()
    instance._store(run)

    assert instance.tasks() == ["un_b"]
    instance.complete("un_b")
    assert instance.tasks() == ["un_a"]
    instance.complete("un_a")
    assert instance.is_finished
    assert instance.run().is_cancelled


def test_a_definition_without_compensation_keeps_no_log():
    instance = StoredInstance(
        model(start() + user_task("a") + user_task("b") + end() + path("started", "a", "b", "ended"))
    )
    instance.complete("a")

    assert "compensable" not in instance.run().workflow.task_tree.internal_data
    assert not [name for name in instance.compiled.spec.task_specs if name.endswith("Compensation")]


@pytest.mark.bpmn("compensation event without its handler", "refused")
@pytest.mark.parametrize(
    ("body", "element"),
    [
        (start() + user_task("a") + '<bpmn:boundaryEvent id="u" attachedToRef="a"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>' + end() + path("started", "a", "ended"), "u"),
        (start() + user_task("a") + undone_by("a", "b") + user_task("b") + end() + path("started", "a", "b", "ended"), "undo_a"),
        (start() + user_task("a") + handler("h") + end() + path("started", "a", "ended"), "h"),
        (start() + booked("a") + end() + path("started", "a", "ended") + flow("un_a", "ended"), "un_a"),
        (start() + booked("a") + boundary("late", "un_a", message("m")) + end() + path("started", "a", "ended") + flow("late", "ended"), "un_a"),
        (start() + booked("a") + end() + path("started", "a", "ended") + flow("undo_a", "ended"), "undo_a"),
        (start() + user_task("a") + throw("t", "a") + end() + path("started", "a", "t", "ended"), "t"),
        (start() + user_task("a") + throw("t", "nothing") + end() + path("started", "a", "t", "ended"), "t"),
    ],
    ids=["no association", "no handler", "handler of nothing", "flow", "boundary", "flow out of the event", "not undoable", "unknown"],
)  # fmt: skip
def test_compensation_that_does_not_fit_together_is_refused(body, element):
    assert ("compensation", element) in findings(body, extra=MESSAGE)


@pytest.mark.bpmn("cancel event outside a transaction", "refused")
@pytest.mark.parametrize(
    ("body", "element"),
    [
        (start() + user_task("a") + CANCEL + path("started", "a", "cancelled"), "cancelled"),
        (start() + user_task("deal") + WAY_OUT + end() + path("started", "deal", "ended") + flow("withdrawn", "ended"), "withdrawn"),
        (start() + within(start("s1") + CANCEL + path("s1", "cancelled"), "transaction", "deal") + end() + path("started", "deal", "ended"), "deal"),
        (start() + within(start("s1") + end("s2") + path("s1", "s2"), "transaction", "deal", "<bpmn:standardLoopCharacteristics loopMaximum='2'/>") + end() + path("started", "deal", "ended"), "deal"),
        (transaction().replace('attachedToRef="deal"', 'attachedToRef="deal" cancelActivity="false"'), "withdrawn"),
    ],
    ids=["end", "boundary", "no way out", "repeated", "not interrupting"],
)  # fmt: skip
def test_cancel_events_belong_to_transactions(body, element):
    assert ("compensation", element) in findings(body)
