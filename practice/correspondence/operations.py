"""What happens to letters. Each verb writes one hop, and the letter's status follows from the hop alone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.audit import operations as audit
from practice.correspondence.errors import (
    DepartmentEmpty,
    HandOverReasonMissing,
    LetterClosed,
    LetterMatterUnknown,
    LetterNotFound,
    RecipientUnclear,
)
from practice.correspondence.models import CHANNELS, DIRECTIONS, STATUS_AFTER, Letter, LetterHop
from practice.errors import NotAnActivePerson, VariableInvalid
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.organisation.models import OrgUnit, StaffRecord
from practice.parties.names import fold
from practice.people import queries as people
from practice.sequences.operations import next_number
from practice.variables import Variables, day, long_text, needed_text, text
from practice.walls.operations import require_not_kept_out

#: Reads the register of all letters, and files letters under matters; never those closed to the person.
KEEP: Final = "keep_letters"
_LONGEST_REASON: Final = 2000


def register(
    session: Session, facts: Variables, *, process_instance_id: UUID | None = None, by: Actor, now: datetime
) -> Letter:
    """Enter a letter in the register under the next number: day, department and who began are kept with it (C42).

    ``facts``: ``letter_direction``, ``letter_channel``, ``letter_sender``, ``letter_addressee``, ``letter_subject``,
    and perhaps ``letter_reference``, ``letter_receipt_number``, ``letter_on``, ``letter_postmark_on``,
    ``letter_received_on``, ``letter_matter`` (a number), ``letter_original_place``, ``letter_contains_deadline``.

    Raises:
        VariableMissing, VariableInvalid, LetterMatterUnknown: naming the field.
    """
    direction = _one_of(facts, "letter_direction", DIRECTIONS)
    matter = _matter(session, facts, by)
    letter = Letter(
        number=f"L-{now.year}-{next_number(session, 'letter', year=now.year):04d}",
        direction=direction,
        channel=_one_of(facts, "letter_channel", CHANNELS),
        sender=needed_text(facts, "letter_sender"),
        addressee=needed_text(facts, "letter_addressee"),
        subject=needed_text(facts, "letter_subject", longest=500),
        reference=text(facts, "letter_reference", longest=100),
        receipt_number=text(facts, "letter_receipt_number", longest=100),
        letter_on=day(facts, "letter_on"),
        postmark_on=day(facts, "letter_postmark_on"),
        received_on=day(facts, "letter_received_on"),
        matter_id=matter.id if matter else None,
        original_place=text(facts, "letter_original_place", longest=200),
        contains_deadline=facts.get("letter_contains_deadline") is True,
        status="registered",
        holder=by.username,
        moved_at=now,
        registered_at=now,
        registered_by=by.username,
        department=_department_of(session, by.username),
        process_instance_id=process_instance_id,
        original_is_lost=False,
        search_text="",
    )
    letter.search_text = _searchable(letter)
    session.add(letter)
    session.flush()
    _hop(session, letter, "registered", by=by, now=now, to_username=by.username)
    after = {"sender": letter.sender, "addressee": letter.addressee, "subject": letter.subject, "direction": direction}
    _audit(session, letter, "letter_registered", by, now, after=after)
    return letter


def hand_over(
    session: Session,
    number: str,
    *,
    to_person: str | None = None,
    to_department: str | None = None,
    reason: str | None,
    by: Actor,
    now: datetime,
) -> Letter:
    """Hand a letter to a person or to a department, with a reason (C43); who accepts it is to be seen.

    Raises:
        LetterNotFound, LetterClosed, HandOverReasonMissing, RecipientUnclear, NotAnActivePerson, DepartmentEmpty.
        PersonKeptOut: a wall keeps the person out of the letter's matter.
    """
    letter = locked(session, number)
    why = (reason or "").strip()[:_LONGEST_REASON]
    if not why:
        raise HandOverReasonMissing("hand_reason", number)
    if bool(to_person) == bool(to_department):
        raise RecipientUnclear("hand_to_person" if to_person else "hand_to_department")
    if to_person:
        _require_fit(session, letter, to_person)
    elif not people.members(session, to_department or ""):
        raise DepartmentEmpty("hand_to_department", (to_department or "")[:80])
    return _moved(session, letter, "handed_over", why, to_person or None, to_department or None, by=by, now=now)


def accept(session: Session, number: str, *, by: Actor, now: datetime) -> Letter:
    """Take a letter over: from now on it is this person's, and nobody else is asked any more."""
    return _moved(session, locked(session, number), "accepted", None, by.username, None, by=by, now=now)


