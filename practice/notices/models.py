"""Notices to one person each."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id


class Notice(Base):
    """One thing that one person has to know; its sentence is made when it is read, in the reader's language."""

    __tablename__ = "notice"
    __table_args__ = (
        sa.CheckConstraint("kind <> '' AND about <> ''", name="what_is_named"),
        sa.UniqueConstraint("username", "kind", "about", name="uq_notice_username_kind_about"),
        sa.Index("ix_notice_username", "username", "seen_at", "created_at", "id"),
        sa.Index("ix_notice_created_at", "created_at"),
        sa.Index("ix_notice_sent_at", "sent_at", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    #: In the past tense: ``access_attempted``.
    kind: Mapped[str] = mapped_column(sa.String(60))
    #: What it is about: a case's or a wall's number. Nobody is told the same twice.
    about: Mapped[str] = mapped_column(sa.String(100))
    #: What the sentence needs: names and numbers.
    facts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    #: When it also went out by mail; None while the page is its only way.
    sent_at: Mapped[datetime | None]
