"""Running instances move to another version of their process, or stay as they were with the reason named."""

from contextlib import nullcontext

import pytest
import sqlalchemy as sa

from engine import history, incidents, jobs, messages, migrations, process_instances, undo, user_tasks
from engine.errors import MigrationPlanInvalid, MigrationRefused, ProcessDefinitionNotFound, ProcessInstanceNotActive
from engine.models import Job, MessageSubscription, ProcessInstance, UserTask, UserTaskCandidate
from tests.factories import (
    ANA,
    BO,
    CHIEF,
    NOON,
    begin,
    boundary,
    catch,
    deploy,
    end,
    flow,
    gateway,
    later,
    message,
    open_tasks,
    path,
    properties,
    start,
    timer,
    user_task,
)

MESSAGES = '<bpmn:message id="m" name="answer"/><bpmn:message id="n" name="reply"/>'


def two_versions(session, first, second):
    deploy(session, first, extra=MESSAGES)
    deploy(session, second, extra=MESSAGES)


def old(session, **options):
    return begin(session, version=1, **options)


def plan(session, mapping=None, source=1, target=2):
    return migrations.plan(session, "proc", source, target, mapping)


def migrate(session, instance, mapping=None, now=NOON):
    return migrations.migrate(session, plan(session, mapping), instance.id, by=CHIEF, now=now)


def obstacles(session, instance, mapping=None):
    """Try to move the instance; see that it is refused and that nothing has changed."""
    before = picture(session, instance)
    with pytest.raises(MigrationRefused) as refusal, session.begin_nested():
        migrate(session, instance, mapping)
    assert picture(session, instance) == before
    return {one.element_id: one.reason for one in refusal.value.obstacles}


def picture(session, instance):
    session.expire_all()
    columns = (
        ProcessInstance.definition_id,
        ProcessInstance.version,
        ProcessInstance.revision,
        ProcessInstance.state_blob,
    )
    return (
        session.execute(sa.select(*columns).where(ProcessInstance.id == instance.id)).one(),
        session.execute(
            sa.select(UserTask.id, UserTask.element_id, UserTask.name, UserTask.state).order_by(UserTask.id)
        ).all(),
        session.execute(sa.select(Job.id, Job.element_id, Job.due_at).order_by(Job.id)).all(),
        session.execute(sa.select(MessageSubscription.element_id).order_by(MessageSubscription.id)).all(),
        [event.id for event in history.for_instance(session, instance.id)],
    )


def complete(session, element_id, instance=None, **answers):
    task = open_tasks(session, instance.id if instance else None)[element_id]
    user_tasks.complete(session, task.id, answers, by=BO, now=NOON)


def run_jobs(session, now):
    return jobs.run_due(lambda: nullcontext(session), now=lambda: now, limit=20)


ONE = start() + user_task("draft") + user_task("sign") + end() + path("started", "draft", "sign", "ended")
#: ``sign`` is checked first, and draft is called otherwise.
TWO = (
    start() + user_task("draft", inner=properties(kind="approval", stage="late")).replace('name="draft"', 'name="Draft it"')
    + user_task("check") + user_task("sign") + end() + path("started", "draft", "check", "sign", "ended")
)  # fmt: skip


def test_work_keeps_its_id_its_holder_and_its_due_date_and_looks_like_the_new_version(session):
    two_versions(session, ONE.replace('id="draft"', 'id="draft" camunda:dueDate="P3D" camunda:priority="70"'), TWO)
    instance = old(session, variables={"n": 1})
    task = open_tasks(session)["draft"]
    user_tasks.claim(session, task.id, by=ANA, now=NOON)
    user_tasks.delegate(session, task.id, "bo", by=ANA, now=NOON)

    report = migrate(session, instance, now=later(days=1))

    moved = open_tasks(session)["draft"]
    assert (moved.id, moved.assignee, moved.owner) == (task.id, "bo", "ana")
    assert (moved.due_at, moved.priority, moved.created_at) == (later(days=3), 70, NOON)
    assert (moved.name, moved.kind, moved.stage) == ("Draft it", "approval", "late")
    assert session.scalars(sa.select(UserTaskCandidate.principal)).all() == ["user:bo"]
    assert process_instances.get(session, instance.id).version == 2
    assert report.tokens == [{"token_id": str(task.id), "from": "draft", "to": "draft"}]
    assert report.user_tasks == [{"id": str(task.id), "from": "draft", "to": "Draft it"}]
    user_tasks.resolve(session, moved.id, by=BO, now=later(days=1))
    user_tasks.complete(session, moved.id, {}, by=ANA, now=later(days=1))
    assert set(open_tasks(session)) == {"check"}
    assert user_tasks.variables(session, open_tasks(session)["check"]) == {"n": 1}


