"""What a wall takes out of every query, and for whom."""

import pytest
import sqlalchemy as sa

from engine.actor import SYSTEM, Actor
from practice.enquiries.models import Enquiry
from practice.matters.models import Matter
from practice.people.models import User
from practice.walls import queries
from tests.practice.firm import AUDITOR, LEA, LEO, PETRA


def off(session, actor):
    return set(session.scalars(sa.select(Matter.number).where(queries.walled_off(actor))))


def not_off(session, actor):
    return set(session.scalars(sa.select(Matter.number).where(sa.not_(queries.walled_off(actor)))))


def test_a_wall_around_a_matter_keeps_out_whom_it_names_and_nobody_else(session, matter, wall):
    walled, other = matter(), matter("Cleo", "Dora")
    wall({"matter_id": walled.id}, out=["leo"])

    assert (off(session, LEO), not_off(session, LEO)) == ({walled.number}, {other.number})
    assert (off(session, LEA), not_off(session, LEA)) == (set(), {walled.number, other.number})


def test_a_wall_around_a_client_stands_around_every_matter_of_theirs(session, matter, wall):
    first, second, other = matter(), matter("Ana Ruiz", "Dora"), matter("Cleo", "Dora")
    wall({"client_party_id": first.client_party_id}, out=["leo"])

    assert first.client_party_id == second.client_party_id
    assert off(session, LEO) == {first.number, second.number}
    assert not_off(session, LEO) == {other.number}


def test_a_wall_around_an_enquiry_stands_around_the_matter_that_came_of_it(session, matter, wall):
    walled = matter()
    wall({"enquiry_number": walled.enquiry_number}, out=["leo"])

    assert off(session, LEO) == {walled.number}
    enquiries = sa.select(Enquiry.number).where(queries.walled_off_enquiries(LEO))
    assert list(session.scalars(enquiries)) == [walled.enquiry_number]


def test_a_matter_without_an_enquiry_is_not_lost_between_true_and_false(session, matter, wall):
    plain, walled = matter(), matter("Cleo", "Dora")
    wall({"enquiry_number": walled.enquiry_number}, out=["leo"])
    plain.enquiry_number = None
    session.flush()

    assert not_off(session, LEO) == {plain.number}


def test_an_enclosing_wall_keeps_everybody_out_who_is_not_inside(session, matter, wall):
    walled = matter()
    wall({"matter_id": walled.id}, kind="enclosing", inside=["lea"])

    assert off(session, LEA) == set()
    assert off(session, LEO) == off(session, PETRA) == {walled.number}


@pytest.mark.parametrize("state", ["requested", "refused", "lifted"])
def test_a_wall_that_is_not_up_keeps_nobody_out(session, matter, wall, state):
    wall({"matter_id": matter().id}, out=["leo"], state=state)

    assert off(session, LEO) == set()


def test_who_may_see_every_matter_is_kept_out_like_anybody_else_but_the_product_is_not(session, matter, wall):
    walled = matter()
    wall({"matter_id": walled.id}, out=["ada"])

    assert AUDITOR.may("see_all_matters")
    assert off(session, AUDITOR) == {walled.number}
    assert off(session, SYSTEM) == set()


def test_somebody_whom_nobody_knows_stands_outside_an_enclosing_wall(session, matter, wall):
    walled = matter()
    wall({"matter_id": walled.id}, kind="enclosing", inside=["lea"])

    assert off(session, Actor("ghost")) == {walled.number}


def test_people_who_are_kept_out_are_in_no_pick_list_of_the_matter(session, matter, wall):
    walled, other = matter(), matter("Cleo", "Dora")
    wall({"client_party_id": walled.client_party_id}, out=["leo"])

    def pickable(number):
        return set(session.scalars(sa.select(User.username).where(sa.not_(queries.kept_out_of(number)))))

    everybody = set(session.scalars(sa.select(User.username)))
    assert pickable(walled.number) == everybody - {"leo"}
    assert pickable(walled.enquiry_number) == everybody - {"leo"}
    assert pickable(other.enquiry_number) == everybody
    assert pickable(other.number) == everybody


def test_only_who_is_inside_can_be_picked_for_an_enclosed_matter(session, matter, wall):
    walled = matter()
    wall({"matter_id": walled.id}, kind="enclosing", inside=["lea", "petra"])

    picked = session.scalars(sa.select(User.username).where(sa.not_(queries.kept_out_of(walled.number))))
    assert set(picked) == {"lea", "petra"}


def test_work_is_hidden_by_the_numbers_of_matter_and_enquiry(session, matter, wall):
    walled = matter()
    wall({"matter_id": walled.id}, out=["leo"])

    assert set(session.scalars(queries.walled_off_business_keys(LEO))) == {walled.number, walled.enquiry_number}
    assert set(session.scalars(queries.walled_off_business_keys(LEA))) == set()
