"""Questions about user tasks, and their answers."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, PartialIndex, new_id

_OPEN = sa.text("answered_at IS NULL AND withdrawn_at IS NULL")


class TaskQuestion(Base):
    """One question to one person; open until it is answered or taken back, or its user task ends."""

    __tablename__ = "task_question"
    __table_args__ = (
        sa.CheckConstraint("question <> '' AND (answer IS NULL OR answer <> '')", name="says_something"),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_iff_answer"),
        sa.CheckConstraint("answered_at IS NULL OR withdrawn_at IS NULL", name="answered_or_taken_back"),
        sa.Index("ix_task_question_user_task_id", "user_task_id", "asked_at", "id"),
        PartialIndex("ix_task_question_asked_of", "asked_of", "asked_at", where=_OPEN),
        PartialIndex("ix_task_question_asked_by", "asked_by", "asked_at", where=_OPEN),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_task.id", ondelete="CASCADE"))
    asked_by: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    asked_of: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    question: Mapped[str] = mapped_column(sa.Text)
    asked_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(sa.Text)
    answered_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
