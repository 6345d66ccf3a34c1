"""Timers that wait for their job, not for somebody to look.

Replaced behaviour (SpiffWorkflow 3.2.0): the library reads the machine's clock whenever it looks at a
waiting timer. Ours works out the due instant once, from the instant of the step; the engine stores a
job for it, and only that job fires the timer. So an idle instance costs nothing, and the clock of a
test is the clock of the process.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import isodate
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.extensions import is_expression
from engine.bpmn.tasks import CORRECTED, enter
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


def parse_cycle(text: str) -> tuple[int, str]:
    """Split ``R3/PT30M`` into the number of rounds (-1 without end) and the duration between them."""
    head, _, duration = text.strip().partition("/")
    if not head.upper().startswith("R") or not duration or not duration.upper().startswith("P"):
        raise TimerInvalid(text, "an ISO 8601 repetition such as R3/PT30M")
    rounds = head[1:]
    if rounds and not rounds.isdigit():
        raise TimerInvalid(text, "an ISO 8601 repetition such as R3/PT30M")
    step = isodate.parse_duration(duration)
    if isinstance(step, timedelta) and step <= timedelta(0):
        raise TimerInvalid(text, "a repetition that gets on")
    return (int(rounds) if rounds else -1), duration


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

    def due_at(self, my_task: Any) -> datetime:
        """The instant at which the token's timer is due, worked out on first asking."""
        known = my_task.internal_data.get("due")
        if known is None:
            known = self.first_due(my_task).isoformat()
            my_task.internal_data["due"] = known
        return datetime.fromisoformat(known)

    def first_due(self, my_task: Any) -> datetime:
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

    def first_due(self, my_task: Any) -> datetime:
        rounds, duration = parse_cycle(self.text(my_task))
        my_task.internal_data["cycle"] = [rounds, duration]
        return due_instant(duration, my_task.workflow.script_engine.now)

    def fire(self, my_task: Any) -> None:
        """End this round, and let a new token wait beside it for the next one."""
        rounds, duration = my_task.internal_data["cycle"]
        if rounds != 1:
            following = my_task.parent._add_child(my_task.task_spec, TaskState.WAITING)
            due = datetime.fromisoformat(my_task.internal_data["due"])
            following.data = dict(my_task.data)
            following.internal_data["cycle"] = [rounds - 1 if rounds > 0 else rounds, duration]
            following.internal_data["due"] = due_instant(duration, due).isoformat()
            if CORRECTED in my_task.internal_data:
                following.internal_data[CORRECTED] = my_task.internal_data[CORRECTED]
            following.task_spec._predict_hook(following)
            my_task.workflow.top_workflow.event_manager.add_task(following)
        super().fire(my_task)
