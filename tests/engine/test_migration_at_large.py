"""Incidents, suspended instances, batches, trying out and undoing: migrations of whole instances."""

import pytest
import sqlalchemy as sa

from engine import incidents, migrations, process_instances, undo
from engine.errors import ProcessInstanceNotActive
from engine.models import Job, ProcessInstance
from tests.engine.migrating import (
    ONE,
    TIMED,
    TIMED_AGAIN,
    TWO,
    complete,
    migrate,
    obstacles,
    old,
    picture,
    plan,
    run_jobs,
    two_versions,
)
from tests.factories import (
    CHIEF,
    NOON,
    begin,
    end,
    flow,
    gateway,
    later,
    open_tasks,
    path,
    start,
    user_task,
)


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
