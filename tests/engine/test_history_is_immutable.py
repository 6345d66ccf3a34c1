"""Nobody changes what happened: the database itself refuses, whoever asks."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from engine import database, history, user_tasks
from engine.models import HistoryEvent
from tests import postgres
from tests.factories import ANA, begin, deploy, end, later, open_tasks, path, start, user_task
from webui import upgrades

ATTEMPTS = {
    "a change": "UPDATE history_event SET actor = 'nobody'",
    "a change of one": "UPDATE history_event SET data = NULL WHERE id = (SELECT min(id) FROM history_event)",
    "a deletion": "DELETE FROM history_event",
    "a deletion of one": "DELETE FROM history_event WHERE id = (SELECT min(id) FROM history_event)",
}


@pytest.fixture
def told(session):
    """An instance that has gone a step."""
    deploy(session, start() + user_task("one") + user_task("two") + end() + path("started", "one", "two", "ended"))
    instance = begin(session, variables={"fee": 1})
    user_tasks.complete(session, open_tasks(session)["one"].id, {"fee": 2}, by=ANA, now=later(hours=1))
    return instance


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_history_refuses(session, told, attempt):
    before = [(event.id, event.kind, event.actor, event.data) for event in history.for_instance(session, told.id)]

    with pytest.raises(DBAPIError, match="never changed and never deleted"), session.begin_nested():
        session.execute(sa.text(ATTEMPTS[attempt]))

    session.expire_all()
    after = [(event.id, event.kind, event.actor, event.data) for event in history.for_instance(session, told.id)]
    assert len(before) > 3
    assert after == before


def test_history_is_not_replaced_either(session, told):
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("only SQLite replaces")
    columns = ", ".join(column.name for column in HistoryEvent.__table__.columns)

    with pytest.raises(DBAPIError, match="never changed and never deleted"), session.begin_nested():
        session.execute(
            sa.text(f"INSERT OR REPLACE INTO history_event ({columns}) SELECT {columns} FROM history_event LIMIT 1")
        )

    assert history.for_instance(session, told.id)


def test_history_cannot_be_emptied_at_one_stroke(session, told):
    if session.get_bind().dialect.name == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")

    with pytest.raises(DBAPIError, match="never changed and never deleted"), session.begin_nested():
        session.execute(sa.text("TRUNCATE history_event"))

    assert history.for_instance(session, told.id)


def test_a_migrated_database_refuses_as_one_made_from_the_models(database_url, tmp_path):
    is_sqlite = database_url.startswith("sqlite")
    url = f"sqlite:///{tmp_path / 'migrated.db'}" if is_sqlite else postgres.new_database()
    engine = database.create_engine(url)
    upgrades.upgrade(engine)
    with database.transaction(engine) as session:
        deploy(session, start() + user_task("one") + end() + path("started", "one", "ended"))
        begin(session)

    for statement in ATTEMPTS.values():
        with pytest.raises(DBAPIError, match="never changed and never deleted"), engine.begin() as connection:
            connection.execute(sa.text(statement))

    engine.dispose()
    if not is_sqlite:
        postgres.drop_database(url)
