"""Putting something on its way to people, each by the channels and at the hour that they wish."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import clock, job_table
from engine.actor import SYSTEM
from engine.prepared import Prepared
from practice.deadlines import queries as deadlines
from practice.deadlines.errors import CalendarUnknown
from practice.matters import queries as matters
from practice.notices import operations as notices
from practice.notices.models import Notice
from practice.organisation import queries as organisation
from practice.people.models import User
from tasks.notifications import channels, preferences
from tasks.notifications.models import Notification, PushSubscription
from tasks.notifications.preferences import Days

#: Of the jobs that send.
KIND = "notification"
#: Notices whose facts a mail may say when nobody is kept from their matter; of others it says that there is one.
SAID_OUTSIDE = frozenset({"deadline_nears", "deadline_missed", "task_escalated", "task_late", "mail_refused"})
#: Putting it together takes longer than asking.
_GUARDED = Prepared(sa.select(matters.is_guarded(sa.bindparam("business_key", type_=sa.String())).label("is_guarded")))


def notify(
    session: Session,
    usernames: Collection[str],
    kind: str,
    about: str,
    facts: Mapping[str, Any],
    *,
    user_task_id: UUID | None = None,
    now: datetime,
) -> list[Notification]:
    """Put one thing on its way to each of these people; what still waits about the same is replaced.

    Those who want none of it by any channel are told by the product's pages alone. Returns what is new.
    """
    known = channels.current().known
    if not known or not usernames:
        return []
    people = list(session.scalars(sa.select(User).where(User.username.in_(usernames), User.is_active)))
    wishes = preferences.of_all(session, [user.username for user in people])
    browsers = _with_browsers(session, [user.username for user in people]) if "push" in known else frozenset[str]()
    waiting = _waiting(session, kind, about, [user.username for user in people])
    added: list[Notification] = []
    for user in sorted(people, key=lambda user: user.username):
        if kind in wishes[user.username].muted:
            continue
        days: Days | None = None
        for channel in sorted(known):
            if (channel == "email" and not user.email) or (channel == "push" and user.username not in browsers):
                continue
            before = waiting.get((user.username, channel))
            if before is not None:
                before.facts, before.created_at = dict(facts), now
                continue
            days = days or days_of(session, user.username)
            zone = ZoneInfo(user.time_zone) if user.time_zone else clock.zone()
            due_at = preferences.due_at(wishes[user.username], channel, now, zone=zone, days=days)
            if due_at is not None:
                added.append(
                    Notification(
                        username=user.username,
                        channel=channel,
                        kind=kind,
                        about=about,
                        user_task_id=user_task_id,
                        facts=dict(facts),
                        created_at=now,
                        due_at=due_at,
                    )
                )
    session.add_all(added)
    session.flush()
    promise(session, added, now=now)
    return added


def promise(session: Session, notifications: Sequence[Notification], *, now: datetime) -> None:
    """Promise to send what waits for a person on a channel, when it is due; one job for what is due together."""
    wanted = {(one.username, one.channel, max(one.due_at, now)) for one in notifications}
    rows = [
        job_table.values(
            KIND, due_at=due_at, by=SYSTEM.username, now=now, payload={"username": username, "channel": channel}
        )
        for username, channel, due_at in sorted(wanted)
    ]
    job_table.promise_all(session, rows, now=now)


def forward(session: Session, told: Sequence[Notice], now: datetime) -> None:
    """Send new notices of one thing by the channels, too; what a mail had better not say stays in the product."""
    first = told[0]
    named = first.facts.get("matter")
    is_said = first.kind in SAID_OUTSIDE and not (isinstance(named, str) and is_guarded(session, named))
    facts = {**first.facts, "is_guarded": False} if is_said else {"is_guarded": True}
    notify(session, [notice.username for notice in told], first.kind, first.about, facts, now=now)


def is_guarded(session: Session, business_key: str | None) -> bool:
    """Say whether anybody could be kept from the matter: what is sent about it then names nothing."""
    if business_key is None:
        return False
    row = _GUARDED.one_or_none(session.connection(), {"business_key": business_key})
    return row is not None and bool(row.is_guarded)


def days_of(session: Session, username: str) -> Days | None:
    """Return the working days of a person, or None where nobody said: Monday to Friday."""
    key = organisation.calendar_of(session, username)
    if key is None:
        return None
    try:
        return deadlines.library(session).calendar(key)
    except CalendarUnknown:
        return None


def _with_browsers(session: Session, usernames: Collection[str]) -> frozenset[str]:
    query = sa.select(PushSubscription.username).where(PushSubscription.username.in_(usernames)).distinct()
    return frozenset(session.scalars(query))


def _waiting(
    session: Session, kind: str, about: str, usernames: Collection[str]
) -> dict[tuple[str, str], Notification]:
    query = sa.select(Notification).where(
        Notification.kind == kind, Notification.about == about, Notification.username.in_(usernames)
    )
    found = session.scalars(query.order_by(Notification.id).with_for_update())
    return {(one.username, one.channel): one for one in found}


notices.listen(forward)
