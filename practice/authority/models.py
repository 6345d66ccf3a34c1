"""Limits of authority."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id


class AuthorityLimit(Base):
    """Up to how much a person or a group may approve one kind of thing. Never deleted; revoked instead."""

    __tablename__ = "authority_limit"
    __table_args__ = (
        sa.CheckConstraint("kind <> ''", name="kind_is_given"),
        sa.CheckConstraint("(username IS NULL) <> (group_name IS NULL)", name="for_a_person_or_a_group"),
        sa.CheckConstraint("limit_minor >= 0", name="limit_is_not_negative"),
        sa.CheckConstraint("(limit_minor IS NULL) = (currency IS NULL)", name="limit_has_currency"),
        sa.CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="until_is_after_from"),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="who_revoked_is_known"),
        sa.Index("ix_authority_limit_kind", "kind", "revoked_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: What is approved, as the model's ``authority`` property calls it: ``payment``.
    kind: Mapped[str] = mapped_column(sa.String(60))
    username: Mapped[str | None] = mapped_column(sa.ForeignKey("user_account.username"))
    group_name: Mapped[str | None] = mapped_column(sa.ForeignKey("user_group.name"))
    #: In the currency's smallest unit; None: as much as it may be.
    limit_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    #: ISO 4217; sums in another currency are not covered.
    currency: Mapped[str | None] = mapped_column(sa.String(3))
    #: Only for this client's matters, or for this matter; None: for all.
    client_party_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("party.id"))
    matter_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("matter.id"))
    #: Local dates, both included.
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(150))
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None] = mapped_column(sa.String(150))
