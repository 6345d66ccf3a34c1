"""Opening, keeping and closing proceedings, and their hearings."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import clock
from engine.actor import Actor
from practice import money
from practice.audit import operations as audit
from practice.directories import queries as directories
from practice.errors import NotAnActivePerson, VariableInvalid, VariableMissing
from practice.matters.guards import writable
from practice.matters.models import Matter
from practice.matters.searching import search_text_of
from practice.people import queries as people
from practice.proceedings import queries
from practice.proceedings.errors import (
    HearingOver,
    PreviousDecisionMissing,
    ProceedingClosed,
    ProceedingHasPlannedHearings,
    ProceedingNotFound,
)
from practice.proceedings.models import HEARING_STATES, LEVELS, LINKS, STATES, Decision, Hearing, Proceeding
from practice.variables import Variables, day, instant, long_text, needed_text, text, whole

#: Links that follow from a decision.
_AFTER_A_DECISION = frozenset({"appeal", "cassation", "remand", "retrial"})


def open_proceeding(
    session: Session,
    number: str,
    facts: Variables,
    *,
    process_instance_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> Proceeding:
    """Open a proceeding in a matter, which from now on is before its court.

    ``facts``: ``level`` (needed), ``court`` (the key of one in the directory, or its name as written),
    ``court_number``, ``judge``, ``previous`` (a number in the same matter) with ``link``, ``value`` with
    ``currency``, ``opened_on`` (today when missing).

    Raises:
        MatterNotFound, NotOnTheTeam, MatterArchived, VariableMissing, VariableInvalid, ProceedingNotFound,
        AmountInvalid, CurrencyUnknown.
        PreviousDecisionMissing: an appeal from a proceeding that has no decision.
    """
    matter = writable(session, number, by=by)
    level = _one_of(facts, "level", LEVELS)
    previous, link = _previous(session, matter, facts)
    court, court_id = _court(session, facts)
    minor, code = money.claimed({"claim_value": facts.get("value"), "currency": facts.get("currency")})
    last = session.scalar(sa.select(sa.func.max(Proceeding.number)).where(Proceeding.matter_id == matter.id))
    proceeding = Proceeding(
        matter_id=matter.id,
        number=(last or 0) + 1,
        level=level,
        court=court,
        court_id=court_id,
        court_number=text(facts, "court_number", longest=100),
        judge=text(facts, "judge"),
        previous_id=previous.id if previous else None,
        link=link,
        value_minor=minor,
        currency=code if minor is not None else None,
        opened_on=day(facts, "opened_on") or now.astimezone(clock.zone()).date(),
        process_instance_id=process_instance_id,
        created_at=now,
        created_by=by.username,
    )
    session.add(proceeding)
    session.flush()
    _stands_before(matter, proceeding)
    _record(session, proceeding, "proceeding_opened", by=by, now=now, number=number, after=_facts(proceeding))
    return proceeding


def change_proceeding(
    session: Session, number: str, proceeding: int, facts: Variables, *, by: Actor, now: datetime
) -> Proceeding:
    """Change what ``facts`` names of ``court``, ``court_number``, ``judge``, ``value`` with ``currency``, ``state``.

    ``state`` is ``open`` or ``stayed``; closing has its own verb.

    Raises:
        MatterNotFound, NotOnTheTeam, MatterArchived, ProceedingNotFound, ProceedingClosed, VariableInvalid,
        AmountInvalid, CurrencyUnknown.
    """
    matter = writable(session, number, by=by)
    row = _open(session, matter, proceeding)
    before = _facts(row)
    if "court" in facts:
        row.court, row.court_id = _court(session, facts)
    if "court_number" in facts:
        row.court_number = text(facts, "court_number", longest=100)
    if "judge" in facts:
        row.judge = text(facts, "judge")
    if "value" in facts:
        minor, code = money.claimed(
            {"claim_value": facts.get("value"), "currency": facts.get("currency") or row.currency}
        )
        row.value_minor, row.currency = minor, code if minor is not None else None
    if "state" in facts:
        row.state = _one_of(facts, "state", STATES[:2])
    session.flush()
    after = _facts(row)
    if after != before:
        _stands_before(matter, row)
        _record(session, row, "proceeding_changed", by=by, now=now, number=number, before=before, after=after)
    return row


def close_proceeding(
    session: Session, number: str, proceeding: int, facts: Variables, *, by: Actor, now: datetime
) -> Proceeding:
    """Close a proceeding with its ``outcome`` (needed) and ``closed_on`` (today when missing).

    Raises:
        MatterNotFound, NotOnTheTeam, MatterArchived, ProceedingNotFound, ProceedingClosed, VariableMissing,
        VariableInvalid, ProceedingHasPlannedHearings.
    """
    matter = writable(session, number, by=by)
    row = _open(session, matter, proceeding)
    planned = sa.select(Hearing.id).where(Hearing.proceeding_id == row.id, Hearing.state == "planned")
    if session.scalar(planned.limit(1)) is not None:
        raise ProceedingHasPlannedHearings(number, proceeding)
    before = _facts(row)
    closed_on = day(facts, "closed_on") or now.astimezone(clock.zone()).date()
    if closed_on < row.opened_on:
        raise VariableInvalid("closed_on", closed_on.isoformat())
    row.outcome = needed_text(facts, "outcome", longest=200)
    row.state, row.closed_on = "closed", closed_on
    session.flush()
    _record(session, row, "proceeding_closed", by=by, now=now, number=number, before=before, after=_facts(row))
    return row


def plan_hearing(
    session: Session, number: str, proceeding: int, facts: Variables, *, by: Actor, now: datetime
) -> Hearing:
    """Plan a hearing: ``starts_at`` (needed), ``ends_at``, ``room``, ``representative`` (a username).

    Raises:
        MatterNotFound, NotOnTheTeam, MatterArchived, ProceedingNotFound, ProceedingClosed, VariableMissing,
        VariableInvalid, NotAnActivePerson.
    """
    matter = writable(session, number, by=by)
    row = _open(session, matter, proceeding)
    starts_at, ends_at = instant(facts, "starts_at"), instant(facts, "ends_at")
    if starts_at is None:
        raise VariableMissing("starts_at")
    if ends_at is not None and ends_at <= starts_at:
        raise VariableInvalid("ends_at", ends_at.isoformat())
    hearing = Hearing(
        proceeding_id=row.id,
        starts_at=starts_at,
        ends_at=ends_at,
        room=text(facts, "room", longest=100),
        representative=_person(session, text(facts, "representative"), "representative"),
        created_at=now,
        created_by=by.username,
    )
    session.add(hearing)
    session.flush()
    _record(session, hearing, "hearing_planned", by=by, now=now, number=number, after=_facts_of_hearing(hearing))
    return hearing


def change_hearing(session: Session, hearing_id: UUID, facts: Variables, *, by: Actor, now: datetime) -> Hearing:
    """Change what ``facts`` names of a planned hearing: ``starts_at``, ``ends_at``, ``room``, ``representative``.

    A hearing that the court puts off is not changed but ended as ``adjourned``, so that both days stay on record.

    Raises:
        HearingNotFound, NotOnTheTeam, MatterArchived, HearingOver, VariableMissing, VariableInvalid,
        NotAnActivePerson.
    """
    hearing, number = _planned(session, hearing_id, by)
    before = _facts_of_hearing(hearing)
    if "starts_at" in facts:
        starts_at = instant(facts, "starts_at")
        if starts_at is None:
            raise VariableMissing("starts_at")
        hearing.starts_at = starts_at
    if "ends_at" in facts:
        hearing.ends_at = instant(facts, "ends_at")
    if hearing.ends_at is not None and hearing.ends_at <= hearing.starts_at:
        raise VariableInvalid("ends_at", hearing.ends_at.isoformat())
    if "room" in facts:
        hearing.room = text(facts, "room", longest=100)
    if "representative" in facts:
        hearing.representative = _person(session, text(facts, "representative"), "representative")
    session.flush()
    after = _facts_of_hearing(hearing)
    if after != before:
        _record(session, hearing, "hearing_changed", by=by, now=now, number=number, before=before, after=after)
    return hearing


def end_hearing(session: Session, hearing_id: UUID, facts: Variables, *, by: Actor, now: datetime) -> Hearing:
    """Record how a planned hearing ended: ``state`` and ``result``.

    A hearing that is ``held`` needs its result; ``next_starts_at`` plans the date that takes its place or follows.

    Raises:
        HearingNotFound, NotOnTheTeam, MatterArchived, HearingOver, VariableMissing, VariableInvalid.
    """
    hearing, number = _planned(session, hearing_id, by)
    before = _facts_of_hearing(hearing)
    state = _one_of(facts, "state", HEARING_STATES[1:])
    result = long_text(facts, "result")
    if state == "held" and result is None:
        raise VariableMissing("result")
    if instant(facts, "next_starts_at") is not None:
        following = plan_hearing(
            session,
            number,
            hearing.proceeding.number,
            {
                "starts_at": facts["next_starts_at"],
                "room": facts.get("next_room") or hearing.room,
                "representative": facts.get("next_representative") or hearing.representative,
            },
            by=by,
            now=now,
        )
        hearing.next_hearing_id = following.id
    hearing.state, hearing.result = state, result
    session.flush()
    after = _facts_of_hearing(hearing)
    _record(session, hearing, f"hearing_{state}", by=by, now=now, number=number, before=before, after=after)
    return hearing


def _planned(session: Session, hearing_id: UUID, by: Actor) -> tuple[Hearing, str]:
    hearing = queries.get_hearing(session, hearing_id, actor=by)
    number = hearing.proceeding.matter.number
    writable(session, number, by=by)
    session.refresh(hearing, with_for_update=True)
    if hearing.state != "planned":
        raise HearingOver(str(hearing_id), hearing.state)
    return hearing, number


def _previous(session: Session, matter: Matter, facts: Variables) -> tuple[Proceeding | None, str | None]:
    said = whole(facts, "previous")
    if said is None:
        if text(facts, "link", longest=20) is not None:
            raise VariableMissing("previous")
        return None, None
    previous = _of(session, matter, said)
    link = _one_of(facts, "link", LINKS)
    if link in _AFTER_A_DECISION:
        decided = sa.select(Decision.id).where(Decision.proceeding_id == previous.id).limit(1)
        if session.scalar(decided) is None:
            raise PreviousDecisionMissing("previous", previous.number)
    return previous, link


def _court(session: Session, facts: Variables) -> tuple[str | None, UUID | None]:
    said = text(facts, "court")
    if said is None:
        return None, None
    entry = directories.by_key(session, "court", said) or directories.by_name(session, "court", said)
    return (entry.name, entry.id) if entry is not None and entry.is_active else (said, None)


def _stands_before(matter: Matter, proceeding: Proceeding) -> None:
    """A matter is before the court of its latest proceeding."""
    if proceeding.court is None and proceeding.court_number is None:
        return
    matter.court, matter.court_number = proceeding.court, proceeding.court_number
    matter.search_text = search_text_of(matter)


def _of(session: Session, matter: Matter, proceeding: int) -> Proceeding:
    row = session.scalar(
        sa.select(Proceeding).where(Proceeding.matter_id == matter.id, Proceeding.number == proceeding)
    )
    if row is None:
        raise ProceedingNotFound(matter.number, str(proceeding))
    return row


def _open(session: Session, matter: Matter, proceeding: int) -> Proceeding:
    row = _of(session, matter, proceeding)
    if row.state == "closed":
        raise ProceedingClosed(matter.number, proceeding)
    return row


def _person(session: Session, username: str | None, field: str) -> str | None:
    if username is None:
        return None
    user = people.by_username(session, username)
    if user is None or not user.is_active:
        raise NotAnActivePerson(field, username[:80])
    return user.username


def _one_of(facts: Variables, field: str, known: tuple[str, ...]) -> str:
    said = needed_text(facts, field, longest=40)
    if said not in known:
        raise VariableInvalid(field, said)
    return said


def _record(
    session: Session,
    row: Proceeding | Hearing,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    number: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    entity = "proceeding" if isinstance(row, Proceeding) else "hearing"
    entity_id = f"{number}/{row.number}" if isinstance(row, Proceeding) else str(row.id)
    audit.append(session, entity, entity_id, kind, by=by, now=now, before=before, after=after, matter=number)


def _facts(row: Proceeding) -> dict[str, Any]:
    return {
        "level": row.level,
        "court": row.court,
        "court_number": row.court_number,
        "judge": row.judge,
        "previous_id": str(row.previous_id) if row.previous_id else None,
        "link": row.link,
        "value_minor": row.value_minor,
        "currency": row.currency,
        "state": row.state,
        "opened_on": row.opened_on.isoformat(),
        "closed_on": row.closed_on.isoformat() if row.closed_on else None,
        "outcome": row.outcome,
    }


def _facts_of_hearing(row: Hearing) -> dict[str, Any]:
    return {
        "proceeding_id": str(row.proceeding_id),
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat() if row.ends_at else None,
        "room": row.room,
        "representative": row.representative,
        "state": row.state,
        "result": row.result,
        "next_hearing_id": str(row.next_hearing_id) if row.next_hearing_id else None,
    }
