"""Comments on user tasks."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id


class TaskComment(Base):
    """One thing somebody said about a user task; who sees the task reads it."""

    __tablename__ = "task_comment"
    __table_args__ = (
        sa.CheckConstraint("body <> ''", name="says_something"),
        sa.Index("ix_task_comment_user_task_id", "user_task_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_task.id", ondelete="CASCADE"))
    author: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    #: Plain text; ``@ana`` names a person.
    body: Mapped[str] = mapped_column(sa.Text)
    #: Usernames that it names and that may see the task; each was told.
    mentions: Mapped[list[str]]
    created_at: Mapped[datetime]
    #: When the author took it back; its text is gone then.
    withdrawn_at: Mapped[datetime | None]
