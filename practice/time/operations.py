"""Keeping hours: lines are entered, handed in, decided one by one, and corrected by further lines."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import messages
from engine.actor import Actor
from engine.errors import MessageUnknown
from practice.audit import operations as audit
from practice.errors import VariableInvalid, VariableMissing
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.time import queries
from practice.time.errors import (
    CorrectionTooLarge,
    DayClosed,
    HoursChanged,
    HoursInvalid,
    HoursLocked,
    HoursMatterUnknown,
    LineIncomplete,
    NothingEntered,
    NotTheLeader,
    OwnHours,
    ReturnReasonMissing,
    TimeEntryNotFound,
)
from practice.time.hours import minutes_of
from practice.time.models import LONGEST, WRITABLE_STATES, TimeEntry, Timesheet
from practice.variables import Variables, day, long_text, text

#: Messages to the process of a day: its lines were handed in, or decided, on a page or over the API.
SUBMITTED: Final = "hours_submitted"
DECIDED: Final = "hours_decided"
_LONGEST_REASON: Final = 500


def enter(session: Session, facts: Variables, *, by: Actor, now: datetime) -> TimeEntry:
    """Write a line for oneself: ``on_day``, ``matter`` (number) or ``is_internal``, ``hours`` as typed, ``work``.

    ``is_billable`` is true for a matter unless said otherwise. It stays a draft until the day is handed in.

    Raises:
        VariableMissing, VariableInvalid, HoursInvalid, HoursMatterUnknown, DayClosed: naming the field.
    """
    on_day = day(facts, "on_day")
    if on_day is None:
        raise VariableMissing("on_day")
    _require_open(on_day, now)
    entry = TimeEntry(
        username=by.username,
        on_day=on_day,
        minutes=0,
        work="",
        is_internal=False,
        is_billable=True,
        state="draft",
        source="drafted" if facts.get("user_task_id") else "entered",
        user_task_id=_id(facts, "user_task_id"),
        created_at=now,
        changed_at=now,
        version=1,
    )
    _apply(session, entry, facts, by)
    session.add(entry)
    session.flush()
    _audit(session, entry, "hours_entered", by, now)
    return entry


def change(
    session: Session, time_entry_id: UUID, facts: Variables, *, version: int | None = None, by: Actor, now: datetime
) -> TimeEntry:
    """Change one's own line that is not handed in; what is not named stays.

    Raises:
        TimeEntryNotFound, HoursLocked, and what ``enter`` refuses.
        HoursChanged: ``version`` is an older one.
    """
    entry = _own(session, time_entry_id, by)
    if version is not None and version != entry.version:
        raise HoursChanged(str(entry.id), entry.version)
    _require_open(entry.on_day, now)
    _apply(session, entry, facts, by)
    entry.changed_at = now
    entry.version += 1
    session.flush()
    _audit(session, entry, "hours_changed", by, now)
    return entry


def remove(session: Session, time_entry_id: UUID, *, by: Actor, now: datetime) -> None:
    """Take back one's own line that is not handed in."""
    entry = _own(session, time_entry_id, by)
    _audit(session, entry, "hours_removed", by, now)
    session.delete(entry)
    session.flush()


def correct(
    session: Session, time_entry_id: UUID, hours: str, reason: str | None, *, by: Actor, now: datetime
) -> TimeEntry:
    """Correct one's own approved line by a further one: ``hours`` with a sign is what is added or taken away.

    Raises:
        TimeEntryNotFound, HoursInvalid, CorrectionTooLarge, ReturnReasonMissing.
        VariableInvalid: the line is not approved yet, so that it can be changed itself.
    """
    entry = session.scalar(
        sa.select(TimeEntry).where(TimeEntry.id == time_entry_id, TimeEntry.username == by.username).with_for_update()
    )
    if entry is None:
        raise TimeEntryNotFound(str(time_entry_id))
    why = (reason or "").strip()[:_LONGEST_REASON]
    if not why:
        raise ReturnReasonMissing("reason")
    if entry.state != "approved" or entry.corrects_id is not None:
        raise VariableInvalid("time_entry_id", entry.state)
    minutes = minutes_of(hours, signed=True)
    earlier = session.scalar(sa.select(sa.func.sum(TimeEntry.minutes)).where(TimeEntry.corrects_id == entry.id)) or 0
    if not 0 <= entry.minutes + earlier + minutes <= LONGEST:
        raise CorrectionTooLarge("hours", minutes)
    line = TimeEntry(
        username=by.username,
        on_day=entry.on_day,
        matter_id=entry.matter_id,
        is_internal=entry.is_internal,
        is_billable=entry.is_billable,
        minutes=minutes,
        work=entry.work,
        state="submitted",
        source="entered",
        corrects_id=entry.id,
        correction_reason=why,
        created_at=now,
        changed_at=now,
        submitted_at=now,
        version=1,
    )
    session.add(line)
    session.flush()
    _audit(session, line, "hours_corrected", by, now)
    return line