def test_history_tells_from_where_to_where_and_who(session):
    two_versions(session, ONE, TWO)
    instance = old(session)

    migrate(session, instance, now=later(hours=1))

    told = next(event for event in history.for_instance(session, instance.id) if event.kind == "process_migrated")
    assert (told.actor, told.at) == ("chief", later(hours=1))
    assert (told.data["before"], told.data["after"]) == (1, 2)


def test_a_plan_pairs_what_is_the_same_and_names_what_has_no_counterpart(session):
    two_versions(
        session,
        start() + user_task("draft") + user_task("sign") + catch("wait", timer("P1D")) + end() + path("started", "draft", "sign", "wait", "ended"),
        start() + user_task("write") + catch("wait", message("m")) + '<bpmn:manualTask id="sign" name="sign"/>' + end()
        + path("started", "write", "sign", "wait", "ended"),
    )  # fmt: skip

    found = plan(session, {"draft": "write"})

    assert found.mapping == {"started": "started", "draft": "write", "ended": "ended"}
    assert {one.element_id: one.reason for one in found.without} == {
        "sign": "It was a userTask and is a manualTask.",
        "wait": "It waits for another kind of event.",
    }


@pytest.mark.parametrize(
    ("mapping", "named"),
    [
        ({"nothing": "check"}, "nothing"),
        ({"draft": "nothing"}, "nothing"),
        ({"draft": "ended"}, "draft"),
        ({"draft": "check", "sign": "check"}, "check"),
    ],
    ids=["unknown here", "unknown there", "another type", "two in one"],
)
def test_a_plan_that_cannot_be_is_refused_by_name(session, mapping, named):
    two_versions(session, ONE, TWO)

    with pytest.raises(MigrationPlanInvalid) as refusal:
        plan(session, mapping)

    assert named in {one.element_id for one in refusal.value.obstacles}


def test_a_plan_needs_two_versions_that_are_there(session):
    two_versions(session, ONE, TWO)

    with pytest.raises(ProcessDefinitionNotFound):
        plan(session, target=9)
    with pytest.raises(MigrationPlanInvalid):
        plan(session, target=1)


def test_a_token_on_an_element_that_is_gone_or_another_refuses(session):
    two_versions(
        session,
        start() + gateway("parallel", "fork") + user_task("a") + user_task("b") + user_task("c") + end() + flow("started", "fork")
        + "".join(flow("fork", name) + flow(name, "ended") for name in "abc"),
        start() + gateway("parallel", "fork") + user_task("a") + '<bpmn:manualTask id="c" name="c"/>' + end() + flow("started", "fork")
        + "".join(flow("fork", name) + flow(name, "ended") for name in "ac"),
    )  # fmt: skip
    instance = old(session)

    found = obstacles(session, instance)

    assert set(found) == {"b", "c"}
    complete(session, "b")
    complete(session, "c")
    migrate(session, instance)
    complete(session, "a")
    assert process_instances.get(session, instance.id).state == "completed"


def test_a_renamed_element_is_followed_where_the_plan_says_so(session):
    two_versions(
        session,
        ONE,
        TWO.replace('"draft"', '"write"').replace("flow_started_draft", "f1").replace("flow_draft_check", "f2"),
    )
    instance = old(session)
    task_id = open_tasks(session)["draft"].id

    assert set(obstacles(session, instance)) == {"draft"}
    migrate(session, instance, {"draft": "write"})

    assert {name: task.id for name, task in open_tasks(session).items()} == {"write": task_id}
    complete(session, "write")
    assert set(open_tasks(session)) == {"check"}


