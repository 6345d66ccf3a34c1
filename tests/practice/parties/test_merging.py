"""Duplicates are proposed, told apart for ever or merged with a history."""

import pytest
import sqlalchemy as sa

from engine.errors import RightMissing
from practice.audit import queries as audit
from practice.clients.models import Client
from practice.contacts import operations as contacts
from practice.contacts import queries as contact_queries
from practice.matters.models import Matter, MatterParty
from practice.parties import duplicates, hooks, merging, queries, records
from practice.parties.errors import MergedIntoItself, PartiesDiffer, PartiesOppose, PartyIsMerged, PartyNotFound
from practice.parties.facts import Named
from practice.parties.models import Party, PartyMerge
from practice.parties.operations import known_or_new
from tests.factories import NOON, later
from tests.practice.firm import PETRA
from tests.practice.parties.people import LAWYER, OFFICER, ROSA, record

PHONE = "+49 30 5550 1234"


def party_of(session, name):
    return session.scalars(sa.select(Party).where(Party.name == name)).one()


def test_what_two_parties_share_proposes_that_they_are_one(session):
    first = record(session, "Ana Ruiz", identifiers=[("passport", "X-1", "ES")])
    second = record(session, "Ana Ruiz Gómez", identifiers=[("passport", "x1", "ES")], names=[("Ana Ruiz",)])
    contacts.record(session, first.id, "phone", PHONE, by=ROSA, now=NOON)
    contacts.record(session, second.id, "phone", "030 55501234", by=ROSA, now=NOON)
    record(session, "Somebody Else")

    found = duplicates.propose(session, second, now=NOON)

    assert [(row.score, row.reasons) for row in found] == [(100, ["same_contact", "same_identifier", "same_name"])]
    [(_, other)] = duplicates.proposed_for(session, first, actor=ROSA)
    assert other.id == second.id
    assert duplicates.all_proposed(session, actor=LAWYER) == []


def test_who_was_told_apart_is_not_proposed_again(session):
    first, second = record(session, "Ana Ruiz"), record(session, "Ana Ruiz")
    [proposal] = duplicates.propose(session, second, now=NOON)

    duplicates.tell_apart(session, proposal.id, by=ROSA, now=later(hours=1))
    duplicates.tell_apart(session, proposal.id, by=OFFICER, now=later(hours=2))

    assert duplicates.propose(session, first, now=later(hours=3)) == []
    assert (proposal.state, proposal.decided_by) == ("distinct", "rita")


def test_a_person_and_an_organisation_are_never_proposed_and_never_merged(session):
    person, company = record(session, "Ruiz"), record(session, "Ruiz", kind="organisation")

    assert duplicates.propose(session, person, now=NOON) == []
    with pytest.raises(PartiesDiffer):
        merging.merge(session, person.id, into=company.id, reason="same", by=OFFICER, now=NOON)


def test_merging_moves_everything_and_keeps_what_was_moved(session, matter):
    first = matter("Ana Ruiz", "Beton AG", responsible="lea")
    matter("Anna Ruiz", "Delta AG", responsible="leo")
    survivor, merged = party_of(session, "Ana Ruiz"), party_of(session, "Anna Ruiz")
    contacts.record(session, merged.id, "phone", PHONE, by=OFFICER, now=NOON)
    records.identify(session, merged.id, records.IdentifierGiven("passport", "X1"), by=OFFICER, now=NOON)
    other = record(session, "Bo Ruiz")
    records.relate(session, merged.id, other.id, "relative", by=OFFICER, now=NOON)

    row = merging.merge(session, merged.id, into=survivor.id, reason="A typing error", by=OFFICER, now=later(days=1))

    assert {name.written for name in queries.names_of(session, survivor)} == {"Ana Ruiz", "Anna Ruiz"}
    assert [point.masked for point in contact_queries.of_party(session, survivor)] == ["••• ••• 34"]
    assert [identifier.value for identifier in queries.identifiers_of(session, survivor)] == ["X1"]
    assert [party.id for _, party in queries.relations_of(session, survivor, actor=OFFICER)] == [other.id]
    assert set(session.scalars(sa.select(Matter.client_party_id))) == {survivor.id}
    roles = sa.select(MatterParty.role).where(MatterParty.party_id == survivor.id)
    assert list(session.scalars(roles)) == ["client", "client"]
    assert session.scalars(sa.select(Client.party_id).order_by(Client.number)).first() == survivor.id
    assert row.moved["matter_party"]["moved"] == [[str(_matter_id(session, "Anna Ruiz")), "client"]]
    assert row.moved["client"] == {"kept": "C-2026-0001", "superseded": "C-2026-0002"}
    assert queries.get(session, merged.id, actor=OFFICER).merged_into_id == survivor.id
    assert [each.reason for each in queries.merges_of(session, survivor)] == ["A typing error"]
    assert "parties_merged" in [event.kind for event in audit.of(session, "party", survivor.id)]
    assert first.client_party_id == survivor.id


