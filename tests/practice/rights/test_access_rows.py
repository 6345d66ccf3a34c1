"""The rows that say who has a matter as their own follow teams and tasks, whoever writes those."""

import pytest
import sqlalchemy as sa

from engine import database, process_instances, user_tasks
from engine.actor import SYSTEM
from engine.models import UserTask, UserTaskCandidate, triggers
from practice.matters import access
from practice.matters.access import MatterAccess
from practice.matters.models import Matter, MatterMember
from tests import postgres
from tests.conftest import NOON
from tests.factories import begin, deploy, end, open_tasks, path, start, user_task
from tests.practice.firm import CORA, LEA, PETRA
from webui import upgrades


def kept(session, matter):
    session.flush()
    return set(session.scalars(sa.select(MatterAccess.principal).where(MatterAccess.matter_id == matter.id)))


def reasons(session):
    """What the rows have to say, worked out from the tables they follow."""
    members = sa.select(Matter.id, MatterMember.username).join(MatterMember).where(MatterMember.until.is_(None))
    found = {(row.id, f"user:{row.username}") for row in session.execute(members)}
    offers = (
        sa.select(Matter.id, UserTaskCandidate.principal)
        .join(UserTask, UserTask.business_key == Matter.number)
        .join(UserTaskCandidate, UserTaskCandidate.user_task_id == UserTask.id)
    )
    return found | {tuple(row) for row in session.execute(offers)}


def rows(session):
    session.flush()
    return {tuple(row) for row in session.execute(sa.select(MatterAccess.matter_id, MatterAccess.principal))}


def test_team_and_tasks_come_and_go(session, matter):
    opened = matter()
    assert kept(session, opened) == {"user:lea", "user:petra"}

    user_tasks.complete(session, open_tasks(session)["assess"].id, {}, by=LEA, now=NOON)
    assert kept(session, opened) == {"user:lea", "user:petra", "group:cashiers"}

    task = open_tasks(session)["pay"]
    user_tasks.assign(session, task.id, "cora", by=SYSTEM, now=NOON)
    assert kept(session, opened) == {"user:lea", "user:petra", "user:cora"}

    for member in opened.members:
        member.until = NOON
    assert kept(session, opened) == {"user:cora"}

    session.execute(sa.delete(MatterMember))
    user_tasks.complete(session, task.id, {}, by=CORA, now=NOON)
    assert kept(session, opened) == {"group:lawyers"}
    assert rows(session) == reasons(session)


def test_a_row_stays_while_there_is_another_reason(session, matter):
    opened = matter()
    task = open_tasks(session)["assess"]
    session.execute(sa.delete(MatterMember).where(MatterMember.username == "lea"))
    assert "user:lea" in kept(session, opened)

    session.add(MatterMember(matter_id=opened.id, username="lea", role="member", since=NOON))
    session.add(MatterMember(matter_id=opened.id, username="lea", role="responsible", since=NOON))
    user_tasks.complete(session, task.id, {}, by=LEA, now=NOON)
    assert "user:lea" in kept(session, opened)

    session.execute(sa.delete(MatterMember).where(MatterMember.role == "member"))
    assert "user:lea" in kept(session, opened)
    session.execute(sa.delete(MatterMember).where(MatterMember.role == "responsible"))
    assert "user:lea" not in kept(session, opened)


def test_work_follows_the_number_it_is_given(session, matter):
    first, second = matter(), matter("Bo Chen", None)
    deploy(session, start() + user_task("scan", groups="secretaries") + end() + path("started", "scan", "ended"))
    instance = begin(session, by=PETRA)
    assert rows(session) == reasons(session)

    for number in (first.number, second.number, "E-2026-9999"):
        process_instances.set_business_key(session, instance.id, number, by=PETRA, now=NOON)
        holders = {matter_id for matter_id, principal in rows(session) if principal == "group:secretaries"}
        assert holders == {one.id for one in (first, second) if one.number == number}
        assert rows(session) == reasons(session)


def test_a_table_that_is_filled_later_says_the_same(session, matter):
    matter(), matter("Bo Chen", None)
    before = rows(session)
    session.execute(sa.delete(MatterAccess))

    for statement in access.FILL:
        session.connection().exec_driver_sql(statement)

    assert rows(session) == before != set()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_upgraded_database_has_the_triggers_of_a_new_one(kind, tmp_path):
    url = f"sqlite:///{tmp_path}/upgraded.sqlite" if kind == "sqlite" else postgres.new_database()
    engine = database.create_engine(url)
    upgrades.upgrade(engine, str(upgrades.head_revision()))

    with engine.connect() as connection:
        found = triggers.missing(connection)

    engine.dispose()
    assert found == []
