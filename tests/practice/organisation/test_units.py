"""The tree of branches and departments."""

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.actor import SYSTEM, Actor
from engine.errors import RightMissing
from practice.audit import queries as audit
from practice.organisation import operations, queries
from practice.organisation.errors import (
    FactInvalid,
    OrgTreeCyclic,
    OrgUnitClosed,
    OrgUnitCodeTaken,
    OrgUnitInUse,
    OrgUnitNotFound,
)
from practice.organisation.models import OrgUnit, OrgUnitReach
from practice.rights.errors import TwoPersonsNeeded
from tests.conftest import NOON
from tests.practice.firm import LEA

CHIEF = Actor("chief", rights=frozenset({"manage_organisation"}))
CLIENT = Actor("carl", frozenset({"clients"}))


@pytest.fixture
def found(session):
    """Return a function that founds a unit."""

    def make(code, under=None, *, kind="branch", **more):
        return operations.found_unit(session, code, code.title(), kind, parent=under, by=CHIEF, now=NOON, **more)

    return make


def reach(session):
    codes = dict(session.execute(sa.select(OrgUnit.id, OrgUnit.code)).all())
    return {(codes[row.ancestor_id], codes[row.unit_id]) for row in session.scalars(sa.select(OrgUnitReach))}


def test_units_lie_under_each_other_and_are_read_from_the_top(session, found):
    found("firm")
    found("taipei", "firm")
    found("athens", "firm")
    found("litigation", "taipei", kind="department")

    told = [(place.unit.code, place.depth, place.parent_code) for place in queries.units(session)]

    assert told == [("firm", 0, None), ("athens", 1, "firm"), ("taipei", 1, "firm"), ("litigation", 2, "taipei")]
    assert {pair for pair in reach(session) if pair[0] == "taipei"} == {("taipei", "taipei"), ("taipei", "litigation")}
    assert audit.of(session, "org_unit", "litigation")[0].after["parent"] == "taipei"


def test_a_unit_takes_what_lies_under_it_along(session, found):
    found("firm")
    found("taipei", "firm")
    found("litigation", "taipei")
    found("athens", "firm")

    operations.move_unit(session, "taipei", "athens", by=SYSTEM, now=NOON)

    assert {pair for pair in reach(session) if pair[0] == "athens"} == {
        ("athens", "athens"),
        ("athens", "taipei"),
        ("athens", "litigation"),
    }


@pytest.mark.parametrize("target", ["taipei", "litigation", "team"])
def test_a_circle_is_refused_and_nothing_is_half_done(session, found, target):
    found("taipei")
    found("litigation", "taipei")
    found("team", "litigation")
    before = reach(session)

    with pytest.raises(OrgTreeCyclic) as refusal:
        operations.move_unit(session, "taipei", target, by=SYSTEM, now=NOON)

    assert (refusal.value.field, refusal.value.under) == ("parent", target)
    assert reach(session) == before
    assert queries.get_unit(session, "taipei").parent_id is None


def test_nobody_moves_a_unit_alone(session, found):
    found("taipei")

    with pytest.raises(TwoPersonsNeeded):
        operations.move_unit(session, "taipei", None, by=CHIEF, now=NOON)


@given(moves=st.lists(st.tuples(st.integers(0, 5), st.integers(-1, 5)), max_size=25))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_moved_where_the_tree_stays_a_tree(session, moves):
    with session.begin_nested() as attempt:
        for number in range(6):
            operations.found_unit(session, f"u{number}", f"Unit {number}", "branch", by=CHIEF, now=NOON)
        above = dict.fromkeys(range(6))
        for unit, target in moves:
            try:
                operations.move_unit(session, f"u{unit}", f"u{target}" if target >= 0 else None, by=SYSTEM, now=NOON)
            except OrgTreeCyclic:
                assert target == unit or unit in ancestors(above, target)
            else:
                above[unit] = target if target >= 0 else None

        expected = {(f"u{up}", f"u{unit}") for unit in above for up in [unit, *ancestors(above, unit)]}
        assert reach(session) == expected
        assert len(queries.units(session)) == 6
        attempt.rollback()


def ancestors(above, unit):
    found = []
    while above[unit] is not None:
        unit = above[unit]
        found.append(unit)
    return found


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"code": "Taipei"}, "code"),
        ({"code": ""}, "code"),
        ({"code": "x" * 41}, "code"),
        ({"name": "  "}, "name"),
        ({"name": "y" * 201}, "name"),
        ({"kind": "planet"}, "kind"),
        ({"calendar": "no such; thing"}, "calendar"),
    ],
)
def test_what_is_no_unit_is_refused_by_name(session, values, field):
    given = {"code": "taipei", "name": "Taipei", "kind": "branch", **values}

    with pytest.raises(FactInvalid) as refusal:
        operations.found_unit(session, **given, by=CHIEF, now=NOON)

    assert refusal.value.field == field
    assert queries.units(session) == []


def test_a_code_is_there_once(session, found):
    found("taipei")

    with pytest.raises(OrgUnitCodeTaken):
        found("taipei")
    with pytest.raises(OrgUnitNotFound):
        found("kaohsiung", "nowhere")


def test_who_may_not_manage_units_founds_changes_and_closes_none(session, found):
    found("taipei")

    for attempt in (
        lambda: operations.found_unit(session, "athens", "Athens", "branch", by=LEA, now=NOON),
        lambda: operations.change_unit(session, "taipei", name="X", kind="branch", by=LEA, now=NOON),
        lambda: operations.close_unit(session, "taipei", by=LEA, now=NOON),
    ):
        with pytest.raises(RightMissing):
            attempt()


def test_a_unit_is_renamed_on_record(session, found):
    found("taipei")

    operations.change_unit(
        session, "taipei", name=" Taipei  City ", kind="department", calendar="TW", by=CHIEF, now=NOON
    )

    unit = queries.get_unit(session, "taipei")
    assert (unit.name, unit.kind, unit.calendar) == ("Taipei City", "department", "TW")
    change = audit.of(session, "org_unit", "taipei")[-1]
    assert change.before == {"name": "Taipei", "kind": "branch", "calendar": None}


def test_a_unit_is_closed_when_nobody_is_in_it(session, firm, found):
    found("taipei")
    found("litigation", "taipei")
    operations.place(session, "lea", "litigation", None, by=SYSTEM, now=NOON)

    with pytest.raises(OrgUnitInUse) as refusal:
        operations.close_unit(session, "taipei", by=CHIEF, now=NOON)
    assert refusal.value.because_of == ["litigation"]
    with pytest.raises(OrgUnitInUse) as refusal:
        operations.close_unit(session, "litigation", by=CHIEF, now=NOON)
    assert refusal.value.because_of == ["lea"]

    operations.place(session, "lea", None, None, by=SYSTEM, now=NOON)
    operations.close_unit(session, "litigation", by=CHIEF, now=NOON)
    operations.close_unit(session, "litigation", by=CHIEF, now=NOON)
    assert [place.unit.code for place in queries.units(session)] == ["taipei"]
    with pytest.raises(OrgUnitClosed):
        operations.place(session, "lea", "litigation", None, by=SYSTEM, now=NOON)


def test_people_from_outside_see_neither_units_nor_people(session, firm, found):
    found("taipei")

    assert queries.visible_units(session, actor=CLIENT) == []
    assert queries.colleagues(session, actor=CLIENT) == []
    assert [place.unit.code for place in queries.visible_units(session, actor=LEA)] == ["taipei"]
    assert len(queries.colleagues(session, actor=LEA)) == 8
