"""Entries of the firm's directories; an administrator changes them, no code does."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id

#: Trees, but for ``recovery_kind``. Event kinds lie under their event group, tags under their taxonomy.
DIRECTORIES = (
    "direction",
    "region",
    "court",
    "recovery_kind",
    "event_kind",
    "tag",
    "party_capacity",
    "decision_result",
)


class DirectoryEntry(Base):
    """One entry of one directory. Never deleted, because records name it; switched off instead."""

    __tablename__ = "directory_entry"
    __table_args__ = (
        sa.CheckConstraint(f"directory IN {DIRECTORIES}", name="known_directory"),
        sa.CheckConstraint("key <> '' AND name <> ''", name="is_named"),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_under_itself"),
        sa.UniqueConstraint("directory", "key"),
        sa.Index("ix_directory_entry_path", "directory", "path"),
        sa.Index("ix_directory_entry_parent_id", "parent_id"),
        sa.Index("ix_directory_entry_region_id", "region_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    directory: Mapped[str] = mapped_column(sa.String(30))
    #: ``railway``: what files, forms and programs call it; never changes.
    key: Mapped[str] = mapped_column(sa.String(60))
    #: As the firm calls it.
    name: Mapped[str] = mapped_column(sa.String(200))
    parent_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("directory_entry.id"))
    #: Keys from the top down to this one, each followed by a slash: ``railway/collision/``.
    path: Mapped[str] = mapped_column(sa.String(1000))
    #: Among its siblings; equal ones are in the order of their names.
    position: Mapped[int] = mapped_column(default=0, server_default="0")
    is_active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    #: Where a court sits.
    region_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("directory_entry.id"))
    #: Records of this kind are shown only to people with this named right (C31: referrals to court).
    required_right: Mapped[str | None] = mapped_column(sa.String(60))
    #: Name by language tag, where the firm works in several.
    names: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(150))


class MatterTag(Base):
    """A tag on a matter."""

    __tablename__ = "matter_tag"
    __table_args__ = (sa.Index("ix_matter_tag_tag_id", "tag_id", "matter_id"),)

    matter_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matter.id"), primary_key=True)
    tag_id: Mapped[UUID] = mapped_column(sa.ForeignKey("directory_entry.id"), primary_key=True)
