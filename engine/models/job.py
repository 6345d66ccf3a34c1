"""Work the engine has promised to do: timers that will be due, delegates that run by themselves, and the like."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Json, new_id

#: Priority of what nobody gave another; a job with more goes first.
NORMAL_PRIORITY = 50
#: ``due_at`` of a job that nobody takes any more: its attempts are spent.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class Job(Base):
    """One promise, written in the transaction of the step that made it; the row goes when it is kept.

    ``due_at`` alone says who may take it: a worker that takes the job moves it ahead by the length of a lease, a
    failure by a pause. So a worker of the release before, which knows nothing of leases, keeps off as well.
    """

    __tablename__ = "job"
    __table_args__ = (
        sa.Index("ix_job_due", "due_at", "id"),
        sa.Index("ix_job_take", "priority", "due_at", "id"),
        sa.Index("ix_job_process_instance_id", "process_instance_id", "spiff_task_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: Who carries it out: see ``engine.job_kinds``.
    kind: Mapped[str] = mapped_column(sa.String(40))
    #: Null for what belongs to no instance, such as the timer that starts a process.
    process_instance_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("process_instance.id"))
    element_id: Mapped[str] = mapped_column(sa.String(200))
    #: The token that waits for this job.
    spiff_task_id: Mapped[UUID | None]
    #: Which of the timers behind an event-based gateway.
    event_index: Mapped[int] = mapped_column(default=0)
    #: The delegate's topic; null for other kinds.
    topic: Mapped[str | None] = mapped_column(sa.String(100))
    #: On whose behalf it runs.
    by: Mapped[str] = mapped_column(sa.String(150), default="system")
    #: What its kind needs to know besides.
    payload: Mapped[dict[str, Any] | None] = mapped_column(Json)
    #: Higher goes first.
    priority: Mapped[int] = mapped_column(default=NORMAL_PRIORITY, server_default=str(NORMAL_PRIORITY))
    #: UTC; from then on a worker may take it.
    due_at: Mapped[datetime]
    #: UTC; when it was to be due, once ``due_at`` has moved.
    promised_at: Mapped[datetime | None]
    #: The worker that has it; null when nobody does.
    taken_by: Mapped[str | None] = mapped_column(sa.String(80))
    #: How many workers vanished while they had it.
    losses: Mapped[int] = mapped_column(default=0, server_default="0")
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=5)
    last_error: Mapped[str | None] = mapped_column(sa.Text)
    #: UTC; when its attempts were spent. It then waits for somebody to retry it.
    failed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
