"""When a process starts by itself: at an instant, after a time, again and again, or by a calendar.

Texts are ISO 8601: a date or date-time, a duration (counted from the deployment), a repetition (``R/P1D``, ``R5/P1D``,
``R5/2026-12-01T09:00:00Z/P1D``, ``R/P1D/2026-12-31T00:00:00Z`` until then, ``R5/start/end`` for rounds as long as the
first), or the five fields of cron (``0 9 * * 1-5``). Repetitions are counted in UTC, so a day has 24 hours; cron goes
by the wall clock of the firm's time zone, where a day may have 23: what falls into the hour that summer time skips
happens right after it, and what falls into the hour that comes twice happens once.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, NamedTuple, cast

import isodate
from cronsim import CronSim, CronSimError

from engine.bpmn.extensions import is_expression
from engine.bpmn.timers import TimerInvalid, due_instant
from engine.feel import expressions

#: Cron has no seconds, and a process that starts more often would do nothing else.
SHORTEST = timedelta(minutes=1)
#: Missed rounds of a calendar are counted up to here.
MOST_COUNTED = 1000
_CRON_FIELDS = 5
_WANTED = "an ISO 8601 repetition such as R/P1D, or the five fields of cron such as 0 9 * * 1-5"


class Occurrence(NamedTuple):
    """One instant of a schedule."""

    at: datetime
    #: Its number, from 0; calendars do not count.
    number: int = 0


class Once(NamedTuple):
    """An instant."""

    at: datetime

    def after(self, instant: datetime) -> Occurrence | None:
        """Return the next occurrence after an instant."""
        return Occurrence(self.at) if self.at > instant else None

    def missed(self, occurrence: Occurrence, now: datetime) -> int:
        """Count the occurrences after one of them that have passed as well."""
        del occurrence, now
        return 0

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored with a job."""
        return {"at": self.at.isoformat()}


class Rounds(NamedTuple):
    """Every so often: occurrence ``n`` is ``n`` durations after the first, so that months do not drift."""

    anchor: datetime
    #: ISO 8601.
    step: str
    #: Durations from the anchor to the first occurrence: 1, or 0 when the anchor is itself one.
    lead: int
    #: How many there are; -1 without end.
    rounds: int = -1
    until: datetime | None = None

    def after(self, instant: datetime) -> Occurrence | None:
        """Return the next occurrence after an instant."""
        number = max(0, self._guess(instant))
        while True:
            found = self._occurrence(number)
            if found is None or found.at > instant:
                return found
            number += 1

    def missed(self, occurrence: Occurrence, now: datetime) -> int:
        """Count the occurrences after one of them that have passed as well."""
        following = self.after(now)
        last = following.number if following is not None else self._end(now)
        return max(0, last - occurrence.number - 1)

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored with a job."""
        until = self.until.isoformat() if self.until else None
        return {
            "anchor": self.anchor.isoformat(),
            "step": self.step,
            "lead": self.lead,
            "rounds": self.rounds,
            "until": until,
        }

    def _occurrence(self, number: int) -> Occurrence | None:
        if 0 <= self.rounds <= number:
            return None
        try:
            at = self.anchor + cast("timedelta", isodate.parse_duration(self.step)) * (number + self.lead)
        except (OverflowError, ValueError):  # beyond the year 9999
            return None
        return None if self.until is not None and at > self.until else Occurrence(at, number)

    def _guess(self, instant: datetime) -> int:
        """A number that comes before ``instant``, near enough to count on from."""
        length = due_instant(self.step, self.anchor) - self.anchor
        longest = length + timedelta(days=3) if length >= timedelta(days=28) else length
        return int((instant - self.anchor) / longest) - self.lead - 1

    def _end(self, now: datetime) -> int:
        number = max(0, self._guess(min(now, self.until) if self.until else now))
        while self._occurrence(number) is not None:
            number += 1
        return self.rounds if 0 <= self.rounds < number else number


class Calendar(NamedTuple):
    """Five fields of cron, in a time zone."""

    fields: str
    zone: tzinfo

    def after(self, instant: datetime) -> Occurrence | None:
        """Return the next occurrence after an instant."""
        return next((Occurrence(at) for at in self._from(instant)), None)

    def missed(self, occurrence: Occurrence, now: datetime) -> int:
        """Count the occurrences after one of them that have passed as well, up to ``MOST_COUNTED``."""
        count = 0
        for at in self._from(occurrence.at):
            if at > now or count == MOST_COUNTED:
                break
            count += 1
        return count

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored with a job; the zone is the firm's when it is due."""
        return {"cron": self.fields}

    def _from(self, instant: datetime) -> Iterator[datetime]:
        # In the hour that comes twice the wall clock says less than the instant: what lies behind is left out.
        found = (at.astimezone(UTC) for at in CronSim(self.fields, instant.astimezone(self.zone)))
        return (at for at in found if at > instant)


