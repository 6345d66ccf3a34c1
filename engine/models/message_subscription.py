"""Which messages instances wait for."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id


class MessageSubscription(Base):
    """One token that waits for a message."""

    __tablename__ = "message_subscription"
    __table_args__ = (
        sa.Index("ix_message_subscription_name", "name", "correlation_key"),
        sa.Index("ix_message_subscription_process_instance_id", "process_instance_id"),
    )

    #: Sorts by the time it began to wait: of several that may take a message the first does.
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.String(200))
    #: All the keys it needs as one text (``correlation.stored``).
    correlation_key: Mapped[str | None] = mapped_column(sa.String(200))
    #: The keys by name when its element names any; null says the instance's business key, whatever that becomes.
    keys: Mapped[dict[str, Any] | None]
    process_instance_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_instance.id"))
    element_id: Mapped[str] = mapped_column(sa.String(200))
    spiff_task_id: Mapped[UUID]
