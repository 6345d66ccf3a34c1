"""Who helps with which user task."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, PartialIndex, new_id

_HELPS = sa.text("ended_at IS NULL")


class TaskHelper(Base):
    """One person who helps with one user task until ``ended_at``."""

    __tablename__ = "task_helper"
    __table_args__ = (
        PartialIndex(
            "ix_task_helper_user_task_id",
            "user_task_id",
            "username",
            unique=True,
            where=_HELPS,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_task.id", ondelete="CASCADE"))
    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    added_by: Mapped[str] = mapped_column(sa.String(150))
    added_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
