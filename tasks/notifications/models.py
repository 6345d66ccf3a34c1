"""How each person wants to hear of things, where their browsers are reached, and what is on its way."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id

EMAIL = ("off", "each", "digest")
CHANNELS = ("email", "push")


class NotificationPreference(Base):
    """One person's wishes; who has no row has the usual ones (``preferences.of``). The product itself always tells."""

    __tablename__ = "notification_preference"
    __table_args__ = (
        sa.CheckConstraint(f"email IN {EMAIL}", name="known_email"),
        sa.CheckConstraint("(quiet_from IS NULL) = (quiet_to IS NULL)", name="quiet_from_and_to"),
    )

    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"), primary_key=True)
    #: ``off``, a mail for ``each``, or one ``digest`` a day.
    email: Mapped[str] = mapped_column(sa.String(10))
    #: Local time of the digest.
    digest_at: Mapped[time] = mapped_column(sa.Time)
    push: Mapped[bool]
    #: Local times between which nothing is sent; may run over midnight. Both or neither.
    quiet_from: Mapped[time | None] = mapped_column(sa.Time)
    quiet_to: Mapped[time | None] = mapped_column(sa.Time)
    #: Days off in the person's working calendar are quiet from end to end.
    quiet_days_off: Mapped[bool]
    #: Kinds of which the person hears in the product only.
    muted: Mapped[list[str]]
    changed_at: Mapped[datetime]


class PushSubscription(Base):
    """A browser that a person asked to be told in; the keys are the browser's own (RFC 8291)."""

    __tablename__ = "push_subscription"
    __table_args__ = (sa.Index("ix_push_subscription_username", "username"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    #: SHA-256 of the endpoint in hexadecimal: it is long, and one browser is one row.
    endpoint_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    endpoint: Mapped[str] = mapped_column(sa.Text)
    #: The browser's public key and secret, base64url.
    p256dh: Mapped[str] = mapped_column(sa.String(100))
    auth: Mapped[str] = mapped_column(sa.String(40))
    #: What the person tells it by: the browser's name.
    label: Mapped[str] = mapped_column(sa.String(200))
    created_at: Mapped[datetime]
    #: UTC; when it last took something.
    reached_at: Mapped[datetime | None]


class Notification(Base):
    """One thing on its way to one person by one channel; gone when it was sent, or has become pointless.

    What waits for the end of quiet hours or for the digest waits once: a later round takes the place of an earlier.
    """

    __tablename__ = "notification"
    __table_args__ = (
        sa.CheckConstraint(f"channel IN {CHANNELS}", name="known_channel"),
        sa.UniqueConstraint("username", "channel", "kind", "about", name="uq_notification_username_channel_kind_about"),
        sa.Index("ix_notification_user_task_id", "user_task_id"),
        sa.Index("ix_notification_due", "username", "channel", "due_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    channel: Mapped[str] = mapped_column(sa.String(10))
    kind: Mapped[str] = mapped_column(sa.String(60))
    about: Mapped[str] = mapped_column(sa.String(100))
    #: The task it is about, by which it is taken back when somebody takes the task.
    user_task_id: Mapped[UUID | None]
    facts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    #: UTC; not to be sent before.
    due_at: Mapped[datetime]
