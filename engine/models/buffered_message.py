"""Messages that nobody waits for yet."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id


class BufferedMessage(Base):
    """A message kept for whoever waits for it next; the row goes when it is taken or its time is over."""

    __tablename__ = "buffered_message"
    __table_args__ = (
        sa.Index("ix_buffered_message_channel", "name", "correlation_key", "id"),
        sa.Index("ix_buffered_message_expires_at", "expires_at"),
        sa.Index("ix_buffered_message_process_instance_id", "process_instance_id"),
    )

    #: Sorts by the time it came.
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.String(200))
    #: All its keys as one text (``correlation.stored``): messages of the same name and keys keep their order.
    correlation_key: Mapped[str | None] = mapped_column(sa.String(200))
    #: The keys by name.
    keys: Mapped[dict[str, Any]]
    variables: Mapped[dict[str, Any]]
    message_id: Mapped[str | None] = mapped_column(sa.String(200))
    #: The instance and element that threw it; null when it came from outside.
    process_instance_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("process_instance.id"))
    element_id: Mapped[str | None] = mapped_column(sa.String(200))
    #: On whose behalf it is delivered.
    by: Mapped[str] = mapped_column(sa.String(150))
    received_at: Mapped[datetime]
    #: UTC; from then on nobody takes it any more.
    expires_at: Mapped[datetime]


class BufferedMessageKey(Base):
    """One need that a buffered message meets: every choice of its keys, so that who begins to wait finds it at once."""

    __tablename__ = "buffered_message_key"
    __table_args__ = (sa.Index("ix_buffered_message_key_need", "name", "need", "message_id"),)

    message_id: Mapped[UUID] = mapped_column(sa.ForeignKey("buffered_message.id", ondelete="CASCADE"), primary_key=True)
    #: Numbers the needs of one message.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(sa.String(200))
    #: ``correlation.stored`` of what waits; null for what needs no key.
    need: Mapped[str | None] = mapped_column(sa.String(200))
