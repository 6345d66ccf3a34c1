"""Filters kept under a name: one's own, and those that are shared; what they show is decided by who looks."""

from datetime import timedelta

import pytest

from engine.actor import Actor
from practice.errors import VariableInvalid, VariableMissing
from tasks.filters import operations, queries
from tasks.filters.errors import TaskFilterNameTaken, TaskFilterNotFound, TooManyTaskFilters
from tests.conftest import NOON
from tests.practice.firm import LEA, LEO, PETRA, STRANGER

LATE = {"name": "Late approvals", "criteria": {"scope": "group", "kind": "approval", "due": "late"}}


@pytest.fixture
def saved(session, firm):
    """Save a filter of Lea's."""

    def save(**facts):
        return operations.save(session, {**LATE, **facts}, by=LEA, now=NOON)

    return save


def names(session, actor):
    return [row.name for row in queries.of(session, actor=actor)]


def test_a_filter_is_its_owners_alone_until_it_is_shared(session, saved):
    row = saved()

    assert names(session, LEA) == ["Late approvals"]
    assert names(session, LEO) == names(session, STRANGER) == []
    with pytest.raises(TaskFilterNotFound):
        queries.get(session, row.id, actor=LEO)


def test_it_is_shared_with_a_group_of_ones_own_or_with_everybody(session, saved):
    saved(shared_with="lawyers")
    row = saved(name="For all", shared_with="*")

    assert names(session, LEO) == ["For all", "Late approvals"]
    assert names(session, STRANGER) == names(session, PETRA) == ["For all"]
    assert queries.get(session, row.id, actor=STRANGER).criteria == LATE["criteria"]


def test_only_its_owner_changes_or_forgets_it(session, saved):
    row = saved(shared_with="*")

    for verb in (
        lambda: operations.change(session, row.id, {"name": "Mine now"}, by=LEO, now=NOON),
        lambda: operations.forget(session, row.id, by=LEO, now=NOON),
    ):
        with pytest.raises(TaskFilterNotFound):
            verb()
    changed = operations.change(
        session, row.id, {"name": "Later", "criteria": {"q": " x "}, "shared_with": None}, by=LEA,
        now=NOON + timedelta(days=1),
    )  # fmt: skip
    assert (changed.name, changed.criteria, changed.shared_with) == ("Later", {"q": "x"}, None)
    assert names(session, LEO) == []
    operations.forget(session, row.id, by=LEA, now=NOON)
    assert names(session, LEA) == []


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"criteria": "all"}, "criteria"),
        ({"criteria": {"colour": "red"}}, "criteria"),
        ({"criteria": {"kind": ["a"]}}, "criteria.kind"),
        ({"criteria": {"q": "x" * 300}}, "criteria.q"),
        ({"criteria": {"q": "\x00"}}, "criteria.q"),
        ({"shared_with": "partners"}, "shared_with"),
        ({"name": "x" * 200}, "name"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(saved, facts, field):
    with pytest.raises(VariableInvalid) as refused:
        saved(**facts)

    assert refused.value.field == field


def test_names_are_given_and_taken_once(session, saved, monkeypatch):
    first = saved(name="  نص 🎈 <b>  ")
    assert first.name == "نص 🎈 <b>"
    second = saved()
    with pytest.raises(VariableMissing):
        saved(name="  ")
    for clash in (
        lambda: saved(name=first.name),
        lambda: operations.change(session, second.id, {"name": first.name}, by=LEA, now=NOON),
    ):
        with pytest.raises(TaskFilterNameTaken):
            clash()
    operations.change(session, second.id, {"name": second.name}, by=LEA, now=NOON)
    operations.save(session, LATE, by=Actor("leo"), now=NOON)
    monkeypatch.setattr(operations, "MOST", 2)

    with pytest.raises(TooManyTaskFilters):
        saved(name="One more")
