"""Branches and departments, and what the firm knows of the people who work in them."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id

KINDS = ("branch", "department")


class OrgUnit(Base):
    """A branch or a department; the tree's root is the firm's head office. Closed, never deleted."""

    __tablename__ = "org_unit"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {KINDS}", name="known_kind"),
        sa.CheckConstraint("code <> '' AND name <> ''", name="it_is_named"),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> id", name="nobody_is_under_itself"),
        sa.Index("ix_org_unit_parent_id", "parent_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: Short and unique, for lists and imports: ``kaohsiung``.
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    kind: Mapped[str] = mapped_column(sa.String(10))
    parent_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    #: Key of the working calendar its people follow; absent: that of the unit above it.
    calendar: Mapped[str | None] = mapped_column(sa.String(60))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class OrgUnitReach(Base):
    """Which units lie under which: one row for each unit and each unit above it, itself included."""

    __tablename__ = "org_unit_reach"
    __table_args__ = (sa.Index("ix_org_unit_reach_unit_id", "unit_id"), {"sqlite_with_rowid": False})

    ancestor_id: Mapped[UUID] = mapped_column(sa.ForeignKey("org_unit.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("org_unit.id"), primary_key=True)


class StaffRecord(Base):
    """What the firm knows of somebody who works for it, beside the account; nobody needs a degree to have one."""

    __tablename__ = "staff_record"
    __table_args__ = (
        sa.CheckConstraint("left_on IS NULL OR joined_on IS NULL OR left_on >= joined_on", name="left_after_joining"),
        sa.Index("ix_staff_record_org_unit_id", "org_unit_id"),
    )

    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"), primary_key=True)
    org_unit_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    #: What the person is in the unit, in the firm's words: ``Head of litigation``.
    post: Mapped[str | None] = mapped_column(sa.String(120))
    #: Class of the lawyer or clerk for fees and reports: ``senior``.
    staff_class: Mapped[str | None] = mapped_column(sa.String(60))
    qualification: Mapped[str | None] = mapped_column(sa.String(300))
    #: Training and experience in words.
    experience: Mapped[str | None] = mapped_column(sa.Text)
    #: IETF language tags, the best first.
    languages: Mapped[list[str]]
    #: Key of the person's own working calendar; absent: that of the unit.
    calendar: Mapped[str | None] = mapped_column(sa.String(60))
    phone_extension: Mapped[str | None] = mapped_column(sa.String(20))
    joined_on: Mapped[date | None]
    #: Local date of the last day of work; after it nobody signs in under this name.
    left_on: Mapped[date | None]
