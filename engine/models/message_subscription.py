"""What an instance, or a process that starts on a message, waits for."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id


class MessageSubscription(Base):
    """One waiting catch event or receive task."""

    __tablename__ = "message_subscription"
    __table_args__ = (
        sa.Index("ix_message_subscription_name", "name", "correlation_key"),
        sa.Index("ix_message_subscription_process_instance_id", "process_instance_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.String(200))
    correlation_key: Mapped[str | None] = mapped_column(sa.String(200))
    process_instance_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_instance.id"))
    element_id: Mapped[str] = mapped_column(sa.String(200))
    spiff_task_id: Mapped[UUID]
