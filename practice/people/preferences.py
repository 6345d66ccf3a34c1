"""How a person reads the pages: language, zone, and whose dates and numbers."""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from zoneinfo import available_timezones

from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.errors import Invalid, RightMissing
from practice.audit import operations as audit
from practice.people import queries
from practice.people.models import User

_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}")
_REGION = re.compile(r"[A-Z]{2}|[0-9]{3}")
HOUR_CYCLES = ("h12", "h23")


@dataclass(eq=False)
class PreferenceInvalid(Invalid):
    """There is no such language, time zone, region or way of counting hours."""

    code = "preference_invalid"
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person chose; None is the browser's language, the firm's zone, the language's region, 24 hours."""

    #: IETF tag.
    language: str | None = None
    #: IANA name.
    time_zone: str | None = None
    #: ISO 3166 in capitals, or 001 for the world.
    region: str | None = None
    #: ``h12`` or ``h23``.
    hour_cycle: str | None = None


def of(session: Session, username: str) -> Preferences:
    """Return what a person chose."""
    return _of(queries.get(session, username))


def change(session: Session, username: str, wanted: Preferences, *, by: Actor, now: datetime) -> Preferences:
    """Keep how a person wants to read: one's own, or anybody's by who manages users.

    Raises:
        RightMissing, UserNotFound, PreferenceInvalid.
    """
    if by.username != username and not by.may("manage_users"):
        raise RightMissing("manage_users", by.username)
    _check(wanted)
    user = queries.get(session, username)
    session.refresh(user, with_for_update=True)
    before = _of(user)
    if before == wanted:
        return wanted
    for name, value in asdict(wanted).items():
        setattr(user, name, value)
    session.flush()
    audit.append(
        session, "user", username, "preferences_changed", by=by, now=now, before=asdict(before), after=asdict(wanted)
    )
    return wanted


def _of(user: User) -> Preferences:
    return Preferences(user.language, user.time_zone, user.region, user.hour_cycle)


@cache
def zones() -> frozenset[str]:
    """Return the names of all time zones."""
    return frozenset(available_timezones())


def _check(wanted: Preferences) -> None:
    tests: dict[str, Callable[[str], bool]] = {
        "language": lambda value: _TAG.fullmatch(value) is not None,
        "time_zone": lambda value: value in zones(),
        "region": lambda value: _REGION.fullmatch(value) is not None,
        "hour_cycle": lambda value: value in HOUR_CYCLES,
    }
    for name, value in asdict(wanted).items():
        if value is not None and not tests[name](value):
            raise PreferenceInvalid(name, value[:100])
