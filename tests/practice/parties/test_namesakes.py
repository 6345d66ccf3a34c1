"""Two people of one name: a person says which one an enquiry means, and no name makes a party its own opponent."""

import pytest
import sqlalchemy as sa

from engine.actor import SYSTEM
from practice.conflicts import operations as conflicts
from practice.enquiries import choices
from practice.errors import EnquiryNotFound, SamePartyTwice
from practice.matters import operations as matters
from practice.matters.models import MatterParty
from practice.parties.errors import PartyNotFound
from practice.parties.models import Party
from tests.factories import NOON, later
from tests.practice.firm import PETRA
from tests.practice.parties.people import OTHER_LAWYER, ROSA, record

FACTS = {"client_name": "Ana Ruiz", "opponent_name": "Beton AG", "case_type": "civil", "responsible": "lea"}


def test_the_matter_names_the_namesake_that_somebody_chose(session, register):
    first = record(session, "Ana Ruiz")
    second = record(session, "Ana Ruiz", now=later(hours=1))
    enquiry = register(by=ROSA)
    [(row, known)] = choices.namesakes(session, enquiry, actor=ROSA)
    choices.choose(session, enquiry.number, row.normalised_name, second.id, by=ROSA, now=NOON)
    conflicts.check(session, enquiry, by=SYSTEM, now=NOON)

    matter = matters.open_matter(session, enquiry, FACTS, by=PETRA, now=later(hours=2))

    assert [party.id for party in known] == [first.id, second.id]
    assert matter.client_party_id == second.id
    assert session.scalar(sa.select(sa.func.count()).where(Party.name == "Ana Ruiz")) == 2


def test_only_a_bearer_of_the_name_is_chosen_and_only_by_who_sees_the_enquiry(session, register):
    record(session, "Ana Ruiz"), record(session, "Ana Ruiz")
    other = record(session, "Bo Ruiz")
    enquiry = register(by=ROSA)

    with pytest.raises(PartyNotFound):
        choices.choose(session, enquiry.number, "ana ruiz", other.id, by=ROSA, now=NOON)
    with pytest.raises(EnquiryNotFound):
        choices.choose(session, enquiry.number, "ana ruiz", other.id, by=OTHER_LAWYER, now=NOON)


def test_one_bearer_is_no_question(session, register):
    record(session, "Ana Ruiz")

    assert choices.namesakes(session, register(by=ROSA), actor=ROSA) == []


def test_nobody_is_their_own_opponent_under_another_name(session, register):
    record(session, "Ana Ruiz", names=[("Ana Weber",)])
    enquiry = register("Ana Ruiz", "Ana Weber", by=ROSA)
    conflicts.check(session, enquiry, by=SYSTEM, now=NOON)

    with pytest.raises(SamePartyTwice):
        matters.open_matter(session, enquiry, {**FACTS, "opponent_name": "Ana Weber"}, by=PETRA, now=NOON)


def test_one_party_named_twice_among_the_others_comes_once(session, matter):
    record(session, "Carl Zeuge", names=[("Karl Zeuge",)])

    opened = matter("Ana Ruiz", "Beton AG", other_parties="Carl Zeuge\nKarl Zeuge")

    others = session.scalars(
        sa.select(MatterParty).where(MatterParty.matter_id == opened.id, MatterParty.role == "other")
    ).all()
    assert len(others) == 1
