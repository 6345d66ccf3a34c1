"""The inbox index: which open user task stands in front of whom, and what lists are narrowed and ordered by.

What a list asks of a task is kept beside the key, so that a page of the inbox is read from this table alone. The
engine writes these copies; the database fills them for a program that does not (the release before), and keeps
them as the task has them (``engine.models.inbox_triggers``).
"""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, PartialIndex

#: Stands for "no due date" in the key, so that those tasks sort last.
NO_DUE_DATE = datetime(9999, 12, 31, tzinfo=UTC)


class UserTaskCandidate(Base):
    """One principal who sees an open user task: ``user:ana`` for its assignee, ``group:partners`` for a group.

    A claimed task has its assignee's row only; an unclaimed one a row for each candidate group (and
    for nobody else). Rows go when the task ends, so the table is as small as the open work.
    """

    __tablename__ = "user_task_candidate"
    __table_args__ = (
        sa.Index("ix_user_task_candidate_user_task_id", "user_task_id"),
        sa.Index(
            "ix_user_task_candidate_urgency",
            "principal",
            "urgency",
            "user_task_id",
            "due_at",
            "came_at",
            "process_key",
            "kind",
            "priority",
            "business_key",
        ),
        PartialIndex(
            "ix_user_task_candidate_restricted",
            "principal",
            "due_at",
            "user_task_id",
            "business_key",
            "process_key",
            "kind",
            "priority",
            "is_restricted",
            where=sa.text("is_restricted IS NOT NULL"),
        ),
        # Hardly any work is urgent by itself: a list of it would read all that stands in front of somebody.
        PartialIndex(
            "ix_user_task_candidate_high",
            "principal",
            "due_at",
            "user_task_id",
            "process_key",
            "kind",
            "priority",
            "business_key",
            "is_restricted",
            where=sa.text("priority > 50"),
        ),
        {"sqlite_with_rowid": False},
    )

    principal: Mapped[str] = mapped_column(sa.String(160), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    user_task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_task.id", ondelete="CASCADE"), primary_key=True)

    #: ``UserTask.urgency``.
    urgency: Mapped[int | None] = mapped_column(sa.BigInteger)
    #: When it was put in front of this principal: created, claimed, given or given back.
    came_at: Mapped[datetime | None]
    #: As the task has them.
    process_key: Mapped[str | None] = mapped_column(sa.String(200))
    kind: Mapped[str | None] = mapped_column(sa.String(60))
    priority: Mapped[int | None]
    business_key: Mapped[str | None] = mapped_column(sa.String(100))
    #: ``UserTask.is_restricted``; written by triggers alone.
    is_restricted: Mapped[bool | None]
