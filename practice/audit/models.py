"""The record of changes to the practice's own tables (the engine keeps its history itself)."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, PartialIndex
from practice.audit import triggers


class AuditEvent(Base):
    """One change of one record, or one refusal; never changed, never deleted, and it outlives what it speaks of.

    Every column is plain text, number or JSON text, so that the chain (``AuditSeal``) hashes the same
    bytes on every database. Nothing here points at another table with a foreign key.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        sa.CheckConstraint("entity <> '' AND entity_id <> '' AND kind <> ''", name="what_is_named"),
        sa.Index("ix_audit_event_entity", "entity", "entity_id", "id"),
        sa.Index("ix_audit_event_at", "at", "id"),
        sa.Index("ix_audit_event_by", "by", "at", "id"),
        sa.Index("ix_audit_event_kind", "kind", "at", "id"),
        sa.Index("ix_audit_event_entity_at", "entity", "at", "id"),
        sa.Index("ix_audit_event_matter_number", "matter_number", "at", "id"),
        PartialIndex(
            "ix_audit_event_denial",
            "at",
            "id",
            where=sa.text("is_denial"),
        ),
    )

    #: Grows with time; on both databases a 64-bit integer.
    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime]
    #: Username of the person, ``system``, or ``-`` where nobody was signed in.
    by: Mapped[str] = mapped_column(sa.String(150))
    #: Kind of record: ``matter``, ``user``.
    entity: Mapped[str] = mapped_column(sa.String(60))
    #: What people call the record: a number or a username, else its id.
    entity_id: Mapped[str] = mapped_column(sa.String(200))
    #: In the past tense: ``matter_opened``.
    kind: Mapped[str] = mapped_column(sa.String(60))
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    #: Nothing was changed: somebody was refused.
    is_denial: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    #: The matter that the record belongs to, if any: who may not see it sees no row about it either.
    matter_number: Mapped[str | None] = mapped_column(sa.String(100))


class AuditSeal(Base):
    """The place of one audit event in the chain, written when the event's transaction commits.

    ``hash`` covers the hash at the position before and every byte of the event (``practice.audit.chain``).
    """

    __tablename__ = "audit_seal"
    __table_args__ = (
        sa.CheckConstraint("position > 0", name="position_is_positive"),
        sa.CheckConstraint("length(hash) = 64", name="hash_is_sha256"),
    )

    #: 1, 2, 3, ... without a gap, in the order of commits.
    position: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    event_id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), unique=True)
    #: SHA-256 in hexadecimal.
    hash: Mapped[str] = mapped_column(sa.String(64))
    #: Not sealed by the transaction that wrote the event: an older release wrote it, or it was there before the chain.
    is_late: Mapped[bool] = mapped_column(default=False)


triggers.protect(AuditEvent, AuditSeal)
