"""The marks of work that few may know of follow matters, walls, rules and tasks, whoever writes those."""

import pytest
import sqlalchemy as sa

from engine import process_instances, user_tasks
from engine.actor import SYSTEM
from engine.models import UserTask, UserTaskCandidate, triggers
from engine.models.base import new_id
from practice.matters import restricted
from practice.matters.models import Matter
from practice.rights.models import RightRule
from practice.walls.models import WallScope
from tests.conftest import NOON
from tests.factories import begin, deploy, end, open_tasks, path, start, user_task
from tests.practice.firm import LEA, PETRA

IS_OPEN = UserTask.state == "created"


@pytest.fixture
def work(session, register, matter):
    """Work of an enquiry, of two matters of which one came of it, and of none; in front of two groups."""
    body = start() + user_task("scan", groups="lawyers,partners") + user_task("file", groups="lawyers") + end()
    deploy(session, body + path("started", "scan", "file", "ended"))
    first, second = matter("Plain", "Nobody"), matter("Other", "Nobody")
    keys = (first.number, second.number, first.enquiry_number, "X-1", None)
    runs = [begin(session, business_key=key, by=PETRA) for key in keys]
    session.flush()
    return first, second, runs


def change(session, matter, **facts):
    session.flush()
    session.execute(sa.update(Matter).where(Matter.id == matter.id).values(**facts))


def wanted(session):
    """What has to be marked and how, worked out from matters, walls and rules."""
    scopes = list(session.scalars(sa.select(WallScope)))
    walled = {name: {getattr(one, name) for one in scopes} - {None} for name in ("matter_id", "client_party_id")}
    asked = {one.enquiry_number for one in scopes} - {None}
    ruled = set(session.scalars(sa.select(RightRule.client_party_id).where(RightRule.effect == "deny"))) - {None}
    marks = dict.fromkeys(asked, False)
    matters = sorted(
        session.execute(sa.select(Matter.__table__)), key=lambda matter: matter.confidentiality != "ordinary"
    )
    for matter in matters:
        is_restricted = matter.confidentiality != "ordinary"
        is_named = matter.id in walled["matter_id"] or matter.enquiry_number in asked
        if is_restricted or is_named or matter.client_party_id in walled["client_party_id"] | ruled:
            marks |= {matter.number: is_restricted, matter.enquiry_number: is_restricted}
    marks.pop(None, None)
    tasks = session.execute(sa.select(UserTask.id, UserTask.business_key).where(IS_OPEN))
    return {row.id: marks[row.business_key] for row in tasks if row.business_key in marks}


def marked(session):
    """What is marked and how; the rows of the inbox index have to agree."""
    session.flush()
    query = sa.select(UserTask.id, UserTask.is_restricted).where(IS_OPEN, UserTask.is_restricted.is_not(None))
    tasks = {row.id: row.is_restricted for row in session.execute(query)}
    rows = session.execute(sa.select(UserTaskCandidate.user_task_id, UserTaskCandidate.is_restricted)).all()
    assert {row.user_task_id: row.is_restricted for row in rows if row.is_restricted is not None} == {
        row.user_task_id: tasks[row.user_task_id] for row in rows if row.user_task_id in tasks
    }
    return tasks


def the_fields(matter):
    return (
        {"matter_id": matter.id},
        {"client_party_id": matter.client_party_id},
        {"enquiry_number": matter.enquiry_number},
    )


def test_what_is_ordinary_is_not_marked(session, work):
    assert marked(session) == wanted(session) == {}


@pytest.mark.parametrize("kind", ["restricted", "secret"])
def test_a_matter_takes_its_work_and_that_of_its_enquiry_along_and_back(session, work, kind):
    first, _, runs = work
    change(session, first, confidentiality=kind)
    theirs = {open_tasks(session, run.id)["scan"].id for run in (runs[0], runs[2])}
    assert theirs < marked(session).keys()
    assert marked(session) == wanted(session)

    change(session, first, confidentiality="ordinary")
    assert marked(session) == wanted(session) == {}


