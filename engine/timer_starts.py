"""The times at which processes start by themselves: one job each, in the job table like every other timer.

A job starts an instance and promises the next time in one transaction, so that each time starts one instance,
whatever number of nodes look. When the clock has jumped, or nobody was at work, over several times of a repetition,
the process starts once and goes on with the next time to come; the instance's history says how many were missed.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import isodate
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import clock, job_table
from engine.actor import SYSTEM
from engine.bpmn import schedules
from engine.bpmn.compiled import Compiled
from engine.bpmn.extensions import is_expression
from engine.bpmn.timers import TimerInvalid
from engine.feel import expressions
from engine.feel.errors import FeelError
from engine.findings import Finding
from engine.models import Job, ProcessDefinition

JOB_KIND = "timer_start"


@dataclass(frozen=True, slots=True)
class Planned:
    """What a job knows of the time for which it was made."""

    definition_id: UUID
    due_at: datetime
    number: int = 0
    #: The schedule it belongs to; None when it is the last, or its next time is promised already.
    schedule: dict[str, Any] | None = None
    #: How many times after this one had passed when it was first tried.
    missed: int = 0

    @classmethod
    def of(cls, payload: dict[str, Any] | None) -> "Planned":
        """Read a job's payload."""
        stored = cast("dict[str, Any]", payload)
        return cls(
            UUID(stored["definition_id"]),
            datetime.fromisoformat(stored["due_at"]),
            stored["number"],
            stored["schedule"],
            stored["missed"],
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as a job's payload."""
        return {
            "definition_id": str(self.definition_id),
            "due_at": self.due_at.isoformat(),
            "number": self.number,
            "schedule": self.schedule,
            "missed": self.missed,
        }

    @property
    def repeats(self) -> bool:
        """True when the next time has still to be promised."""
        return self.schedule is not None

    def alone(self, missed: int) -> "Planned":
        """Return this time without those that follow, ``missed`` of which have passed."""
        return replace(self, schedule=None, missed=missed)


def check(process: Compiled, *, now: datetime) -> list[Finding]:
    """Return what is wrong with a process's times when they are worked out at ``now``."""
    findings: list[Finding] = []
    for start_id in _timed(process):
        try:
            schedule = _schedule(process, start_id, now)
        except (FeelError, TimerInvalid, isodate.ISO8601Error) as error:
            findings.append(Finding("error", "timer", start_id, f"'{start_id}': {error}"))
            continue
        if schedule.after(now) is None:
            findings.append(Finding("warning", "timer_past", start_id, f"'{start_id}': its time has passed."))
    return findings


def plan(session: Session, definition: ProcessDefinition, process: Compiled, *, now: datetime) -> None:
    """Promise the first times of a new version, and take back those of the versions before."""
    _take_back(session, definition.key)
    for start_id in _timed(process):
        schedule = _schedule(process, start_id, now)
        first = schedule.after(now)
        if first is not None:
            _promise(session, Planned(definition.id, first.at, first.number, schedule.as_json()), start_id, now)


def promise_next(session: Session, planned: Planned, start_id: str, *, now: datetime) -> int:
    """Promise the first time after ``now`` that follows one, unless that was done; return how many were missed."""
    if planned.schedule is None:
        return planned.missed
    schedule = schedules.from_json(planned.schedule, clock.zone())
    following = schedule.after(max(now, planned.due_at))
    if following is not None:
        _promise(session, replace(planned, due_at=following.at, number=following.number), start_id, now)
    return schedule.missed(schedules.Occurrence(planned.due_at, planned.number), now)


def _timed(process: Compiled) -> list[str]:
    return [start.element_id for start in process.starts.values() if start.time is not None]


def _schedule(process: Compiled, start_id: str, now: datetime) -> schedules.Schedule:
    kind, text = cast("tuple[str, str]", process.starts[start_id].time)
    if is_expression(text):
        value = expressions.evaluate(text, {}, now=now)
        if not isinstance(value, str):
            raise TimerInvalid(value, "an ISO 8601 text")
        text = value
    return schedules.parse(kind, text, now=now, zone=clock.zone())


def _promise(session: Session, planned: Planned, start_id: str, now: datetime) -> None:
    job_table.promise(
        session,
        JOB_KIND,
        due_at=planned.due_at,
        by=SYSTEM.username,
        now=now,
        payload=planned.as_json(),
        element_id=start_id,
    )


def _take_back(session: Session, process_key: str) -> None:
    # Jobs of no instance are few, and an index finds them.
    rows = session.execute(
        sa.select(Job.id, Job.payload).where(Job.process_instance_id.is_(None), Job.kind == JOB_KIND)
    ).all()
    if rows:
        versions = set(session.scalars(sa.select(ProcessDefinition.id).where(ProcessDefinition.key == process_key)))
        old = [row.id for row in rows if Planned.of(row.payload).definition_id in versions]
        if old:
            job_table.cancel(session, old)
