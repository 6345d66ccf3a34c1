"""Half-filled forms."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id


class Draft(Base):
    """What one person typed into one form, of a user task or of a process's start, and has not sent."""

    __tablename__ = "draft"
    __table_args__ = (
        sa.UniqueConstraint("username", "user_task_id"),
        sa.UniqueConstraint("username", "process_key", name="uq_draft_username_process_key"),
        sa.CheckConstraint("(user_task_id IS NULL) <> (process_key IS NULL)", name="one_form"),
        sa.CheckConstraint("version >= 1", name="version_from_one"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    user_task_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("user_task.id", ondelete="CASCADE"), index=True)
    #: The process whose start form it is.
    process_key: Mapped[str | None] = mapped_column(sa.String(200))
    #: Answers by the form's keys, unchecked.
    values: Mapped[dict[str, Any]]
    #: Grows by one with each save; a tab that saves over a newer version is refused.
    version: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime]
    #: Digest of the form as it was when this was typed (``forms_shown.digest``).
    form_digest: Mapped[str | None] = mapped_column(sa.String(64))


class DraftCopy(Base):
    """What was typed in another window, or offline, over an older version: kept beside the draft, never merged."""

    __tablename__ = "draft_copy"
    __table_args__ = (sa.Index("ix_draft_copy_draft_id", "draft_id", "saved_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    draft_id: Mapped[UUID] = mapped_column(sa.ForeignKey("draft.id", ondelete="CASCADE"))
    values: Mapped[dict[str, Any]]
    #: The version that it was typed over.
    based_on: Mapped[int]
    saved_at: Mapped[datetime]