def test_work_that_comes_is_taken_and_is_given_back_is_marked(session, work):
    first, _, runs = work
    change(session, first, confidentiality="restricted")
    begin(session, business_key=first.number, by=PETRA)
    assert marked(session) == wanted(session)

    task = open_tasks(session, runs[0].id)["scan"]
    for step in (user_tasks.claim, user_tasks.unclaim, user_tasks.claim):
        step(session, task.id, by=LEA, now=NOON)
        assert marked(session) == wanted(session)
    user_tasks.complete(session, task.id, {}, by=LEA, now=NOON)
    assert open_tasks(session, runs[0].id)["file"].id in marked(session) == wanted(session)

    user_tasks.assign(session, open_tasks(session, runs[0].id)["file"].id, "lea", by=SYSTEM, now=NOON)
    assert marked(session) == wanted(session)


def test_work_follows_the_number_it_is_given(session, work):
    first, second, runs = work
    change(session, first, confidentiality="restricted")

    for run in (runs[1], runs[3]):
        for number in (first.number, second.number, first.enquiry_number, "E-2026-9999"):
            process_instances.set_business_key(session, run.id, number, by=PETRA, now=NOON)
            assert marked(session) == wanted(session)


def test_a_matter_that_is_renumbered_takes_its_marks_along(session, work):
    first, second, _ = work
    change(session, first, confidentiality="restricted")
    before, old = len(marked(session)), second.number

    change(session, second, number="2026-CV-9999")
    change(session, first, number=old)
    assert marked(session) == wanted(session) != {}
    change(session, first, enquiry_number=None)
    assert len(marked(session)) < before
    assert marked(session) == wanted(session)


def test_a_matter_that_opens_restricted_marks_what_its_enquiry_left(session, work):
    _, second, _ = work
    enquiry, facts = second.enquiry_number, {column.key: getattr(second, column.key) for column in Matter.__table__.c}
    begin(session, business_key=enquiry, by=PETRA)
    change(session, second, enquiry_number=None)

    row = facts | {"id": new_id(), "number": "2026-CV-7777", "confidentiality": "secret"}
    row |= {"process_instance_id": None, "source_reference": None}
    session.execute(sa.insert(Matter.__table__).values(**row))
    assert marked(session) == wanted(session) != {}

    session.execute(sa.delete(Matter).where(Matter.number == "2026-CV-7777"))
    assert marked(session) == wanted(session) == {}


def test_work_that_is_open_again_is_marked(session, work):
    first, _, runs = work
    task = open_tasks(session, runs[0].id)["scan"]
    ended = {"state": "cancelled", "ended_at": NOON}
    session.execute(sa.update(UserTask).where(UserTask.id == task.id).values(**ended))
    change(session, first, confidentiality="restricted")
    assert task.id not in marked(session)

    session.execute(sa.update(UserTask).where(UserTask.id == task.id).values(state="created", ended_at=None))
    assert task.id in marked(session) == wanted(session)


def test_a_database_that_is_marked_later_says_the_same(session, work, wall):
    first, second, _ = work
    change(session, first, confidentiality="restricted")
    wall({"matter_id": second.id})
    before = marked(session)
    session.execute(sa.update(UserTask).values(is_restricted=None))
    assert marked(session) == {}

    session.connection().exec_driver_sql(restricted.fill(session.connection().dialect.name))

    assert marked(session) == before == wanted(session) != {}


@pytest.mark.parametrize("around", range(3))
@pytest.mark.parametrize("state", ["up", "requested", "lifted"])
def test_what_a_wall_names_is_to_be_asked(session, work, wall, around, state):
    """Whether it is up, or will be, is asked with who it keeps out."""
    first, second, runs = work
    raised = wall(the_fields(first)[around], state=state)
    theirs = {open_tasks(session, run.id)["scan"].id for run in (runs[0], runs[2])}
    assert {task: marked(session).get(task) for task in theirs} == dict.fromkeys(theirs, False)
    assert marked(session) == wanted(session)

    change(session, first, confidentiality="secret")
    assert marked(session) == wanted(session)
    assert marked(session).keys() >= theirs
    change(session, first, confidentiality="ordinary")
    assert marked(session) == wanted(session) != {}

    nothing = dict.fromkeys(("matter_id", "client_party_id", "enquiry_number"))
    values = nothing | the_fields(second)[around]
    session.execute(sa.update(WallScope).where(WallScope.wall_id == raised.id).values(**values))
    assert marked(session) == wanted(session) != {}
    session.execute(sa.delete(WallScope).where(WallScope.wall_id == raised.id))
    assert marked(session) == wanted(session) == {}