TIMED = (
    start() + user_task("one") + boundary("late", "one", timer("P5D"), interrupting=False) + boundary("gone", "one", timer("P9D"))
    + user_task("chase") + end("e2") + end() + path("started", "one", "ended") + path("late", "chase", "e2") + path("gone", "e2")
)  # fmt: skip
TIMED_AGAIN = (
    start() + user_task("one") + boundary("late", "one", timer("P1D"), interrupting=False) + boundary("fresh", "one", timer("P2D"), interrupting=False)
    + user_task("chase") + user_task("nudge") + end("e2") + end() + path("started", "one", "ended") + path("late", "chase", "e2")
    + path("fresh", "nudge", "e2")
)  # fmt: skip


def test_timers_keep_their_due_dates_new_ones_begin_and_gone_ones_go(session):
    two_versions(session, TIMED, TIMED_AGAIN)
    instance = old(session)
    kept = session.scalar(sa.select(Job.id).where(Job.element_id == "late"))

    report = migrate(session, instance, now=later(days=1))

    assert {job.element_id: job.due_at for job in session.scalars(sa.select(Job))} == {
        "late": later(days=5),
        "fresh": later(days=3),
    }
    assert session.scalar(sa.select(Job.id).where(Job.element_id == "late")) == kept
    assert (report.dropped, report.added) == (["gone"], ["fresh"])
    assert (run_jobs(session, later(days=4)), set(open_tasks(session))) == (1, {"one", "nudge"})
    assert (run_jobs(session, later(days=6)), set(open_tasks(session))) == (1, {"one", "nudge", "chase"})
    for element_id in ("one", "nudge", "chase"):
        complete(session, element_id)
    assert process_instances.get(session, instance.id).state == "completed"


@pytest.mark.parametrize("way", ["to", "from"])
def test_an_activity_gets_its_first_boundary_event_or_loses_its_last(session, way):
    with_event = (
        start()
        + user_task("before")
        + user_task("one")
        + boundary("late", "one", timer("P2D"))
        + end()
        + end("e2")
        + path("started", "before", "one", "ended")
        + path("late", "e2")
    )
    without = start() + user_task("before") + user_task("one") + end() + path("started", "before", "one", "ended")
    two_versions(session, *((without, with_event) if way == "to" else (with_event, without)))
    instance = old(session, variables={"n": 1})
    complete(session, "before", n=2)

    migrate(session, instance, now=later(days=1))

    due = {job.element_id: job.due_at for job in session.scalars(sa.select(Job))}
    assert due == ({"late": later(days=3)} if way == "to" else {})
    assert user_tasks.variables(session, open_tasks(session)["one"]) == {"n": 2}
    complete(session, "one")
    assert process_instances.get(session, instance.id).state == "completed"
    assert session.scalars(sa.select(Job)).all() == []


def test_messages_are_awaited_by_their_new_names(session):
    two_versions(
        session,
        start() + catch("hear", message("m")) + user_task("one") + end() + path("started", "hear", "one", "ended"),
        start() + catch("listen", message("n")) + user_task("one") + end() + path("started", "listen", "one", "ended"),
    )  # fmt: skip
    instance = old(session, business_key="K")

    migrate(session, instance, {"hear": "listen"})

    assert [
        (row.name, row.element_id, row.correlation_key) for row in session.scalars(sa.select(MessageSubscription))
    ] == [("reply", "listen", "K")]
    messages.correlate(session, "reply", "K", by=ANA, now=NOON)
    assert set(open_tasks(session)) == {"one"}


def test_events_behind_a_gateway_change_places_and_keep_their_due_dates(session):
    def drawn(*events):
        kinds = {"soon": timer("P2D"), "late": timer("P9D"), "came": message("m"), "later": timer("P30D")}
        return (
            start() + gateway("eventBased", "first") + "".join(catch(name, kinds[name]) + user_task(f"after_{name}") for name in events)
            + end() + flow("started", "first") + "".join(path("first", name, f"after_{name}", "ended") for name in events)
        )  # fmt: skip

    two_versions(session, drawn("soon", "late", "came"), drawn("later", "late", "soon"))
    instance = old(session, business_key="K")

    report = migrate(session, instance, now=later(days=1))

    due = {job.element_id: job.due_at for job in session.scalars(sa.select(Job))}
    assert due == {"soon": later(days=2), "late": later(days=9), "later": later(days=31)}
    assert report.dropped == ["came"]
    assert session.scalars(sa.select(MessageSubscription)).all() == []
    assert run_jobs(session, later(days=3)) == 1
    assert set(open_tasks(session)) == {"after_soon"}
    assert session.scalars(sa.select(Job)).all() == []


