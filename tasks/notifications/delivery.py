"""Sending what is due: everything for one person and channel in one message, what has become pointless left out.

A message is sent in the transaction in which its rows go: at least once. A mail that is sent again has the same
Message-ID, a push the same tag, so that whoever gets it twice sees it once.
"""

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import job_incidents, job_kinds
from engine.actor import Actor
from engine.job_kinds import DueJob, Policy
from engine.models import Incident, Job, UserTask, UserTaskCandidate
from practice.notices import operations as notices
from practice.people.models import User
from tasks import access
from tasks.notifications import channels, operations, preferences
from tasks.notifications.channels import Browser, Channels, Item, Person
from tasks.notifications.errors import AddressRefused
from tasks.notifications.models import Notification, PushSubscription

log = logging.getLogger(__name__)

#: Things in one message; the rest follows in the next.
MOST = 200
#: People whose messages are taken up again together.
_MOST_PEOPLE = 500


@job_kinds.handles(
    operations.KIND,
    Policy(attempts=8, pause_s=30, factor=3, longest_pause_s=3600, priority=40, shares_transaction=False),
)
def send(session: Session, job: DueJob, now: datetime) -> None:
    """Send what is due for one person by one channel; when somebody else does, or nothing is, that is all."""
    payload = job.payload or {}
    due = _due(session, str(payload["username"]), str(payload["channel"]), now)
    user = session.scalar(sa.select(User).where(User.username == payload["username"]))
    by = channels.current()
    if user is None or not user.is_active or payload["channel"] not in by.known:
        _forget(session, due)
        return
    current = [one for one in due if _is_current(session, one, user, now)]
    if current:
        _hand_over(session, by, str(payload["channel"]), user, current, now)
    _forget(session, due)
    if len(due) == MOST:
        operations.promise(session, due[-1:], now=now)
    if job.attempts or payload.get("again"):
        _take_up_the_rest(session, str(payload["channel"]), user.username, now)


@job_kinds.when_failing(operations.KIND)
def _failed(session: Session, job: Job, failure: Exception, now: datetime) -> None:
    """Tell of a channel that does not work, once; what waits is taken up again when it does."""
    if job.failed_at is None:
        return
    told = sa.select(Incident.id).where(Incident.kind == job.kind, Incident.resolved_at.is_(None)).limit(1)
    if session.scalar(told) is not None:
        session.delete(job)
        return
    job.payload = {**(job.payload or {}), "again": True}
    job_incidents.raise_for_job(session, job, failure, now=now)


def _due(session: Session, username: str, channel: str, now: datetime) -> list[Notification]:
    query = (
        sa.select(Notification)
        .where(Notification.username == username, Notification.channel == channel, Notification.due_at <= now)
        .order_by(Notification.created_at, Notification.id)
        .limit(MOST)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(query))


def _is_current(session: Session, one: Notification, user: User, now: datetime) -> bool:
    """Say whether a thing is still the person's to know: its task stands in front of them and nothing denies it."""
    if one.user_task_id is None:
        return True
    actor = Actor(user.username, user.groups, at=now)
    in_front = (
        sa.select(UserTask.id)
        .join(UserTaskCandidate, UserTaskCandidate.user_task_id == UserTask.id)
        .where(
            UserTask.id == one.user_task_id,
            UserTask.state == "created",
            UserTaskCandidate.principal.in_(actor.principals),
            access.task_not_denied(actor),
        )
    )
    return session.scalar(in_front.limit(1)) is not None


def _hand_over(
    session: Session, by: Channels, channel: str, user: User, due: Sequence[Notification], now: datetime
) -> None:
    assert by.writer is not None, "a channel is known with its writer"
    person = Person(user.username, user.full_name, user.email, user.language, user.time_zone)
    items = [Item(one.id, one.kind, one.facts, one.created_at) for one in due]
    if channel == "push":
        assert by.push is not None, "the channel is known"
        message = by.writer.push(person, items)
        for row in session.scalars(_browsers(user.username)):
            if by.push.send(Browser(row.endpoint, row.p256dh, row.auth), message, now=now):
                row.reached_at = now
            else:
                session.delete(row)
        session.flush()
        return
    if user.email is None:
        return
    assert by.email is not None, "the channel is known"
    is_digest = preferences.of(session, user.username).email == "digest"
    mail = by.writer.mail(person, items, is_digest=is_digest)
    try:
        by.email.send(person, mail, message_id=_message_id(due), now=now)
    except AddressRefused as refusal:
        log.warning("the mail server refuses the address of %s: %s", user.username, refusal)
        notices.tell(session, [user.username], "mail_refused", user.email[:100], {"address": user.email}, now=now)


def _browsers(username: str) -> sa.Select[PushSubscription]:
    return sa.select(PushSubscription).where(PushSubscription.username == username).order_by(PushSubscription.id)


def _message_id(due: Sequence[Notification]) -> str:
    told = "".join(f"{one.id.hex}{one.created_at.isoformat()}" for one in due)
    return hashlib.sha256(told.encode()).hexdigest()[:40]


def _forget(session: Session, due: Sequence[Notification]) -> None:
    if due:
        session.execute(
            sa.delete(Notification)
            .where(Notification.id.in_([one.id for one in due]))
            .execution_options(synchronize_session=False)
        )
        for one in due:
            session.expunge(one)


def _take_up_the_rest(session: Session, channel: str, username: str, now: datetime) -> None:
    """The channel works again: promise what others' spent jobs left behind."""
    left = (
        sa.select(Notification)
        .where(Notification.channel == channel, Notification.username != username, Notification.due_at <= now)
        .order_by(Notification.due_at)
        .limit(_MOST_PEOPLE)
    )
    operations.promise(session, list(session.scalars(left)), now=now)
