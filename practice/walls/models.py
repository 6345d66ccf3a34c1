"""Walls, the people on either side of them and what they stand around."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, new_id

#: ``excluding`` keeps those out who are named; ``enclosing`` keeps everybody out who is not named as inside.
KINDS = ("excluding", "enclosing")
#: Only a wall that is ``up`` keeps anybody out.
STATES = ("requested", "up", "refused", "lifted")
BASES = ("conflict", "consent", "former_employer", "insider_information", "personal_interest", "court_order", "other")
SIDES = ("in", "out")


class Wall(Base):
    """One wall, from the request for it to its lifting. Never deleted."""

    __tablename__ = "wall"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {KINDS}", name="known_kind"),
        sa.CheckConstraint(f"state IN {STATES}", name="known_state"),
        sa.CheckConstraint(f"basis IN {BASES}", name="known_basis"),
        sa.CheckConstraint("name <> '' AND reason <> ''", name="name_and_reason_are_given"),
        sa.CheckConstraint(
            "state NOT IN ('up', 'lifted') OR (up_at IS NOT NULL AND approved_by IS NOT NULL)", name="up_is_approved"
        ),
        sa.CheckConstraint(
            "(state = 'lifted') = (lifted_at IS NOT NULL AND lift_proposed_by IS NOT NULL AND lifted_by IS NOT NULL)",
            name="lifted_iff_by_two",
        ),
        sa.CheckConstraint("lifted_by IS NULL OR lifted_by <> lift_proposed_by", name="lifted_by_two_persons"),
        sa.Index("ix_wall_state", "state", "requested_at", "id"),
        sa.Index("ix_wall_requested_at", "requested_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: ``W-2026-0003``, without gaps within the year; the business key of its process.
    number: Mapped[str] = mapped_column(sa.String(40), unique=True)
    #: What it is called in front of those who are kept out: it gives nothing away.
    name: Mapped[str] = mapped_column(sa.String(200))
    kind: Mapped[str] = mapped_column(sa.String(10))
    basis: Mapped[str] = mapped_column(sa.String(30))
    #: Why, for those who decide and for auditors; people who are kept out do not read it.
    reason: Mapped[str] = mapped_column(sa.Text)
    #: Other systems and rooms that have to be closed by hand, one a line.
    elsewhere: Mapped[str | None] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.String(10), default="requested")
    requested_at: Mapped[datetime]
    requested_by: Mapped[str] = mapped_column(sa.String(150))
    approved_by: Mapped[str | None] = mapped_column(sa.String(150))
    up_at: Mapped[datetime | None]
    #: Why it was refused or lifted.
    outcome: Mapped[str | None] = mapped_column(sa.Text)
    #: Local date on which somebody has to look whether it is still needed.
    review_on: Mapped[date | None]
    lift_proposed_by: Mapped[str | None] = mapped_column(sa.String(150))
    lift_proposed_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None] = mapped_column(sa.String(150))
    lifted_at: Mapped[datetime | None]
    #: The instance of ``ethical_wall`` that keeps it.
    process_instance_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("process_instance.id"), unique=True)

    members: Mapped[list["WallMember"]] = relationship(
        back_populates="wall", order_by="WallMember.side, WallMember.username", cascade="all, delete-orphan"
    )
    scopes: Mapped[list["WallScope"]] = relationship(back_populates="wall", cascade="all, delete-orphan")


class WallMember(Base):
    """One person on one side of a wall."""

    __tablename__ = "wall_member"
    __table_args__ = (
        sa.CheckConstraint(f"side IN {SIDES}", name="known_side"),
        sa.CheckConstraint("side = 'out' OR acknowledged_at IS NULL", name="who_is_kept_out_acknowledges"),
        sa.Index("ix_wall_member_username", "username", "side", "wall_id"),
    )

    wall_id: Mapped[UUID] = mapped_column(sa.ForeignKey("wall.id"), primary_key=True)
    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"), primary_key=True)
    side: Mapped[str] = mapped_column(sa.String(3))
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(sa.String(150))
    #: When a person who is kept out said that they know of it and will keep to it.
    acknowledged_at: Mapped[datetime | None]

    wall: Mapped[Wall] = relationship(back_populates="members")


class WallScope(Base):
    """One thing that a wall stands around: a matter, every matter of a client, or an enquiry and what comes of it."""

    __tablename__ = "wall_scope"
    __table_args__ = (
        sa.CheckConstraint(
            "(CASE WHEN matter_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN client_party_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN enquiry_number IS NULL THEN 0 ELSE 1 END) = 1",
            name="exactly_one_thing",
        ),
        sa.Index("ix_wall_scope_wall_id", "wall_id"),
        sa.Index("ix_wall_scope_matter_id", "matter_id"),
        sa.Index("ix_wall_scope_client_party_id", "client_party_id"),
        sa.Index("ix_wall_scope_enquiry_number", "enquiry_number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    wall_id: Mapped[UUID] = mapped_column(sa.ForeignKey("wall.id"))
    matter_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("matter.id"))
    #: Every matter of this client, those of tomorrow too.
    client_party_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("party.id"))
    enquiry_number: Mapped[str | None] = mapped_column(sa.ForeignKey("enquiry.number"))

    wall: Mapped[Wall] = relationship(back_populates="scopes")
