"""What failed and waits for somebody to mend it: a step, or a job that has no step."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, PartialIndex, new_id


class Incident(Base):
    """One token that cannot go on, or one job that cannot be done: where, why, and whether it was mended."""

    __tablename__ = "incident"
    __table_args__ = (
        sa.CheckConstraint("(resolved_at IS NULL) = (resolved_by IS NULL)", name="resolved_by_somebody"),
        sa.CheckConstraint(
            "process_instance_id IS NOT NULL OR process_definition_id IS NOT NULL OR job_id IS NOT NULL",
            name="belongs_to_something",
        ),
        PartialIndex(
            "ix_incident_open",
            "created_at",
            "id",
            where=sa.text("resolved_at IS NULL"),
        ),
        sa.Index("ix_incident_process_instance_id", "process_instance_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: Null when a process could not be started.
    process_instance_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("process_instance.id"))
    #: The version that could not be started (versions never go); null for what happens to an instance.
    process_definition_id: Mapped[UUID | None]
    #: The job that waits to be tried again; null when a token does.
    job_id: Mapped[UUID | None]
    element_id: Mapped[str] = mapped_column(sa.String(200))
    spiff_task_id: Mapped[UUID | None]
    #: ``expression``, ``decision``, ``delegate``, ``error_event``, ``engine``, or the kind of the job.
    kind: Mapped[str] = mapped_column(sa.String(20))
    message: Mapped[str] = mapped_column(sa.Text)
    #: The FEEL text that failed, when one did.
    expression: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(sa.String(150))
