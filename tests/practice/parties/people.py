"""People with the rights that keeping parties asks for."""

from engine.actor import Actor
from practice.parties import records
from practice.parties.records import IdentifierGiven, NameGiven, PartyGiven, Profile
from tests.factories import NOON

RECORDS = frozenset({"record_parties"})
#: Reception finds everybody; the officer merges; both partners may consent.
ROSA = Actor("rita", frozenset({"reception"}), RECORDS | {"see_all_parties"})
OFFICER = Actor(
    "otto",
    frozenset({"conflicts_officers"}),
    RECORDS | {"see_all_parties", "see_all_matters", "merge_parties", "request_unmasking", "consent_to_unmasking"},
)
LAWYER = Actor("lea", frozenset({"lawyers"}), RECORDS | {"request_unmasking"})
OTHER_LAWYER = Actor("leo", frozenset({"lawyers"}), RECORDS | {"request_unmasking"})
PARTNER = Actor("petra", frozenset({"partners"}), RECORDS | {"consent_to_unmasking", "request_unmasking"})


def record(session, name, *, by=ROSA, kind="person", names=(), identifiers=(), now=NOON, **profile):
    """Record a party."""
    given = PartyGiven(
        NameGiven(name),
        Profile(kind=kind, **profile),
        tuple(NameGiven(*each) for each in names),
        tuple(IdentifierGiven(*each) for each in identifiers),
    )
    return records.record(session, given, by=by, now=now)
