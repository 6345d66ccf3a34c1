"""Planning events, beginning and ending them, and writing down how long they took."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import clock
from engine.actor import Actor
from practice.audit import operations as audit
from practice.directories import queries as directories
from practice.directories.models import DirectoryEntry
from practice.errors import NotAnActivePerson, VariableInvalid, VariableMissing
from practice.events import queries
from practice.events.errors import EventOver, KindNotOpen, NotResponsible
from practice.events.models import ENDED_BY, DurationFact, Event, EventResponsible
from practice.matters.guards import EDIT_ANY, writable
from practice.matters.models import Matter
from practice.people import queries as people
from practice.proceedings import queries as proceedings
from practice.proceedings.models import Proceeding
from practice.rights import decisions
from practice.variables import Variables, instant, long_text, names, needed_text, text, whole
from practice.walls import operations as walls

_MOST_RESPONSIBLE = 20


def plan(session: Session, number: str, facts: Variables, *, by: Actor, now: datetime) -> Event:
    """Plan an event in a matter.

    ``facts``: ``kind`` (key, needed), ``title`` (the kind's name when missing), ``planned_start_at`` (now when
    missing), ``planned_end_at``, ``responsible`` (usernames; at least one, who plans it when missing),
    ``ended_by`` (``any`` or ``all`` of them), ``proceeding`` (its number).

    Raises:
        MatterNotFound, NotOnTheTeam, MatterArchived, VariableMissing, VariableInvalid, EntryUnknown,
        NotAnActivePerson, ProceedingNotFound, KindNotOpen.
    """
    matter = writable(session, number, by=by)
    kind = directories.chosen(session, "event_kind", needed_text(facts, "kind", longest=60), field="kind")
    if kind is None:
        raise VariableMissing("kind")
    if not decisions.may(session, by, "create", decisions.EventOf(matter, kind)):
        raise KindNotOpen(kind.key, by.username)
    planned_start_at = instant(facts, "planned_start_at") or now
    planned_end_at = instant(facts, "planned_end_at")
    if planned_end_at is not None and planned_end_at < planned_start_at:
        raise VariableInvalid("planned_end_at", planned_end_at.isoformat())
    proceeding = whole(facts, "proceeding")
    row = proceedings.get(session, number, proceeding, actor=by) if proceeding is not None else None
    event = Event(
        matter_id=matter.id,
        proceeding_id=row.id if row else None,
        kind_id=kind.id,
        title=text(facts, "title") or kind.name,
        planned_start_at=planned_start_at,
        planned_end_at=planned_end_at,
        ended_by=_ended_by(facts),
        created_at=now,
        created_by=by.username,
        responsible=[
            EventResponsible(username=username)
            for username in _people(
                session, number, names(facts, "responsible", most=_MOST_RESPONSIBLE) or [by.username]
            )
        ],
    )
    session.add(event)
    session.flush()
    _record(session, event, "event_planned", by=by, now=now, after=_facts(event))
    return event


def change(session: Session, event_id: UUID, facts: Variables, *, by: Actor, now: datetime) -> Event:
    """Change what ``facts`` names of an event that is not over.

    That is ``title``, ``planned_start_at``, ``planned_end_at``, ``responsible`` (exactly these from now on; what
    somebody said to be done stays done) and ``ended_by``.

    Raises:
        EventNotFound, NotOnTheTeam, MatterArchived, EventOver, VariableInvalid, NotAnActivePerson.
    """
    event = _open(session, event_id, by=by)
    before = _facts(event)
    if "title" in facts:
        event.title = needed_text(facts, "title")
    if "planned_start_at" in facts:
        event.planned_start_at = instant(facts, "planned_start_at") or event.planned_start_at
    if "planned_end_at" in facts:
        event.planned_end_at = instant(facts, "planned_end_at")
    if event.planned_end_at is not None and event.planned_end_at < event.planned_start_at:
        raise VariableInvalid("planned_end_at", event.planned_end_at.isoformat())
    if "ended_by" in facts:
        event.ended_by = _ended_by(facts)
    if "responsible" in facts:
        wanted = _people(session, event.matter.number, names(facts, "responsible", most=_MOST_RESPONSIBLE))
        if not wanted:
            raise VariableMissing("responsible")
        known = {row.username: row for row in event.responsible}
        event.responsible = [known.get(username) or EventResponsible(username=username) for username in wanted]
    session.flush()
    after = _facts(event)
    if after != before:
        _record(session, event, "event_changed", by=by, now=now, before=before, after=after)
    return event


def begin(session: Session, event_id: UUID, *, at: datetime | None = None, by: Actor, now: datetime) -> Event:
    """Say that a planned event has begun, now or ``at`` an instant before; beginning again changes nothing.

    Raises:
        EventNotFound, NotOnTheTeam, MatterArchived, EventOver.
        VariableInvalid: ``at`` lies in the future.
    """
    event = _open(session, event_id, by=by)
    if event.state == "started":
        return event
    started_at = _not_later(at, now, "at")
    event.started_at, event.state = started_at, "started"
    session.flush()
    after = {"state": "started", "started_at": started_at.isoformat()}
    _record(session, event, "event_started", by=by, now=now, before={"state": "planned"}, after=after)
    return event


def finish(session: Session, event_id: UUID, facts: Variables, *, by: Actor, now: datetime) -> Event:
    """Say that one's part of an event is done; the last one needed ends it and writes how long it took.

    Who is responsible says so, or for all of them who may edit any matter. ``facts``: ``ended_at`` and
    ``started_at`` (now, and the planned start, when missing), ``result``.

    Raises:
        EventNotFound, NotOnTheTeam, MatterArchived, EventOver, NotResponsible, VariableInvalid.
    """
    event = _open(session, event_id, by=by)
    mine = next((row for row in event.responsible if row.username == by.username), None)
    if mine is None and not by.may(EDIT_ANY):
        raise NotResponsible(str(event_id), by.username)
    ended_at = _not_later(instant(facts, "ended_at"), now, "ended_at")
    started_at = instant(facts, "started_at") or event.started_at or min(event.planned_start_at, ended_at)
    if started_at > ended_at:
        raise VariableInvalid("ended_at", ended_at.isoformat())
    if mine is not None:
        mine.done_at = now
    event.started_at, event.state = started_at, "started"
    event.result = long_text(facts, "result") or event.result
    waits = mine is not None and event.ended_by == "all" and any(row.done_at is None for row in event.responsible)
    if waits:
        session.flush()
        _record(session, event, "event_part_done", by=by, now=now, after={"username": by.username})
        return event
    event.state, event.ended_at = "ended", ended_at
    session.flush()
    fact = _write_duration(session, event, ended_at)
    after = {
        "state": "ended",
        "started_at": started_at.isoformat(),
        "ended_at": ended_at.isoformat(),
        "days": fact.days,
        "result": event.result,
    }
    _record(session, event, "event_ended", by=by, now=now, after=after)
    return event


def cancel(session: Session, event_id: UUID, facts: Variables, *, by: Actor, now: datetime) -> Event:
    """Cancel an event for a ``reason`` (needed).

    Raises:
        EventNotFound, NotOnTheTeam, MatterArchived, EventOver, VariableMissing.
    """
    event = _open(session, event_id, by=by)
    before = {"state": event.state}
    event.result = needed_text(facts, "reason")
    event.state = "cancelled"
    session.flush()
    after = {"state": "cancelled", "reason": event.result}
    _record(session, event, "event_cancelled", by=by, now=now, before=before, after=after)
    return event


def _write_duration(session: Session, event: Event, ended_at: datetime) -> DurationFact:
    """Write what reports compare by: group, kind, direction, court and the days from start to end."""
    matter = session.get_one(Matter, event.matter_id)
    proceeding = session.get(Proceeding, event.proceeding_id) if event.proceeding_id else None
    direction = session.get(DirectoryEntry, matter.direction_id) if matter.direction_id else None
    court = proceeding.court if proceeding and proceeding.court else matter.court
    court_entry = None if court is None or proceeding else directories.by_name(session, "court", court)
    started_at = event.started_at or ended_at
    zone = clock.zone()
    fact = DurationFact(
        event_id=event.id,
        matter_id=event.matter_id,
        group_id=directories.top_of(session, event.kind).id,
        kind_id=event.kind_id,
        direction_id=direction.id if direction else None,
        direction_top_id=directories.top_of(session, direction).id if direction else None,
        region_id=matter.region_id,
        court=court,
        court_id=proceeding.court_id if proceeding else court_entry.id if court_entry else None,
        started_at=started_at,
        ended_at=ended_at,
        days=(ended_at.astimezone(zone).date() - started_at.astimezone(zone).date()).days,
    )
    session.add(fact)
    session.flush()
    return fact


def _open(session: Session, event_id: UUID, *, by: Actor) -> Event:
    event = queries.get(session, event_id, actor=by)
    matter = writable(session, event.matter.number, by=by)
    if not decisions.may(session, by, "change", decisions.EventOf(matter, event.kind)):
        raise KindNotOpen(event.kind.key, by.username)
    session.execute(sa.select(Event.id).where(Event.id == event_id).with_for_update())
    session.refresh(event)
    if event.state in ("ended", "cancelled"):
        raise EventOver(str(event_id), event.state)
    return event


def _people(session: Session, number: str, usernames: Sequence[str]) -> list[str]:
    """Return the people who are to answer for an event of a matter; nobody whom a wall keeps out of it."""
    found: list[str] = []
    for username in dict.fromkeys(usernames):
        user = people.by_username(session, username)
        if user is None or not user.is_active:
            raise NotAnActivePerson("responsible", username[:80])
        found.append(user.username)
    walls.require_not_kept_out(session, number, found, field="responsible")
    return found


def _ended_by(facts: Variables) -> str:
    said = text(facts, "ended_by", longest=5) or "any"
    if said not in ENDED_BY:
        raise VariableInvalid("ended_by", said)
    return said


def _not_later(at: datetime | None, now: datetime, field: str) -> datetime:
    if at is None:
        return now
    if at > now:
        raise VariableInvalid(field, at.isoformat())
    return at


def _record(
    session: Session,
    event: Event,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    number = session.get_one(Matter, event.matter_id).number
    audit.append(session, "event", event.id, kind, by=by, now=now, before=before, after=after, matter=number)


def _facts(event: Event) -> dict[str, Any]:
    return {
        "matter_id": str(event.matter_id),
        "kind_id": str(event.kind_id),
        "title": event.title,
        "planned_start_at": event.planned_start_at.isoformat(),
        "planned_end_at": event.planned_end_at.isoformat() if event.planned_end_at else None,
        "responsible": sorted(row.username for row in event.responsible),
        "ended_by": event.ended_by,
        "state": event.state,
    }
