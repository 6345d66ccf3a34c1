"""A firm that was there before the chain: what its trail held is chained by the upgrade."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import database
from practice.audit import chain, verification
from tests import postgres
from webui import upgrades

BEFORE = "0950"
ROWS = 4_321
AFTER = '{"title":"歐陽鋒 \\u0000 ./. Beton AG"}'


@pytest.fixture
def older(database_url, tmp_path):
    """A database of the schema before the chain, with some thousand events."""
    url = f"sqlite:///{tmp_path / 'older.db'}" if database_url.startswith("sqlite") else postgres.new_database()
    engine = database.create_engine(url)
    upgrades.upgrade(engine, BEFORE)
    rows = [
        {"number": f"2026-CV-{number:04}", "entity": "matter" if number % 3 else "user", "title": AFTER}
        for number in range(ROWS)
    ]
    insert = (
        'INSERT INTO audit_event (at, "by", entity, entity_id, kind, after) '
        "VALUES ('2026-09-01 12:00:00.000007', 'ana', :entity, :number, 'matter_opened', :title)"
    )
    with engine.begin() as connection:
        connection.execute(sa.text(insert), rows)
    yield engine
    engine.dispose()
    if not url.startswith("sqlite"):
        postgres.drop_database(url)


def test_the_upgrade_chains_what_is_there(older):
    upgrades.upgrade(older)

    with Session(older) as session:
        report = verification.verify(session)
    assert (report.findings, report.checked, report.late) == ([], ROWS, ROWS)
    assert [warning for warning in report.warnings if "trigger" in warning] == []


def test_what_comes_after_the_upgrade_goes_on_where_it_ended(older):
    from engine.actor import SYSTEM
    from practice.audit import operations as audit
    from tests.conftest import NOON

    upgrades.upgrade(older)
    with database.transaction(older) as session:
        audit.append(session, "matter", "2026-CV-9999", "matter_opened", by=SYSTEM, now=NOON)

    with Session(older) as session:
        report = verification.verify(session)
        assert chain.head(session).position == ROWS + 1
    assert (report.findings, report.late) == ([], ROWS)