FORK = (
    start() + gateway("parallel", "fork") + user_task("a") + user_task("b") + gateway("parallel", "join") + user_task("after") + end()
    + path("started", "fork", "a", "join", "after", "ended") + path("fork", "b", "join")
)  # fmt: skip


def test_a_branch_that_waits_at_its_join_is_still_counted(session):
    two_versions(session, FORK, FORK.replace('name="after"', 'name="Afterwards"'))
    instance = old(session)
    complete(session, "b", b=1)

    migrate(session, instance)
    complete(session, "a", a=1)

    assert user_tasks.variables(session, open_tasks(session)["after"]) == {"a": 1, "b": 1}


def test_a_join_that_gets_a_branch_nobody_is_on_refuses_by_its_name(session):
    three = FORK + user_task("c") + path("fork", "c", "join")
    two_versions(session, FORK, three)
    instance, fresh = old(session), old(session)
    complete(session, "b", instance)

    assert set(obstacles(session, instance)) == {"join"}
    assert set(obstacles(session, fresh)) == {"join"}


def test_a_join_that_loses_the_branch_it_waited_for_is_passed(session):
    two_versions(
        session,
        start() + user_task("zero") + gateway("parallel", "fork") + user_task("a") + catch("b", message("m")) + gateway("parallel", "join")
        + user_task("after") + end() + path("started", "zero", "fork", "a", "join", "after", "ended") + path("fork", "b", "join"),
        start() + user_task("zero") + gateway("parallel", "fork") + user_task("a") + gateway("parallel", "join") + user_task("after") + end()
        + path("started", "zero", "fork", "a", "join", "after", "ended"),
    )  # fmt: skip
    waiting, fresh = old(session), old(session)
    complete(session, "zero", waiting)

    assert set(obstacles(session, waiting)) == {"b"}
    migrate(session, fresh)
    complete(session, "zero", fresh)
    complete(session, "a", fresh)
    assert set(open_tasks(session, fresh.id)) == {"after"}


def inside(*names, extra=""):
    return (
        start() + '<bpmn:subProcess id="inside" name="inside">' + start("s") + "".join(user_task(name) for name in names) + end("e")
        + path("s", *names, "e") + extra + "</bpmn:subProcess>" + user_task("last") + end() + path("started", "inside", "last", "ended")
    )  # fmt: skip


def test_inside_a_subprocess_and_around_it_tokens_go_along(session):
    two_versions(
        session,
        inside("one", "two"),
        inside("one", "check", "two") + boundary("late", "inside", timer("P2D")) + flow("late", "ended"),
    )
    instance = old(session)
    task_id = open_tasks(session)["one"].id

    migrate(session, instance)

    assert open_tasks(session)["one"].id == task_id
    assert [job.element_id for job in session.scalars(sa.select(Job))] == ["late"]
    complete(session, "one", n=1)
    complete(session, "check")
    complete(session, "two")
    assert user_tasks.variables(session, open_tasks(session)["last"]) == {"n": 1}
    assert session.scalars(sa.select(Job)).all() == []


def test_a_token_does_not_change_its_scope(session):
    two_versions(
        session,
        inside("one", "two"),
        start()
        + user_task("one")
        + inside("two").replace(start(), "").replace(flow("started", "inside"), flow("one", "inside"))
        + path("started", "one"),
    )
    instance = old(session)

    found = obstacles(session, instance)

    assert set(found) == {"one"} or set(found) == {"one", "inside"}


def test_a_called_process_goes_along(session):
    def drawn(*names):
        called = (
            '<bpmn:process id="part" isExecutable="true">'
            + start("p_started")
            + "".join(user_task(n) for n in names)
            + end("p_ended")
            + path("p_started", *names, "p_ended")
            + "</bpmn:process>"
        )
        return {"processes": called}

    body = (
        start()
        + '<bpmn:callActivity id="call" name="call" calledElement="part"/>'
        + end()
        + path("started", "call", "ended")
    )
    deploy(session, body, **drawn("p1"))
    deploy(session, body, **drawn("p1", "p2"))
    instance = old(session)

    migrate(session, instance)
    complete(session, "p1")

    assert set(open_tasks(session)) == {"p2"}


