"""Signals that were broadcast."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id


class Signal(Base):
    """One broadcast: who sent what when, and how many heard it; written once and kept."""

    __tablename__ = "signal"
    __table_args__ = (
        sa.Index("ix_signal_name", "name", "id"),
        sa.Index("ix_signal_process_instance_id", "process_instance_id"),
    )

    #: Sorts by the time it was sent.
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.String(200))
    variables: Mapped[dict[str, Any]]
    #: The instance and element that threw it; null when it came from outside.
    process_instance_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("process_instance.id"))
    element_id: Mapped[str | None] = mapped_column(sa.String(200))
    #: Whoever sent it, or on whose behalf the instance threw it.
    actor: Mapped[str] = mapped_column(sa.String(150))
    sent_at: Mapped[datetime]
    #: Instances that listened, and definitions that start on it.
    receivers: Mapped[int]
    starts: Mapped[int]
