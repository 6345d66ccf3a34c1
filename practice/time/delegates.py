"""Service tasks of the process of a person's day."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import process_instances
from engine.actor import Actor
from engine.delegates import DelegateCall, delegate
from practice.deliveries.operations import once
from practice.errors import VariableInvalid
from practice.time import calendars, operations, sheets
from practice.time.errors import ReturnReasonMissing, TimesheetNotFound
from practice.time.hours import written
from practice.time.models import TimeEntry, Timesheet
from practice.variables import day, long_text, needed_text, text


@delegate("ask_for_hours")
def ask_for_hours(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Let the day of everybody begin who works today and has hours to report."""

    def effect() -> dict[str, Any]:
        return {"asked": sheets.ask_everybody(session, by=call.by, now=call.now)}

    return once(session, "ask_for_hours", call, effect)


@delegate("open_timesheet")
def open_timesheet(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Open the sheet of ``timesheet_person`` for ``timesheet_on`` (today), with drafts of the day's work."""

    def effect() -> dict[str, Any]:
        person = needed_text(call.variables, "timesheet_person", longest=150)
        on_day = day(call.variables, "timesheet_on") or calendars.local_day(call.now)
        sheet = sheets.open_sheet(session, person, on_day, process_instance_id=call.process_instance_id, now=call.now)
        process_instances.set_business_key(session, call.process_instance_id, sheet.number, by=call.by, now=call.now)
        return {
            "timesheet_number": sheet.number,
            "timesheet_person": sheet.username,
            "timesheet_on": sheet.on_day.isoformat(),
            "timesheet_leader": sheet.leader,
            "timesheet_state": sheet.state,
            "hours_due_at": sheets.due_at(sheet.on_day).isoformat(),
            "leader_told_at": sheets.told_at(session, sheet.username, call.now).isoformat(),
            "late_until": sheets.late_until(sheet.on_day).isoformat(),
            "lines": _lines(session, sheet),
        }

    return once(session, "open_timesheet", call, effect)


@delegate("submit_hours")
def submit_hours(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Hand in the person's lines of the day, with one more when ``hours`` and ``work`` are given (``matter``)."""

    def effect() -> dict[str, Any]:
        sheet = _sheet(session, call)
        if text(call.inputs, "hours", longest=20) is not None:
            facts = {name: call.inputs.get(name) for name in ("matter", "hours", "work")}
            facts |= {"on_day": sheet.on_day.isoformat(), "is_internal": not facts["matter"]}
            # For the sheet's person, whoever handed it in for them.
            operations.enter(session, facts, by=_as(call.by, sheet.username), now=call.now)
        operations.submit(session, sheet.username, sheet.on_day, by=call.by, now=call.now)
        return {"lines": _lines(session, sheet), "quick_hours": None, "quick_work": None, "quick_matter": None}

    return once(session, "submit_hours", call, effect)


@delegate("excuse_timesheet")
def excuse_timesheet(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Note that there is nothing to enter for the day, and the ``reason``."""

    def effect() -> None:
        reason = needed_text(call.inputs, "reason", longest=500)
        sheets.excuse(session, _sheet(session, call), reason, by=call.by, now=call.now)

    return once(session, "excuse_timesheet", call, effect)


@delegate("decide_hours")
def decide_hours(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Decide what is undecided as ``decision`` says (``approve_rest``, ``return_rest`` with ``reason``); count returns.

    Lines that were decided one by one stay as they were decided; those of matters closed to the person wait for
    somebody else.
    """

    def effect() -> dict[str, Any]:
        sheet = _sheet(session, call)
        decision = text(call.inputs, "decision", longest=20)
        if decision not in (None, "approve_rest", "return_rest"):
            raise VariableInvalid("review", decision or "")
        reason = long_text(call.inputs, "reason", longest=500)
        if decision == "return_rest" and reason is None:
            raise ReturnReasonMissing("review_reason")
        for entry in _of_day(session, sheet):
            if entry.state == "submitted" and decision is not None:
                operations.settle(
                    session, entry.id, "approve" if decision == "approve_rest" else "return", reason,
                    by=call.by, now=call.now,
                )  # fmt: skip
        returned = [entry for entry in _of_day(session, sheet) if entry.state == "returned"]
        if returned:
            sheets.give_back(session, sheet, by=call.by, now=call.now)
        return {
            "returned_count": len(returned),
            "returned_because": next((entry.decision_reason for entry in returned), None),
            "leader_told_at": sheets.told_at(session, sheet.username, call.now).isoformat(),
            "hours_due_at": sheets.told_at(session, sheet.username, call.now).isoformat(),
            "lines": _lines(session, sheet),
            "review": None,
        }

    return once(session, "decide_hours", call, effect)


@delegate("end_timesheet")
def end_timesheet(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """End the day: ``how`` is ``lock`` when every line is approved, ``close`` when it is too late to enter any."""

    def effect() -> None:
        how = needed_text(call.inputs, "how", longest=10)
        if how not in ("lock", "close"):
            raise VariableInvalid("how", how)
        end = sheets.lock if how == "lock" else sheets.close
        end(session, _sheet(session, call), by=call.by, now=call.now)

    return once(session, "end_timesheet", call, effect)


def _sheet(session: Session, call: DelegateCall) -> Timesheet:
    number = needed_text(call.variables, "timesheet_number", longest=40)
    sheet = session.scalar(sa.select(Timesheet).where(Timesheet.number == number).with_for_update())
    if sheet is None:
        raise TimesheetNotFound(number)
    return sheet


def _of_day(session: Session, sheet: Timesheet) -> list[TimeEntry]:
    query = sa.select(TimeEntry).where(TimeEntry.username == sheet.username, TimeEntry.on_day == sheet.on_day)
    return list(session.scalars(query.order_by(TimeEntry.id)))


def _lines(session: Session, sheet: Timesheet) -> list[dict[str, str]]:
    """Return the lines for a form to show: without matters, because whoever decides may not see each of them."""
    return [{"hours": written(entry.minutes), "work": entry.work[:300]} for entry in _of_day(session, sheet)]


def _as(by: Actor, username: str) -> Actor:
    return by if by.username == username else Actor(username)
