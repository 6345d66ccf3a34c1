"""Deadlines, what became of them, and the calendars' own days. None of them is ever deleted."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, Json, PartialIndex, new_id
from practice.deadlines.triggers import protect

#: ``proposed``: calculated, and somebody has still to stand for it. ``verified``: it counts. The others are its end.
STATES = ("proposed", "verified", "met", "waived", "superseded", "missed")
OPEN_STATES = ("proposed", "verified")
#: What somebody may ask for a deadline to end as.
ENDINGS = ("met", "waived")


#: Where a deadline without a day stands in a list.
NEVER = date(9999, 12, 31)
_OPEN = sa.text("ended_at IS NULL")


class Deadline(Base):
    """One legal deadline of a matter. Visible to whoever sees the matter (``deadlines.queries.visible_to``)."""

    __tablename__ = "deadline"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {STATES}", name="known_state"),
        sa.CheckConstraint(
            "persons = 1 OR verified_by IS NULL OR verified_by <> created_by", name="verified_by_another"
        ),
        sa.CheckConstraint("(verified_by IS NULL) = (verified_at IS NULL)", name="verified_by_somebody"),
        sa.CheckConstraint("state <> 'verified' OR verified_by IS NOT NULL", name="verified_iff_by_somebody"),
        sa.CheckConstraint(f"(state IN {OPEN_STATES}) = (ended_at IS NULL)", name="ended_iff_final"),
        sa.CheckConstraint("ended_at IS NULL OR end_reason <> ''", name="ended_for_a_reason"),
        sa.CheckConstraint("persons IN (1, 2) AND (NOT is_fatal OR persons = 2)", name="fatal_takes_two"),
        sa.CheckConstraint(
            f"ending IS NULL OR (ending IN {ENDINGS} AND ending_by IS NOT NULL AND ending_reason <> '')",
            name="ending_is_asked_for_by_somebody",
        ),
        sa.CheckConstraint("name <> '' AND citation <> '' AND source <> ''", name="what_and_why_is_said"),
        sa.Index("ix_deadline_matter_id", "matter_id", "sort_on", "id"),
        PartialIndex("ix_deadline_open", "sort_on", "id", where=_OPEN),
        PartialIndex("ix_deadline_responsible", "responsible", "sort_on", "id", where=_OPEN),
        sa.Index("ix_deadline_calendar", "calendar", "state"),
        sa.Index("ix_deadline_pack", "pack", "rule", "state"),
        sa.Index("ix_deadline_supersedes_id", "supersedes_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    matter_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matter.id"))
    name: Mapped[str] = mapped_column(sa.String(300))
    #: Key of the jurisdiction pack; None for a day that somebody entered.
    pack: Mapped[str | None] = mapped_column(sa.String(80))
    rule: Mapped[str | None] = mapped_column(sa.String(80))
    #: Version of the pack, so that a newer one is noticed.
    pack_version: Mapped[str | None] = mapped_column(sa.String(40))
    #: What the lawyer's status of the pack was when it was calculated.
    pack_confirmed: Mapped[bool] = mapped_column(default=False)
    calendar: Mapped[str | None] = mapped_column(sa.String(80))
    #: Links of one chain share it.
    chain_id: Mapped[UUID | None]
    #: The link whose day this one counts from.
    after_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("deadline.id"))
    anchor: Mapped[str | None] = mapped_column(sa.String(20))
    anchor_on: Mapped[date | None]
    service_method: Mapped[str | None] = mapped_column(sa.String(80))
    #: What the rule gives; None when no rule does, or while a stay has no end.
    computed_on: Mapped[date | None]
    #: The day that counts: local to the court.
    due_on: Mapped[date | None]
    #: ``due_on``, and the end of time while there is none: what lists are ordered by.
    sort_on: Mapped[date]
    #: How it was calculated, step by step.
    steps: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    is_provisional: Mapped[bool] = mapped_column(default=False)
    is_fatal: Mapped[bool] = mapped_column(default=False)
    #: Persons who have to stand for it.
    persons: Mapped[int] = mapped_column(default=1)
    #: The rule leaves a choice: what has to be decided.
    possible: Mapped[str | None] = mapped_column(sa.Text)
    citation: Mapped[str] = mapped_column(sa.Text)
    #: The document that it is compared with, and what that says.
    source: Mapped[str] = mapped_column(sa.Text)
    responsible: Mapped[str | None] = mapped_column(sa.String(150))
    #: IANA name of the zone whose midnight ends the day.
    time_zone: Mapped[str | None] = mapped_column(sa.String(60))
    state: Mapped[str] = mapped_column(sa.String(12), default="proposed")
    created_by: Mapped[str] = mapped_column(sa.String(150))
    created_at: Mapped[datetime]
    verified_by: Mapped[str | None] = mapped_column(sa.String(150))
    verified_at: Mapped[datetime | None]
    #: Asked for by one person, and to be confirmed by another.
    ending: Mapped[str | None] = mapped_column(sa.String(12))
    ending_reason: Mapped[str | None] = mapped_column(sa.Text)
    ending_by: Mapped[str | None] = mapped_column(sa.String(150))
    ending_at: Mapped[datetime | None]
    #: The process that asks the other person.
    ending_process_id: Mapped[UUID | None]
    ended_by: Mapped[str | None] = mapped_column(sa.String(150))
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(sa.Text)
    #: The one that this replaces.
    supersedes_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("deadline.id"))
    #: The process that registered it.
    process_instance_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("process_instance.id"))

    warnings: Mapped[list["DeadlineWarning"]] = relationship(order_by="DeadlineWarning.warn_on, DeadlineWarning.key")
    changes: Mapped[list["DeadlineChange"]] = relationship(order_by="DeadlineChange.at, DeadlineChange.id")

    @property
    def is_open(self) -> bool:
        """Say whether it still has to be kept."""
        return self.state in OPEN_STATES


class DeadlineWarning(Base):
    """A day before the deadline on which people hear of it: a warning, or a day of the firm's own (pre-deadline)."""

    __tablename__ = "deadline_warning"
    __table_args__ = (sa.Index("ix_deadline_warning_warn_on", "warn_on", "deadline_id"),)

    deadline_id: Mapped[UUID] = mapped_column(sa.ForeignKey("deadline.id"), primary_key=True)
    #: ``-7`` for seven days before, else the pre-deadline's key.
    key: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    #: What the firm does by this day; None for a plain warning.
    name: Mapped[str | None] = mapped_column(sa.String(300))
    warn_on: Mapped[date]
    warned_at: Mapped[datetime | None]


