"""Skills of people."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base


class StaffSkill(Base):
    """One thing that somebody is good at: ``tax``, ``maritime``."""

    __tablename__ = "staff_skill"
    __table_args__ = (
        sa.CheckConstraint("skill <> '' AND skill = lower(skill)", name="skill_is_lower_case"),
        sa.Index("ix_staff_skill_skill", "skill", "username"),
        {"sqlite_with_rowid": False},
    )

    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"), primary_key=True)
    skill: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