def items(sequential):
    return (
        start() + '<bpmn:userTask id="ask" name="ask" camunda:candidateGroups="lawyers"><bpmn:multiInstanceLoopCharacteristics '
        f'isSequential="{str(sequential).lower()}" camunda:collection="people" camunda:elementVariable="person"/></bpmn:userTask>'
        + user_task("after") + end() + path("started", "ask", "after", "ended")
    )  # fmt: skip


@pytest.mark.parametrize("sequential", [False, True])
def test_items_that_are_done_stay_done(session, sequential):
    two_versions(session, items(sequential), items(sequential).replace('name="ask"', 'name="Ask them"'))
    instance = old(session, variables={"people": ["a", "b", "c"]})
    complete(session, "ask")

    migrate(session, instance)

    open_items = session.scalars(sa.select(UserTask.name).where(UserTask.state == "created")).all()
    assert open_items == ["Ask them"] * (1 if sequential else 2)
    complete(session, "ask")
    complete(session, "ask")
    assert set(open_tasks(session)) == {"after"}


def test_work_that_becomes_repeated_or_stops_being_so_refuses(session):
    two_versions(session, items(False), items(True))
    instance = old(session, variables={"people": ["a", "b"]})

    assert set(obstacles(session, instance)) == {"ask"}


SCOPED = (
    start() + user_task("one") + end() + path("started", "one", "ended") + '<bpmn:subProcess id="withdrawn" name="withdrawn" triggeredByEvent="true">'
    + start("w_started", message("m"), attributes='isInterrupting="true"') + user_task("close") + end("w_ended") + path("w_started", "close", "w_ended")
    + "</bpmn:subProcess>"
)  # fmt: skip
PLAIN = start() + user_task("one") + end() + path("started", "one", "ended")


def test_event_subprocesses_come_stay_and_go_with_the_version(session):
    for body in (
        PLAIN,
        SCOPED,
        SCOPED.replace('name="close"', 'name="Close it"'),
        PLAIN.replace('name="one"', 'name="One"'),
    ):
        deploy(session, body, extra=MESSAGES)
    instance = old(session, business_key="K")

    reports = [
        migrations.migrate(session, plan(session, source=version, target=version + 1), instance.id, by=CHIEF, now=NOON)
        for version in (1, 2)
    ]
    assert [(report.added, report.dropped) for report in reports] == [(["w_started"], []), ([], [])]
    messages.correlate(session, "answer", "K", by=ANA, now=NOON)
    assert {task.name for task in open_tasks(session).values()} == {"Close it"}

    other = old(session, business_key="L")
    migrations.migrate(session, plan(session, target=2), other.id, by=CHIEF, now=NOON)
    last = migrations.migrate(session, plan(session, source=2, target=4), other.id, by=CHIEF, now=NOON)

    assert last.dropped == ["w_started"]
    assert session.scalars(sa.select(MessageSubscription)).all() == []


def test_an_open_incident_stands_at_the_new_element_and_is_mended_there(session):
    def drawn(name, condition):
        return (
            start() + gateway("exclusive", name) + user_task("a") + user_task("b") + end() + flow("started", name) + flow(name, "a", condition)
            + flow(name, "b", "=kind = 2") + path("a", "ended") + path("b", "ended")
        )  # fmt: skip

    two_versions(session, drawn("choose", "=kind = 1"), drawn("decide", "=kind = 3"))
    instance = old(session, variables={"kind": 3})

    migrate(session, instance, {"choose": "decide"})

    incident = incidents.list_open(session)[0]
    assert incident.element_id == "decide"
    incidents.retry(session, incident.id, by=CHIEF, now=NOON)
    assert set(open_tasks(session)) == {"a"}


def test_a_suspended_instance_moves_and_stays_suspended(session):
    two_versions(session, TIMED, TIMED_AGAIN)
    instance = old(session)
    process_instances.suspend(session, instance.id, by=CHIEF, now=NOON)

    report = migrate(session, instance)

    assert (report.state, process_instances.get(session, instance.id).state) == ("suspended", "suspended")
    process_instances.resume(session, instance.id, by=CHIEF, now=NOON)
    complete(session, "one")
    assert process_instances.get(session, instance.id).state == "completed"


def test_only_open_instances_of_the_version_go(session):
    two_versions(session, ONE, TWO)
    done, new = old(session), begin(session)
    complete(session, "draft", done)
    complete(session, "sign", done)

    for instance in (done, new):
        with pytest.raises(ProcessInstanceNotActive):
            migrate(session, instance)
    assert migrations.instances(session, plan(session)) == []


