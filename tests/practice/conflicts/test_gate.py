"""The gate beyond names: relations, interests, changed parties, closing, and what people decide."""

from datetime import date

import pytest

from engine.models.base import new_id
from practice.conflicts import operations as conflicts
from practice.conflicts import queries
from practice.conflicts.errors import ConflictCheckNotFound, ConflictNotDecided, ConsentMissing, NothingToDecide
from practice.conflicts.hits import Asked
from practice.conflicts.indexing import ensure_current
from practice.conflicts.models import StaffInterest
from practice.errors import ConflictIsAbsolute, VariableInvalid, VariableMissing
from practice.matters import operations as matters
from practice.matters import parties as matter_parties
from practice.name_index import operations as name_index
from practice.parties.models import Party, PartyRelation
from tests.conftest import NOON
from tests.practice.firm import LEA, OTTO, PETRA


def ask(session, name, role="client"):
    return conflicts.run(session, [Asked(name, role)], trigger="request", by=OTTO, now=NOON)


def party(session, name):
    return session.query(Party).filter_by(name=name).one()


def test_an_affiliate_of_our_client_is_found_and_can_be_decided(session, matter):
    held = matter("Acme Ltd", "Beton AG")
    other = matter("Dora", "Gus", other_parties="Nordlicht GmbH")
    owner, owned = party(session, "Acme Ltd"), party(session, "Nordlicht GmbH")
    session.add(
        PartyRelation(
            id=new_id(), from_party_id=owner.id, to_party_id=owned.id, kind="owner", created_at=NOON, created_by="lea"
        )
    )
    session.flush()

    made, hits = ask(session, "Нордлихт", "opponent")

    assert made.outcome == "relative"
    assert {(hit.matter_number, hit.absolute) for hit in hits} == {(held.number, False), (other.number, False)}
    reason = next(hit.reason for hit in hits if hit.matter_number == held.number)
    assert "owned by Acme Ltd, who is our client in" in reason


def test_a_relation_that_is_over_is_none(session, matter):
    held = matter("Acme Ltd", "Beton AG")
    matter("Dora", "Gus", other_parties="Nordlicht GmbH")
    owner, owned = party(session, "Acme Ltd"), party(session, "Nordlicht GmbH")
    session.add(
        PartyRelation(
            id=new_id(),
            from_party_id=owner.id,
            to_party_id=owned.id,
            kind="owner",
            until_on=date(2020, 1, 1),
            created_at=NOON,
            created_by="lea",
        )
    )
    session.flush()

    assert held.number not in {hit.matter_number for hit in ask(session, "Nordlicht GmbH", "opponent")[1]}


def test_what_a_colleague_has_ties_with_has_to_be_decided(session, firm):
    row = StaffInterest(username="lea", name="Beton AG", kind="shareholding", declared_at=NOON, declared_by="lea")
    session.add(row)
    session.flush()
    name_index.put(session, "interest", row.id, names=[row.name])

    made, hits = ask(session, "Бетон", "opponent")

    assert made.outcome == "relative"
    assert hits[0].reason.endswith("lea of the firm declared an interest (shareholding)")


def test_a_party_that_joins_is_checked_again_and_an_absolute_conflict_keeps_it_out(session, matter):
    held = matter("Acme Ltd", "Beton AG")
    other = matter("Dora", "Gus")

    with pytest.raises(ConflictIsAbsolute):
        matter_parties.add_party(session, other.number, {"name": "Акме", "role": "opponent"}, by=LEA, now=NOON)
    matter_parties.add_party(session, held.number, {"name": "Eva", "role": "other"}, by=LEA, now=NOON)

    made = queries.last_check(session, held.number)
    assert made is not None
    assert made.trigger == "party_change"
    assert {one["name"] for one in made.snapshot["parties"]} == {"Acme Ltd", "Beton AG", "Eva"}


def test_closing_checks_once_more_and_keeps_it(session, matter):
    held = matter("Acme Ltd", "Beton AG")

    matters.archive(session, held.number, {}, process_instance_id=held.process_instance_id, by=PETRA, now=NOON)

    made = queries.last_check(session, held.number)
    assert made is not None
    assert (made.trigger, made.outcome) == ("closing", "clear")


