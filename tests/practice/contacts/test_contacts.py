"""Contact points: sealed at rest, masked everywhere, found by digest, read once by two persons."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.errors import RightMissing
from practice.audit import queries as audit
from practice.contacts import operations, queries, sealing, values
from practice.contacts.errors import (
    ContactPointNotFound,
    ContactValueInvalid,
    OwnRequest,
    SealedUnderAnotherKey,
    UnmaskingNotFound,
    UnmaskingNotOpen,
)
from practice.contacts.models import ContactPoint
from tests.factories import NOON, later
from tests.practice.parties.people import LAWYER, OFFICER, OTHER_LAWYER, PARTNER, ROSA, record

PHONE = "+7 916 555-01-23"


@pytest.fixture
def point(session, firm):
    party = record(session, "Сергей Иванов", by=LAWYER)
    return operations.record(session, party.id, "phone", PHONE, label="mobile", by=LAWYER, now=NOON)


def asked(session, point, *, by=LAWYER, now=NOON):
    return operations.request(session, point.id, reason="The hearing was moved to today", by=by, now=now)


def test_nothing_of_the_value_is_stored_but_its_seal_and_its_digests(session, point):
    row = session.execute(sa.text("SELECT * FROM contact_point")).mappings().one()

    written = " ".join(str(value) for name, value in row.items() if name != "sealed")
    assert "9165550123" not in written.replace(" ", "").replace("-", "")
    assert b"916" not in row["sealed"]
    assert row["masked"] == "••• ••• 23"
    assert PHONE not in repr(audit.of(session, "party", point.party_id)[-1].after)


def test_a_seal_opens_only_in_its_row_and_under_its_key(session, point):
    assert sealing.opened(point.sealed, row_id=point.id) == PHONE

    with pytest.raises(SealedUnderAnotherKey):
        sealing.opened(point.sealed, row_id=point.party_id)
    with pytest.raises(SealedUnderAnotherKey):
        sealing.opened(point.sealed[:-1] + bytes([point.sealed[-1] ^ 1]), row_id=point.id)
    sealing.use(lambda: "another key, made anew because the first was lost")
    with pytest.raises(SealedUnderAnotherKey):
        sealing.opened(point.sealed, row_id=point.id)


def test_nothing_is_sealed_under_a_second_key(session, point):
    sealing.use(lambda: "another key, made anew because the first was lost")

    with pytest.raises(SealedUnderAnotherKey):
        operations.record(session, point.party_id, "phone", "+49 30 123456", by=LAWYER, now=NOON)


def test_the_same_value_sealed_twice_looks_different_and_has_one_digest(session, point):
    other = record(session, "Bo", by=LAWYER)
    again = operations.record(session, other.id, "phone", "8 (916) 555 01 23", by=LAWYER, now=NOON)

    assert again.sealed != point.sealed
    assert again.digest != point.digest
    assert again.tail_digest == point.tail_digest


@pytest.mark.parametrize("written", [PHONE, "+79165550123", "8 916 555 01 23", "007 916 5550123", "٨٩١٦٥٥٥٠١٢٣"])
def test_who_is_calling_is_found_however_the_number_is_written(session, point, written):
    assert [party.id for party in queries.look_up(session, "phone", written, actor=LAWYER)] == [point.party_id]
    assert queries.look_up(session, "phone", written, actor=OTHER_LAWYER) == []


def test_mail_is_found_whatever_its_case_and_shows_a_letter(session, point):
    mail = operations.record(session, point.party_id, "email", "Sergei@Example.org", by=LAWYER, now=NOON)

    assert mail.masked == "S•••@•••.org"
    assert [party.id for party in queries.look_up(session, "email", "sergei@example.ORG", actor=LAWYER)]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("phone", "call me"),
        ("phone", "12"),
        ("phone", "1" * 30),
        ("email", "a@b"),
        ("email", "a b@c.de"),
        ("address", "…"),
    ],
)
def test_what_is_no_such_value_is_refused_without_repeating_it(session, point, kind, value):
    with pytest.raises(ContactValueInvalid) as refusal:
        operations.record(session, point.party_id, kind, value, by=LAWYER, now=NOON)

    assert value not in str(vars(refusal.value))


def test_the_same_contact_point_again_is_brought_up_to_date(session, point):
    again = operations.record(session, point.party_id, "phone", "+79165550123", consent=True, by=LAWYER, now=NOON)

    assert again.id == point.id
    assert (again.label, again.consent) == ("mobile", True)


def test_a_value_is_read_once_after_a_second_person_consented(session, point):
    request = asked(session, point)
    operations.decide(session, request.id, consents=True, by=OFFICER, now=later(hours=1))

    value = operations.view(session, request.id, by=LAWYER, now=later(hours=1, minutes=1))

    assert value == PHONE
    with pytest.raises(UnmaskingNotOpen) as refusal:
        operations.view(session, request.id, by=LAWYER, now=later(hours=1, minutes=2))
    assert refusal.value.state == "used"
    told = [(event.kind, event.by) for event in audit.of(session, "party", point.party_id)][-3:]
    assert told == [("unmasking_requested", "lea"), ("unmasking_approved", "otto"), ("contact_viewed", "lea")]
    assert PHONE not in repr([event.after for event in audit.of(session, "party", point.party_id)])


def test_nobody_consents_to_their_own_request(session, point):
    request = asked(session, point, by=OFFICER)

    with pytest.raises(OwnRequest):
        operations.decide(session, request.id, consents=True, by=OFFICER, now=NOON)
    with pytest.raises(UnmaskingNotOpen):
        operations.view(session, request.id, by=OFFICER, now=NOON)


def test_only_who_asked_reads_and_only_with_the_right_does_one_ask_or_consent(session, point):
    request = asked(session, point)
    with pytest.raises(RightMissing):
        operations.decide(session, request.id, consents=True, by=ROSA, now=NOON)
    with pytest.raises(RightMissing):
        asked(session, point, by=ROSA)
    operations.decide(session, request.id, consents=True, by=OFFICER, now=NOON)

    with pytest.raises(UnmaskingNotFound):
        operations.view(session, request.id, by=OFFICER, now=NOON)
    with pytest.raises(ContactPointNotFound):
        asked(session, point, by=OTHER_LAWYER)
    with pytest.raises(ContactPointNotFound):
        operations.decide(session, request.id, consents=True, by=PARTNER, now=NOON)


def test_a_refusal_a_late_decision_and_a_late_look_show_nothing(session, point):
    refused, waiting, late = asked(session, point), asked(session, point), asked(session, point)
    operations.decide(session, refused.id, consents=False, by=OFFICER, now=NOON)
    operations.decide(session, late.id, consents=True, by=OFFICER, now=NOON)

    with pytest.raises(UnmaskingNotOpen):
        operations.view(session, refused.id, by=LAWYER, now=NOON)
    with pytest.raises(UnmaskingNotOpen) as too_late:
        operations.decide(session, waiting.id, consents=True, by=OFFICER, now=NOON + operations.WAITS_FOR)
    with pytest.raises(UnmaskingNotOpen) as lapsed:
        operations.view(session, late.id, by=LAWYER, now=NOON + operations.USABLE_FOR + timedelta(seconds=1))
    assert {too_late.value.state, lapsed.value.state} == {"lapsed"}


def test_requests_are_listed_for_who_asked_and_who_may_consent(session, point):
    request = asked(session, point)

    def listed(actor, *, may_consent):
        return [row.id for row, _, _ in queries.unmaskings(session, actor=actor, may_consent=may_consent, now=NOON)]

    assert listed(LAWYER, may_consent=False) == [request.id]
    assert listed(OFFICER, may_consent=True) == [request.id]
    assert listed(OTHER_LAWYER, may_consent=False) == []
    assert listed(PARTNER, may_consent=True) == []


def test_what_was_said_in_an_enquiry_is_attached_to_its_party_once(session, point):
    free = operations.keep(session, values.checked("phone", "+49 30 5550 9876"), party_id=None, by=ROSA, now=NOON)
    party = record(session, "Ana Ruiz", by=LAWYER)

    attached = operations.attach(session, free.code, party, by=LAWYER, now=NOON)

    assert attached is not None
    assert attached.party_id == party.id
    assert operations.attach(session, free.code, party, by=LAWYER, now=NOON) is None
    assert len(session.scalars(sa.select(ContactPoint).where(ContactPoint.party_id == party.id)).all()) == 1
