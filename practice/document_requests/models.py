"""Requests to clients for documents, and their items."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, PartialIndex, new_id

#: ``waiting`` on the client until every item is settled, or until somebody decides to go on without the rest.
STATES = ("waiting", "complete", "ended")
ITEM_STATES = ("missing", "received", "unobtainable", "waived")
#: How a client was asked or reminded.
WAYS = ("letter", "email", "call", "visit", "message")


class DocumentRequest(Base):
    """One list of documents that a matter waits for from its client."""

    __tablename__ = "document_request"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {STATES}", name="known_state"),
        sa.CheckConstraint(f"way IN {WAYS}", name="known_way"),
        sa.CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ended_iff_final"),
        sa.CheckConstraint(
            "state <> 'ended' OR (end_reason IS NOT NULL AND end_reason <> '')", name="ended_for_a_reason"
        ),
        sa.CheckConstraint("times_reminded >= 0", name="reminders_are_counted"),
        sa.Index("ix_document_request_matter_id", "matter_id", "requested_at"),
        sa.Index("ix_document_request_requested_at", "requested_at", "id"),
        sa.Index("ix_document_request_process_instance_id", "process_instance_id"),
        PartialIndex(
            "ix_document_request_waiting",
            "due_on",
            "id",
            where=sa.text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: ``R-2026-0007``, without gaps within the year.
    number: Mapped[str] = mapped_column(sa.String(40), unique=True)
    matter_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matter.id"))
    #: Who was asked: the client, or who collects for them.
    recipient: Mapped[str] = mapped_column(sa.String(300))
    way: Mapped[str] = mapped_column(sa.String(10))
    #: What the client was told beside the list.
    note: Mapped[str | None] = mapped_column(sa.Text)
    requested_by: Mapped[str] = mapped_column(sa.String(150))
    requested_at: Mapped[datetime]
    #: Local date by which the client was asked to answer.
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(sa.String(10), default="waiting")
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(sa.String(150))
    #: Why the firm goes on without the rest.
    end_reason: Mapped[str | None] = mapped_column(sa.Text)
    times_reminded: Mapped[int] = mapped_column(default=0)
    reminded_at: Mapped[datetime | None]
    #: The process that waits; a matter's own when it called the request.
    process_instance_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("process_instance.id"))
    items: Mapped[list["DocumentRequestItem"]] = relationship(
        order_by="DocumentRequestItem.position", cascade="all, delete-orphan", lazy="selectin"
    )

    @property
    def missing(self) -> list["DocumentRequestItem"]:
        """The items that have not come and that nobody has settled otherwise."""
        return [item for item in self.items if item.state == "missing"]


class DocumentRequestItem(Base):
    """One document that was asked for."""

    __tablename__ = "document_request_item"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {ITEM_STATES}", name="known_state"),
        sa.CheckConstraint("name <> ''", name="it_is_named"),
        sa.CheckConstraint("(state = 'missing') = (settled_at IS NULL)", name="settled_iff_not_missing"),
        sa.UniqueConstraint("request_id", "position", name="uq_document_request_item_position"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(sa.ForeignKey("document_request.id"))
    #: From 1; the order of the list.
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(300))
    state: Mapped[str] = mapped_column(sa.String(12), default="missing")
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(sa.String(150))
    #: Why it cannot be got, or what about it is to be known.
    note: Mapped[str | None] = mapped_column(sa.String(500))
    #: Where the paper is, when the client gave the original.
    original_place: Mapped[str | None] = mapped_column(sa.String(200))
    #: What came, in the matter's file; absent when it is on paper only.
    document_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("document.id"))
