"""Enquiries: somebody wants the firm to act, and nobody has decided yet."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, new_id

#: ``open`` until it is decided, then how it was decided.
STATES = ("open", "accepted", "declined", "withdrawn")
#: ``client`` wants us to act, ``opponent`` is the other side, ``other`` is anybody else involved.
PARTY_ROLES = ("client", "opponent", "other")


class Enquiry(Base):
    """One enquiry as it was received; the names in it are compared with those of the firm's matters."""

    __tablename__ = "enquiry"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {STATES}", name="known_state"),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_iff_decided"),
        sa.CheckConstraint("client_name <> ''", name="client_is_named"),
        sa.CheckConstraint("claim_value_minor >= 0", name="claim_value_is_not_negative"),
        sa.CheckConstraint("claim_value_minor IS NULL OR currency IS NOT NULL", name="claim_value_has_currency"),
        sa.Index("ix_enquiry_state", "state", "received_at"),
        sa.Index("ix_enquiry_received_at", "received_at", "id"),
        sa.Index("ix_enquiry_received_by", "received_by"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: ``E-2026-0007``, without gaps within the year; the business key of its intake.
    number: Mapped[str] = mapped_column(sa.String(40), unique=True)
    client_name: Mapped[str] = mapped_column(sa.String(300))
    opponent_name: Mapped[str | None] = mapped_column(sa.String(300))
    #: Key of the process that the matter would run, so far as the person who asked knows.
    case_type: Mapped[str | None] = mapped_column(sa.String(200))
    #: How it came: telephone, visit, web, letter.
    source: Mapped[str | None] = mapped_column(sa.String(60))
    summary: Mapped[str | None] = mapped_column(sa.Text)
    #: In the currency's smallest unit.
    claim_value_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    #: ISO 4217.
    currency: Mapped[str | None] = mapped_column(sa.String(3))
    #: Number and names folded for partial search.
    search_text: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.String(10), default="open")
    #: Why it was declined or withdrawn.
    reason: Mapped[str | None] = mapped_column(sa.Text)
    received_at: Mapped[datetime]
    received_by: Mapped[str] = mapped_column(sa.String(150))
    closed_at: Mapped[datetime | None]
    #: The intake that decides it.
    process_instance_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("process_instance.id"), unique=True)

    parties: Mapped[list["EnquiryParty"]] = relationship(
        back_populates="enquiry",
        order_by="EnquiryParty.role, EnquiryParty.name",
        cascade="all, delete-orphan",
    )


class EnquiryParty(Base):
    """One name in an enquiry and the form under which it is compared; only a matter makes a party of it."""

    __tablename__ = "enquiry_party"
    __table_args__ = (
        sa.CheckConstraint(f"role IN {PARTY_ROLES}", name="known_role"),
        sa.CheckConstraint("name <> '' AND normalised_name <> ''", name="name_is_given"),
        sa.Index("ix_enquiry_party_normalised_name", "normalised_name"),
    )

    enquiry_id: Mapped[UUID] = mapped_column(sa.ForeignKey("enquiry.id", ondelete="CASCADE"), primary_key=True)
    #: Nobody is in an enquiry twice.
    normalised_name: Mapped[str] = mapped_column(sa.String(600), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(300))
    role: Mapped[str] = mapped_column(sa.String(10))
    #: Which of several known parties of that name is meant, once somebody said so. Without a foreign key, because
    #: the release before knows none.
    party_id: Mapped[UUID | None]

    enquiry: Mapped[Enquiry] = relationship(back_populates="parties")