def give_back(session: Session, number: str, *, reason: str | None, by: Actor, now: datetime) -> Letter:
    """Return a letter to whoever handed it over, or else to whoever registered it, with a reason."""
    letter = locked(session, number)
    why = (reason or "").strip()[:_LONGEST_REASON]
    if not why:
        raise HandOverReasonMissing("return_reason", number)
    last = session.scalar(
        sa.select(LetterHop.by)
        .where(LetterHop.letter_id == letter.id, LetterHop.kind == "handed_over")
        .order_by(LetterHop.position.desc())
        .limit(1)
    )
    giver = people.by_username(session, last or letter.registered_by)
    to = giver.username if giver is not None and giver.is_active else letter.registered_by
    return _moved(session, letter, "returned", why, to, None, by=by, now=now)


def file_under(session: Session, number: str, matter_number: str | None, *, by: Actor, now: datetime) -> Letter:
    """Say to which matter a letter belongs; without a number it stays as it is.

    Raises:
        LetterNotFound, LetterClosed, LetterMatterUnknown.
    """
    letter = locked(session, number)
    known = session.scalar(sa.select(Matter.number).where(Matter.id == letter.matter_id)) if letter.matter_id else None
    if matter_number is None or matter_number.strip().upper() in ("", known):
        return letter
    matter = _matter(session, {"letter_matter": matter_number}, by)
    if matter is None:
        return letter
    letter.matter_id = matter.id
    _hop(session, letter, "filed_under", by=by, now=now, reason=matter.number)
    _audit(session, letter, "letter_filed_under", by, now, after={"matter": matter.number})
    return letter


def miss_original(session: Session, number: str, *, reason: str | None, by: Actor, now: datetime) -> Letter:
    """Note that the paper is not where it should be, so that it is searched for."""
    letter = locked(session, number)
    return _moved(session, letter, "original_missed", reason, letter.holder, letter.holder_group, by=by, now=now)


def settle_original(
    session: Session, number: str, *, place: str | None, reason: str | None, by: Actor, now: datetime
) -> Letter:
    """Say where the paper was found, or without a place that it is lost; the letter goes on as a copy then."""
    letter = locked(session, number)
    letter.original_is_lost = place is None
    letter.original_place = place
    kind = "original_found" if place else "original_lost"
    return _moved(session, letter, kind, place or reason, letter.holder, letter.holder_group, by=by, now=now)


