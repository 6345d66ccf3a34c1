"""Statements that go past SQLAlchemy's execution: same transaction, same types, same errors."""

import contextlib

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError

from engine.database import transaction
from engine.models import Deployment
from engine.models.base import new_id
from engine.prepared import Prepared, run_all
from tests.factories import NOON

TABLE = Deployment.__table__
INSERT = Prepared(sa.insert(TABLE))
BY_ID = Prepared(sa.select(TABLE).where(TABLE.c.id == sa.bindparam("wanted")))
RENAME = Prepared(sa.update(TABLE).where(TABLE.c.name == sa.bindparam("old")).values(name=sa.bindparam("new")))


def row(name="first"):
    return {"id": new_id(), "name": name, "content_hash": "0" * 64, "deployed_by": "ana", "deployed_at": NOON}


def test_values_come_back_as_the_types_of_their_columns(session):
    written = row()

    INSERT.run(session.connection(), written)

    read = BY_ID.one_or_none(session.connection(), {"wanted": written["id"]})
    assert (read.id, read.name, read.deployed_at) == (written["id"], "first", NOON)
    assert session.get(Deployment, written["id"]).deployed_at == NOON


def test_several_rows_go_in_one_statement_and_are_counted(session):
    INSERT.run(session.connection(), [row("old"), row("old"), row("other")])

    assert RENAME.run(session.connection(), {"old": "old", "new": "young"}) == 2
    assert RENAME.run(session.connection(), {"old": "old", "new": "young"}) == 0
    assert BY_ID.one_or_none(session.connection(), {"wanted": new_id()}) is None


def test_what_is_rolled_back_was_never_there(fresh_engine):
    written = row()
    with pytest.raises(ZeroDivisionError), transaction(fresh_engine) as session:
        INSERT.run(session.connection(), written)
        raise ZeroDivisionError

    with transaction(fresh_engine) as session:
        assert BY_ID.rows(session.connection(), {"wanted": written["id"]}) == []


def test_a_refusal_of_the_database_is_sqlalchemys_error(fresh_engine):
    written = row()

    with pytest.raises(IntegrityError), transaction(fresh_engine) as session:
        INSERT.run(session.connection(), written)
        INSERT.run(session.connection(), written)

    with transaction(fresh_engine) as session:
        assert BY_ID.rows(session.connection(), {"wanted": written["id"]}) == []


def test_statements_sent_together_are_carried_out_in_order_and_counted_each(session):
    first, second = row("old"), row("old")

    counts = run_all(
        session.connection(),
        [(INSERT, [first, second]), (RENAME, {"old": "old", "new": "young"}), (RENAME, {"old": "old", "new": "late"})],
    )

    assert counts == [2, 2, 0]
    assert BY_ID.one_or_none(session.connection(), {"wanted": second["id"]}).name == "young"


def test_of_statements_sent_together_none_stays_when_one_is_refused(fresh_engine):
    written, other = row(), row("other")

    with pytest.raises(IntegrityError), transaction(fresh_engine) as session:
        run_all(session.connection(), [(INSERT, written), (INSERT, written), (INSERT, other)])

    with transaction(fresh_engine) as session:
        assert session.scalars(sa.select(Deployment.name)).all() == []


def test_a_savepoint_survives_statements_that_were_refused_together(session):
    written, other = row(), row("other")

    with pytest.raises(IntegrityError), session.begin_nested():
        run_all(session.connection(), [(INSERT, written), (INSERT, written)])
    INSERT.run(session.connection(), other)

    assert BY_ID.one_or_none(session.connection(), {"wanted": written["id"]}) is None
    assert BY_ID.one_or_none(session.connection(), {"wanted": other["id"]}).name == "other"


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("times", range(6))
def test_what_was_sent_behind_a_statement_that_failed_works_afterwards(fresh_engine, times, nested):
    """The database never saw it, whatever the driver noted of it."""
    renaming = Prepared(sa.update(TABLE).where(TABLE.c.name == sa.bindparam("old")).values(name=sa.bindparam("new")))
    known, call = row(), {"old": "x", "new": "y"}
    for _ in range(times):
        with transaction(fresh_engine) as session:
            renaming.run(session.connection(), call)

    work = [(INSERT, known), (INSERT, known), (renaming, call)]
    refused = contextlib.suppress(IntegrityError)
    with refused, transaction(fresh_engine) as session, session.begin_nested() if nested else contextlib.nullcontext():
        run_all(session.connection(), work)

    with transaction(fresh_engine) as session:
        assert run_all(session.connection(), [(renaming, call), (renaming, call)]) == [0, 0]


@pytest.mark.parametrize("together", [False, True])
def test_a_connection_that_was_lost_is_given_up_and_the_next_one_works(fresh_engine, together):
    if fresh_engine.dialect.name == "sqlite":
        pytest.skip("a file has no connection that could be lost")
    with transaction(fresh_engine) as session:
        session.connection()
        pid = session.scalar(sa.text("SELECT pg_backend_pid()"))
        with fresh_engine.connect() as other:
            other.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})

        with pytest.raises(OperationalError) as lost:
            if together:
                run_all(session.connection(), [(INSERT, row()), (INSERT, row("other"))])
            else:
                INSERT.run(session.connection(), row())
        session.rollback()

    assert lost.value.connection_invalidated
    with transaction(fresh_engine) as session:
        assert INSERT.run(session.connection(), row()) == 1
