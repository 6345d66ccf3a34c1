"""Conflict checks as they were made; kept for ever."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Json, new_id

#: ``clear``: nobody of that name on the other side; ``relative``: somebody has to decide;
#: ``absolute``: nobody may decide for it.
OUTCOMES = ("clear", "relative", "absolute")


class ConflictCheck(Base):
    """One check: what was asked, against what, what was found. Never changed and never deleted."""

    __tablename__ = "conflict_check"
    __table_args__ = (
        sa.CheckConstraint(f"outcome IN {OUTCOMES}", name="known_outcome"),
        sa.Index("ix_conflict_check_subject", "subject", "run_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: Number of the enquiry that was checked.
    subject: Mapped[str] = mapped_column(sa.String(40))
    run_at: Mapped[datetime]
    run_by: Mapped[str] = mapped_column(sa.String(150))
    #: The query: names as written and as compared, the rules' version, and how many records they met.
    snapshot: Mapped[dict[str, Any]]
    #: What was found, worst first (``practice.conflicts.queries.Hit`` as JSON).
    hits: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    outcome: Mapped[str] = mapped_column(sa.String(10))
