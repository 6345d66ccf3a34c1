"""Reminders of user tasks, and who has put one aside until it comes again."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, PartialIndex

CALENDARS = ("always", "working")
UNTIL = ("accepted", "completed")
#: Why there are no more rounds: somebody took the task, the event came, somebody waived it, the last round was told.
REASONS = ("accepted", "event", "waived", "spent")


class Reminder(Base):
    """What one open user task is reminded by: one row for everybody it stands in front of, gone with the task.

    Who sees it is whoever the task stands in front of now (``engine.models.UserTaskCandidate``): when somebody
    takes the task, the others' reminders are gone with the rows that put it in front of them.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        sa.CheckConstraint(f"calendar IN {CALENDARS}", name="known_calendar"),
        sa.CheckConstraint(f"until IN {UNTIL}", name="known_end"),
        sa.CheckConstraint(f"stopped_because IN {REASONS}", name="known_reason"),
        sa.CheckConstraint("(stopped_at IS NULL) = (stopped_because IS NULL)", name="stopped_for_a_reason"),
        sa.CheckConstraint("round >= 0 AND rounds_left >= 0", name="rounds_are_counted"),
        sa.CheckConstraint("every IS NOT NULL OR sla IS NOT NULL OR ends_with IS NOT NULL", name="it_asks_something"),
        PartialIndex(
            "ix_reminder_told",
            "user_task_id",
            "round",
            where=sa.text("round > 0"),
        ),
        PartialIndex(
            "ix_reminder_told_at",
            "told_at",
            where=sa.text("told_at IS NOT NULL"),
        ),
        PartialIndex(
            "ix_reminder_ends_with",
            "ends_with",
            where=sa.text("ends_with IS NOT NULL"),
        ),
    )

    user_task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_task.id", ondelete="CASCADE"), primary_key=True)
    #: ISO 8601 duration between two rounds; absent: only the SLA, or only an event that has to come.
    every: Mapped[str | None] = mapped_column(sa.String(60))
    #: Rounds that are still to come; absent: without end.
    rounds_left: Mapped[int | None]
    #: ``working``: durations run in the addressees' working time; ``always``: round the clock.
    calendar: Mapped[str] = mapped_column(sa.String(10))
    #: Which act of the addressee it asks for.
    until: Mapped[str] = mapped_column(sa.String(10))
    #: Name of the event that alone ends it: nobody puts it aside, and the task cannot be completed before.
    ends_with: Mapped[str | None] = mapped_column(sa.String(100))
    #: How many rounds were told.
    round: Mapped[int] = mapped_column(default=0)
    #: UTC; when the last round was told.
    told_at: Mapped[datetime | None]
    #: UTC; when the next one is.
    next_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    stopped_because: Mapped[str | None] = mapped_column(sa.String(10))
    #: ISO 8601 duration after which somebody else hears of the task.
    sla: Mapped[str | None] = mapped_column(sa.String(60))
    #: UTC; when that is.
    sla_at: Mapped[datetime | None]
    #: A group, or ``user:`` and a person's name; absent: the assignee's and the groups' own people only.
    escalate_to: Mapped[str | None] = mapped_column(sa.String(160))
    escalated_at: Mapped[datetime | None]
    #: UTC; since when it counts: the task came, or was given back or to somebody else.
    since: Mapped[datetime]


class ReminderAside(Base):
    """Somebody has seen a reminder; it comes back with the next round."""

    __tablename__ = "reminder_aside"
    __table_args__ = ({"sqlite_with_rowid": False},)

    user_task_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("reminder.user_task_id", ondelete="CASCADE"), primary_key=True
    )
    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"), primary_key=True)
    #: The round that was seen.
    round: Mapped[int]
