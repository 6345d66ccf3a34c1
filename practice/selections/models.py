"""Saved searches."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id

ENTITIES = ("matter", "party", "client", "event", "enquiry")


class Selection(Base):
    """Criteria of a list that somebody keeps to run again; what it finds is decided by who runs it."""

    __tablename__ = "selection"
    __table_args__ = (
        sa.CheckConstraint(f"entity IN {ENTITIES}", name="known_entity"),
        sa.CheckConstraint("name <> ''", name="name_is_given"),
        sa.UniqueConstraint("owner", "entity", "name"),
        sa.Index("ix_selection_shared", "entity", "is_shared"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    owner: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    entity: Mapped[str] = mapped_column(sa.String(20))
    name: Mapped[str] = mapped_column(sa.String(100))
    #: Filter by name, as the list's address has them.
    criteria: Mapped[dict[str, Any]]
    #: Offered to everybody, and changed by its owner only.
    is_shared: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
