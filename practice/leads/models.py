"""Leads."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id

STATES = ("new", "contacted", "enquired", "won", "lost")
FINAL_STATES = ("won", "lost")
#: The first six are those of the enquiry form.
SOURCES = ("call", "visit", "web", "mail", "referral", "former_client", "event", "advertising", "other")


class Lead(Base):
    """Somebody who may become a client."""

    __tablename__ = "lead"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {STATES}", name="known_state"),
        sa.CheckConstraint(f"source IN {SOURCES}", name="known_source"),
        sa.CheckConstraint("(state IN ('won', 'lost')) = (closed_at IS NOT NULL)", name="closed_iff_final"),
        sa.CheckConstraint("(state = 'lost') = (lost_reason IS NOT NULL)", name="lost_iff_reason"),
        sa.Index("ix_lead_received_at", "received_at", "id"),
        sa.Index("ix_lead_state", "state", "received_at", "id"),
        sa.Index("ix_lead_party_id", "party_id"),
        sa.Index("ix_lead_originator", "originator"),
        sa.Index("ix_lead_originator_party_id", "originator_party_id"),
        sa.Index("ix_lead_received_by", "received_by"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: ``LD-2026-0007``, without gaps within the year; older ones begin with ``L``, as those of letters do.
    number: Mapped[str] = mapped_column(sa.String(40), unique=True)
    party_id: Mapped[UUID] = mapped_column(sa.ForeignKey("party.id"))
    source: Mapped[str] = mapped_column(sa.String(20))
    #: The colleague who brought them, or the party that recommended us.
    originator: Mapped[str | None] = mapped_column(sa.String(150))
    originator_party_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("party.id"))
    #: What it is about, in a sentence.
    topic: Mapped[str | None] = mapped_column(sa.String(300))
    region: Mapped[str | None] = mapped_column(sa.String(100))
    state: Mapped[str] = mapped_column(sa.String(10), default="new")
    lost_reason: Mapped[str | None] = mapped_column(sa.String(300))
    #: The enquiry that it became.
    enquiry_number: Mapped[str | None] = mapped_column(sa.ForeignKey("enquiry.number"), unique=True)
    received_at: Mapped[datetime]
    received_by: Mapped[str] = mapped_column(sa.String(150))
    closed_at: Mapped[datetime | None]
