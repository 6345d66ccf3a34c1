"""Letters, in and out, and every hop of their way through the firm."""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, PartialIndex, new_id
from practice.correspondence.triggers import protect_hops

DIRECTIONS = ("incoming", "outgoing")
CHANNELS = ("post", "registered_post", "courier", "hand", "email", "fax", "court_portal")
#: What happens to a letter -> the status it has afterwards; nothing else ever changes a status. None leaves it.
STATUS_AFTER: Final[Mapping[str, str | None]] = MappingProxyType(
    {
        "registered": "registered",
        "handed_over": "handed_over",
        "accepted": "accepted",
        "returned": "returned",
        "filed_under": None,
        "original_missed": "searched_for",
        "original_found": "accepted",
        "original_lost": "accepted",
        "dispatched": "dispatched",
        "proof_received": "closed",
        "filed": "closed",
        "answered": "closed",
        "withdrawn": "closed",
    }
)
HOP_KINDS = tuple(STATUS_AFTER)
STATUSES = ("registered", "handed_over", "accepted", "returned", "searched_for", "dispatched", "closed")


class Letter(Base):
    """One letter of the register; who has it now is always known."""

    __tablename__ = "letter"
    __table_args__ = (
        sa.CheckConstraint(f"direction IN {DIRECTIONS}", name="known_direction"),
        sa.CheckConstraint(f"channel IN {CHANNELS}", name="known_channel"),
        sa.CheckConstraint(f"status IN {STATUSES}", name="known_status"),
        sa.CheckConstraint("sender <> '' AND addressee <> '' AND subject <> ''", name="it_is_described"),
        sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_iff_final"),
        sa.CheckConstraint(
            "closed_at IS NOT NULL OR holder IS NOT NULL OR holder_group IS NOT NULL", name="somebody_has_it"
        ),
        sa.Index("ix_letter_registered_at", "registered_at", "id"),
        sa.Index("ix_letter_matter_id", "matter_id", "registered_at"),
        sa.Index("ix_letter_holder", "holder"),
        sa.Index("ix_letter_registered_by", "registered_by"),
        sa.Index("ix_letter_answers_id", "answers_id"),
        sa.Index("ix_letter_process_instance_id", "process_instance_id"),
        # What nobody has closed is what hangs; it is little among years of letters.
        PartialIndex(
            "ix_letter_open",
            "moved_at",
            "id",
            where=sa.text("closed_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: ``L-2026-0007``, without gaps within the year.
    number: Mapped[str] = mapped_column(sa.String(40), unique=True)
    direction: Mapped[str] = mapped_column(sa.String(10))
    channel: Mapped[str] = mapped_column(sa.String(20))
    sender: Mapped[str] = mapped_column(sa.String(300))
    addressee: Mapped[str] = mapped_column(sa.String(300))
    subject: Mapped[str] = mapped_column(sa.String(500))
    #: The other side's or the court's own number.
    reference: Mapped[str | None] = mapped_column(sa.String(100))
    #: Number of the post office, the courier or the portal, by which the letter can be traced.
    receipt_number: Mapped[str | None] = mapped_column(sa.String(100))
    #: Local dates: written on it, stamped by the post office, arrived here or left here.
    letter_on: Mapped[date | None]
    postmark_on: Mapped[date | None]
    received_on: Mapped[date | None]
    sent_on: Mapped[date | None]
    #: Proof that the addressee got it: return receipt, confirmation of the portal.
    proof: Mapped[str | None] = mapped_column(sa.String(300))
    proof_on: Mapped[date | None]
    matter_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("matter.id"))
    #: Where the paper is: shelf, binder, safe.
    original_place: Mapped[str | None] = mapped_column(sa.String(200))
    original_is_lost: Mapped[bool] = mapped_column(default=False)
    contains_deadline: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(sa.String(20))
    #: Who has it, or to whom it is on its way.
    holder: Mapped[str | None] = mapped_column(sa.String(150))
    #: The department it was handed to, until one of its people accepts.
    holder_group: Mapped[str | None] = mapped_column(sa.String(150))
    #: Why the last one gave it on; what the next one reads first.
    last_reason: Mapped[str | None] = mapped_column(sa.Text)
    #: UTC; the last hop.
    moved_at: Mapped[datetime]
    registered_at: Mapped[datetime]
    registered_by: Mapped[str] = mapped_column(sa.String(150))
    #: Code of the unit in which whoever registered it worked that day.
    department: Mapped[str | None] = mapped_column(sa.String(40))
    closed_at: Mapped[datetime | None]
    #: The letter that this one answers.
    answers_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("letter.id"))
    #: The correspondence process that carries it.
    process_instance_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("process_instance.id"))
    #: Number, names, subject and references folded for partial search.
    search_text: Mapped[str] = mapped_column(sa.Text)
    hops: Mapped[list["LetterHop"]] = relationship(order_by="LetterHop.position", back_populates="letter")

    @property
    def is_open(self) -> bool:
        """True until the letter is filed, answered or proved to have arrived."""
        return self.closed_at is None


class LetterHop(Base):
    """One step of a letter's way; the table only grows, and the database itself sees to that."""

    __tablename__ = "letter_hop"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {HOP_KINDS}", name="known_kind"),
        sa.CheckConstraint(
            "kind NOT IN ('handed_over', 'returned') OR (reason IS NOT NULL AND reason <> '')", name="a_reason_is_given"
        ),
        sa.UniqueConstraint("letter_id", "position", name="uq_letter_hop_position"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    letter_id: Mapped[UUID] = mapped_column(sa.ForeignKey("letter.id"))
    #: From 1.
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(20))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(150))
    reason: Mapped[str | None] = mapped_column(sa.Text)
    from_username: Mapped[str | None] = mapped_column(sa.String(150))
    from_group: Mapped[str | None] = mapped_column(sa.String(150))
    to_username: Mapped[str | None] = mapped_column(sa.String(150))
    to_group: Mapped[str | None] = mapped_column(sa.String(150))
    #: The letter's status from now on.
    status: Mapped[str] = mapped_column(sa.String(20))
    letter: Mapped[Letter] = relationship(back_populates="hops")


protect_hops(LetterHop)
