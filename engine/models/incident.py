"""A step that failed and waits for somebody to mend it."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id


class Incident(Base):
    """One token that cannot go on: where, why, and whether it was mended."""

    __tablename__ = "incident"
    __table_args__ = (
        sa.CheckConstraint("(resolved_at IS NULL) = (resolved_by IS NULL)", name="resolved_by_somebody"),
        sa.Index(
            "ix_incident_open",
            "created_at",
            "id",
            sqlite_where=sa.text("resolved_at IS NULL"),
            postgresql_where=sa.text("resolved_at IS NULL"),
        ),
        sa.Index("ix_incident_process_instance_id", "process_instance_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    process_instance_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_instance.id"))
    element_id: Mapped[str] = mapped_column(sa.String(200))
    spiff_task_id: Mapped[UUID | None]
    #: ``expression``, ``decision``, ``delegate``, ``error_event`` or ``engine``.
    kind: Mapped[str] = mapped_column(sa.String(20))
    message: Mapped[str] = mapped_column(sa.Text)
    #: The FEEL text that failed, when one did.
    expression: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(sa.String(150))
