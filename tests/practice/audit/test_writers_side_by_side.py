"""Many write at once, and the chain has no fork, no gap and no dead end."""

import threading

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import database
from engine.actor import Actor
from practice.audit import operations as audit
from practice.audit import verification
from practice.audit.models import AuditSeal
from practice.sequences.models import NumberSequence
from tests.conftest import NOON

WRITERS, TURNS = 8, 15


def test_writers_side_by_side_make_one_chain(fresh_engine):
    failures = []
    begin = threading.Barrier(WRITERS)

    def write(name):
        begin.wait()
        try:
            for turn in range(TURNS):
                with database.transaction(fresh_engine) as session:
                    for record in range(1 + turn % 3):
                        audit.append(session, "matter", f"{name}-{turn}-{record}", "opened", by=Actor(name), now=NOON)
                        session.flush()
        except Exception as failure:  # noqa: BLE001 - told below
            failures.append(failure)

    threads = [threading.Thread(target=write, args=(f"writer{number}",)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with Session(fresh_engine) as session:
        report = verification.verify(session)
    assert failures == []
    assert (report.findings, report.checked) == ([], WRITERS * sum(1 + turn % 3 for turn in range(TURNS)))


def test_a_writer_who_waits_for_another_ones_row_is_no_deadlock(fresh_engine):
    """The chain's lock is taken last: who holds it never waits for a row."""
    with database.transaction(fresh_engine) as session:
        session.add_all(NumberSequence(name=name, year=2026, last_value=1) for name in "ab")
    failures, begin = [], threading.Barrier(2)

    def write(first):
        begin.wait()
        try:
            for _ in range(20):
                with database.transaction(fresh_engine) as session:
                    audit.append(session, "matter", first, "opened", by=Actor("ana"), now=NOON)
                    session.flush()
                    session.execute(sa.update(NumberSequence).values(last_value=NumberSequence.last_value + 1))
        except Exception as failure:  # noqa: BLE001
            failures.append(failure)

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with Session(fresh_engine) as session:
        assert failures == []
        assert session.scalar(sa.select(sa.func.count()).select_from(AuditSeal)) == 40
        assert verification.verify(session).holds