Schedule = Once | Rounds | Calendar


def parse(kind: str, text: str, *, now: datetime, zone: tzinfo) -> Schedule:
    """Read a start timer's text: ``timeDate``, ``timeDuration`` (from ``now``) or ``timeCycle``.

    Raises:
        TimerInvalid: it is none.
    """
    if kind != "timeCycle":
        return Once(due_instant(text, now))
    if len(text.split()) >= _CRON_FIELDS:
        return _calendar(text, zone)
    return _rounds(text, now)


def _calendar(text: str, zone: tzinfo) -> Calendar:
    if len(text.split()) != _CRON_FIELDS:
        raise TimerInvalid(text, "cron with five fields: minute, hour, day of the month, month, day of the week")
    try:
        CronSim(text, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise TimerInvalid(text, f"a calendar that ever comes: {error}") from error
    return Calendar(text, zone)


def _rounds(text: str, now: datetime) -> Rounds:
    head, *parts = (part.strip() for part in text.split("/"))
    count = head[1:]
    if not head.upper().startswith("R") or (count and not count.isdigit()) or not 1 <= len(parts) <= 2:  # noqa: PLR2004 - start and end at most
        raise TimerInvalid(text, _WANTED)
    rounds = int(count) if count else -1
    if rounds == 0:
        raise TimerInvalid(text, "a repetition that ever happens")
    lengths = [part for part in parts if part.upper().startswith("P")]
    instants = [due_instant(part, now) for part in parts if not part.upper().startswith("P")]
    if len(lengths) == 1 and not instants:
        found = Rounds(now, lengths[0], 1, rounds)
    elif len(lengths) == 1 and parts[0] == lengths[0]:
        found = Rounds(now, lengths[0], 1, rounds, instants[0])
    elif len(lengths) == 1:
        found = Rounds(instants[0], lengths[0], 0, rounds)
    elif len(instants) == 2:  # noqa: PLR2004 - start and end
        found = Rounds(instants[0], isodate.duration_isoformat(instants[1] - instants[0]), 0, rounds)
    else:
        raise TimerInvalid(text, _WANTED)
    try:
        if due_instant(found.step, now) - now < SHORTEST:
            raise TimerInvalid(text, f"a repetition of at least {SHORTEST.seconds // 60} minute")
    except OverflowError as error:
        raise TimerInvalid(text, _WANTED) from error
    return found


def from_json(stored: dict[str, Any], zone: tzinfo) -> Schedule:
    """Return what ``as_json`` wrote."""
    if "cron" in stored:
        return Calendar(stored["cron"], zone)
    if "at" in stored:
        return Once(datetime.fromisoformat(stored["at"]))
    until = datetime.fromisoformat(stored["until"]) if stored["until"] else None
    return Rounds(datetime.fromisoformat(stored["anchor"]), stored["step"], stored["lead"], stored["rounds"], until)


def check(kind: str, text: str) -> str | None:
    """Return what is wrong with a start timer's literal text or FEEL, or None."""
    if is_expression(text):
        return expressions.check(text)
    try:
        parse(kind, text, now=datetime(2026, 1, 1, tzinfo=UTC), zone=UTC)
    except (TimerInvalid, isodate.ISO8601Error, ValueError) as error:
        return str(error)
    return None
