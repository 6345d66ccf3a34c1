"""Work the engine has promised to do: timers that will be due and delegates that run by themselves."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id

KINDS = ("timer", "delegate")


class Job(Base):
    """One promise, written in the transaction of the step that made it; the row goes when it is kept."""

    __tablename__ = "job"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {KINDS}", name="known_kind"),
        sa.Index("ix_job_due", "due_at", "id"),
        sa.Index("ix_job_process_instance_id", "process_instance_id", "spiff_task_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(sa.String(10))
    #: Null for the timer that starts a process.
    process_instance_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("process_instance.id"))
    element_id: Mapped[str] = mapped_column(sa.String(200))
    #: The token that waits for this job.
    spiff_task_id: Mapped[UUID | None]
    #: Which of the timers behind an event-based gateway.
    event_index: Mapped[int] = mapped_column(default=0)
    #: The delegate's topic; null for timers.
    topic: Mapped[str | None] = mapped_column(sa.String(100))
    #: On whose behalf a delegate runs.
    by: Mapped[str] = mapped_column(sa.String(150), default="system")
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=5)
    last_error: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime]
