"""Which branch or department works on a matter, and who reads it for that."""

from dataclasses import replace

import pytest

from engine.actor import SYSTEM, Actor
from practice.audit import queries as audit
from practice.errors import VariableInvalid
from practice.matters import classification, queries, units
from practice.matters.errors import NotOnTheTeam
from practice.organisation import operations as organisation
from tests.conftest import NOON
from tests.practice.firm import LEA, LEO

HEAD = Actor("rita", frozenset({"unit_heads"}), frozenset({"see_unit_matters"}))


@pytest.fixture
def tree(session, firm):
    for code, parent in (("north", None), ("south", None), ("harbour", "south")):
        organisation.found_unit(session, code, code.title(), "branch", parent=parent, by=SYSTEM, now=NOON)
    organisation.place(session, "lea", "north", "Lawyer", by=SYSTEM, now=NOON)
    organisation.place(session, "rita", "south", "Head", by=SYSTEM, now=NOON)


def is_seen(session, matter):
    return matter.number in [row.number for row in queries.search(session, actor=HEAD).items]


def test_a_matter_belongs_to_the_unit_of_its_lawyer_unless_another_is_named(session, tree, matter):
    usual, named = matter("Ana Ruiz"), matter("Ben Ruiz", org_unit="harbour")

    assert units.code_of(session, usual.org_unit_id) == "north"
    assert units.code_of(session, named.org_unit_id) == "harbour"
    assert (is_seen(session, usual), is_seen(session, named)) == (False, True)


@pytest.mark.parametrize("code", ["nowhere", "closed"])
def test_a_unit_that_is_not_there_or_closed_takes_no_matter(session, tree, matter, code):
    organisation.found_unit(session, "closed", "Closed", "branch", by=SYSTEM, now=NOON)
    organisation.close_unit(session, "closed", by=SYSTEM, now=NOON)

    with pytest.raises(VariableInvalid) as refusal:
        matter(org_unit=code)

    assert refusal.value.field == "org_unit"


def test_a_matter_moves_to_another_unit_by_its_lawyer_and_is_read_there(session, tree, matter):
    moved = matter(team=["leo"])
    with pytest.raises(NotOnTheTeam):
        classification.classify(session, moved.number, {"org_unit": "south"}, by=LEO, now=NOON)
    assert not is_seen(session, moved)

    classification.classify(session, moved.number, {"org_unit": "south"}, by=LEA, now=NOON)

    assert is_seen(session, moved)
    (change,) = [one for one in audit.of(session, "matter", moved.number) if one.kind == "matter_classified"]
    assert (change.before["org_unit"], change.after["org_unit"]) == ("north", "south")
    classification.classify(session, moved.number, {"org_unit": ""}, by=replace(LEA), now=NOON)
    assert moved.org_unit_id is None


def test_the_intake_offers_the_open_units_as_a_tree(session, tree):
    assert units.offered(session) == [
        {"label": "North", "value": "north"},
        {"label": "South", "value": "south"},
        {"label": "– Harbour", "value": "harbour"},
    ]