def test_the_other_side_of_a_related_matter_is_absolute_though_it_is_closed(session, matter):
    from practice.matters.models import MatterRelation

    first = matter("Acme Ltd", "Beton AG")
    matters.archive(session, first.number, {}, process_instance_id=first.process_instance_id, by=PETRA, now=NOON)
    second = matter("Dora", "Gus")
    session.add(
        MatterRelation(matter_id=second.id, related_id=first.id, kind="related", created_at=NOON, created_by="petra")
    )
    session.flush()

    alone = queries.find_hits(session, [Asked("Бетон", "client")])
    within = queries.find_hits(session, [Asked("Бетон", "client")], matter=second.number)

    assert [hit.absolute for hit in alone] == [False]
    assert [hit.absolute for hit in within] == [True]


def test_nobody_approves_what_is_absolute(session, matter):
    matter("Acme Ltd", "Beton AG")
    made, _ = ask(session, "Beton AG")

    for decision in ("clear", "relative"):
        with pytest.raises(ConflictIsAbsolute):
            conflicts.decide(
                session,
                made.id,
                decision,
                note="No.",
                consent_from="X",
                consent_on=NOON.date(),
                wall="W",
                by=PETRA,
                now=NOON,
            )
    assert conflicts.decide(session, made.id, "absolute", note="Declined.", by=PETRA, now=NOON).decision == "absolute"


def test_a_decision_needs_reasons_a_consent_and_a_wall(session, matter, register):
    matter("Acme Ltd", "Beton AG")
    made, _ = ask(session, "Acme Ltd", "other")
    clear, _ = ask(session, "Gus")

    with pytest.raises(ConsentMissing) as refusal:
        conflicts.decide(session, made.id, "relative", note="They agree.", by=PETRA, now=NOON)
    with pytest.raises(VariableMissing):
        conflicts.decide(session, made.id, "clear", note=" ", by=PETRA, now=NOON)
    with pytest.raises(VariableInvalid):
        conflicts.decide(session, made.id, "perhaps", note="Hm.", by=PETRA, now=NOON)
    with pytest.raises(NothingToDecide):
        conflicts.decide(session, clear.id, "clear", note="Nothing.", by=PETRA, now=NOON)
    with pytest.raises(ConflictCheckNotFound):
        conflicts.decide(session, new_id(), "clear", note="Nothing.", by=PETRA, now=NOON)

    assert refusal.value.fields == ["consent_from", "consent_on", "wall"]


def test_what_is_decided_is_kept_for_ever(session, matter):
    matter("Acme Ltd", "Beton AG")
    made, _ = ask(session, "Acme Ltd", "other")
    row = conflicts.decide(session, made.id, "clear", note="A namesake.", by=PETRA, now=NOON)

    with pytest.raises(TypeError), session.begin_nested():
        row.note = "Another."
        session.flush()
    session.expire(row)
    assert [one.note for one in queries.decisions_about(session, made.id)] == ["A namesake."]


def test_a_relative_conflict_that_nobody_decided_opens_no_matter(session, matter, register):
    matter("Acme Ltd", "Beton AG")
    asked = register("Cleo", "Dora", other_parties="Acme Ltd")
    made, _ = conflicts.check(session, asked, by=OTTO, now=NOON)
    facts = {
        "client_name": "Cleo",
        "opponent_name": "Dora",
        "other_parties": "Acme Ltd",
        "case_type": "civil",
        "responsible": "lea",
    }

    with pytest.raises(ConflictNotDecided), session.begin_nested():
        matters.open_matter(session, asked, facts, by=PETRA, now=NOON)
    conflicts.decide(session, made.id, "clear", note="Another Acme.", by=OTTO, now=NOON)

    assert matters.open_matter(session, asked, facts, by=PETRA, now=NOON).state == "open"


def test_a_check_may_stand_behind_a_matter_that_no_intake_opened(session, matter):
    matter("Acme Ltd", "Beton AG")
    clear, _ = ask(session, "Cleo")
    bad, _ = ask(session, "Beton AG")

    assert conflicts.require_check_passed(session, clear.id, [Asked("Cleo", "client")], by=LEA, now=NOON) is clear
    with pytest.raises(ConflictIsAbsolute):
        conflicts.require_check_passed(session, bad.id, [Asked("Beton AG", "client")], by=LEA, now=NOON)
    with pytest.raises(ConflictCheckNotFound):
        conflicts.require_check_passed(session, new_id(), [], by=LEA, now=NOON)


def test_an_index_of_other_rules_is_made_anew(session, matter, register):
    matter("Сергей Иванов", "Beton AG")
    register("Dora", "Gus")
    name_index.clear(session)
    session.execute(name_index.sa.delete(name_index.NameIndexState))

    ensure_current(session)

    assert name_index.is_current(session)
    assert ask(session, "Sergei Ivanov", "opponent")[0].outcome == "absolute"
    assert ask(session, "Dora", "opponent")[0].outcome == "relative"
