"""Absences, those who stand in, and what they took."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, new_id

REASONS = ("leave", "illness", "travel", "training", "other")
#: ``booked`` until the first day, ``active`` until the return, then ``ended``; ``cancelled`` never began.
STATES = ("booked", "active", "ended", "cancelled")


class Absence(Base):
    """Somebody is away for some days; never deleted."""

    __tablename__ = "absence"
    __table_args__ = (
        sa.CheckConstraint(f"reason IN {REASONS}", name="known_reason"),
        sa.CheckConstraint(f"state IN {STATES}", name="known_state"),
        sa.CheckConstraint("last_on >= first_on", name="ends_after_it_begins"),
        sa.Index("ix_absence_username", "username", "state", "first_on"),
        sa.Index("ix_absence_first_on", "first_on", "id"),
        sa.Index("ix_absence_state", "state", "first_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: ``AB-2026-0001``; the business key of its process.
    number: Mapped[str] = mapped_column(sa.String(40), unique=True)
    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    #: Local dates, both away.
    first_on: Mapped[date]
    last_on: Mapped[date]
    reason: Mapped[str] = mapped_column(sa.String(10))
    note: Mapped[str | None] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.String(10), default="booked")
    process_instance_id: Mapped[UUID | None]
    booked_at: Mapped[datetime]
    booked_by: Mapped[str] = mapped_column(sa.String(150))
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    substitutes: Mapped[list["AbsenceSubstitute"]] = relationship(
        back_populates="absence",
        order_by="AbsenceSubstitute.rank.desc()",
        lazy="selectin",
        cascade="all, delete-orphan",
    )


class AbsenceSubstitute(Base):
    """Who stands in for somebody: in one process, for one kind of work, or for all; the closest rule counts."""

    __tablename__ = "absence_substitute"
    __table_args__ = (
        sa.CheckConstraint("username <> absent", name="nobody_stands_in_for_themselves"),
        sa.CheckConstraint("rank BETWEEN 0 AND 3", name="known_rank"),
        sa.Index("ix_absence_substitute_absence_id", "absence_id"),
        sa.Index("ix_absence_substitute_absent", "absent", "is_active"),
        sa.Index("ix_absence_substitute_username", "username", "is_active"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    absence_id: Mapped[UUID] = mapped_column(sa.ForeignKey("absence.id", ondelete="CASCADE"))
    #: Who stands in.
    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    #: Who is away: the absence's, for the database's triggers.
    absent: Mapped[str] = mapped_column(sa.String(150))
    process_key: Mapped[str | None] = mapped_column(sa.String(200))
    kind: Mapped[str | None] = mapped_column(sa.String(60))
    #: 2 for a process and 1 for a kind: the higher one counts where both fit.
    rank: Mapped[int] = mapped_column(sa.SmallInteger)
    #: Approves up to the limits of who is away.
    with_authority: Mapped[bool] = mapped_column(default=False)
    #: While the absence lasts.
    is_active: Mapped[bool] = mapped_column(default=False)

    absence: Mapped[Absence] = relationship(back_populates="substitutes")


class AbsenceTaking(Base):
    """An open task of somebody away that their substitute took over; it goes back at the return."""

    __tablename__ = "absence_taking"
    __table_args__ = (sa.Index("ix_absence_taking_absence_id", "absence_id"),)

    user_task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_task.id", ondelete="CASCADE"), primary_key=True)
    absence_id: Mapped[UUID] = mapped_column(sa.ForeignKey("absence.id"))
    taken_by: Mapped[str] = mapped_column(sa.String(150))
    taken_at: Mapped[datetime]
