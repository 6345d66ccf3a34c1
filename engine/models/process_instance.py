"""One run of a process."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id

STATES = ("active", "suspended", "completed", "cancelled", "incident")


class ProcessInstance(Base):
    """One run of a process definition; its tokens and data are the ``state_blob``."""

    __tablename__ = "process_instance"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {STATES}", name="known_state"),
        sa.CheckConstraint("(state IN ('completed', 'cancelled')) = (ended_at IS NOT NULL)", name="ended_iff_final"),
        # No index of what a step changes: it would write that anew, and on PostgreSQL every other one with it.
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    definition_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_definition.id"), index=True)
    process_key: Mapped[str] = mapped_column(sa.String(200))
    version: Mapped[int]
    #: What the firm calls the thing that moves: the matter's or the enquiry's number.
    business_key: Mapped[str | None] = mapped_column(sa.String(100), index=True)
    state: Mapped[str] = mapped_column(sa.String(10), default="active")
    started_by: Mapped[str] = mapped_column(sa.String(150))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    #: UTC; the last time a token moved.
    last_progress_at: Mapped[datetime]
    #: Grows by one with each step; what a step read is checked against it.
    revision: Mapped[int] = mapped_column(default=0)
    #: The task tree and its data, written by ``engine.bpmn.codec``.
    state_blob: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