def dispatch(
    session: Session,
    number: str,
    facts: Variables,
    *,
    process_instance_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> Letter:
    """Send a letter off: an outgoing one itself; for an incoming one, its answer gets a number of its own.

    ``facts``: ``sent_addressee``, ``sent_subject``, ``sent_channel``, ``sent_on`` and perhaps ``sent_receipt_number``.
    """
    letter = locked(session, number)
    sent_on = day(facts, "sent_on") or now.date()
    channel = _one_of(facts, "sent_channel", CHANNELS)
    receipt = text(facts, "sent_receipt_number", longest=100)
    if letter.direction == "incoming":
        matter = session.get(Matter, letter.matter_id) if letter.matter_id else None
        answer = register(
            session,
            {
                "letter_direction": "outgoing",
                "letter_channel": channel,
                "letter_sender": letter.addressee,
                "letter_addressee": text(facts, "sent_addressee") or letter.sender,
                "letter_subject": text(facts, "sent_subject", longest=500) or letter.subject,
                "letter_reference": letter.reference,
            },
            process_instance_id=process_instance_id,
            by=by,
            now=now,
        )
        answer.answers_id = letter.id
        answer.matter_id = matter.id if matter else None
        letter = answer
    else:
        letter.addressee = text(facts, "sent_addressee") or letter.addressee
        letter.subject = text(facts, "sent_subject", longest=500) or letter.subject
        letter.channel = channel
        letter.search_text = _searchable(letter)
    letter.sent_on, letter.receipt_number = sent_on, receipt
    return _moved(session, letter, "dispatched", receipt, letter.holder or by.username, None, by=by, now=now)


def prove(session: Session, number: str, facts: Variables, *, by: Actor, now: datetime) -> Letter:
    """Keep the proof that a letter arrived (``proof``, ``proof_on``); nothing is to be done about it any more."""
    letter = locked(session, number)
    letter.proof = needed_text(facts, "proof")
    letter.proof_on = day(facts, "proof_on") or now.date()
    return _moved(session, letter, "proof_received", letter.proof, None, None, by=by, now=now)


def close(
    session: Session, number: str, outcome: str, *, reason: str | None = None, by: Actor, now: datetime
) -> Letter:
    """End the way of a letter: ``filed``, ``answered`` or ``withdrawn``. One that has ended stays as it is."""
    if outcome not in ("filed", "answered", "withdrawn"):
        raise VariableInvalid("outcome", outcome[:40])
    letter = session.scalar(sa.select(Letter).where(Letter.number == number))
    if letter is not None and not letter.is_open:
        return letter
    return _moved(session, locked(session, number), outcome, reason, None, None, by=by, now=now)


def locked(session: Session, number: str) -> Letter:
    """Return an open letter with its row locked; no person's rights are asked.

    Raises:
        LetterNotFound, LetterClosed.
    """
    query = sa.select(Letter).where(Letter.number == number).with_for_update()
    letter = session.scalar(query.execution_options(populate_existing=True))
    if letter is None:
        raise LetterNotFound(number[:80])
    if not letter.is_open:
        raise LetterClosed(number)
    return letter


def _moved(
    session: Session,
    letter: Letter,
    kind: str,
    reason: str | None,
    to_username: str | None,
    to_group: str | None,
    *,
    by: Actor,
    now: datetime,
) -> Letter:
    before = {"status": letter.status, "holder": letter.holder, "department": letter.holder_group}
    why = (reason or "").strip()[:_LONGEST_REASON] or None
    _hop(session, letter, kind, by=by, now=now, reason=why, to_username=to_username, to_group=to_group)
    letter.holder, letter.holder_group = to_username, to_group
    letter.last_reason = why
    session.flush()
    after = {"status": letter.status, "holder": letter.holder, "department": letter.holder_group, "reason": why}
    _audit(session, letter, f"letter_{kind}", by, now, before=before, after=after)
    return letter


def _hop(
    session: Session,
    letter: Letter,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    to_username: str | None = None,
    to_group: str | None = None,
) -> None:
    """Write the hop and let the letter's status follow it."""
    is_first = kind == "registered"
    last = session.scalar(sa.select(sa.func.max(LetterHop.position)).where(LetterHop.letter_id == letter.id))
    letter.status = STATUS_AFTER[kind] or letter.status
    letter.moved_at = now
    if letter.status == "closed":
        letter.closed_at = now
    hop = LetterHop(
        letter_id=letter.id,
        position=(last or 0) + 1,
        kind=kind,
        at=now,
        by=by.username,
        reason=reason,
        from_username=None if is_first else letter.holder,
        from_group=None if is_first else letter.holder_group,
        to_username=to_username,
        to_group=to_group,
        status=letter.status,
    )
    session.add(hop)
    session.flush()


def _audit(
    session: Session,
    letter: Letter,
    kind: str,
    by: Actor,
    now: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any],
) -> None:
    number = session.scalar(sa.select(Matter.number).where(Matter.id == letter.matter_id)) if letter.matter_id else None
    audit.append(session, "letter", letter.number, kind, by=by, now=now, before=before, after=after, matter=number)


def _matter(session: Session, facts: Variables, by: Actor) -> Matter | None:
    number = text(facts, "letter_matter", longest=40)
    if number is None:
        return None
    # Whoever keeps the register files by the number on the letter, also where they do not read the matter.
    may_name = sa.not_(matters.denied_to(by)) if by.may(KEEP) else matters.seen_by(by)
    query = sa.select(Matter).where(Matter.number == number.upper(), may_name, Matter.state != "archived")
    matter = session.scalar(query)
    if matter is None:
        raise LetterMatterUnknown("letter_matter", number)
    return matter


def _require_fit(session: Session, letter: Letter, username: str) -> None:
    user = people.by_username(session, username)
    if user is None or not user.is_active:
        raise NotAnActivePerson("hand_to_person", username[:80])
    if letter.matter_id is not None:
        number = session.scalar(sa.select(Matter.number).where(Matter.id == letter.matter_id)) or ""
        require_not_kept_out(session, number, [user.username], field="hand_to_person")


def _one_of(facts: Variables, field: str, known: tuple[str, ...]) -> str:
    value = needed_text(facts, field, longest=40)
    if value not in known:
        raise VariableInvalid(field, value)
    return value


def _department_of(session: Session, username: str) -> str | None:
    query = sa.select(OrgUnit.code).join(StaffRecord, StaffRecord.org_unit_id == OrgUnit.id)
    return session.scalar(query.where(StaffRecord.username == username))


def _searchable(letter: Letter) -> str:
    told = (letter.number, letter.sender, letter.addressee, letter.subject, letter.reference, letter.receipt_number)
    return fold(" ".join(part for part in told if part))


def reason_of(facts: Variables, field: str) -> str | None:
    """Return a reason out of a process's variables, None when it is missing or empty."""
    return long_text(facts, field, longest=_LONGEST_REASON)
