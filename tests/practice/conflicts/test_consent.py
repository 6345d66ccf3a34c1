"""A relative conflict that was approved: the matter opens with a wall that is up, and keeps it while it is open."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.actor import Actor
from practice.audit import queries as audit
from practice.conflicts import consent, queries
from practice.conflicts import operations as conflicts
from practice.conflicts.errors import ConsentMissing, ConsentWallMissing, ConsentWallNotUp, WallHoldsConflict
from practice.conflicts.hits import Asked
from practice.errors import VariableInvalid
from practice.matters import direct
from practice.matters import operations as matters
from practice.matters import queries as matter_queries
from practice.walls import operations as walls
from practice.walls.errors import PersonKeptOut, WallNotInState
from tests.conftest import NOON
from tests.practice.firm import LEA, LEO, OTTO, PETRA, RITA

CONSENT = {"consent_from": "Acme Ltd", "consent_on": NOON.date()}
FACTS = {
    "client_name": "Cleo",
    "opponent_name": "Dora",
    "other_parties": "Acme Ltd",
    "case_type": "civil",
    "responsible": "leo",
}
OPENER = Actor("petra", frozenset({"partners"}), frozenset({"open_matters", "see_all_matters"}))
SEES_ALL = Actor("otto", frozenset({"conflicts_officers"}), frozenset({"oversee_access", "see_all_matters"}))


def asked_for(session, number, *, out="lea", basis="conflict", by=RITA):
    facts = {
        "wall_name": "East",
        "wall_kind": "excluding",
        "wall_basis": basis,
        "wall_reason": "Acts for Acme in another matter.",
        "wall_around": number,
        "people_out": [out],
    }
    return walls.request(session, facts, by=by, now=NOON)


@pytest.fixture
def relative(session, matter, register):
    """An enquiry that names a client of another matter, its check, and a wall that was asked for around it."""
    matter("Acme Ltd", "Beton AG")
    enquiry = register("Cleo", "Dora", other_parties="Acme Ltd")
    made, _ = conflicts.check(session, enquiry, by=OTTO, now=NOON)
    return enquiry, made, asked_for(session, enquiry.number)


def decide(session, check, *, by=OTTO, now=NOON, **said):
    return conflicts.decide(session, check.id, "relative", note="They agree.", **CONSENT, **said, by=by, now=now)


def open_it(session, enquiry):
    with session.begin_nested():
        return matters.open_matter(session, enquiry, FACTS, by=PETRA, now=NOON)


def lifted(session, number, *, by=OTTO):
    walls.propose_lift(session, number, "Over.", by=PETRA, now=NOON)
    return walls.lift(session, number, by=by, now=NOON)


def test_the_matter_opens_once_the_named_wall_is_up_and_the_wall_goes_over_to_it(session, relative):
    enquiry, made, wall = relative
    decided = decide(session, made, wall_number=wall.number.lower())

    with pytest.raises(ConsentWallNotUp) as refusal:
        open_it(session, enquiry)
    walls.put_up(session, wall.number, by=OTTO, now=NOON)
    opened = open_it(session, enquiry)

    assert (decided.wall, decided.wall_number) == (wall.number, wall.number)
    assert (refusal.value.wall, refusal.value.state) == (wall.number, "requested")
    assert session.scalar(sa.select(sa.func.count()).where(matter_queries.visible_to(LEA))) == 1  # the other one
    assert opened.number in set(session.scalars(sa.select(matters.Matter.number).where(matter_queries.visible_to(LEO))))


@pytest.mark.parametrize("state", ["refused", "lifted"])
def test_a_wall_that_was_refused_or_lifted_meanwhile_opens_nothing(session, relative, state):
    enquiry, made, wall = relative
    decide(session, made, wall_number=wall.number)
    if state == "refused":
        walls.refuse(session, wall.number, "Not needed.", by=OTTO, now=NOON)
    else:
        walls.put_up(session, wall.number, by=OTTO, now=NOON)
        lifted(session, wall.number)

    with pytest.raises(ConsentWallNotUp) as refusal:
        open_it(session, enquiry)
    with pytest.raises(WallNotInState):
        decide(session, made, wall_number=wall.number)

    assert refusal.value.state == state


def test_what_is_decided_in_words_needs_a_wall_all_the_same(session, relative):
    enquiry, made, wall = relative
    decide(session, made, wall="Lea is kept out.")
    other = asked_for(session, enquiry.number, basis="personal_interest")
    walls.put_up(session, other.number, by=OTTO, now=NOON)

    with pytest.raises(ConsentWallMissing) as refusal:
        open_it(session, enquiry)
    walls.put_up(session, wall.number, by=OTTO, now=NOON)

    assert refusal.value.wall == "Lea is kept out."
    assert open_it(session, enquiry).state == "open"


def test_a_wall_around_something_else_is_none(session, relative, register):
    _, made, _ = relative
    elsewhere = asked_for(session, register("Eva", "Fritz").number)

    for number in (elsewhere.number, "W-2026-9999", "x" * 300, "\x00"):
        with pytest.raises(VariableInvalid) as refusal:
            decide(session, made, wall_number=number)
        assert refusal.value.field == "wall_number"
    with pytest.raises(ConsentMissing) as missing:
        decide(session, made)

    assert missing.value.fields == ["wall"]
    assert queries.decisions_about(session, made.id) == []


def test_a_consent_that_will_be_signed_is_none(session, relative):
    _, made, wall = relative
    later = {"consent_from": "Acme", "consent_on": NOON.date() + timedelta(days=2), "wall_number": wall.number}

    with pytest.raises(VariableInvalid) as refusal:
        conflicts.decide(session, made.id, "relative", note="They will.", **later, by=OTTO, now=NOON)

    assert refusal.value.field == "consent_on"


def test_a_wall_that_an_open_matter_rests_on_is_not_lifted(session, relative):
    enquiry, made, wall = relative
    decide(session, made, wall_number=wall.number)
    walls.put_up(session, wall.number, by=OTTO, now=NOON)
    opened = open_it(session, enquiry)

    with pytest.raises(WallHoldsConflict) as refusal:
        walls.propose_lift(session, wall.number, "Over.", by=SEES_ALL, now=NOON)
    with pytest.raises(WallHoldsConflict) as silent:
        walls.propose_lift(session, wall.number, "Over.", by=RITA, now=NOON)
    matters.archive(session, opened.number, {}, process_instance_id=opened.process_instance_id, by=PETRA, now=NOON)

    assert refusal.value.matters == [opened.number]
    assert silent.value.matters == []
    assert lifted(session, wall.number).state == "lifted"


def test_the_second_person_is_refused_when_the_matter_was_opened_meanwhile(session, relative):
    enquiry, made, wall = relative
    decide(session, made, wall_number=wall.number)
    walls.put_up(session, wall.number, by=OTTO, now=NOON)
    walls.propose_lift(session, wall.number, "Not needed.", by=PETRA, now=NOON)
    open_it(session, enquiry)

    with pytest.raises(WallHoldsConflict):
        walls.lift(session, wall.number, by=OTTO, now=NOON)

    assert wall.state == "up"


@pytest.mark.parametrize("anew", ["clear", "another wall"])
def test_deciding_anew_about_the_matter_frees_its_wall(session, relative, anew):
    enquiry, made, wall = relative
    decide(session, made, wall_number=wall.number)
    walls.put_up(session, wall.number, by=OTTO, now=NOON)
    opened = open_it(session, enquiry)
    again = conflicts.recheck_matter(session, opened.number, trigger="request", by=LEO, now=NOON)
    later = NOON + timedelta(hours=1)
    if anew == "clear":
        conflicts.decide(session, again.id, "clear", note="Another Acme.", by=OTTO, now=later)
    else:
        other = asked_for(session, opened.number, by=LEO)
        walls.put_up(session, other.number, by=OTTO, now=NOON)
        decide(session, again, wall_number=other.number, now=later)

    assert lifted(session, wall.number).state == "lifted"


def test_of_two_walls_that_a_decision_in_words_means_one_can_go(session, relative):
    enquiry, made, wall = relative
    decide(session, made, wall="Lea is kept out.")
    second = asked_for(session, enquiry.number, basis="consent")
    for one in (wall, second):
        walls.put_up(session, one.number, by=OTTO, now=NOON)
    open_it(session, enquiry)

    assert lifted(session, wall.number).state == "lifted"
    with pytest.raises(WallHoldsConflict):
        lifted(session, second.number)


def test_a_wall_that_nothing_rests_on_is_lifted_as_ever(session, matter):
    opened = matter("Acme Ltd", "Beton AG")
    matter("Cleo", "Dora", other_parties="Acme Ltd")
    wall = asked_for(session, opened.number, out="leo", by=LEA)
    walls.put_up(session, wall.number, by=OTTO, now=NOON)

    assert lifted(session, wall.number).state == "lifted"


def test_a_matter_opened_in_one_step_takes_the_decided_wall_with_it(session, matter, register):
    matter("Acme Ltd", "Beton AG")
    asked = [Asked("Cleo", "client"), Asked("Dora", "opponent"), Asked("Acme Ltd", "other")]
    made, _ = conflicts.run(session, asked, trigger="request", by=OPENER, now=NOON)
    wall = asked_for(session, register("Eva", "Fritz").number)
    decide(session, made, wall_number=wall.number)
    facts = {**FACTS, "conflict_check_id": str(made.id)}

    with pytest.raises(ConsentWallNotUp), session.begin_nested():
        direct.open_directly(session, facts, by=OPENER, now=NOON)
    walls.put_up(session, wall.number, by=OTTO, now=NOON)
    with pytest.raises(PersonKeptOut), session.begin_nested():
        direct.open_directly(session, {**facts, "responsible": "lea"}, by=OPENER, now=NOON)
    opened = direct.open_directly(session, facts, by=OPENER, now=NOON)

    assert opened.enquiry_number in {scope.enquiry_number for scope in wall.scopes}
    assert not session.scalar(sa.select(matter_queries.visible_to(LEA)).where(matters.Matter.number == opened.number))
    assert [event.kind for event in audit.of(session, "wall", wall.number)][-1] == "wall_extended"
    with pytest.raises(WallHoldsConflict):
        walls.propose_lift(session, wall.number, "Over.", by=OTTO, now=NOON)


def test_who_is_kept_out_by_the_decided_wall_opens_nothing_with_it(session, matter, register):
    matter("Acme Ltd", "Beton AG")
    asked = [Asked("Cleo", "client"), Asked("Dora", "opponent"), Asked("Acme Ltd", "other")]
    made, _ = conflicts.run(session, asked, trigger="request", by=OPENER, now=NOON)
    wall = asked_for(session, register("Eva", "Fritz").number, out="petra")
    walls.put_up(session, wall.number, by=OTTO, now=NOON)
    decide(session, made, wall_number=wall.number)

    with pytest.raises(PersonKeptOut) as refusal, session.begin_nested():
        direct.open_directly(session, {**FACTS, "conflict_check_id": str(made.id)}, by=OPENER, now=NOON)

    assert refusal.value.username == "petra"


def test_words_alone_open_nothing_in_one_step(session, matter):
    matter("Acme Ltd", "Beton AG")
    asked = [Asked("Cleo", "client"), Asked("Dora", "opponent"), Asked("Acme Ltd", "other")]
    made, _ = conflicts.run(session, asked, trigger="request", by=OPENER, now=NOON)
    decide(session, made, wall="Lea is kept out.")

    with pytest.raises(ConsentWallMissing):
        direct.open_directly(session, {**FACTS, "conflict_check_id": str(made.id)}, by=OPENER, now=NOON)


def test_a_check_without_an_enquiry_is_passed_with_a_wall_that_is_up(session, matter, register):
    matter("Acme Ltd", "Beton AG")
    made, _ = conflicts.run(session, [Asked("Acme Ltd", "other")], trigger="request", by=OTTO, now=NOON)
    wall = asked_for(session, register("Eva", "Fritz").number)
    decide(session, made, wall="Lea is kept out.")

    with pytest.raises(ConsentWallMissing):
        conflicts.require_check_passed(session, made.id, [Asked("Acme Ltd", "other")], by=LEA, now=NOON)
    decide(session, made, wall_number=wall.number, now=NOON + timedelta(hours=1))
    with pytest.raises(ConsentWallNotUp):
        conflicts.require_check_passed(session, made.id, [Asked("Acme Ltd", "other")], by=LEA, now=NOON)
    walls.put_up(session, wall.number, by=OTTO, now=NOON)

    assert conflicts.require_check_passed(session, made.id, [Asked("Acme Ltd", "other")], by=LEA, now=NOON) is made


def test_a_wall_is_kept_with_relative_decisions_alone(session, relative):
    _, made, wall = relative

    row = conflicts.decide(session, made.id, "clear", note="Another.", wall_number=wall.number, by=OTTO, now=NOON)

    assert row.wall_number is None


def test_walls_are_offered_to_whom_they_concern(session, relative, register):
    _, made, wall = relative
    elsewhere = asked_for(session, register("Eva", "Fritz").number)
    loose, _ = conflicts.run(session, [Asked("Acme Ltd", "other")], trigger="request", by=RITA, now=NOON)

    def offered(check, actor):
        return {one.number for one in consent.offered(session, check, actor=actor)}

    assert offered(made, SEES_ALL) == {wall.number}
    assert offered(loose, SEES_ALL) == {wall.number, elsewhere.number}
    walls.refuse(session, wall.number, "Not needed.", by=OTTO, now=NOON)
    assert offered(made, SEES_ALL) == set()
    assert offered(loose, LEO) == set()
