"""Keeping contact points sealed, and reading one with the consent of a second person."""

import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.errors import RightMissing
from engine.models.base import new_id
from practice.audit import operations as audit
from practice.contacts import queries, sealing, values
from practice.contacts.errors import OwnRequest, SealedUnderAnotherKey, UnmaskingNotFound, UnmaskingNotOpen
from practice.contacts.models import ContactPoint, Unmasking
from practice.errors import VariableInvalid, VariableMissing
from practice.parties import hooks, records
from practice.parties.models import Party

#: Let people ask to read a value, and let others consent; whoever asks cannot consent.
RIGHT_TO_ASK: Final = "request_unmasking"
RIGHT_TO_CONSENT: Final = "consent_to_unmasking"
#: How long a request waits for a decision, and how long a consent may be used.
WAITS_FOR: Final = timedelta(days=2)
USABLE_FOR: Final = timedelta(minutes=30)
#: No letters that are mistaken for digits or for one another.
SIGNS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH: Final = 8


def record(
    session: Session,
    party_id: UUID,
    kind: str,
    value: str,
    *,
    label: str | None = None,
    consent: bool | None = None,
    field: str = "value",
    by: Actor,
    now: datetime,
) -> ContactPoint:
    """Keep a way to reach a party; one that the party has already is brought up to date.

    Nobody who may see the party reads the value again: not the person who typed it, either.

    Raises:
        RightMissing, PartyNotFound, PartyIsMerged, VariableInvalid, ContactValueInvalid, SealedUnderAnotherKey.
    """
    party = records.changeable(session, party_id, by=by)
    checked = values.checked(kind, value, field=field)
    said = _label(label)
    digest = sealing.digest(values.family(kind), checked.normalised)
    known = session.scalar(
        sa.select(ContactPoint).where(
            ContactPoint.party_id == party.id, ContactPoint.digest == digest, ContactPoint.kind == kind
        )
    )
    if known is not None:
        known.label, known.retired_at = said or known.label, None
        known.consent = known.consent if consent is None else consent
        session.flush()
        return known
    point = keep(session, checked, party_id=party.id, label=said, consent=consent, by=by, now=now)
    audit.append(session, "party", party.id, "contact_recorded", by=by, now=now, after=_facts(point))
    hooks.party_changed(session, party.id, "contact_recorded", by=by, now=now)
    return point


def keep(
    session: Session,
    value: values.Value,
    *,
    party_id: UUID | None,
    label: str | None = None,
    consent: bool | None = None,
    by: Actor,
    now: datetime,
) -> ContactPoint:
    """Seal a value that was checked. Nothing is sealed under a new key while what is there needs another one."""
    first = session.scalar(sa.select(ContactPoint.sealed).order_by(ContactPoint.id).limit(1))
    if first is not None and not sealing.is_ours(first):
        raise SealedUnderAnotherKey
    point_id = new_id()
    point = ContactPoint(
        id=point_id,
        code="".join(secrets.choice(SIGNS) for _ in range(CODE_LENGTH)),
        party_id=party_id,
        kind=value.kind,
        sealed=sealing.seal(value.text, row_id=point_id),
        masked=value.masked,
        digest=sealing.digest(values.family(value.kind), value.normalised),
        tail_digest=sealing.digest("tail", value.tail) if value.tail else None,
        label=label,
        consent=consent,
        created_at=now,
        created_by=by.username,
    )
    session.add(point)
    session.flush()
    return point


def attach(session: Session, code: str, party: Party, *, by: Actor, now: datetime) -> ContactPoint | None:
    """Give a contact point that was said in an enquiry to the party whose it is; None when it is not free."""
    point = session.scalar(
        sa.select(ContactPoint).where(ContactPoint.code == code, ContactPoint.party_id.is_(None)).with_for_update()
    )
    if point is None:
        return None
    known = session.scalar(
        sa.select(ContactPoint.id).where(ContactPoint.party_id == party.id, ContactPoint.digest == point.digest)
    )
    if known is not None:
        return None
    point.party_id = party.id
    session.flush()
    audit.append(session, "party", party.id, "contact_recorded", by=by, now=now, after=_facts(point))
    hooks.party_changed(session, party.id, "contact_recorded", by=by, now=now)
    return point


