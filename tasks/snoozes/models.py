"""Work put aside."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base


class Snooze(Base):
    """One open user task that one person does not want to see until an instant; everybody else sees it as before."""

    __tablename__ = "snooze"
    __table_args__ = (
        sa.CheckConstraint("until > created_at", name="ends_later"),
        sa.Index("ix_snooze_until", "username", "is_held", "until", "user_task_id"),
        sa.Index("ix_snooze_user_task_id", "user_task_id"),
    )

    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"), primary_key=True)
    user_task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_task.id", ondelete="CASCADE"), primary_key=True)
    #: Whether the person held it when they put it aside. What comes to them in another way since is new to them.
    is_held: Mapped[bool]
    until: Mapped[datetime]
    created_at: Mapped[datetime]