def submit(session: Session, username: str, on_day: date, *, by: Actor, now: datetime) -> list[TimeEntry]:
    """Hand in what a person wrote for a day; no person's rights are asked.

    Raises:
        NothingEntered, LineIncomplete: naming the line.
    """
    mine = sa.select(TimeEntry).where(TimeEntry.username == username, TimeEntry.on_day == on_day)
    written: list[TimeEntry] = []
    for entry in session.scalars(mine.order_by(TimeEntry.id).with_for_update()):
        if entry.source == "drafted" and entry.state == "draft" and entry.minutes == 0:
            # Proposed, and never taken up.
            session.delete(entry)
        else:
            written.append(entry)
    if not written:
        raise NothingEntered("lines", on_day)
    for entry in written:
        if entry.state in WRITABLE_STATES:
            _submit(session, entry, by, now)
    sheet = queries.sheet_of(session, username, on_day)
    if sheet is not None and sheet.ended_at is None:
        sheet.state, sheet.submitted_at = "submitted", now
    session.flush()
    return written


def submit_day(session: Session, on_day: date, *, by: Actor, now: datetime) -> list[TimeEntry]:
    """Hand in one's own day on the page or over the API; the day's process is told."""
    _require_open(on_day, now)
    written = submit(session, by.username, on_day, by=by, now=now)
    _tell(session, queries.sheet_of(session, by.username, on_day), SUBMITTED, by, now)
    return written


def decide(
    session: Session, time_entry_id: UUID, decision: str, reason: str | None = None, *, by: Actor, now: datetime
) -> TimeEntry:
    """Approve a line, which locks it, or return it with a reason (A28); whoever leads the person.

    Raises:
        TimeEntryNotFound, NotTheLeader, OwnHours, HoursLocked, ReturnReasonMissing, VariableInvalid.
    """
    entry = queries.get(session, time_entry_id, actor=by)
    sheet = queries.sheet_of(session, entry.username, entry.on_day)
    leads = sheet is not None and sheet.leader == by.username
    if not leads and not by.may(queries.APPROVE) and entry.username != by.username:
        raise NotTheLeader(by.username)
    decided = settle(session, entry.id, decision, reason, by=by, now=now)
    if sheet is not None and not _undecided(session, sheet):
        _tell(session, sheet, DECIDED, by, now)
    return decided


def settle(
    session: Session, time_entry_id: UUID, decision: str, reason: str | None = None, *, by: Actor, now: datetime
) -> TimeEntry:
    """Decide about a line; nobody about their own. Who else may is the caller's to say."""
    entry = session.get(TimeEntry, time_entry_id, with_for_update=True, populate_existing=True)
    if entry is None:
        raise TimeEntryNotFound(str(time_entry_id))
    if entry.username == by.username:
        raise OwnHours(by.username)
    if entry.state != "submitted":
        raise HoursLocked(str(entry.id), entry.state)
    why = (reason or "").strip()[:_LONGEST_REASON] or None
    if decision not in ("approve", "return"):
        raise VariableInvalid("decision", decision[:40])
    if decision == "return" and why is None:
        raise ReturnReasonMissing("reason")
    entry.state = "approved" if decision == "approve" else "returned"
    entry.decided_by, entry.decided_at, entry.decision_reason = by.username, now, why
    entry.version += 1
    session.flush()
    _audit(session, entry, f"hours_{entry.state}", by, now)
    return entry


