"""Hours line by line, and the sheet of each person's day."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, PartialIndex, new_id
from practice.time.triggers import lock_approved

#: ``open`` until it is handed in; ``locked`` when every line is approved; ``closed`` when the time for it was over.
SHEET_STATES = ("open", "submitted", "returned", "locked", "excused", "closed")
FINAL_SHEET_STATES = ("locked", "excused", "closed")
ENTRY_STATES = ("draft", "submitted", "returned", "approved")
#: States in which whoever wrote a line may change it.
WRITABLE_STATES = ("draft", "returned")
#: ``drafted``: proposed from the work that was completed that day.
SOURCES = ("entered", "drafted")
#: Minutes of a day: no line has more.
LONGEST = 24 * 60


class Timesheet(Base):
    """One person's day: whether its hours were handed in, and what became of them."""

    __tablename__ = "timesheet"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {SHEET_STATES}", name="known_state"),
        sa.CheckConstraint(f"(state IN {FINAL_SHEET_STATES}) = (ended_at IS NOT NULL)", name="ended_iff_final"),
        sa.CheckConstraint("state <> 'excused' OR excuse IS NOT NULL", name="excused_for_a_reason"),
        sa.UniqueConstraint("username", "on_day", name="uq_timesheet_username_on_day"),
        sa.Index("ix_timesheet_leader", "leader", "state", "on_day"),
        sa.Index("ix_timesheet_on_day", "on_day", "id"),
        sa.Index("ix_timesheet_process_instance_id", "process_instance_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: ``T-2026-00007``; the business key of its process.
    number: Mapped[str] = mapped_column(sa.String(40), unique=True)
    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    #: Local date.
    on_day: Mapped[date]
    state: Mapped[str] = mapped_column(sa.String(10), default="open")
    #: Who approves its lines; None when the partners do.
    leader: Mapped[str | None] = mapped_column(sa.String(150))
    #: Why nothing was entered: leave, illness, a holiday.
    excuse: Mapped[str | None] = mapped_column(sa.String(500))
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(sa.String(150))
    decided_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    process_instance_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("process_instance.id"))


class TimeEntry(Base):
    """One line: who worked how long on what. Once approved the database refuses to change it."""

    __tablename__ = "time_entry"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {ENTRY_STATES}", name="known_state"),
        sa.CheckConstraint(f"source IN {SOURCES}", name="known_source"),
        sa.CheckConstraint(f"minutes BETWEEN -{LONGEST} AND {LONGEST}", name="no_longer_than_a_day"),
        sa.CheckConstraint("minutes >= 0 OR corrects_id IS NOT NULL", name="only_corrections_take_away"),
        sa.CheckConstraint("state = 'draft' OR (minutes <> 0 AND work <> '')", name="whole_when_handed_in"),
        sa.CheckConstraint("state = 'draft' OR is_internal OR matter_id IS NOT NULL", name="for_a_matter_or_the_firm"),
        sa.CheckConstraint("NOT is_internal OR (matter_id IS NULL AND NOT is_billable)", name="the_firm_pays_nothing"),
        sa.CheckConstraint("corrects_id IS NULL OR correction_reason IS NOT NULL", name="corrected_for_a_reason"),
        sa.CheckConstraint(
            "(state IN ('approved', 'returned')) = (decided_by IS NOT NULL)", name="decided_by_somebody"
        ),
        sa.Index("ix_time_entry_username", "username", "on_day", "id"),
        sa.Index("ix_time_entry_matter_id", "matter_id", "on_day"),
        sa.Index("ix_time_entry_corrects_id", "corrects_id"),
        sa.Index("ix_time_entry_on_day", "on_day", "id"),
        PartialIndex(
            "ix_time_entry_submitted",
            "username",
            "on_day",
            where=sa.text("state = 'submitted'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    #: Local date on which the work was done.
    on_day: Mapped[date]
    matter_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("matter.id"))
    #: Work for the firm itself: training, acquisition, office.
    is_internal: Mapped[bool] = mapped_column(default=False)
    #: Whole minutes; a correction may take some away.
    minutes: Mapped[int]
    #: What was done.
    work: Mapped[str] = mapped_column(sa.Text, default="")
    is_billable: Mapped[bool] = mapped_column(default=True)
    state: Mapped[str] = mapped_column(sa.String(10), default="draft")
    source: Mapped[str] = mapped_column(sa.String(10), default="entered")
    #: The completed task from which a draft was made.
    user_task_id: Mapped[UUID | None]
    #: The approved line that this one corrects; the hours that count are the sum of both.
    corrects_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("time_entry.id"))
    correction_reason: Mapped[str | None] = mapped_column(sa.String(500))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(sa.String(150))
    decided_at: Mapped[datetime | None]
    #: Why it was returned.
    decision_reason: Mapped[str | None] = mapped_column(sa.String(500))
    #: Raised by every change: who changes an older one is told.
    version: Mapped[int] = mapped_column(default=1)

    @property
    def hours(self) -> Decimal:
        """The minutes as hours with two decimal places; sums are made of minutes, not of these."""
        return (Decimal(self.minutes) / 60).quantize(Decimal("0.01"))


lock_approved(TimeEntry)
