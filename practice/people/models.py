"""The firm's people, the groups they belong to and the tokens of their programs."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, new_id


class User(Base):
    """A person (or a program) who signs in. Never deleted, because history names them; deactivated instead."""

    __tablename__ = "user_account"
    __table_args__ = (
        sa.CheckConstraint("username = lower(username) AND username <> ''", name="username_is_lower_case"),
        sa.CheckConstraint("full_name <> ''", name="full_name_is_given"),
        sa.CheckConstraint("is_active = (deactivated_at IS NULL)", name="inactive_iff_deactivated"),
        sa.CheckConstraint("hour_cycle IN ('h12', 'h23')", name="hour_cycle_is_known"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: What history, assignments and log-ins use; never changes.
    username: Mapped[str] = mapped_column(sa.String(150), unique=True)
    full_name: Mapped[str] = mapped_column(sa.String(200))
    email: Mapped[str | None] = mapped_column(sa.String(320))
    #: Argon2id in its own text form, with parameters and salt; absent for programs that only hold tokens.
    password_hash: Mapped[str | None] = mapped_column(sa.String(300))
    #: IETF language tag the person reads the pages in; absent: what the browser asks for.
    language: Mapped[str | None] = mapped_column(sa.String(35))
    #: IANA zone in which the person reads instants; absent: the firm's.
    time_zone: Mapped[str | None] = mapped_column(sa.String(64))
    #: Whose dates and numbers the person reads (ISO 3166, or 001); absent: what is usual for the language.
    region: Mapped[str | None] = mapped_column(sa.String(3))
    #: ``h12`` or ``h23``; absent: ``h23``.
    hour_cycle: Mapped[str | None] = mapped_column(sa.String(3))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    deactivated_at: Mapped[datetime | None]
    #: Since when nobody comes in with this account until its case is decided (``practice.accesses``).
    locked_at: Mapped[datetime | None]
    #: How often the person was signed out everywhere; sessions of earlier rounds have ended.
    session_round: Mapped[int] = mapped_column(default=0, server_default="0")

    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="user",
        order_by="Membership.group_name",
        cascade="all, delete-orphan",
        lazy="selectin",
    )

    @property
    def groups(self) -> frozenset[str]:
        """The names of the groups the person belongs to."""
        return frozenset(membership.group_name for membership in self.memberships)


class Group(Base):
    """A role in the firm; its name is what lanes and ``camunda:candidateGroups`` say."""

    __tablename__ = "user_group"
    __table_args__ = (sa.CheckConstraint("name = lower(name) AND name <> ''", name="name_is_lower_case"),)

    name: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    #: English; shown through the catalogue of translations.
    title: Mapped[str] = mapped_column(sa.String(200))


class Membership(Base):
    """One person in one group."""

    __tablename__ = "membership"
    __table_args__ = (sa.Index("ix_membership_group_name", "group_name"),)

    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    group_name: Mapped[str] = mapped_column(sa.ForeignKey("user_group.name"), primary_key=True)

    user: Mapped[User] = relationship(back_populates="memberships")


class ApiToken(Base):
    """A bearer token of one person's program. The token itself is shown once and never stored."""

    __tablename__ = "api_token"
    __table_args__ = (
        sa.CheckConstraint("length(token_hash) = 64", name="hash_is_sha256"),
        sa.CheckConstraint("name <> ''", name="name_is_given"),
        sa.Index("ix_api_token_user_id", "user_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id", ondelete="CASCADE"))
    #: What the person calls it, to tell it from others when revoking.
    name: Mapped[str] = mapped_column(sa.String(100))
    #: SHA-256 of the whole token in hexadecimal; 32 random bytes need no salt and no slow hash.
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]
    #: UTC; to the hour, so that reading over the API does not write at every call.
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined")
