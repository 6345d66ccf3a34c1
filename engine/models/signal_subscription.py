"""Which signals instances listen for."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id


class SignalSubscription(Base):
    """One token that waits for a signal."""

    __tablename__ = "signal_subscription"
    __table_args__ = (
        sa.Index("ix_signal_subscription_name", "name", "id"),
        sa.Index("ix_signal_subscription_process_instance_id", "process_instance_id"),
    )

    #: Sorts by the time it began to wait.
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.String(200))
    process_instance_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_instance.id"))
    element_id: Mapped[str] = mapped_column(sa.String(200))
    spiff_task_id: Mapped[UUID]
