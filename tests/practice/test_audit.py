"""The trail of changes."""

import pytest

from engine.actor import Actor
from practice.audit import operations as audit
from practice.audit import queries
from tests.conftest import NOON

ANA = Actor("ana")


def test_only_what_changed_is_kept_before_and_after(session):
    audit.append(
        session,
        "matter",
        "2026-CV-0001",
        "matter_facts_changed",
        by=ANA,
        now=NOON,
        before={"court": None, "title": "Same"},
        after={"court": "Köln", "title": "Same"},
    )

    kept = queries.of(session, "matter", "2026-CV-0001")[0]
    assert (kept.before, kept.after, kept.by, kept.at) == ({"court": None}, {"court": "Köln"}, "ana", NOON)


def test_a_trail_is_read_in_the_order_in_which_it_was_written(session):
    for kind in ("opened", "changed", "archived"):
        audit.append(session, "matter", 1, kind, by=ANA, now=NOON)
    audit.append(session, "matter", 2, "opened", by=ANA, now=NOON)

    assert [event.kind for event in queries.of(session, "matter", 1)] == ["opened", "changed", "archived"]


def test_a_trail_can_neither_be_changed_nor_deleted(session):
    event = audit.append(session, "matter", 1, "opened", by=ANA, now=NOON)
    session.flush()

    with pytest.raises(TypeError), session.begin_nested():
        event.kind = "closed"
        session.flush()
    session.expire(event)
    with pytest.raises(TypeError), session.begin_nested():
        session.delete(event)
        session.flush()
