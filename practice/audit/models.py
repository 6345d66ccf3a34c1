"""The record of changes to the practice's own tables (the engine keeps its history itself)."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base


class AuditEvent(Base):
    """One change of one record; never changed and never deleted.

    Ids grow in the order of writing and every column is plain text, number or JSON text, so that a
    later release can chain the rows by hashing each with its predecessor's hash.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        sa.CheckConstraint("entity <> '' AND entity_id <> '' AND kind <> ''", name="what_is_named"),
        sa.Index("ix_audit_event_entity", "entity", "entity_id", "id"),
        sa.Index("ix_audit_event_at", "at", "id"),
    )

    #: Grows with time; on both databases a 64-bit integer.
    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime]
    #: Username of the person or ``system``.
    by: Mapped[str] = mapped_column(sa.String(150))
    #: Kind of record: ``matter``, ``user``.
    entity: Mapped[str] = mapped_column(sa.String(60))
    #: What people call the record: a number or a username, else its id.
    entity_id: Mapped[str] = mapped_column(sa.String(200))
    #: In the past tense: ``matter_opened``.
    kind: Mapped[str] = mapped_column(sa.String(60))
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