def retire(session: Session, contact_point_id: UUID, *, by: Actor, now: datetime) -> ContactPoint:
    """Say that a contact point is no longer in use; it stays for the conflict check. Again changes nothing."""
    point = queries.get(session, contact_point_id, actor=by)
    records.require_right(by)
    if point.retired_at is None:
        point.retired_at = now
        session.flush()
        audit.append(
            session, "party", point.party_id, "contact_retired", by=by, now=now, before={"contact": point.code}
        )
    return point


def request(session: Session, contact_point_id: UUID, *, reason: str, by: Actor, now: datetime) -> Unmasking:
    """Ask to read a contact point once, with a reason.

    Raises:
        RightMissing, ContactPointNotFound, VariableMissing, VariableInvalid.
    """
    if not by.may(RIGHT_TO_ASK):
        raise RightMissing(RIGHT_TO_ASK, by.username)
    point = queries.get(session, contact_point_id, actor=by)
    said = " ".join(reason.split())
    if not said:
        raise VariableMissing("reason")
    if len(said) > 1000 or "\0" in said:  # noqa: PLR2004 - a sentence or two, not a file
        raise VariableInvalid("reason", said[:80])
    row = Unmasking(
        contact_point_id=point.id,
        requested_by=by.username,
        reason=said,
        state="requested",
        requested_at=now,
        expires_at=now + WAITS_FOR,
    )
    session.add(row)
    session.flush()
    _tell(session, point, "unmasking_requested", by, now, {"unmasking_id": str(row.id), "reason": said})
    return row


def decide(session: Session, unmasking_id: UUID, *, consents: bool, by: Actor, now: datetime) -> Unmasking:
    """Consent to a colleague's request, or refuse it.

    Raises:
        RightMissing, UnmaskingNotFound.
        OwnRequest: a second person has to consent.
        UnmaskingNotOpen: it was decided, or nobody decided it in time.
    """
    if not by.may(RIGHT_TO_CONSENT):
        raise RightMissing(RIGHT_TO_CONSENT, by.username)
    row, point = _locked(session, unmasking_id)
    queries.get(session, point.id, actor=by)
    if row.requested_by == by.username:
        raise OwnRequest(str(unmasking_id))
    if row.state != "requested" or row.expires_at <= now:
        raise UnmaskingNotOpen(str(unmasking_id), queries.state_of(row, now))
    row.state = "approved" if consents else "refused"
    row.decided_by, row.decided_at = by.username, now
    if consents:
        row.expires_at = now + USABLE_FOR
    session.flush()
    kind = "unmasking_approved" if consents else "unmasking_refused"
    _tell(session, point, kind, by, now, {"unmasking_id": str(row.id), "requested_by": row.requested_by})
    return row


def view(session: Session, unmasking_id: UUID, *, by: Actor, now: datetime) -> str:
    """Return the value: once, to the person who asked, while the consent lasts.

    Raises:
        UnmaskingNotFound: there is no such request of this person's.
        UnmaskingNotOpen: nobody consented yet, it was refused, it has been read, or it was not read in time.
        SealedUnderAnotherKey.
    """
    row, point = _locked(session, unmasking_id)
    if row.requested_by != by.username:
        raise UnmaskingNotFound(str(unmasking_id))
    queries.get(session, point.id, actor=by)
    if row.state != "approved" or row.expires_at <= now:
        raise UnmaskingNotOpen(str(unmasking_id), queries.state_of(row, now))
    value = sealing.opened(point.sealed, row_id=point.id)
    row.state, row.viewed_at = "used", now
    session.flush()
    _tell(session, point, "contact_viewed", by, now, {"unmasking_id": str(row.id), "consented_by": row.decided_by})
    return value


def _locked(session: Session, unmasking_id: UUID) -> tuple[Unmasking, ContactPoint]:
    row = session.get(Unmasking, unmasking_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise UnmaskingNotFound(str(unmasking_id))
    return row, session.get_one(ContactPoint, row.contact_point_id)


def _tell(
    session: Session, point: ContactPoint, kind: str, by: Actor, now: datetime, after: dict[str, str | None]
) -> None:
    told = {"contact": point.code, **after}
    audit.append(session, "party", point.party_id or "", kind, by=by, now=now, after=told)


def _facts(point: ContactPoint) -> dict[str, object]:
    return {
        "contact": point.code,
        "kind": point.kind,
        "masked": point.masked,
        "label": point.label,
        "consent": point.consent,
    }


def _label(label: str | None) -> str | None:
    said = " ".join((label or "").split())
    if len(said) > 100 or "\0" in said:  # noqa: PLR2004 - the column's width
        raise VariableInvalid("label", said[:80])
    return said or None
