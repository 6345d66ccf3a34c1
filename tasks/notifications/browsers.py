"""The browsers in which somebody wants to be told."""

import hashlib
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.audit import operations as audit
from tasks.notifications import channels
from tasks.notifications.errors import PushSubscriptionInvalid, PushSubscriptionNotFound
from tasks.notifications.models import PushSubscription

_MOST = 20
_LABEL_LONGEST = 200


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``PushSubscription``: one's own."""
    return PushSubscription.username == actor.username


def of(session: Session, *, actor: Actor) -> list[PushSubscription]:
    """Return the actor's own browsers, the newest first."""
    query = sa.select(PushSubscription).where(visible_to(actor))
    return list(session.scalars(query.order_by(PushSubscription.created_at.desc(), PushSubscription.id.desc())))


def subscribe(
    session: Session, endpoint: str, p256dh: str, auth: str, *, label: str = "", by: Actor, now: datetime
) -> PushSubscription:
    """Tell a person in this browser from now on; a browser that somebody else used before is this person's now.

    Raises:
        PushSubscriptionInvalid: with the field.
    """
    server = channels.current().push
    if server is None or not server.trusts(endpoint):
        raise PushSubscriptionInvalid("endpoint")
    from tasks.notifications.web_push import KeysInvalid, check_keys  # noqa: PLC0415 - it loads cryptography

    try:
        check_keys(p256dh, auth)
    except KeysInvalid:
        raise PushSubscriptionInvalid("keys") from None
    known_by = hashlib.sha256(endpoint.encode()).hexdigest()
    row = session.scalar(sa.select(PushSubscription).where(PushSubscription.endpoint_hash == known_by))
    if row is None:
        row = PushSubscription(endpoint_hash=known_by, created_at=now)
        session.add(row)
    is_new = row.username != by.username
    row.username, row.endpoint, row.p256dh, row.auth = by.username, endpoint, p256dh, auth
    row.label = " ".join(label.split())[:_LABEL_LONGEST]
    session.flush()
    for old in of(session, actor=by)[_MOST:]:
        session.delete(old)
    session.flush()
    if is_new:
        audit.append(session, "user", by.username, "push_subscribed", by=by, now=now, after={"browser": row.label})
    return row


def unsubscribe(session: Session, push_subscription_id: UUID, *, by: Actor, now: datetime) -> None:
    """Tell a person in this browser no more.

    Raises:
        PushSubscriptionNotFound: it is not there, or somebody else's.
    """
    found = sa.select(PushSubscription).where(PushSubscription.id == push_subscription_id, visible_to(by))
    row = session.scalar(found)
    if row is None:
        raise PushSubscriptionNotFound(push_subscription_id)
    session.delete(row)
    session.flush()
    audit.append(session, "user", by.username, "push_unsubscribed", by=by, now=now, before={"browser": row.label})
