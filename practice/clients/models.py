"""Clients."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id


class Client(Base):
    """A party that the firm acts for or has acted for. It belongs to the firm: no column names a lawyer as owner."""

    __tablename__ = "client"
    __table_args__ = (
        sa.CheckConstraint("contact_every_days > 0", name="cadence_is_positive"),
        sa.Index("ix_client_since", "since", "id"),
        sa.Index("ix_client_contact_party_id", "contact_party_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: ``C-2026-0007``, without gaps within the year.
    number: Mapped[str] = mapped_column(sa.String(40), unique=True)
    party_id: Mapped[UUID] = mapped_column(sa.ForeignKey("party.id"), unique=True)
    #: The firm's own division: ``private``, ``key account``.
    segment: Mapped[str | None] = mapped_column(sa.String(60))
    #: Days within which somebody is to speak to them; None: no rule.
    contact_every_days: Mapped[int | None]
    #: Whom to speak to first, in every matter that names nobody else.
    contact_party_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("party.id"))
    #: How they came (the enquiry's or the lead's source) and who brought them: a colleague's username.
    source: Mapped[str | None] = mapped_column(sa.String(60))
    originator: Mapped[str | None] = mapped_column(sa.String(150))
    since: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(150))