def test_work_that_comes_and_is_taken_behind_a_wall_is_marked(session, work, wall):
    first, _, runs = work
    for scope in the_fields(first):
        raised = wall(scope)
        begin(session, business_key=first.number, by=PETRA)
        begin(session, business_key=first.enquiry_number, by=PETRA)
        assert marked(session) == wanted(session) != {}
        session.execute(sa.delete(WallScope).where(WallScope.wall_id == raised.id))

    wall({"matter_id": first.id})
    task = open_tasks(session, runs[0].id)["scan"]
    for step in (user_tasks.claim, user_tasks.unclaim, user_tasks.claim):
        step(session, task.id, by=LEA, now=NOON)
        assert marked(session) == wanted(session)
    assert marked(session)[task.id] is False


@pytest.mark.parametrize("around", ["wall", "rule"])
def test_a_matter_brings_the_marks_of_its_client_along(session, work, wall, around):
    first, second, _ = work
    before = first.client_party_id
    if around == "wall":
        wall({"client_party_id": before})
    else:
        add_rule(session, before)
    assert marked(session) == wanted(session) != {}

    change(session, first, client_party_id=second.client_party_id)
    assert marked(session) == wanted(session) == {}
    change(session, second, client_party_id=before)
    assert marked(session) == wanted(session) != {}


def test_a_matter_that_opens_behind_a_wall_marks_what_its_enquiry_left(session, work, wall):
    first, second, _ = work
    enquiry, facts = second.enquiry_number, {column.key: getattr(second, column.key) for column in Matter.__table__.c}
    begin(session, business_key=enquiry, by=PETRA)
    change(session, second, enquiry_number=None)
    wall({"client_party_id": first.client_party_id})
    before = marked(session)

    row = facts | {"id": new_id(), "number": "2026-CV-7777", "client_party_id": first.client_party_id}
    row |= {"process_instance_id": None, "source_reference": None}
    session.execute(sa.insert(Matter.__table__).values(**row))
    assert marked(session) == wanted(session)
    assert len(marked(session)) > len(before)


def test_what_a_rule_denies_is_to_be_asked(session, work):
    first, *_ = work
    rule = add_rule(session, first.client_party_id, effect="allow")
    assert marked(session) == wanted(session) == {}

    change_rule = sa.update(RightRule).where(RightRule.id == rule.id)
    session.execute(change_rule.values(effect="deny"))
    assert marked(session) == wanted(session) != {}
    session.execute(change_rule.values(client_party_id=None, event_kind="hearing"))
    assert marked(session) == wanted(session) == {}
    session.execute(change_rule.values(client_party_id=first.client_party_id))
    assert marked(session) == wanted(session) != {}
    session.execute(sa.delete(RightRule).where(RightRule.id == rule.id))
    assert marked(session) == wanted(session) == {}


def test_a_trigger_that_is_lost_is_named(session, work):
    assert triggers.missing(session.connection()) == []
    on = "" if session.connection().dialect.name == "sqlite" else " ON wall_scope"

    session.connection().exec_driver_sql(f"DROP TRIGGER restricted_wall_raised{on}")

    assert triggers.missing(session.connection()) == ["restricted_wall_raised"]


def test_what_a_lost_trigger_kept_is_worked_out_anew(session, work):
    first, *_ = work
    connection = session.connection()
    on = "" if connection.dialect.name == "sqlite" else " ON matter"
    connection.exec_driver_sql(f"DROP TRIGGER restricted_matter_changed{on}")
    change(session, first, confidentiality="secret")
    assert marked(session) == {} != wanted(session)

    assert triggers.mend(connection) == ["restricted_matter_changed"]
    session.expire_all()

    assert marked(session) == wanted(session)
    assert triggers.mend(connection) == []


def add_rule(session, client_party_id, effect="deny"):
    rule = RightRule(effect=effect, action="read", client_party_id=client_party_id, created_at=NOON, created_by="otto")
    session.add(rule)
    session.flush()
    return rule
