"""What names alone do not tell: telephone numbers and registration numbers of those who ask."""

from engine.actor import Actor
from practice.conflicts import operations as conflicts
from practice.conflicts.hits import Asked
from practice.contacts import entrusted
from practice.contacts import operations as contacts
from practice.parties import records
from practice.parties.models import Party
from practice.parties.records import IdentifierGiven
from tests.conftest import NOON
from tests.practice.firm import RITA

PHONE = "+30 210 555 0158"

OTTO = Actor(
    "otto", frozenset({"conflicts_officers"}), frozenset({"record_parties", "see_all_parties", "merge_parties"})
)


def party(session, name):
    return session.query(Party).filter_by(name=name).one()


def test_a_client_who_rings_from_our_opponents_telephone_has_to_be_decided(session, matter, register):
    held = matter("Acme Ltd", "Beton AG")
    contacts.record(session, party(session, "Beton AG").id, "phone", PHONE, by=OTTO, now=NOON)
    given = entrusted.sealed(session, {"client_phone": PHONE}, RITA, NOON)

    made, hits = conflicts.check(
        session, register("Dora", "Gus"), contact_codes=entrusted.codes_by_role(given), by=RITA, now=NOON
    )

    assert made.outcome == "relative"
    assert [(hit.matches, hit.matter_number, hit.why, hit.absolute) for hit in hits if hit.adverse] == [
        ("Beton AG", held.number, "contact", False)
    ]
    assert PHONE not in str(made.snapshot)


def test_the_number_of_a_registered_company_finds_it_under_another_name(session, matter, register):
    held = matter("Acme Ltd", "Beton AG")
    records.identify(
        session, party(session, "Beton AG").id, IdentifierGiven("registration_number", "HRB 12-345"), by=OTTO, now=NOON
    )

    made, hits = conflicts.check(
        session, register("Schotter GmbH", "Gus"), identifiers={"client": (("", "hrb12345"),)}, by=RITA, now=NOON
    )

    assert made.outcome == "absolute"
    assert [(hit.matches, hit.matter_number) for hit in hits if hit.absolute] == [("Beton AG", held.number)]


def test_a_matter_is_checked_by_the_numbers_and_telephones_that_its_parties_have(session, matter):
    held = matter("Acme Ltd", "Beton AG")
    other = matter("Dora", "Gus")
    for name in ("Beton AG", "Dora"):
        contacts.record(session, party(session, name).id, "phone", PHONE, by=OTTO, now=NOON)

    again = conflicts.recheck_matter(session, other.number, trigger="party_change", by=OTTO, now=NOON)

    assert {(hit["name"], hit["matter_number"], hit["why"]) for hit in again.hits if hit["adverse"]} == {
        ("Dora", held.number, "contact")
    }


def test_an_unknown_number_changes_nothing(session, matter):
    matter("Acme Ltd", "Beton AG")

    asked = Asked("Dora", "client", (("tax_number", "77"),), contacts=(("phone", PHONE),))
    made, hits = conflicts.run(session, [asked], trigger="request", by=OTTO, now=NOON)

    assert (made.outcome, hits) == ("clear", [])


def test_who_is_known_by_a_like_name_and_by_number_is_found_once_for_the_better_reason(session, matter):
    matter("Acme Ltd", "Beton AG")
    number = IdentifierGiven("registration_number", "HRB 12-345")
    records.identify(session, party(session, "Beton AG").id, number, by=OTTO, now=NOON)

    found = {}
    for numbers in ((), (("registration_number", "HRB 12-345"),)):
        asked = Asked("Betton AG", "client", numbers)
        _, hits = conflicts.run(session, [asked], trigger="request", by=OTTO, now=NOON)
        found[bool(numbers)] = [(hit.matches, hit.score) for hit in hits]

    ((_, by_name),), ((matches, by_number),) = found[False], found[True]
    assert (matches, by_name < by_number) == ("Beton AG", True)