class DeadlineChange(Base):
    """One change of a deadline's state, with its reason; rows are only ever added."""

    __tablename__ = "deadline_change"
    __table_args__ = (sa.Index("ix_deadline_change_deadline_id", "deadline_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    deadline_id: Mapped[UUID] = mapped_column(sa.ForeignKey("deadline.id"))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(150))
    #: In the past tense: ``proposed``, ``verified``, ``end_requested``, ``end_refused``, ``met``, ``warned``, ...
    kind: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str | None] = mapped_column(sa.Text)


class DeadlineStay(Base):
    """A time in which the proceedings of a matter stand still."""

    __tablename__ = "deadline_stay"
    __table_args__ = (
        sa.CheckConstraint("last_on IS NULL OR last_on >= first_on", name="ends_after_it_begins"),
        sa.CheckConstraint("reason <> ''", name="reason_is_given"),
        sa.Index("ix_deadline_stay_matter_id", "matter_id", "first_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    matter_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matter.id"))
    first_on: Mapped[date]
    #: None while nobody knows when it ends.
    last_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(sa.Text)
    created_by: Mapped[str] = mapped_column(sa.String(150))
    created_at: Mapped[datetime]
    ended_by: Mapped[str | None] = mapped_column(sa.String(150))
    ended_at: Mapped[datetime | None]


class CalendarDay(Base):
    """A day that the firm has added to a working calendar: a holiday announced late, a court that is shut."""

    __tablename__ = "calendar_day"
    __table_args__ = (sa.CheckConstraint("name <> '' AND citation <> ''", name="what_and_why_is_said"),)

    calendar: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    on: Mapped[date] = mapped_column("on_day", primary_key=True)
    is_working: Mapped[bool]
    name: Mapped[str] = mapped_column(sa.String(200))
    citation: Mapped[str] = mapped_column(sa.Text)
    added_by: Mapped[str] = mapped_column(sa.String(150))
    added_at: Mapped[datetime]


protect(Deadline, DeadlineChange, changes_too=(DeadlineChange,))
