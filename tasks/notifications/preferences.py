"""How somebody wants to hear of things, and when: quiet hours, days off and the daily digest."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.audit import operations as audit
from tasks.notifications.errors import NotificationPreferenceInvalid
from tasks.notifications.models import EMAIL, NotificationPreference

ONE_DAY = timedelta(days=1)
#: Days in a row that nobody works; more is a broken calendar.
_LONGEST_QUIET_DAYS = 60
_MOST_MUTED = 50
_KIND_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Wishes:
    """What one person wishes; these are the usual ones."""

    email: str = "each"
    digest_at: time = time(8)
    push: bool = True
    quiet_from: time | None = time(20)
    quiet_to: time | None = time(7)
    quiet_days_off: bool = True
    muted: tuple[str, ...] = ()


USUAL = Wishes()


class Days(Protocol):
    """Says which days are worked on."""

    def is_working(self, day: date) -> bool:
        """Say whether a day is a working day."""
        ...


def of(session: Session, username: str) -> Wishes:
    """Return what somebody wishes."""
    return of_all(session, [username])[username]


def of_all(session: Session, usernames: Collection[str]) -> dict[str, Wishes]:
    """Return what each of these people wishes."""
    rows = session.scalars(sa.select(NotificationPreference).where(NotificationPreference.username.in_(usernames)))
    found = {row.username: _wishes(row) for row in rows}
    return {username: found.get(username, USUAL) for username in usernames}


def change(session: Session, facts: Mapping[str, Any], *, by: Actor, now: datetime) -> Wishes:
    """Change one's own wishes: what ``facts`` does not name stays. Times are local, ``HH:MM`` or ``time``.

    Raises:
        NotificationPreferenceInvalid: with the field.
    """
    before = of(session, by.username)
    wanted = _checked(before, facts)
    if wanted == before:
        return before
    row = session.get(NotificationPreference, by.username, with_for_update=True)
    if row is None:
        row = NotificationPreference(username=by.username)
        session.add(row)
    row.email, row.digest_at, row.push = wanted.email, wanted.digest_at, wanted.push
    row.quiet_from, row.quiet_to, row.quiet_days_off = wanted.quiet_from, wanted.quiet_to, wanted.quiet_days_off
    row.muted, row.changed_at = list(wanted.muted), now
    session.flush()
    audit.append(
        session,
        "user",
        by.username,
        "notification_preferences_changed",
        by=by,
        now=now,
        before=as_facts(before),
        after=as_facts(wanted),
    )
    return wanted


def as_facts(wishes: Wishes) -> dict[str, Any]:
    """Return wishes as JSON values."""
    return {
        "email": wishes.email,
        "digest_at": wishes.digest_at.isoformat("minutes"),
        "push": wishes.push,
        "quiet_from": wishes.quiet_from.isoformat("minutes") if wishes.quiet_from else None,
        "quiet_to": wishes.quiet_to.isoformat("minutes") if wishes.quiet_to else None,
        "quiet_days_off": wishes.quiet_days_off,
        "muted": list(wishes.muted),
    }


def due_at(wishes: Wishes, channel: str, now: datetime, *, zone: tzinfo, days: Days | None) -> datetime | None:
    """Return when something of now may be sent by a channel; None when the person does not want that channel."""
    if channel == "email" and wishes.email == "off":
        return None
    if channel == "push" and not wishes.push:
        return None
    local = now.astimezone(zone)
    if channel == "email" and wishes.email == "digest":
        morning = _at(local.date(), wishes.digest_at, zone)
        local = morning if morning >= local else _at(local.date() + ONE_DAY, wishes.digest_at, zone)
        # The person named the hour of the digest; only days off move it.
        return _on_a_working_day(wishes, local, zone, days).astimezone(UTC)
    return _after_quiet_hours(wishes, local, zone, days).astimezone(UTC)


def _after_quiet_hours(wishes: Wishes, local: datetime, zone: tzinfo, days: Days | None) -> datetime:
    moved = _on_a_working_day(wishes, local, zone, days, at=wishes.quiet_to or time())
    quiet_from, quiet_to = wishes.quiet_from, wishes.quiet_to
    if quiet_from is None or quiet_to is None or quiet_from == quiet_to:
        return moved
    clock = moved.time()
    if quiet_from < quiet_to:
        return _at(moved.date(), quiet_to, zone) if quiet_from <= clock < quiet_to else moved
    if clock < quiet_to:
        return _at(moved.date(), quiet_to, zone)
    if clock >= quiet_from:
        morning = _at(moved.date() + ONE_DAY, quiet_to, zone)
        return _on_a_working_day(wishes, morning, zone, days)
    return moved


def _on_a_working_day(
    wishes: Wishes, local: datetime, zone: tzinfo, days: Days | None, *, at: time | None = None
) -> datetime:
    if not wishes.quiet_days_off:
        return local
    day = local.date()
    for _ in range(_LONGEST_QUIET_DAYS):
        if _works(days, day):
            return local if day == local.date() else _at(day, at or local.time(), zone)
        day += ONE_DAY
    return local


def _works(days: Days | None, day: date) -> bool:
    return day.weekday() < 5 if days is None else days.is_working(day)  # noqa: PLR2004 - Saturday


def _at(day: date, clock: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, clock, zone)


def _wishes(row: NotificationPreference) -> Wishes:
    return Wishes(
        row.email, row.digest_at, row.push, row.quiet_from, row.quiet_to, row.quiet_days_off, tuple(row.muted)
    )


def _checked(before: Wishes, facts: Mapping[str, Any]) -> Wishes:
    wanted = before
    for name, value in facts.items():
        if name not in Wishes.__dataclass_fields__:
            raise NotificationPreferenceInvalid(name[:80], str(value)[:80])
        wanted = replace(wanted, **{name: _READERS[name](name, value)})
    if (wanted.quiet_from is None) != (wanted.quiet_to is None):
        raise NotificationPreferenceInvalid("quiet_to" if wanted.quiet_to is None else "quiet_from", "")
    return wanted


def _email(name: str, value: Any) -> str:
    if value not in EMAIL:
        raise NotificationPreferenceInvalid(name, str(value)[:80])
    return str(value)


def _switch(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise NotificationPreferenceInvalid(name, str(value)[:80])
    return value


def _time(name: str, value: Any) -> time:
    try:
        found = value if isinstance(value, time) else time.fromisoformat(str(value))
    except ValueError:
        raise NotificationPreferenceInvalid(name, str(value)[:80]) from None
    if found.tzinfo is not None:
        raise NotificationPreferenceInvalid(name, str(value)[:80])
    return found.replace(second=0, microsecond=0)


def _time_or_none(name: str, value: Any) -> time | None:
    return None if value in (None, "") else _time(name, value)


def _kinds(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)):
        raise NotificationPreferenceInvalid(name, str(value)[:80])
    found = sorted({str(kind) for kind in value})  # type: ignore[reportUnknownVariableType]
    if len(found) > _MOST_MUTED:
        raise NotificationPreferenceInvalid(name, f"{len(found)}")
    for kind in found:
        if not kind or len(kind) > _KIND_LONGEST or not kind.replace("_", "").isalnum():
            raise NotificationPreferenceInvalid(name, kind[:80])
    return tuple(found)


_READERS: Mapping[str, Any] = {
    "email": _email,
    "digest_at": _time,
    "push": _switch,
    "quiet_from": _time_or_none,
    "quiet_to": _time_or_none,
    "quiet_days_off": _switch,
    "muted": _kinds,
}
