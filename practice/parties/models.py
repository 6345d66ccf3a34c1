"""People and organisations outside the firm."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id

KINDS = ("unknown", "person", "organisation")


class Party(Base):
    """Somebody the firm acts for or against; one row a normalised name, however often they come."""

    __tablename__ = "party"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {KINDS}", name="known_kind"),
        sa.CheckConstraint("name <> '' AND normalised_name <> ''", name="name_is_given"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(sa.String(12), default="unknown")
    #: As it was written the first time.
    name: Mapped[str] = mapped_column(sa.String(300))
    #: What ``practice.parties.names.normalise`` makes of it; equal means "the same name".
    normalised_name: Mapped[str] = mapped_column(sa.String(600), unique=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(150))
