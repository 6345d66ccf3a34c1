"""What people keep an eye on."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id


class Watch(Base):
    """One person's eye on one user task, or on all the work of one matter or enquiry.

    It opens nothing: what the person may not see, they do not see by watching either.
    """

    __tablename__ = "watch"
    __table_args__ = (
        sa.CheckConstraint("(user_task_id IS NULL) <> (business_key IS NULL)", name="one_thing"),
        sa.UniqueConstraint("username", "user_task_id"),
        sa.UniqueConstraint("username", "business_key", name="uq_watch_username_business_key"),
        sa.Index("ix_watch_user_task_id", "user_task_id"),
        sa.Index("ix_watch_business_key", "business_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    user_task_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("user_task.id", ondelete="CASCADE"))
    #: The number of a matter or an enquiry.
    business_key: Mapped[str | None] = mapped_column(sa.String(100))
    created_at: Mapped[datetime]
