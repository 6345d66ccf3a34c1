"""SQLite is told to look at how its data is distributed, when there is enough of it; PostgreSQL looks by itself."""

import sqlalchemy as sa

from engine.database import transaction
from engine.table_statistics import GROWTH, TableStatistics
from tests.factories import begin, deploy, end, path, start, user_task


def pages(session):
    return session.scalar(sa.text("PRAGMA page_count"))


def test_a_database_is_looked_at_once_and_again_when_it_has_grown(fresh_engine):
    is_sqlite = fresh_engine.dialect.name == "sqlite"
    statistics = TableStatistics(smallest=1)
    with transaction(fresh_engine) as session:
        deploy(session, start() + user_task("look") + end() + path("started", "look", "ended"))
        begin(session)

        assert statistics.keep(session) is is_sqlite
        assert statistics.keep(session) is False

    if is_sqlite:
        with transaction(fresh_engine) as session:
            assert session.scalar(sa.text("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'user_task'")) > 0
            before = pages(session)
            session.execute(sa.text("CREATE TABLE filling (text VARCHAR)"))
            while pages(session) < GROWTH * before:
                session.execute(sa.text("INSERT INTO filling VALUES (:text)"), [{"text": "x" * 4000}] * 50)
            assert statistics.keep(session) is True


def test_a_small_database_says_nothing_about_a_large_one(fresh_engine):
    with transaction(fresh_engine) as session:
        assert TableStatistics().keep(session) is False
