"""The sheets of people's days: opened in the evening, handed in, excused, locked, or closed when it is too late."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from engine import job_kinds, job_table, process_instances
from engine.actor import SYSTEM, Actor
from engine.errors import ProcessDefinitionNotFound
from engine.job_kinds import DueJob
from practice.audit import operations as audit
from practice.errors import NotAnActivePerson
from practice.people import queries as people
from practice.sequences.operations import next_number
from practice.time import calendars, queries
from practice.time.away import is_away
from practice.time.models import TimeEntry, Timesheet

KEY: Final = "timesheet"
JOB: Final = "open_timesheet"
#: Local times: the day's hours are due, and the leader hears in the morning of whose are missing.
DUE, TOLD = time(18), time(9, 30)
_LONGEST_EXCUSE: Final = 500


def ask_everybody(session: Session, *, by: Actor, now: datetime) -> int:
    """Let everybody's day begin that has to be reported: one job for each; return how many.

    Who has a day off by their calendar or is away is not asked, and neither is who has a sheet already.
    """
    on_day = calendars.local_day(now)
    asked = [
        username
        for username in queries.fee_earners(session)
        if calendars.of(session, username).is_working(on_day)
        and not is_away(session, username, on_day)
        and queries.sheet_of(session, username, on_day) is None
    ]
    rows = [
        job_table.values(
            JOB, due_at=now, by=by.username, now=now, payload={"person": username, "on_day": on_day.isoformat()}
        )
        for username in asked
    ]
    job_table.promise_all(session, rows, now=now)
    return len(rows)


@job_kinds.handles(JOB)
def begin(session: Session, job: DueJob, now: datetime) -> None:
    """Start the process of one person's day."""
    said: dict[str, Any] = job.payload or {}
    if queries.sheet_of(session, said["person"], date.fromisoformat(said["on_day"])) is not None:
        return
    variables = {"timesheet_person": said["person"], "timesheet_on": said["on_day"]}
    try:
        process_instances.start(session, KEY, variables=variables, by=SYSTEM, now=now)
    except ProcessDefinitionNotFound:
        return


def open_sheet(
    session: Session, username: str, on_day: date, *, process_instance_id: UUID | None = None, now: datetime
) -> Timesheet:
    """Open the sheet of a person's day, or return the one that is there; drafts are made of the day's work.

    Raises:
        NotAnActivePerson.
    """
    user = people.by_username(session, username)
    if user is None or not user.is_active:
        raise NotAnActivePerson("timesheet_person", username[:80])
    sheet = queries.sheet_of(session, user.username, on_day)
    if sheet is None:
        sheet = Timesheet(
            number=f"T-{on_day.year}-{next_number(session, 'timesheet', year=on_day.year):05d}",
            username=user.username,
            on_day=on_day,
            state="open",
            leader=queries.leader_of(session, user.username),
            created_at=now,
            process_instance_id=process_instance_id,
        )
        session.add(sheet)
        session.flush()
    elif sheet.process_instance_id is None:
        sheet.process_instance_id = process_instance_id
    _draft(session, sheet, now)
    return sheet


def _draft(session: Session, sheet: Timesheet, now: datetime) -> None:
    """Write a draft without hours for each matter on which the person completed work that day."""
    by_matter: dict[str, list[queries.Suggestion]] = {}
    for found in queries.suggestions(session, sheet.username, sheet.on_day):
        by_matter.setdefault(found.matter_number, []).append(found)
    numbers = queries.matter_ids(session, by_matter)
    taken = queries.drafted_matters(session, sheet.username, sheet.on_day)
    for number, found in sorted(by_matter.items()):
        if numbers[number] in taken:
            continue
        session.add(
            TimeEntry(
                username=sheet.username,
                on_day=sheet.on_day,
                matter_id=numbers[number],
                is_internal=False,
                is_billable=True,
                minutes=0,
                work="; ".join(dict.fromkeys(one.work for one in found)),
                state="draft",
                source="drafted",
                user_task_id=found[0].user_task_id,
                created_at=now,
                changed_at=now,
                version=1,
            )
        )
    session.flush()


def excuse(session: Session, sheet: Timesheet, reason: str | None, *, by: Actor, now: datetime) -> Timesheet:
    """Note that there is nothing to enter, and why: leave, illness, a holiday."""
    sheet.excuse = (reason or "").strip()[:_LONGEST_EXCUSE] or None
    return _end(session, sheet, "excused", by, now)


def lock(session: Session, sheet: Timesheet, *, by: Actor, now: datetime) -> Timesheet:
    """End a day whose lines are all approved."""
    sheet.decided_by, sheet.decided_at = by.username, now
    return _end(session, sheet, "locked", by, now)


def close(session: Session, sheet: Timesheet, *, by: Actor, now: datetime) -> Timesheet:
    """End a day for which nothing can be entered any more."""
    return _end(session, sheet, "closed", by, now)


def give_back(session: Session, sheet: Timesheet, *, by: Actor, now: datetime) -> Timesheet:
    """Return a day of which some lines have to be changed."""
    sheet.state, sheet.decided_by, sheet.decided_at = "returned", by.username, now
    session.flush()
    return sheet


def due_at(on_day: date) -> datetime:
    """Return the instant at which a day's hours are due."""
    return calendars.at_local(on_day, DUE)


def told_at(session: Session, username: str, now: datetime) -> datetime:
    """Return the morning on which the leader hears that hours are missing: the next working day's."""
    today = calendars.local_day(now)
    return calendars.at_local(calendars.of(session, username).add_working_days(today, 1), TOLD)


def late_until(on_day: date) -> datetime:
    """Return the instant at which hours of a day can no longer be entered."""
    return calendars.at_local(queries.last_day_for(on_day) + timedelta(days=1), time())


def _end(session: Session, sheet: Timesheet, state: str, by: Actor, now: datetime) -> Timesheet:
    if sheet.ended_at is not None:
        return sheet
    before = {"state": sheet.state}
    sheet.state, sheet.ended_at = state, now
    session.flush()
    after = {"state": state, "excuse": sheet.excuse, "person": sheet.username, "on_day": sheet.on_day.isoformat()}
    audit.append(session, "timesheet", sheet.number, f"timesheet_{state}", by=by, now=now, before=before, after=after)
    return sheet