def _matter_id(session, client_name):
    return session.scalars(sa.select(Matter.id).where(Matter.client_name == client_name)).one()


def test_a_name_of_a_merged_party_leads_to_the_survivor(session):
    survivor, merged = record(session, "Ana Ruiz"), record(session, "Anna Ruiz")
    merging.merge(session, merged.id, into=survivor.id, reason="same", by=OFFICER, now=NOON)

    known = known_or_new(session, [Named("Anna Ruiz", "anna ruiz", "client")], by=PETRA, now=NOON)

    assert known["anna ruiz"].id == survivor.id
    assert [party.name for party in queries.search(session, actor=ROSA, text="ruiz").items] == ["Ana Ruiz"]


def test_a_namesake_is_merged_although_the_name_is_there_already(session):
    survivor, merged = record(session, "Ana Ruiz"), record(session, "Ana Ruiz")

    merging.merge(session, survivor.id, into=merged.id, reason="same", by=OFFICER, now=NOON)

    known = known_or_new(session, [Named("Ana Ruiz", "ana ruiz", "client")], by=PETRA, now=NOON)
    assert known["ana ruiz"].id == merged.id


def test_a_party_merged_into_itself_is_refused(session):
    party = record(session, "Ana Ruiz")

    with pytest.raises(MergedIntoItself):
        merging.merge(session, party.id, into=party.id, reason="same", by=OFFICER, now=NOON)

    assert session.scalar(sa.select(sa.func.count()).select_from(PartyMerge)) == 0


def test_who_was_merged_is_neither_changed_nor_merged_again(session):
    one, two, three = (record(session, name) for name in ("Ana", "Anna", "Hanna"))
    merging.merge(session, one.id, into=two.id, reason="same", by=OFFICER, now=NOON)

    with pytest.raises(PartyIsMerged):
        merging.merge(session, one.id, into=three.id, reason="same", by=OFFICER, now=NOON)
    with pytest.raises(PartyIsMerged):
        merging.merge(session, two.id, into=one.id, reason="same", by=OFFICER, now=NOON)
    with pytest.raises(PartyIsMerged) as refusal:
        records.revise(session, one.id, records.Profile(language="en"), by=ROSA, now=NOON)
    assert refusal.value.merged_into == str(two.id)


def test_client_and_opponent_of_one_matter_cannot_be_one(session, matter):
    matter("Ana Ruiz", "Anna Ruiz")

    with pytest.raises(PartiesOppose):
        merging.merge(
            session,
            party_of(session, "Ana Ruiz").id,
            into=party_of(session, "Anna Ruiz").id,
            reason="same",
            by=OFFICER,
            now=NOON,
        )


def test_who_may_not_merge_or_not_see_both_merges_nothing(session):
    one, two = record(session, "Ana"), record(session, "Anna")

    with pytest.raises(RightMissing):
        merging.merge(session, one.id, into=two.id, reason="same", by=ROSA, now=NOON)
    blind = type(OFFICER)("otto", frozenset(), frozenset({"merge_parties"}))
    with pytest.raises(PartyNotFound):
        merging.merge(session, one.id, into=two.id, reason="same", by=blind, now=NOON)


def test_relations_between_the_two_are_written_down_and_end(session):
    one, two = record(session, "Ana"), record(session, "Anna")
    records.relate(session, one.id, two.id, "relative", by=ROSA, now=NOON)

    row = merging.merge(session, one.id, into=two.id, reason="same", by=OFFICER, now=NOON)

    assert [each["kind"] for each in row.moved["party_relation"]["between_the_two"]] == ["relative"]
    assert queries.relations_of(session, two, actor=OFFICER) == []


def test_who_was_told_apart_from_the_merged_one_stays_apart_from_the_survivor(session):
    one, two, three = (record(session, "Ana Ruiz") for _ in range(3))
    [proposal] = [
        row for row in duplicates.propose(session, one, now=NOON) if three.id in (row.first_id, row.second_id)
    ]
    duplicates.tell_apart(session, proposal.id, by=ROSA, now=NOON)

    merging.merge(session, one.id, into=two.id, reason="same", by=OFFICER, now=NOON)

    assert duplicates.proposed_for(session, two, actor=ROSA) == []
    assert duplicates.proposed_for(session, three, actor=ROSA) == []


def test_whoever_decides_by_parties_is_told_of_a_merge(session, monkeypatch):
    one, two = record(session, "Ana"), record(session, "Anna")
    told, indexed = [], []
    monkeypatch.setattr(
        hooks, "on_party_changed", [lambda _s, party_id, what, _by, _now: told.append((party_id, what))]
    )
    monkeypatch.setattr(hooks, "on_names", [lambda _s, party_id, names: indexed.append((party_id, names))])

    merging.merge(session, one.id, into=two.id, reason="same", by=OFFICER, now=NOON)

    assert told == [(two.id, "merged")]
    assert indexed[:2] == [(one.id, []), (two.id, ["Ana", "Anna"])]
