"""Conflict checks as they were made, what people decided about them, and what people of the firm are interested in."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Json, new_id

#: ``clear``: nobody of that name on the other side; ``relative``: somebody has to decide;
#: ``absolute``: nobody may decide for it.
OUTCOMES = ("clear", "relative", "absolute")
#: Why it was made: an intake, a program or a person asked, a party changed, or the matter is to be closed.
TRIGGERS = ("intake", "request", "opening", "party_change", "closing")
#: What a person may say about a check: no conflict, consent and wall, or that the firm must not act.
DECISIONS = ("clear", "relative", "absolute")
INTERESTS = ("own", "family", "shareholding", "office", "employment", "other")


class ConflictCheck(Base):
    """One check: what was asked, against what, what was found. Never changed and never deleted."""

    __tablename__ = "conflict_check"
    __table_args__ = (
        sa.CheckConstraint(f"outcome IN {OUTCOMES}", name="known_outcome"),
        sa.Index("ix_conflict_check_subject", "subject", "run_at", "id"),
        sa.Index("ix_conflict_check_run_at", "run_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: Number of the enquiry or matter that was checked; of a check without either, its own id.
    subject: Mapped[str] = mapped_column(sa.String(40))
    trigger: Mapped[str] = mapped_column(sa.String(20), default="intake", server_default="intake")
    run_at: Mapped[datetime]
    run_by: Mapped[str] = mapped_column(sa.String(150))
    #: The query: names as written and as compared, the rules' version, the data's version, and how many records met.
    snapshot: Mapped[dict[str, Any]]
    #: What was found, worst first (``practice.conflicts.hits.Hit`` as JSON).
    hits: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    outcome: Mapped[str] = mapped_column(sa.String(10))


class ConflictDecision(Base):
    """What a person decided about a relative conflict; never changed. The last one of a check counts."""

    __tablename__ = "conflict_decision"
    __table_args__ = (
        sa.CheckConstraint(f"decision IN {DECISIONS}", name="known_decision"),
        sa.CheckConstraint("note <> ''", name="reason_is_given"),
        sa.CheckConstraint(
            "decision <> 'relative' OR (consent_from IS NOT NULL AND consent_on IS NOT NULL AND wall IS NOT NULL)",
            name="relative_needs_consent_and_wall",
        ),
        sa.Index("ix_conflict_decision_check_id", "check_id", "decided_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    check_id: Mapped[UUID] = mapped_column(sa.ForeignKey("conflict_check.id"))
    decision: Mapped[str] = mapped_column(sa.String(10))
    #: An auditor must understand the decision years later.
    note: Mapped[str] = mapped_column(sa.Text)
    #: Who has signed, after being told what it means, and the local date of the signature.
    consent_from: Mapped[str | None] = mapped_column(sa.String(300))
    consent_on: Mapped[date | None]
    #: Where the signed paper is.
    consent_document: Mapped[str | None] = mapped_column(sa.String(300))
    #: In words who is kept out, or the number of the wall.
    wall: Mapped[str | None] = mapped_column(sa.Text)
    #: The wall that it rests on; empty when it was still to be asked for. A wall is never deleted.
    wall_number: Mapped[str | None] = mapped_column(sa.String(40))
    decided_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(sa.String(150))


class StaffInterest(Base):
    """Somebody outside the firm with whom a person of the firm has ties of their own."""

    __tablename__ = "staff_interest"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {INTERESTS}", name="known_kind"),
        sa.CheckConstraint("name <> ''", name="name_is_given"),
        sa.Index("ix_staff_interest_username", "username"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    name: Mapped[str] = mapped_column(sa.String(300))
    kind: Mapped[str] = mapped_column(sa.String(20))
    note: Mapped[str | None] = mapped_column(sa.String(300))
    declared_at: Mapped[datetime]
    declared_by: Mapped[str] = mapped_column(sa.String(150))
    ended_at: Mapped[datetime | None]


@event.listens_for(ConflictCheck, "before_update")
@event.listens_for(ConflictCheck, "before_delete")
@event.listens_for(ConflictDecision, "before_update")
@event.listens_for(ConflictDecision, "before_delete")
def _refuse(_mapper: object, _connection: object, row: ConflictCheck | ConflictDecision) -> None:
    """A check, and what was decided about it, is kept as it was."""
    raise TypeError(f"{row.__tablename__} {row.id} cannot be changed")
