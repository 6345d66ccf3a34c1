"""Proceedings of a matter, their hearings and decisions, and what is claimed, awarded and received."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, new_id
from practice.matters.models import Matter

#: What a proceeding is heard by.
LEVELS = (
    "pre_action",
    "first_instance",
    "appeal",
    "cassation",
    "retrial",
    "arbitration",
    "administrative",
    "investigation",
    "enforcement",
    "other",
)
#: How a proceeding follows from the one before it.
LINKS = ("appeal", "cassation", "remand", "retrial", "transfer", "joinder", "severance", "enforcement")
STATES = ("open", "stayed", "closed")
HEARING_STATES = ("planned", "held", "adjourned", "cancelled")
RECOVERY_STATES = ("expected", "part_received", "received", "written_off")


class Proceeding(Base):
    """One run before a court or tribunal; a higher instance or a remand is another one that names this as previous."""

    __tablename__ = "proceeding"
    __table_args__ = (
        sa.CheckConstraint(f"level IN {LEVELS}", name="known_level"),
        sa.CheckConstraint(f"link IS NULL OR link IN {LINKS}", name="known_link"),
        sa.CheckConstraint("(previous_id IS NULL) = (link IS NULL)", name="link_iff_previous"),
        sa.CheckConstraint("previous_id IS NULL OR previous_id <> id", name="not_its_own_previous"),
        sa.CheckConstraint(f"state IN {STATES}", name="known_state"),
        sa.CheckConstraint("(state = 'closed') = (closed_on IS NOT NULL)", name="closed_iff_closed_on"),
        sa.CheckConstraint("value_minor >= 0", name="value_is_not_negative"),
        sa.CheckConstraint("value_minor IS NULL OR currency IS NOT NULL", name="value_has_currency"),
        sa.UniqueConstraint("matter_id", "number"),
        sa.Index("ix_proceeding_previous_id", "previous_id"),
        sa.Index("ix_proceeding_court_id", "court_id"),
        sa.Index("ix_proceeding_court_number", "court_number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    matter_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matter.id"))
    #: 1, 2, ... within the matter, in the order in which they were opened.
    number: Mapped[int]
    level: Mapped[str] = mapped_column(sa.String(20))
    #: As the paper calls it.
    court: Mapped[str | None] = mapped_column(sa.String(300))
    court_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("directory_entry.id"))
    #: The number under which the court keeps the case; not the firm's.
    court_number: Mapped[str | None] = mapped_column(sa.String(100))
    #: Judge or panel.
    judge: Mapped[str | None] = mapped_column(sa.String(300))
    previous_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("proceeding.id"))
    link: Mapped[str | None] = mapped_column(sa.String(20))
    #: In the currency's smallest unit.
    value_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    currency: Mapped[str | None] = mapped_column(sa.String(3))
    state: Mapped[str] = mapped_column(sa.String(10), default="open")
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    #: How it ended, in words.
    outcome: Mapped[str | None] = mapped_column(sa.String(200))
    #: The call activity that carries it.
    process_instance_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("process_instance.id"))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(150))

    matter: Mapped[Matter] = relationship()


class Hearing(Base):
    """A date before the court; an adjourned one names the hearing that takes its place."""

    __tablename__ = "hearing"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {HEARING_STATES}", name="known_state"),
        sa.CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint("state <> 'held' OR result IS NOT NULL", name="held_has_result"),
        sa.Index("ix_hearing_proceeding_id", "proceeding_id", "starts_at"),
        sa.Index("ix_hearing_starts_at", "starts_at", "state"),
        sa.Index("ix_hearing_representative", "representative", "starts_at"),
        sa.Index("ix_hearing_next_hearing_id", "next_hearing_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    proceeding_id: Mapped[UUID] = mapped_column(sa.ForeignKey("proceeding.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    room: Mapped[str | None] = mapped_column(sa.String(100))
    #: Who appears for the client.
    representative: Mapped[str | None] = mapped_column(sa.ForeignKey("user_account.username"))
    state: Mapped[str] = mapped_column(sa.String(10), default="planned")
    result: Mapped[str | None] = mapped_column(sa.Text)
    next_hearing_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("hearing.id"))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(150))

    proceeding: Mapped[Proceeding] = relationship()


class Decision(Base):
    """What the court decided; the day of service is what periods for appeals run from."""

    __tablename__ = "decision"
    __table_args__ = (
        sa.CheckConstraint("served_on IS NULL OR served_on >= pronounced_on", name="served_after_pronounced"),
        sa.Index("ix_decision_proceeding_id", "proceeding_id", "pronounced_on"),
        sa.Index("ix_decision_pronounced_on", "pronounced_on"),
        sa.Index("ix_decision_result_id", "result_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    proceeding_id: Mapped[UUID] = mapped_column(sa.ForeignKey("proceeding.id"))
    pronounced_on: Mapped[date]
    #: Local date on which the firm or the client was served.
    served_on: Mapped[date | None]
    service_method: Mapped[str | None] = mapped_column(sa.String(60))
    result_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("directory_entry.id"))
    summary: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(150))

    proceeding: Mapped[Proceeding] = relationship()
    lines: Mapped[list["DecisionLine"]] = relationship(back_populates="decision", order_by="DecisionLine.position")


class ClaimLine(Base):
    """What is claimed in a proceeding, per kind of recovery."""

    __tablename__ = "claim_line"
    __table_args__ = (
        sa.CheckConstraint("amount_minor >= 0", name="amount_is_not_negative"),
        sa.UniqueConstraint("proceeding_id", "recovery_kind_id", "currency"),
        sa.Index("ix_claim_line_recovery_kind_id", "recovery_kind_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    proceeding_id: Mapped[UUID] = mapped_column(sa.ForeignKey("proceeding.id"))
    recovery_kind_id: Mapped[UUID] = mapped_column(sa.ForeignKey("directory_entry.id"))
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3))


class DecisionLine(Base):
    """What a decision awards of one kind of recovery, and of how much."""

    __tablename__ = "decision_line"
    __table_args__ = (
        sa.CheckConstraint("awarded_minor >= 0", name="awarded_is_not_negative"),
        sa.CheckConstraint("claimed_minor >= 0", name="claimed_is_not_negative"),
        sa.UniqueConstraint("decision_id", "position"),
        sa.Index("ix_decision_line_recovery_kind_id", "recovery_kind_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    decision_id: Mapped[UUID] = mapped_column(sa.ForeignKey("decision.id"))
    position: Mapped[int]
    recovery_kind_id: Mapped[UUID] = mapped_column(sa.ForeignKey("directory_entry.id"))
    claimed_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    awarded_minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3))
    #: The provision the award rests on.
    basis: Mapped[str | None] = mapped_column(sa.String(300))

    decision: Mapped[Decision] = relationship(back_populates="lines")


class Recovery(Base):
    """Money that is to come in: from an award, a settlement or a payer who pays without one."""

    __tablename__ = "recovery"
    __table_args__ = (
        sa.CheckConstraint("due_minor > 0", name="due_is_positive"),
        sa.CheckConstraint("received_minor >= 0", name="received_is_not_negative"),
        sa.CheckConstraint(f"state IN {RECOVERY_STATES}", name="known_state"),
        sa.Index("ix_recovery_matter_id", "matter_id", "due_on"),
        sa.Index("ix_recovery_decision_line_id", "decision_line_id"),
        sa.Index("ix_recovery_due_on", "state", "due_on"),
        sa.Index("ix_recovery_recovery_kind_id", "recovery_kind_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    matter_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matter.id"))
    decision_line_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("decision_line.id"))
    recovery_kind_id: Mapped[UUID] = mapped_column(sa.ForeignKey("directory_entry.id"))
    due_on: Mapped[date | None]
    due_minor: Mapped[int] = mapped_column(sa.BigInteger)
    #: The sum of its receipts.
    received_minor: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    currency: Mapped[str] = mapped_column(sa.String(3))
    payer: Mapped[str | None] = mapped_column(sa.String(300))
    #: ISO 8601 repetition of a payment that comes again: ``R/P1M``.
    repeats: Mapped[str | None] = mapped_column(sa.String(60))
    state: Mapped[str] = mapped_column(sa.String(15), default="expected")
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(150))

    matter: Mapped[Matter] = relationship()


class RecoveryReceipt(Base):
    """A sum that came in; a mistake is undone by a negative one with its reason."""

    __tablename__ = "recovery_receipt"
    __table_args__ = (
        sa.CheckConstraint("amount_minor <> 0", name="amount_is_not_zero"),
        sa.CheckConstraint("amount_minor > 0 OR note IS NOT NULL", name="correction_has_reason"),
        sa.Index("ix_recovery_receipt_recovery_id", "recovery_id", "received_on"),
        sa.Index("ix_recovery_receipt_received_on", "received_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    recovery_id: Mapped[UUID] = mapped_column(sa.ForeignKey("recovery.id"))
    received_on: Mapped[date]
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    note: Mapped[str | None] = mapped_column(sa.String(300))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(150))
