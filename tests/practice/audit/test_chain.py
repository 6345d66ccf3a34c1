"""The trail is chained, and whatever somebody does to it shows."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from engine import database
from engine.actor import Actor
from practice.audit import chain, queries, triggers, verification
from practice.audit import operations as audit
from practice.audit.models import AuditEvent, AuditSeal
from tests.conftest import NOON

ANA = Actor("ana")


@pytest.fixture
def trail(fresh_engine):
    """Five events of three transactions, committed."""
    for numbers in ((1, 2), (3,), (4, 5)):
        with database.transaction(fresh_engine) as session:
            for number in numbers:
                audit.append(
                    session, "matter", number, "opened", by=ANA, now=NOON, after={"title": f"Überfall 歐 {number}"}
                )
    return fresh_engine


def verified(engine, **kwargs):
    with database.transaction(engine) as session:
        return verification.verify(session, **kwargs)


def kinds(report):
    return [(finding.kind, finding.position) for finding in report.findings]


def tamper(engine, *statements):
    """Do what only somebody does who first takes the protection away, and puts it back."""
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            kept = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
            for name, _ in kept:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.exec_driver_sql(statement)
            for _, text in kept:
                connection.exec_driver_sql(text)
            return
        for table in triggers.KEYS:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            connection.exec_driver_sql(statement)
        for table in triggers.KEYS:
            connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_a_trail_that_nobody_touched_holds(trail):
    report = verified(trail)

    assert report.holds
    assert (report.checked, report.late, report.head.position) == (5, 0, 5)
    assert [warning for warning in report.warnings if "trigger" in warning] == []


def test_every_event_is_sealed_with_the_transaction_that_writes_it(trail):
    with database.transaction(trail) as session:
        rows = session.execute(sa.select(AuditSeal.position, AuditSeal.event_id).order_by(AuditSeal.position)).all()
        events = session.scalars(sa.select(AuditEvent.id).order_by(AuditEvent.id)).all()

    assert [row.position for row in rows] == [1, 2, 3, 4, 5]
    assert [row.event_id for row in rows] == events


def test_the_same_events_have_the_same_hashes_on_both_databases(trail):
    hashes = []
    previous = chain.GENESIS
    for number in range(1, 6):
        of_event = chain.digest(
            at=NOON,
            by="ana",
            entity="matter",
            entity_id=str(number),
            kind="opened",
            before=None,
            after=f'{{"title":"Überfall 歐 {number}"}}',
            is_denial=False,
            matter_number=str(number),
        )
        previous = chain.link(previous, number, number, of_event, is_late=False)
        hashes.append(previous)

    with database.transaction(trail) as session:
        stored = session.scalars(sa.select(AuditSeal.hash).order_by(AuditSeal.position)).all()

    assert stored == hashes


COLUMNS = {
    "at": "at = '2020-01-01 00:00:00'",
    "by": "\"by\" = 'bo'",
    "entity": "entity = 'party'",
    "entity_id": "entity_id = '99'",
    "kind": "kind = 'closed'",
    "before": "before = '{}'",
    "after": 'after = \'{"title": "another"}\'',
    "is_denial": "is_denial = NOT is_denial",
    "matter_number": "matter_number = NULL",
}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_event_is_found(trail, column):
    tamper(trail, f"UPDATE audit_event SET {COLUMNS[column]} WHERE id = 3")

    assert kinds(verified(trail)) == [("changed", 3)]


def test_every_column_of_an_event_is_covered_by_its_hash():
    assert set(AuditEvent.__table__.columns.keys()) - {"id"} == set(COLUMNS)


def test_a_deleted_event_is_found(trail):
    tamper(trail, "DELETE FROM audit_event WHERE id = 2")

    assert kinds(verified(trail)) == [("event_missing", 2)]


def test_an_event_deleted_with_its_seal_is_found(trail):
    tamper(trail, "DELETE FROM audit_event WHERE id = 2", "DELETE FROM audit_seal WHERE event_id = 2")

    assert kinds(verified(trail)) == [("gap", 2), ("changed", 3)]


def test_a_gap_that_was_closed_by_renumbering_is_found(trail):
    tamper(
        trail,
        "DELETE FROM audit_event WHERE id = 2",
        "DELETE FROM audit_seal WHERE event_id = 2",
        "UPDATE audit_seal SET position = 2 WHERE position = 3",
        "UPDATE audit_seal SET position = 3 WHERE position = 4",
        "UPDATE audit_seal SET position = 4 WHERE position = 5",
    )

    assert not verified(trail).holds


def test_events_that_changed_places_are_found(trail):
    tamper(
        trail,
        "UPDATE audit_seal SET event_id = 99 WHERE position = 2",
        "UPDATE audit_seal SET event_id = 2 WHERE position = 4",
        "UPDATE audit_seal SET event_id = 4 WHERE position = 2",
    )

    assert kinds(verified(trail)) == [("changed", 2), ("changed", 4)]


def test_an_event_that_was_slipped_in_is_found(trail):
    tamper(
        trail,
        'INSERT INTO audit_event (id, at, "by", entity, entity_id, kind, is_denial) '
        "VALUES (77, '2026-09-01 12:00:00', 'ana', 'matter', '1', 'opened', false)",
    )

    found = verified(trail).findings
    assert [(finding.kind, finding.event_id) for finding in found] == [("not_chained", 77)]


def test_a_trail_cut_off_at_its_end_is_found_by_a_head_that_was_kept(trail):
    kept = verified(trail).head
    tamper(trail, "DELETE FROM audit_event WHERE id > 3", "DELETE FROM audit_seal WHERE position > 3")

    report = verified(trail, heads=[kept])

    assert kinds(report) == [("truncated", 5)]


def test_a_trail_rewritten_from_some_event_on_is_found_by_a_head_that_was_kept(trail):
    kept = verified(trail).head
    tamper(
        trail,
        "DELETE FROM audit_event WHERE id > 3",
        "DELETE FROM audit_seal WHERE position > 3",
    )
    with database.transaction(trail) as session:
        for number in (4, 5, 6):
            audit.append(session, "matter", number, "opened", by=ANA, now=NOON, after={"title": "another"})
    assert verified(trail).holds

    assert kinds(verified(trail, heads=[kept])) == [("head_differs", 5)]


def test_heads_of_all_ages_lie_on_a_trail_that_went_on(trail):
    kept = [verified(trail).head]
    with database.transaction(trail) as session:
        audit.append(session, "matter", 6, "opened", by=ANA, now=NOON)
    kept.append(verified(trail).head)

    assert verified(trail, heads=kept).holds


def test_a_trigger_that_is_gone_is_told(trail):
    with trail.begin() as connection:
        table = "" if connection.dialect.name == "sqlite" else " ON audit_event"
        connection.exec_driver_sql(f"DROP TRIGGER audit_event_is_never_changed{table}")

    assert "The trigger audit_event_is_never_changed is not there." in verified(trail).warnings


def test_what_was_rolled_back_leaves_no_seal(trail):
    with pytest.raises(RuntimeError), database.transaction(trail) as session:
        audit.append(session, "matter", 6, "opened", by=ANA, now=NOON)
        session.flush()
        raise RuntimeError

    assert verified(trail).checked == 5


def test_a_savepoint_that_was_rolled_back_leaves_no_seal_and_the_rest_is_sealed(trail):
    with database.transaction(trail) as session:
        audit.append(session, "matter", 6, "opened", by=ANA, now=NOON)
        with pytest.raises(RuntimeError), session.begin_nested():
            audit.append(session, "matter", 7, "opened", by=ANA, now=NOON, after={"title": "never"})
            session.flush()
            raise RuntimeError
        with session.begin_nested():
            audit.append(session, "matter", 8, "opened", by=ANA, now=NOON, after={"title": "kept"})

    report = verified(trail)
    assert (report.findings, report.checked) == ([], 7)


def test_a_session_that_was_closed_without_a_commit_starts_clean(trail):
    from sqlalchemy.orm import Session

    with Session(trail) as session:
        audit.append(session, "matter", 6, "opened", by=ANA, now=NOON)
        session.flush()
        session.close()
        audit.append(session, "matter", 7, "opened", by=ANA, now=NOON)
        session.commit()

    report = verified(trail)
    assert (report.findings, report.checked) == ([], 6)


def test_events_written_by_an_older_release_are_sealed_late(trail):
    with trail.begin() as connection:
        connection.exec_driver_sql(
            'INSERT INTO audit_event (at, "by", entity, entity_id, kind) '
            "VALUES ('2026-09-01 12:00:00.123456', 'ana', 'matter', '1', 'opened')"
            if connection.dialect.name == "sqlite"
            else 'INSERT INTO audit_event (at, "by", entity, entity_id, kind) '
            "VALUES ('2026-09-01 12:00:00.123456+00', 'ana', 'matter', '1', 'opened')"
        )

    with database.transaction(trail) as session:
        sealed = chain.seal_what_is_left(session)
    with database.transaction(trail) as session:
        again = chain.seal_what_is_left(session)

    report = verified(trail)
    assert (sealed, again, report.findings, report.late) == (1, 0, [], 1)


def test_microseconds_and_zones_survive_the_database(fresh_engine):
    at = datetime(2026, 9, 1, 12, 0, 0, 7, tzinfo=UTC).astimezone(tz=None) + timedelta(hours=1)
    with database.transaction(fresh_engine) as session:
        audit.append(session, "matter", 1, "opened", by=ANA, now=at)

    assert verified(fresh_engine).findings == []


def test_a_value_that_is_changed_after_it_was_written_down_does_not_break_the_chain(fresh_engine):
    titles = ["one"]
    with database.transaction(fresh_engine) as session:
        audit.append(session, "matter", 1, "opened", by=ANA, now=NOON, after={"titles": titles})
        session.flush()
        titles.append("two")

    assert verified(fresh_engine).findings == []


ATTEMPTS = {
    f"{verb} of {table}": statement.format(table=table, key=key, column=column)
    for table, key, column in (("audit_event", "id", "kind"), ("audit_seal", "position", "hash"))
    for verb, statement in {
        "a change": "UPDATE {table} SET {column} = {column}",
        "a deletion": "DELETE FROM {table} WHERE {key} = 1",
    }.items()
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_the_database_itself_refuses(trail, attempt):
    with pytest.raises(DBAPIError, match="never changed and never deleted"), trail.begin() as connection:
        connection.exec_driver_sql(ATTEMPTS[attempt])


@pytest.mark.parametrize("table", triggers.KEYS)
def test_emptying_or_replacing_is_refused_as_well(trail, table):
    key = triggers.KEYS[table]
    with trail.connect() as connection:
        statement = (
            f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE {key} = 1"
            if connection.dialect.name == "sqlite"
            else f"TRUNCATE {table}"
        )
        with pytest.raises(DBAPIError, match="never changed and never deleted"):
            connection.exec_driver_sql(statement)


def test_two_who_would_take_one_place_are_refused(trail):
    with pytest.raises((IntegrityError, DBAPIError)), trail.begin() as connection:
        connection.execute(sa.insert(AuditSeal).values(position=5, event_id=99, hash="0" * 64, is_late=False))


def test_the_trail_survives_what_it_speaks_of(fresh_engine):
    from practice.people import operations as people
    from practice.people.models import User

    with database.transaction(fresh_engine) as session:
        people.seed_groups(session)
        admin = Actor("root", rights=frozenset({"manage_users"}))
        people.create_user(session, "eva", "Eva", password=None, groups=[], by=admin, now=NOON)

    with database.transaction(fresh_engine) as session:
        session.delete(session.scalars(sa.select(User).where(User.username == "eva")).one())

    with database.transaction(fresh_engine) as session:
        assert [event.kind for event in queries.of(session, "user", "eva")] == ["user_created"]
        assert verification.verify(session).holds
