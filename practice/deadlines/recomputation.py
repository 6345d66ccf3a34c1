"""Calculating deadlines anew when their anchor, a calendar, a rule or a stay has changed.

What was calculated before is superseded, never overwritten, and the new day asks for verification again. A verified
fatal deadline counts on until somebody has verified the day that replaces it: one person alone moves none.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.audit import operations as audit
from practice.deadlines import library as libraries
from practice.deadlines import periods, queries, records
from practice.deadlines.errors import RuleUnknown, ServiceMethodUnknown, StayInvalid, StayNotFound
from practice.deadlines.models import CalendarDay, Deadline, DeadlineStay
from practice.deadlines.operations import KEEP, KEEP_CALENDARS, require
from practice.deadlines.records import TWO, Proposal
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.variables import Variables, needed_text


def as_it_is(session: Session, deadline: Deadline) -> Proposal:
    """Return a deadline as a proposal for another one like it."""
    found = None
    if deadline.pack and deadline.rule and deadline.anchor_on:
        try:
            found = queries.library(session).rule(deadline.pack, deadline.rule, on=deadline.anchor_on)
        except RuleUnknown:
            found = None
    return Proposal(
        name=deadline.name,
        citation=deadline.citation,
        source=deadline.source,
        due_on=deadline.due_on,
        computed_on=deadline.computed_on,
        pack=deadline.pack if found else None,
        pack_version=deadline.pack_version,
        pack_confirmed=deadline.pack_confirmed,
        rule=found,
        calendar=deadline.calendar,
        anchor_on=deadline.anchor_on,
        service_method=deadline.service_method,
        is_provisional=deadline.is_provisional,
        is_fatal=deadline.is_fatal,
        persons=deadline.persons,
        time_zone=deadline.time_zone,
        responsible=deadline.responsible,
        chain_id=deadline.chain_id,
        after_id=deadline.after_id,
        warnings=() if found else (14, 7, 3, 1, 0),
    )


def anew(
    session: Session,
    deadline: Deadline,
    *,
    anchor_on: date | None = None,
    service_method: str | None = None,
    calendar: str | None = None,
) -> Proposal:
    """Calculate a deadline with what is given, and with its own anchor, way of service and calendar otherwise."""
    library = queries.library(session)
    start = anchor_on or deadline.anchor_on
    assert deadline.pack is not None, "only what a rule calculated is calculated anew"
    assert deadline.rule is not None, "as above"
    pack = library.pack(deadline.pack)
    if start is None:
        return as_it_is(session, deadline)
    rule = library.rule(pack.key, deadline.rule, on=start)
    method = service_method or deadline.service_method
    if method and rule.service_method(method) is None:
        raise ServiceMethodUnknown("service_method", method, [known.key for known in rule.service_methods])
    key = calendar or deadline.calendar or rule.calendar
    stays = queries.as_periods(queries.stays(session, deadline.matter_id))
    found = periods.compute(rule, start, calendar=library.calendar(key), service_method=method, stays=stays)
    return replace(
        as_it_is(session, deadline),
        name=rule.name,
        citation=rule.citation,
        pack=pack.key,
        pack_version=pack.version,
        pack_confirmed=pack.is_confirmed,
        rule=rule,
        calendar=key,
        anchor_on=start,
        service_method=method,
        is_fatal=rule.is_fatal,
        persons=rule.persons,
        time_zone=pack.time_zone,
        **records.from_computation(found),
    )


def put_in_place(
    session: Session, deadline: Deadline, said: Proposal, matter: Matter, *, reason: str, by: Actor, now: datetime
) -> Deadline:
    """Register what replaces a deadline, and what hangs on it."""
    deadline = _in_force(session, deadline)
    keeps_on = deadline.state == "verified" and deadline.persons == TWO
    _withdraw_other_replacements(session, deadline, reason=reason, by=by, now=now)
    made = records.add_deadline(session, matter, replace(said, supersedes=deadline), by=by, now=now)
    if deadline.is_open:  # not if the replacement, by one person, has been stood for already
        if keeps_on:
            records.note_stopped(session, deadline, "replacement_proposed", reason, by=by, now=now)
        else:
            records.supersede(session, deadline, reason=reason, by=by, now=now)
    for link in _hanging_on(session, deadline.id):
        if made.due_on is not None and link.pack is not None:
            follow = replace(anew(session, link, anchor_on=made.due_on), after_id=made.id)
            put_in_place(session, link, follow, matter, reason=reason, by=by, now=now)
    return made


def recompute(session: Session, found: Iterable[Deadline], *, reason: str, by: Actor, now: datetime) -> list[Deadline]:
    """Calculate deadlines anew; only those that come to another day are replaced, which are returned."""
    replaced: list[Deadline] = []
    for deadline in found:
        session.refresh(deadline)
        if not deadline.is_open or deadline.pack is None or deadline.anchor_on is None:
            continue
        try:
            said = anew(session, deadline)
        except (RuleUnknown, ServiceMethodUnknown):
            records.note_stopped(session, deadline, "rule_gone", reason, by=by, now=now)
            continue
        if _was_by_hand(deadline):
            if said.computed_on != deadline.computed_on:
                records.note_stopped(session, deadline, "recompute_asked", reason, by=by, now=now)
            continue
        newest = _pending(session, deadline)
        if newest is not None and said.due_on == deadline.due_on:
            _withdraw_other_replacements(session, deadline, reason=reason, by=by, now=now)
            continue
        if said.due_on == (newest or deadline).due_on:
            continue
        matter = records.matter_of(session, deadline)
        replaced.append(put_in_place(session, deadline, said, matter, reason=reason, by=by, now=now))
    return replaced


# -- stays ------------------------------------------------------------------------------------------------


def stay(
    session: Session,
    number: str,
    *,
    first_on: date,
    last_on: date | None,
    reason: str,
    by: Actor,
    now: datetime,
) -> tuple[DeadlineStay, list[Deadline]]:
    """Let the proceedings of a matter stand still; deadlines whose rule says so stop or begin anew afterwards.

    Raises:
        MatterNotFound, MayNotKeepDeadlines, StayInvalid, VariableMissing.
    """
    require(by, KEEP)
    matter = matters.get_by_number(session, number, actor=by)
    if last_on is not None and last_on < first_on:
        raise StayInvalid("last_on")
    for known in queries.stays(session, matter.id):
        if (last_on is None or known.first_on <= last_on) and (known.last_on is None or first_on <= known.last_on):
            raise StayInvalid("first_on")
    words = needed_text({"reason": reason}, "reason", longest=2000)
    row = DeadlineStay(
        matter_id=matter.id, first_on=first_on, last_on=last_on, reason=words, created_by=by.username, created_at=now
    )
    session.add(row)
    session.flush()
    told = {"first_on": first_on.isoformat(), "last_on": last_on.isoformat() if last_on else None, "reason": words}
    audit.append(session, "deadline_stay", row.id, "stay_began", by=by, now=now, after=told, matter=number)
    found = records.open_of(session, matter.id)
    return row, recompute(session, found, reason=f"Stay: {words}", by=by, now=now)


def resume(
    session: Session, stay_id: UUID, *, last_on: date, by: Actor, now: datetime
) -> tuple[DeadlineStay, list[Deadline]]:
    """Say when a stay ended: its last day. Deadlines run again and ask for verification.

    Raises:
        StayNotFound, MayNotKeepDeadlines.
        StayInvalid: it would end before it began, or has ended.
    """
    require(by, KEEP)
    visible = sa.select(Matter.id).where(matters.visible_to(by))
    query = sa.select(DeadlineStay).where(DeadlineStay.id == stay_id, DeadlineStay.matter_id.in_(visible))
    row = session.scalar(query.with_for_update())
    if row is None:
        raise StayNotFound(str(stay_id))
    if row.last_on is not None or last_on < row.first_on:
        raise StayInvalid("last_on")
    row.last_on, row.ended_by, row.ended_at = last_on, by.username, now
    matter = session.get(Matter, row.matter_id)
    assert matter is not None, "a foreign key says so"
    told = {"last_on": last_on.isoformat()}
    audit.append(session, "deadline_stay", row.id, "stay_ended", by=by, now=now, after=told, matter=matter.number)
    session.flush()
    found = records.open_of(session, matter.id)
    return row, recompute(session, found, reason=f"The stay has ended: {row.reason}", by=by, now=now)


# -- calendars and rules ----------------------------------------------------------------------------------


def add_calendar_day(
    session: Session, calendar: str, on: date, said: Variables, *, is_working: bool, by: Actor, now: datetime
) -> tuple[CalendarDay, list[Deadline]]:
    """Add a holiday or a working day to a calendar, or say otherwise of one added before; affected ones follow.

    ``said`` holds ``name`` and ``citation``.

    Raises:
        MayNotKeepDeadlines, CalendarUnknown, VariableMissing, VariableInvalid.
    """
    require(by, KEEP_CALENDARS)
    libraries.current().calendar(calendar)
    row = session.get(CalendarDay, (calendar, on))
    before = {"is_working": row.is_working, "name": row.name} if row else None
    if row is None:
        row = CalendarDay(calendar=calendar, on=on)
        session.add(row)
    row.is_working, row.name = is_working, needed_text(said, "name", longest=200)
    row.citation, row.added_by, row.added_at = needed_text(said, "citation", longest=1000), by.username, now
    session.flush()
    told = {"is_working": is_working, "name": row.name, "citation": row.citation}
    key = f"{calendar} {on.isoformat()}"
    audit.append(session, "calendar_day", key, "calendar_day_added", by=by, now=now, before=before, after=told)
    reaches = sa.or_(Deadline.sort_on >= on, Deadline.computed_on >= on, Deadline.anchor_on >= on)
    affected = _open(session, Deadline.calendar == calendar, reaches)
    return row, recompute(session, affected, reason=f"Calendar: {row.name}, {on.isoformat()}", by=by, now=now)


def follow_packs(session: Session, *, by: Actor, now: datetime) -> list[Deadline]:
    """Calculate anew what an older version of a pack calculated; for the start of a new release."""
    replaced: list[Deadline] = []
    for key, pack in libraries.current().packs.items():
        older = _open(session, Deadline.pack == key, Deadline.pack_version != pack.version)
        reason = f"The rules of {pack.name} have changed: version {pack.version}"
        replaced += recompute(session, older, reason=reason, by=by, now=now)
    return replaced


# -- pieces -----------------------------------------------------------------------------------------------


def _open(session: Session, *wanted: sa.ColumnElement[bool]) -> list[Deadline]:
    query = sa.select(Deadline).where(Deadline.ended_at.is_(None), *wanted)
    return list(session.scalars(query.order_by(Deadline.created_at, Deadline.id)))


def _hanging_on(session: Session, deadline_id: UUID) -> list[Deadline]:
    return _open(session, Deadline.after_id == deadline_id)


def _pending(session: Session, deadline: Deadline) -> Deadline | None:
    found = _open(session, Deadline.supersedes_id == deadline.id)
    return found[-1] if found else None


def _in_force(session: Session, deadline: Deadline) -> Deadline:
    """Return the deadline that counts while this one, which is to replace it, is not verified; else itself."""
    before = session.get(Deadline, deadline.supersedes_id) if deadline.supersedes_id else None
    return _in_force(session, before) if before is not None and before.is_open else deadline


def _was_by_hand(deadline: Deadline) -> bool:
    """Say whether somebody put another day in the place of what the rule gave."""
    return deadline.due_on != deadline.computed_on


def _withdraw_other_replacements(
    session: Session, deadline: Deadline, *, reason: str, by: Actor, now: datetime
) -> None:
    for other in _open(session, Deadline.supersedes_id == deadline.id):
        records.supersede(session, other, reason=reason, by=by, now=now)
