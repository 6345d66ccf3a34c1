"""Who sees a party: with its matters, never around a wall or a class."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from engine.actor import SYSTEM
from practice.clients import cards
from practice.clients import queries as clients
from practice.clients.errors import ClientNotFound
from practice.leads import operations as leads
from practice.leads import queries as lead_queries
from practice.matters import belongings
from practice.matters.models import Matter
from practice.parties import queries, records
from practice.parties.errors import PartyNotFound
from practice.parties.models import Party
from practice.rights.models import RightRule
from tests.factories import NOON
from tests.practice.parties.people import LAWYER, OTHER_LAWYER, ROSA, record


@pytest.fixture(
    autouse=True,
    params=[(belongings.FEW, queries.SOON_GATHERED), (belongings.FEW, -1), (-1, -1)],
    ids=["gathered", "among what is gathered", "row by row"],
)
def way(request, monkeypatch):
    """Ask in each way: as for whoever has few matters, some, and many."""
    few, gathered = request.param
    monkeypatch.setattr(belongings, "FEW", few)
    monkeypatch.setattr(queries, "SOON_GATHERED", gathered)


@pytest.fixture(params=[300, 0], ids=["few rows", "many rows"])
def rows(request, monkeypatch):
    """Look rows up by their words, or ask whether what is read holds them."""
    monkeypatch.setattr(queries, "SOON_ASKED", request.param)


def party_of(session, name):
    return session.scalars(sa.select(Party).where(Party.name == name)).one()


def names(session, actor):
    return {party.name for party in queries.search(session, actor=actor).items}


def test_the_team_sees_the_parties_of_its_matter_and_nobody_else_does(session, matter):
    matter("Ana Ruiz", "Beton AG", responsible="lea")

    assert names(session, LAWYER) == {"Ana Ruiz", "Beton AG"}
    assert names(session, OTHER_LAWYER) == set()
    with pytest.raises(PartyNotFound):
        queries.get(session, party_of(session, "Ana Ruiz").id, actor=OTHER_LAWYER)


def test_who_has_to_know_who_is_calling_finds_everybody_but_those_of_secret_matters(session, matter):
    matter("Ana Ruiz", "Beton AG", responsible="lea")
    secret = matter("Carl Secret", "Delta AG", responsible="lea")
    secret.confidentiality = "secret"
    session.flush()

    assert names(session, ROSA) == {"Ana Ruiz", "Beton AG"}
    assert names(session, LAWYER) == {"Ana Ruiz", "Beton AG", "Carl Secret", "Delta AG"}


def test_a_party_of_a_hidden_and_of_a_visible_matter_is_seen_with_the_visible_one_only(session, matter):
    open_one = matter("Ana Ruiz", "Beton AG", responsible="leo")
    hidden = matter("Ana Ruiz", "Delta AG", responsible="lea")
    hidden.confidentiality = "secret"
    session.flush()

    seen = queries.matters_of(session, party_of(session, "Ana Ruiz"), actor=OTHER_LAWYER)

    assert [(row.number, role) for row, role in seen] == [(open_one.number, "client")]
    assert names(session, OTHER_LAWYER) == {"Ana Ruiz", "Beton AG"}


def test_who_is_related_to_a_party_of_ones_matter_is_seen_with_it(session, matter):
    matter("Ana Ruiz", "Beton AG", responsible="lea")
    owner = record(session, "Oskar Owner")
    records.relate(session, owner.id, party_of(session, "Beton AG").id, "owner", by=ROSA, now=NOON)

    assert "Oskar Owner" in names(session, LAWYER)
    assert names(session, OTHER_LAWYER) == set()


@pytest.mark.parametrize("rights", [frozenset(), frozenset({"see_all_matters"})], ids=["a lawyer", "sees all matters"])
def test_a_rule_opens_a_client_of_whom_there_is_no_matter_yet(session, matter, rights):
    matter("Ana Ruiz", "Beton AG", responsible="lea")
    reader, dora = replace(OTHER_LAWYER, rights=rights), record(session, "Dora Later")
    assert "Dora Later" not in names(session, reader)
    opens = {"effect": "allow", "action": "read", "username": "leo", "client_party_id": dora.id}
    session.add(RightRule(**opens, created_at=NOON, created_by="otto"))
    session.commit()

    assert "Dora Later" in names(session, reader)
    assert queries.get(session, dora.id, actor=reader) is dora


def test_a_client_belongs_to_the_firm_and_is_made_once(session, matter):
    matter("Ana Ruiz", "Beton AG", responsible="lea", source="call")
    matter("Ana Ruiz", "Delta AG", responsible="lea")

    [(client, party)] = clients.search(session, actor=LAWYER).items
    assert (client.number, party.name, client.source) == ("C-2026-0001", "Ana Ruiz", "call")
    assert clients.search(session, actor=OTHER_LAWYER).items == []
    assert session.scalar(sa.select(sa.func.count()).select_from(Matter)) == 2


def test_a_lead_keeps_its_source_and_originator_and_is_won_by_its_first_matter(session, matter):
    party = record(session, "Ana Ruiz")
    lead = leads.receive(session, party.id, "referral", originator="leo", topic="A wall", by=ROSA, now=NOON)

    seen_by_originator = lead_queries.search(session, actor=OTHER_LAWYER).items
    seen_by_others = lead_queries.search(session, actor=LAWYER).items
    matter("Ana Ruiz", "Beton AG", responsible="lea")

    assert [row.number for row, _ in seen_by_originator] == [lead.number]
    assert seen_by_others == []
    assert (lead.state, lead.closed_at) == ("won", NOON)
    [(client, _)] = clients.search(session, actor=LAWYER).items
    assert (client.source, client.originator) == ("referral", "leo")


@pytest.mark.usefixtures("rows")
def test_words_are_found_in_what_somebody_may_see_and_nowhere_else(session, matter):
    matter("Ana Ruiz", "Beton AG", responsible="lea")
    matter("Berta Ruizova", "Delta AG", responsible="leo")

    found = {
        actor.username: (
            {party.name for party in queries.search(session, actor=actor, text="ruiz").items},
            {party.name for _, party in clients.search(session, actor=actor, text="ruiz").items},
            {party.name for _, party in clients.search(session, actor=actor, text="c-2026-0001").items},
        )
        for actor in (LAWYER, OTHER_LAWYER)
    }

    assert found[LAWYER.username] == ({"Ana Ruiz"}, {"Ana Ruiz"}, {"Ana Ruiz"})
    assert found[OTHER_LAWYER.username] == ({"Berta Ruizova"}, {"Berta Ruizova"}, set())
    assert queries.search(session, actor=LAWYER, text="nobody").items == []


def test_the_card_of_a_client_is_for_who_sees_them_and_names_nobody_else(session, matter):
    matter("Ana Ruiz", "Beton AG", responsible="lea")
    hidden = matter("Carl Secret", "Delta AG", responsible="leo")
    hidden.confidentiality = "secret"
    ana = party_of(session, "Ana Ruiz")
    for name in ("Beton AG", "Carl Secret"):
        records.relate(session, party_of(session, name).id, ana.id, "owner", by=SYSTEM, now=NOON)
    session.flush()

    card = cards.of_client(session, "C-2026-0001", actor=LAWYER, now=NOON)

    assert (card.party.name, len(card.matters)) == ("Ana Ruiz", 1)
    assert [other.name for _, other in card.relations] == ["Beton AG"]
    with pytest.raises(ClientNotFound):
        cards.of_client(session, "C-2026-0001", actor=replace(LAWYER, username="outsider"), now=NOON)
