"""A wall from its request to its lifting, and what it refuses."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from engine.actor import SYSTEM, Actor
from engine.models import UserTask
from practice.audit import queries as audit
from practice.errors import NotAnActivePerson, VariableInvalid, VariableMissing
from practice.matters import queries as matters
from practice.people import operations as people
from practice.walls import operations, queries
from practice.walls.errors import (
    AcknowledgesForAnother,
    KeptOutDecides,
    MatterUnknown,
    PersonKeptOut,
    PersonOnBothSides,
    ResponsibleKeptOut,
    SecondPersonNeeded,
    WallNotFound,
    WallNotInState,
)
from practice.walls.models import Wall
from tests.conftest import NOON
from tests.factories import later, open_tasks
from tests.practice.firm import AUDITOR, LEA, LEO, OTTO, PETRA, STRANGER

OVERSEER = Actor("otto", frozenset({"conflicts_officers"}), frozenset({"oversee_access", "see_all_matters"}))


def facts(number, **more):
    return {
        "wall_name": "North",
        "wall_kind": "excluding",
        "wall_basis": "former_employer",
        "wall_reason": "Worked for the other side until last year.",
        "wall_around": number,
        "people_out": ["leo"],
        **more,
    }


@pytest.fixture
def requested(session, matter):
    opened = matter()
    return operations.request(session, facts(opened.number), by=LEA, now=NOON)


@pytest.fixture
def up(session, requested):
    return operations.put_up(session, requested.number, by=OTTO, now=later(hours=1))


def sees(session, actor):
    return set(session.scalars(sa.select(matters.Matter.number).where(matters.visible_to(actor))))


def test_a_request_keeps_nobody_out_until_it_is_approved(session, matter):
    opened = matter(team=["leo"])
    wall = operations.request(session, facts(opened.number), by=LEA, now=NOON)
    assert sees(session, LEO) == {opened.number}

    operations.put_up(session, wall.number, by=OTTO, now=later(hours=1))

    assert sees(session, LEO) == set()
    assert sees(session, LEA) == {opened.number}
    assert (wall.number, wall.approved_by, wall.up_at) == ("W-2026-0001", "otto", later(hours=1))
    assert wall.review_on.isoformat() == "2026-11-30"
    kinds = [event.kind for event in audit.of(session, "wall", wall.number)]
    assert kinds == ["wall_requested", "wall_put_up"]


@pytest.mark.parametrize(
    ("wrong", "error", "field"),
    [
        ({"wall_name": ""}, VariableMissing, "wall_name"),
        ({"wall_kind": "wooden"}, VariableInvalid, "wall_kind"),
        ({"wall_basis": "mood"}, VariableInvalid, "wall_basis"),
        ({"wall_reason": " "}, VariableMissing, "wall_reason"),
        ({"wall_around": " \n "}, VariableMissing, "wall_around"),
        ({"wall_around": 7}, VariableInvalid, "wall_around"),
        ({"wall_around": ["x" * 41]}, VariableInvalid, "wall_around"),
        ({"wall_around": ["2026-CV-0001\x00"]}, VariableInvalid, "wall_around"),
        ({"wall_around": [f"2026-CV-{n}" for n in range(201)]}, VariableInvalid, "wall_around"),
        ({"wall_around": "2026-CV-0099"}, MatterUnknown, "wall_around"),
        ({"people_out": []}, VariableMissing, "people_out"),
        ({"people_out": ["ghost"]}, NotAnActivePerson, "people_out"),
        ({"people_out": ["leo"], "people_in": ["leo"]}, PersonOnBothSides, "people_out"),
        ({"people_out": ["lea"]}, ResponsibleKeptOut, "people_out"),
        ({"wall_kind": "enclosing", "people_out": [], "people_in": []}, VariableMissing, "people_in"),
        ({"wall_kind": "enclosing", "people_out": [], "people_in": ["leo"]}, ResponsibleKeptOut, "people_in"),
    ],
)
def test_a_request_that_cannot_be_names_the_field_and_stores_nothing(session, matter, wrong, error, field):
    opened = matter()

    with pytest.raises(error) as refusal, session.begin_nested():
        operations.request(session, facts(opened.number, **wrong), by=LEA, now=NOON)

    assert refusal.value.field == field
    assert session.scalar(sa.select(sa.func.count()).select_from(Wall)) == 0


def test_a_wall_cannot_be_asked_for_around_what_one_does_not_see(session, matter):
    opened = matter()

    with pytest.raises(MatterUnknown):
        operations.request(session, facts(opened.number), by=STRANGER, now=NOON)


def test_a_wall_around_the_whole_client_stands_around_tomorrows_matters_too(session, matter):
    opened = matter()
    wall = operations.request(session, facts(opened.number, wall_whole_client=True), by=LEA, now=NOON)
    operations.put_up(session, wall.number, by=OTTO, now=NOON)

    with pytest.raises(PersonKeptOut) as refusal, session.begin_nested():
        matter("Ana Ruiz", "Dora", responsible="leo")
    later_matter = matter("Ana Ruiz", "Egon", team=[])

    assert refusal.value.field == "responsible"
    assert later_matter.number not in sees(session, Actor("leo", rights=frozenset({"see_all_matters"})))


def test_an_enquiry_can_be_walled_off_before_there_is_a_matter(session, enquiry):
    reader = Actor("rita", frozenset({"reception"}))
    wall = operations.request(session, facts(enquiry.number), by=reader, now=NOON)
    operations.put_up(session, wall.number, by=OTTO, now=NOON)

    assert queries.kept_out(session, enquiry.number) == {"leo"}
    assert queries.behind(session, wall, actor=reader) == [(enquiry.number, "enquiry")]


def test_work_that_those_outside_hold_goes_back(session, matter):
    opened = matter(team=["leo"])
    (task,) = open_tasks(session, opened.process_instance_id).values()
    session.execute(sa.update(UserTask).where(UserTask.id == task.id).values(assignee="leo"))
    session.expire_all()
    wall = operations.request(session, facts(opened.number), by=LEA, now=NOON)

    operations.put_up(session, wall.number, by=OTTO, now=NOON)

    (task,) = open_tasks(session, opened.process_instance_id).values()
    assert task.assignee in (None, "lea")


def test_putting_up_twice_changes_nothing_and_a_refused_wall_stays_refused(session, matter, up):
    assert operations.put_up(session, up.number, by=PETRA, now=later(hours=9)).up_at == later(hours=1)

    other = operations.request(session, facts(matter("Cleo", "Dora").number), by=LEA, now=NOON)
    refused = operations.refuse(session, other.number, "No need", by=OTTO, now=NOON)
    assert operations.refuse(session, other.number, "Again", by=OTTO, now=NOON).outcome == "No need"
    with pytest.raises(WallNotInState):
        operations.put_up(session, refused.number, by=OTTO, now=NOON)
    with pytest.raises(WallNotFound):
        operations.put_up(session, "W-1", by=OTTO, now=NOON)


def test_whom_a_wall_keeps_out_neither_approves_nor_lifts_it(session, requested):
    with pytest.raises(KeptOutDecides):
        operations.put_up(session, requested.number, by=LEO, now=NOON)
    operations.put_up(session, requested.number, by=OTTO, now=NOON)
    with pytest.raises(KeptOutDecides):
        operations.propose_lift(session, requested.number, "I would like to see it", by=LEO, now=NOON)
    operations.propose_lift(session, requested.number, "Not needed", by=OTTO, now=NOON)
    with pytest.raises(KeptOutDecides):
        operations.lift(session, requested.number, by=LEO, now=NOON)


def test_everybody_acknowledges_in_person(session, up):
    assert operations.unacknowledged(up) == ["leo"]
    for username, by in (("leo", OTTO), ("lea", LEA)):
        with pytest.raises(AcknowledgesForAnother):
            operations.acknowledge(session, up.number, username, by=by, now=NOON)

    operations.acknowledge(session, up.number, "leo", by=LEO, now=later(days=1))
    operations.acknowledge(session, up.number, "leo", by=LEO, now=later(days=2))

    assert operations.unacknowledged(up) == []
    assert next(one.acknowledged_at for one in up.members) == later(days=1)


def test_a_wall_is_lifted_by_two_people_and_then_keeps_nobody_out(session, up):
    with pytest.raises(SecondPersonNeeded):
        operations.lift(session, up.number, by=OTTO, now=NOON)
    operations.propose_lift(session, up.number, "The case is over.", by=OTTO, now=NOON)
    with pytest.raises(SecondPersonNeeded):
        operations.lift(session, up.number, by=OTTO, now=NOON)

    operations.lift(session, up.number, by=PETRA, now=later(days=3))

    assert (up.state, up.lift_proposed_by, up.lifted_by) == ("lifted", "otto", "petra")
    assert operations.lift(session, up.number, by=OTTO, now=later(days=4)).lifted_by == "petra"
    assert queries.kept_out(session, "2026-CV-0001") == frozenset()


def test_the_table_itself_refuses_that_one_person_lifts_a_wall(session, up):
    lifted = {"state": "lifted", "lifted_at": NOON, "lift_proposed_by": "otto", "lifted_by": "otto"}

    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(sa.update(Wall).where(Wall.id == up.id).values(**lifted))


def test_a_review_that_keeps_the_wall_takes_the_proposal_back(session, up):
    operations.propose_lift(session, up.number, "The case is over.", by=OTTO, now=NOON)

    operations.keep(session, up.number, by=PETRA, now=later(days=90))

    assert (up.lift_proposed_by, up.review_on.isoformat()) == (None, "2027-02-28")
    with pytest.raises(SecondPersonNeeded):
        operations.lift(session, up.number, by=PETRA, now=later(days=91))


def test_a_wall_is_extended_to_people_and_matters_and_never_shrinks(session, matter, up):
    other = matter("Cleo", "Dora")

    operations.extend(
        session, up.number, {"more_people_out": ["cora", "leo"], "more_around": other.number}, by=LEA, now=NOON
    )

    assert operations.unacknowledged(up) == ["cora", "leo"]
    assert queries.kept_out(session, other.number) == {"cora", "leo"}
    for wrong, error in (({}, VariableMissing), ({"more_people_out": ["lea"]}, ResponsibleKeptOut)):
        with pytest.raises(error), session.begin_nested():
            operations.extend(session, up.number, wrong, by=LEA, now=NOON)


def test_nobody_who_is_let_in_can_be_kept_out_too(session, matter):
    number = matter().number
    inside = facts(number, wall_kind="enclosing", people_out=[], people_in=["lea", "petra"])
    wall = operations.request(session, inside, by=LEA, now=NOON)
    operations.put_up(session, wall.number, by=OTTO, now=NOON)

    with pytest.raises(PersonOnBothSides):
        operations.extend(session, wall.number, {"more_people_out": ["petra"]}, by=OTTO, now=NOON)
    assert sees(session, AUDITOR) == set()
    assert sees(session, LEA) == {number}


def test_who_reads_a_wall(session, matter, up):
    def read(actor, **more):
        return [wall.number for wall in queries.search(session, actor=actor, **more).items]

    assert read(OVERSEER) == read(LEA) == [up.number]
    assert read(OVERSEER, state="up", person="leo", around="2026-CV-0001") == [up.number]
    assert read(OVERSEER, state="lifted") == read(OVERSEER, around="2026-CV-0002") == read(OVERSEER, person="lea") == []
    for outsider in (LEO, STRANGER, Actor("leo", rights=frozenset({"oversee_access"}))):
        assert read(outsider) == []
        with pytest.raises(WallNotFound):
            queries.get_by_number(session, up.number, actor=outsider)
    assert queries.get_by_number(session, up.number, actor=OVERSEER).name == "North"
    assert queries.behind(session, up, actor=STRANGER) == []
    assert queries.behind(session, up, actor=OVERSEER) == [("2026-CV-0001", "matter")]


def test_the_list_of_walls_pages_by_cursor(session, matter):
    number = matter().number
    for name in ("A", "B", "C"):
        operations.request(session, facts(number, wall_name=name), by=LEA, now=NOON)

    first = queries.search(session, actor=OVERSEER, limit=2)
    second = queries.search(session, actor=OVERSEER, limit=2, cursor=first.next_cursor)

    assert [wall.name for wall in [*first.items, *second.items]] == ["C", "B", "A"]


def test_people_who_left_cannot_be_named(session, matter):
    number = matter().number
    people.deactivate_user(session, "leo", by=SYSTEM, now=NOON)

    with pytest.raises(NotAnActivePerson):
        operations.request(session, facts(number), by=LEA, now=NOON)
