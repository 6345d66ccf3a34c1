"""What was imported already, so that an import that was interrupted goes on where it stopped."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base


class ImportedRecord(Base):
    """A row of a file that became a record; its reference is never imported again."""

    __tablename__ = "imported_record"
    __table_args__ = (sa.Index("ix_imported_record_record_id", "record_id"),)

    #: ``clients`` or ``matters``.
    kind: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    #: What the system that it came from called it.
    reference: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    #: The party's or the matter's id.
    record_id: Mapped[UUID]
    imported_at: Mapped[datetime]
    imported_by: Mapped[str] = mapped_column(sa.String(150))
