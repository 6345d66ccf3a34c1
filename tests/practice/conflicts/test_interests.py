"""Ties of the firm's own people: declared, found, ended, and read by nobody whom they do not concern."""

import pytest

from engine.actor import Actor
from engine.errors import RightMissing
from practice.conflicts import interests
from practice.conflicts import operations as conflicts
from practice.conflicts.errors import InterestNotFound
from practice.conflicts.hits import Asked
from practice.errors import VariableInvalid, VariableMissing
from tests.conftest import NOON
from tests.practice.firm import LEA, LEO

OTTO = Actor("otto", frozenset({"conflicts_officers"}), frozenset({"decide_conflicts"}))


def outcome(session, name):
    return conflicts.run(session, [Asked(name, "opponent")], trigger="request", by=OTTO, now=NOON)[0].outcome


def test_a_declared_tie_is_found_until_it_has_ended(session, firm):
    row = interests.declare(session, " Beton  AG ", "shareholding", by=LEA, now=NOON)

    during = outcome(session, "Бетон AG")
    interests.end(session, row.id, by=LEA, now=NOON)

    assert (row.name, during, outcome(session, "Бетон AG")) == ("Beton AG", "relative", "clear")


def test_the_same_tie_is_declared_once(session, firm):
    rows = [interests.declare(session, "Beton AG", "own", by=LEA, now=NOON) for _ in range(2)]

    assert rows[0] is rows[1]


def test_ties_are_read_by_whose_they_are_and_by_who_decides(session, firm):
    row = interests.declare(session, "Beton AG", "own", by=LEA, now=NOON)

    assert [interests.list_of(session, actor=actor) for actor in (LEA, LEO, OTTO)] == [[row], [], [row]]
    with pytest.raises(InterestNotFound):
        interests.end(session, row.id, by=LEO, now=NOON)


def test_for_somebody_else_only_who_decides_declares(session, firm):
    with pytest.raises(RightMissing):
        interests.declare(session, "Beton AG", "own", username="leo", by=LEA, now=NOON)

    assert interests.declare(session, "Beton AG", "own", username="leo", by=OTTO, now=NOON).username == "leo"


@pytest.mark.parametrize(
    ("name", "kind", "refusal"),
    [
        ("  ", "own", VariableMissing),
        ("…", "own", VariableInvalid),
        ("x" * 301, "own", VariableInvalid),
        ("A", "?", VariableInvalid),
    ],
)
def test_a_tie_without_a_name_or_of_no_known_kind_is_refused(session, firm, name, kind, refusal):
    with pytest.raises(refusal):
        interests.declare(session, name, kind, by=LEA, now=NOON)
