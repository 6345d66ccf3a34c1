"""Timers that wait for their job, not for somebody to look.

Replaced behaviour (SpiffWorkflow 3.2.0): the library reads the machine's clock whenever it looks at a
waiting timer. Ours works out the due instant once, from the instant of the step; the engine stores a
job for it, and only that job fires the timer. So an idle instance costs nothing, and the clock of a
test is the clock of the process.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import isodate
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.extensions import is_expression
from engine.bpmn.tasks import enter
from engine.feel import expressions


class TimerInvalid(Exception):
    """A timer's text is not the ISO 8601 it has to be."""

    def __init__(self, text: Any, wanted: str) -> None:
        super().__init__(f"{text!r} is not {wanted}.")
        self.expression = str(text)


def due_instant(text: str, start: datetime) -> datetime:
    """Return the instant a duration after ``start`` or at a date (UTC midnight) or date-time.

    Months and years follow the calendar: P1M after 31 January is the last day of February.
    """
    try:
        if text.lstrip().upper().startswith("P"):
            return start + isodate.parse_duration(text.strip())
        if "T" in text.upper():
            instant = isodate.parse_datetime(text.strip())
            return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
        day = isodate.parse_date(text.strip())
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    except (isodate.ISO8601Error, ValueError, OverflowError, TypeError) as error:
        raise TimerInvalid(text, "an ISO 8601 duration, date or date-time") from error


class Cycle(NamedTuple):
    """A repetition: how often (-1: without end), how far apart, and the instants it lies between, if any."""

    rounds: int
    duration: str
    starts: str | None = None
    ends: str | None = None


def parse_cycle(text: str) -> Cycle:
    """Read an ISO 8601 repetition: ``R3/PT30M``, ``R/P1D``, ``R/<start>/P1D`` or ``R3/P1D/<end>``.

    Raises:
        TimerInvalid: it is none of these, has no rounds, or never gets on.
    """
    head, *rest = (part.strip() for part in text.strip().split("/"))
    rounds = head[1:]
    durations = [part for part in rest if part.upper().startswith("P")]
    dates = [part for part in rest if not part.upper().startswith("P")]
    if not head.upper().startswith("R") or (rounds and not rounds.isdigit()) or len(durations) != 1 or len(dates) > 1:
        raise TimerInvalid(text, "an ISO 8601 repetition such as R3/PT30M or R/2026-09-01T08:00:00Z/P1D")
    if rounds and int(rounds) == 0:
        raise TimerInvalid(text, "a repetition of at least one round")
    now = datetime.now(UTC)
    if due_instant(durations[0], now) <= now:
        raise TimerInvalid(text, "a repetition that gets on")
    for date in dates:
        due_instant(date, now)
    is_start = bool(dates) and rest[0] == dates[0]
    return Cycle(
        int(rounds) if rounds else -1,
        durations[0],
        dates[0] if is_start else None,
        dates[0] if dates and not is_start else None,
    )


def first_of(cycle: Cycle, now: datetime) -> tuple[int, datetime] | None:
    """Return the rounds left and the instant of the first one after ``now``; None when none is left.

    Without a start the first round is one duration from now. Rounds of a start in the past are over.
    """
    rounds = cycle.rounds
    if cycle.starts is None:
        due = due_instant(cycle.duration, now)
    else:
        due = due_instant(cycle.starts, now)
        step = due_instant(cycle.duration, due) - due
        # Whole spans at once; months differ in length, so stay well before now and walk the rest.
        skipped = max(0, int((now - due) / step) - 2) if isinstance(_step(cycle.duration), timedelta) else 0
        due += skipped * step
        while due <= now:
            due = due_instant(cycle.duration, due)
            skipped += 1
        if 0 <= rounds <= skipped:
            return None
        rounds = rounds if rounds < 0 else rounds - skipped
    if _is_over(cycle.ends, due):
        return None
    return rounds, due


def _step(duration: str) -> Any:
    return isodate.parse_duration(duration)


def _is_over(ends: str | None, due: datetime) -> bool:
    return ends is not None and due > due_instant(ends, due)


def check(text: str, *, cycle: bool) -> str | None:
    """Return what is wrong with a timer's literal text or FEEL, or None."""
    if is_expression(text):
        return expressions.check(text)
    try:
        if cycle:
            parse_cycle(text)
        else:
            due_instant(text, datetime.now(UTC))
    except (TimerInvalid, isodate.ISO8601Error, ValueError) as error:
        return str(error)
    return None


class JobTimer:
    """A timer that is due when its job says so."""

    expression: str

    def has_fired(self, my_task: Any) -> bool:
        return bool(my_task.internal_data.get("event_fired", False))

    def reset(self, my_task: Any) -> None:
        my_task.internal_data.pop("event_fired", None)
        my_task.internal_data.pop("due", None)

    def text(self, my_task: Any) -> str:
        """The timer's text, evaluated when it is FEEL."""
        if not is_expression(self.expression):
            return self.expression
        value = my_task.workflow.script_engine.evaluate(my_task, self.expression)
        if not isinstance(value, str):
            raise TimerInvalid(value, "an ISO 8601 text")
        return value

    def due_at(self, my_task: Any) -> datetime | None:
        """The instant at which the token's timer is due, worked out on first asking; None: it never is."""
        if "due" not in my_task.internal_data:
            first = self.first_due(my_task)
            my_task.internal_data["due"] = None if first is None else first.isoformat()
        known = my_task.internal_data["due"]
        return None if known is None else datetime.fromisoformat(known)

    def first_due(self, my_task: Any) -> datetime | None:
        return due_instant(self.text(my_task), my_task.workflow.script_engine.now)

    def fire(self, my_task: Any) -> None:
        """Let the token go on: its job is due."""
        my_task.internal_data["event_fired"] = True
        enter(my_task)


class DateTimer(JobTimer, TimerEventDefinition):
    """``timeDate``."""


class DurationTimer(JobTimer, TimerEventDefinition):
    """``timeDuration``."""


class CycleTimer(JobTimer, TimerEventDefinition):
    """``timeCycle``: fires again and again beside what it is attached to."""

    def first_due(self, my_task: Any) -> datetime | None:
        cycle = Cycle(*parse_cycle(self.text(my_task)))
        first = first_of(cycle, my_task.workflow.script_engine.now)
        if first is None:
            return None
        my_task.internal_data["cycle"] = [first[0], cycle.duration, cycle.ends]
        return first[1]

    def fire(self, my_task: Any) -> None:
        """End this round, and let a new token wait beside it for the next one."""
        rounds, duration, *rest = my_task.internal_data["cycle"]
        ends = rest[0] if rest else None
        due = due_instant(duration, datetime.fromisoformat(my_task.internal_data["due"]))
        if rounds != 1 and not _is_over(ends, due):
            following = my_task.parent._add_child(my_task.task_spec, TaskState.WAITING)
            following.data = dict(my_task.data)
            following.internal_data["cycle"] = [rounds - 1 if rounds > 0 else rounds, duration, ends]
            following.internal_data["due"] = due.isoformat()
            following.task_spec._predict_hook(following)
            my_task.workflow.top_workflow.event_manager.add_task(following)
        super().fire(my_task)
