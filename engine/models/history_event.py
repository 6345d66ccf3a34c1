"""What happened, in the order it happened; rows are only ever added."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base


class HistoryEvent(Base):
    """One thing that happened to a process instance: who, when, and what was before and after."""

    __tablename__ = "history_event"
    __table_args__ = (sa.Index("ix_history_event_process_instance_id", "process_instance_id", "id"),)

    #: Grows with time; on both databases a 64-bit integer.
    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)
    process_instance_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_instance.id"))
    #: In the past tense: ``user_task_completed``.
    kind: Mapped[str] = mapped_column(sa.String(40))
    element_id: Mapped[str | None] = mapped_column(sa.String(200))
    user_task_id: Mapped[UUID | None]
    actor: Mapped[str] = mapped_column(sa.String(150))
    at: Mapped[datetime]
    data: Mapped[dict[str, Any] | None]
