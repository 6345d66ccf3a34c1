"""The days on which people of the firm work: each person's own calendar, else their unit's, else the firm's."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy.orm import Session

from engine import clock
from practice.deadlines import queries as deadlines
from practice.deadlines.calendars import CalendarRule, WorkingCalendar
from practice.organisation import queries as organisation

#: Where nobody has said another: Monday to Friday.
DEFAULT: Final = "neutral.weekdays"


def of(session: Session, username: str | None = None) -> WorkingCalendar:
    """Return the calendar that a person follows; the firm's own for nobody."""
    library = deadlines.library(session)
    key = organisation.calendar_of(session, username) if username else None
    for known in (key, DEFAULT):
        if known is not None and known in library.calendars:
            return library.calendar(known)
    return WorkingCalendar(CalendarRule(DEFAULT, "Weekdays"))


def local_day(at: datetime) -> date:
    """Return the day that an instant is in the firm's time zone."""
    return at.astimezone(clock.zone()).date()


def at_local(day: date, hour: time) -> datetime:
    """Return the instant of a local time of day, in UTC."""
    return datetime.combine(day, hour, clock.zone()).astimezone(UTC)


def working_days_before(session: Session, now: datetime, days: int) -> datetime:
    """Return the instant from which ``days`` whole working days have passed by ``now``."""
    calendar, local = of(session), now.astimezone(clock.zone())
    today = local.date()
    earlier = calendar.add_working_days(today, -days)
    if not calendar.is_working(today):
        # Nothing of today counts: the days are those before, from morning to night.
        return at_local(earlier + timedelta(days=1), time())
    return at_local(earlier, local.time().replace(tzinfo=None))