def _undecided(session: Session, sheet: Timesheet) -> bool:
    query = sa.select(TimeEntry.id).where(
        TimeEntry.username == sheet.username, TimeEntry.on_day == sheet.on_day, TimeEntry.state == "submitted"
    )
    return session.scalar(query.limit(1)) is not None


def _tell(session: Session, sheet: Timesheet | None, message: str, by: Actor, now: datetime) -> None:
    if sheet is None or sheet.process_instance_id is None or sheet.ended_at is not None:
        return
    try:
        messages.correlate(session, message, sheet.number, time_to_live="PT0S", by=by, now=now)
    except MessageUnknown:
        return


def _submit(session: Session, entry: TimeEntry, by: Actor, now: datetime) -> None:
    for field, is_there in (
        ("hours", entry.minutes != 0),
        ("work", bool(entry.work)),
        ("matter", entry.is_internal or entry.matter_id is not None),
    ):
        if not is_there:
            raise LineIncomplete(field, str(entry.id))
    entry.state, entry.submitted_at = "submitted", now
    entry.decided_by = entry.decided_at = None
    entry.version += 1
    _audit(session, entry, "hours_submitted", by, now)


def _apply(session: Session, entry: TimeEntry, facts: Variables, by: Actor) -> None:
    if "is_internal" in facts:
        entry.is_internal = facts["is_internal"] is True
    if "matter" in facts:
        number = text(facts, "matter", longest=40)
        entry.matter_id = _matter(session, number, by).id if number and not entry.is_internal else None
    if "hours" in facts:
        said = facts["hours"]
        entry.minutes = 0 if said in (None, "") else minutes_of(str(said))
    if "work" in facts:
        entry.work = long_text(facts, "work", longest=4000) or ""
    if "is_billable" in facts:
        entry.is_billable = facts["is_billable"] is True
    if entry.is_internal:
        entry.matter_id, entry.is_billable = None, False
    known = [entry.id] if sa.inspect(entry).persistent else []
    others = session.scalar(
        sa.select(sa.func.sum(TimeEntry.minutes)).where(
            TimeEntry.username == entry.username, TimeEntry.on_day == entry.on_day, TimeEntry.id.not_in(known)
        )
    )
    if (others or 0) + entry.minutes > LONGEST:
        raise HoursInvalid("hours", str(facts.get("hours"))[:40])


def _matter(session: Session, number: str, by: Actor) -> Matter:
    query = sa.select(Matter).where(Matter.number == number.upper(), matters.seen_by(by), Matter.state != "archived")
    matter = session.scalar(query)
    if matter is None:
        raise HoursMatterUnknown("matter", number)
    return matter


def _own(session: Session, time_entry_id: UUID, by: Actor) -> TimeEntry:
    query = sa.select(TimeEntry).where(TimeEntry.id == time_entry_id, TimeEntry.username == by.username)
    entry = session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if entry is None:
        raise TimeEntryNotFound(str(time_entry_id))
    if entry.state not in WRITABLE_STATES:
        raise HoursLocked(str(entry.id), entry.state)
    return entry


def _require_open(on_day: date, now: datetime) -> None:
    if not queries.is_open_day(on_day, now):
        raise DayClosed("on_day", on_day)


def _id(facts: Variables, field: str) -> UUID | None:
    value = facts.get(field)
    if value is None or isinstance(value, UUID):
        return value
    try:
        return UUID(str(value))
    except ValueError as broken:
        raise VariableInvalid(field, str(value)[:80]) from broken


def _audit(session: Session, entry: TimeEntry, kind: str, by: Actor, now: datetime) -> None:
    number = session.scalar(sa.select(Matter.number).where(Matter.id == entry.matter_id)) if entry.matter_id else None
    after: Mapping[str, Any] = {
        "person": entry.username,
        "on_day": entry.on_day.isoformat(),
        "minutes": entry.minutes,
        "work": entry.work,
        "matter": number,
        "state": entry.state,
        "reason": entry.correction_reason if kind == "hours_corrected" else entry.decision_reason,
    }
    audit.append(session, "time_entry", entry.id, kind, by=by, now=now, after=after, matter=number)