def test_trying_out_tells_what_would_happen_and_changes_nothing(session):
    two_versions(session, TIMED, TIMED_AGAIN)
    moving, stuck = old(session), old(session)
    run_jobs(session, later(days=6))
    complete(session, "one", stuck)
    found = plan(session)
    before = [picture(session, one) for one in (moving, stuck)]

    tried = migrations.try_out(session, found, [moving.id, stuck.id], by=CHIEF, now=later(days=6))

    assert [picture(session, one) for one in (moving, stuck)] == before
    done = migrations.apply(session, found, [moving.id, stuck.id], by=CHIEF, now=later(days=6))
    assert [(one.tokens, one.dropped, one.added, one.refusal) for one in tried] == [
        (one.tokens, one.dropped, one.added, one.refusal) for one in done
    ]


def test_of_a_batch_those_go_that_can_and_it_can_be_repeated(session):
    two_versions(session, ONE, ONE.replace('"sign"', '"approve"'))
    able = [old(session) for _ in range(3)]
    unable = old(session)
    complete(session, "draft", unable)
    found = plan(session)

    first = migrations.apply(session, found, migrations.instances(session, found), by=CHIEF, now=NOON)
    again = migrations.apply(session, found, migrations.instances(session, found), by=CHIEF, now=NOON)

    outcome = {report.id: [one.element_id for one in report.obstacles] for report in first}
    assert outcome == {**{one.id: [] for one in able}, unable.id: ["sign"]}
    assert [report.id for report in again] == [unable.id]
    versions = session.scalars(sa.select(ProcessInstance.version).order_by(ProcessInstance.id)).all()
    assert versions == [2, 2, 2, 1]


def test_instances_are_handed_out_in_batches(session):
    two_versions(session, ONE, TWO)
    ids = sorted(old(session).id for _ in range(5))
    found = plan(session)

    first = migrations.instances(session, found, limit=2)
    second = migrations.instances(session, found, limit=2, after=first[-1])

    assert (first, second) == (ids[:2], ids[2:4])
    assert migrations.instances(session, found, ids=[ids[4]]) == [ids[4]]


def test_a_migration_is_undone(session):
    two_versions(session, TIMED, TIMED_AGAIN.replace('name="one"', 'name="One"'))
    instance = old(session)
    before = {job.element_id: job.due_at for job in session.scalars(sa.select(Job))}
    migrate(session, instance, now=later(days=1))

    undo.undo(session, instance.id, by=CHIEF, now=later(days=1))

    session.expire_all()
    assert process_instances.get(session, instance.id).version == 1
    assert {job.element_id: job.due_at for job in session.scalars(sa.select(Job))} == before
    assert open_tasks(session)["one"].name == "one"
    complete(session, "one")
    assert process_instances.get(session, instance.id).state == "completed"


def test_what_has_been_done_shows_on_the_new_diagram(session):
    two_versions(session, ONE, TWO)
    instance = old(session)
    complete(session, "draft")

    migrate(session, instance)

    shown = process_instances.activities(session, instance.id)
    assert (shown["active"], set(shown["completed"])) == (["sign"], {"started", "draft"})


def booking(handler="un_book"):
    return (
        start() + user_task("book") + '<bpmn:boundaryEvent id="undo_book" attachedToRef="book"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>'
        + f'<bpmn:association id="to_handler" sourceRef="undo_book" targetRef="{handler}"/>'
        + user_task(handler, attributes='isForCompensation="true"') + user_task("wait") + end() + path("started", "book", "wait", "ended")
    )  # fmt: skip


def test_what_was_done_can_still_be_compensated_or_the_instance_stays(session):
    two_versions(session, booking(), booking("cancel_booking"))
    instance = old(session)
    complete(session, "book")

    assert set(obstacles(session, instance)) == {"book"}
    migrate(session, instance, {"un_book": "cancel_booking"})
    process_instances.cancel(session, instance.id, reason="No", compensate=True, by=CHIEF, now=NOON)

    assert set(open_tasks(session)) == {"cancel_booking"}
    complete(session, "cancel_booking")
    assert process_instances.get(session, instance.id).state == "cancelled"
