"""Events of matters, the people responsible for them, and the facts of how long they took."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, new_id
from practice.directories.models import DirectoryEntry
from practice.matters.models import Matter

STATES = ("planned", "started", "ended", "cancelled")
#: ``any``: one responsible person ends it for all; ``all``: each of them has to.
ENDED_BY = ("any", "all")


class Event(Base):
    """Something that is planned or done in a matter; its kind comes from the directory ``event_kind``."""

    __tablename__ = "event"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {STATES}", name="known_state"),
        sa.CheckConstraint(f"ended_by IN {ENDED_BY}", name="known_ended_by"),
        sa.CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name="ended_iff_ended_at"),
        sa.CheckConstraint("state NOT IN ('started', 'ended') OR started_at IS NOT NULL", name="started_has_start"),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name="ends_after_start"),
        sa.CheckConstraint("planned_end_at IS NULL OR planned_end_at >= planned_start_at", name="plan_in_order"),
        sa.Index("ix_event_matter_id", "matter_id", "planned_start_at", "id"),
        sa.Index("ix_event_in_order", "planned_start_at", "id"),
        sa.Index("ix_event_planned_start_at", "state", "planned_start_at", "id"),
        sa.Index("ix_event_kind_id", "kind_id", "state"),
        sa.Index("ix_event_proceeding_id", "proceeding_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    matter_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matter.id"))
    proceeding_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("proceeding.id"))
    #: Its top entry is the event group.
    kind_id: Mapped[UUID] = mapped_column(sa.ForeignKey("directory_entry.id"))
    title: Mapped[str] = mapped_column(sa.String(300))
    planned_start_at: Mapped[datetime]
    planned_end_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(sa.String(10), default="planned")
    ended_by: Mapped[str] = mapped_column(sa.String(5), default="any")
    #: What came of it, or why it was cancelled.
    result: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(150))

    matter: Mapped[Matter] = relationship()
    kind: Mapped[DirectoryEntry] = relationship()
    responsible: Mapped[list["EventResponsible"]] = relationship(
        back_populates="event", order_by="EventResponsible.username", cascade="all, delete-orphan"
    )


class EventResponsible(Base):
    """One of the people who answer for an event."""

    __tablename__ = "event_responsible"
    __table_args__ = (sa.Index("ix_event_responsible_username", "username", "event_id"),)

    event_id: Mapped[UUID] = mapped_column(sa.ForeignKey("event.id"), primary_key=True)
    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"), primary_key=True)
    #: When this person said that their part is done.
    done_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship(back_populates="responsible")


class DurationFact(Base):
    """How many days an event took, under everything it is compared by; written when it ends, never changed."""

    __tablename__ = "duration_fact"
    __table_args__ = (
        sa.CheckConstraint("days >= 0", name="days_are_not_negative"),
        sa.UniqueConstraint("event_id"),
        sa.Index("ix_duration_fact_group", "group_id", "direction_top_id", "court"),
        sa.Index("ix_duration_fact_kind_id", "kind_id"),
        sa.Index("ix_duration_fact_matter_id", "matter_id"),
        sa.Index("ix_duration_fact_ended_at", "ended_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    event_id: Mapped[UUID] = mapped_column(sa.ForeignKey("event.id"))
    matter_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matter.id"))
    #: The kind's top entry.
    group_id: Mapped[UUID] = mapped_column(sa.ForeignKey("directory_entry.id"))
    kind_id: Mapped[UUID] = mapped_column(sa.ForeignKey("directory_entry.id"))
    direction_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("directory_entry.id"))
    direction_top_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("directory_entry.id"))
    region_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("directory_entry.id"))
    #: As the proceeding, else the matter, named it.
    court: Mapped[str | None] = mapped_column(sa.String(300))
    court_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("directory_entry.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    #: Calendar days in the firm's time zone: 0 when it ended on the day it began.
    days: Mapped[int]
