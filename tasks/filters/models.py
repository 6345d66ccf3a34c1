"""Saved filters of the inbox."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id

#: What ``shared_with`` says of a filter that is offered to the whole firm.
EVERYBODY: Final = "*"


class TaskFilter(Base):
    """A narrowed list of work under a name; what it shows is decided by the rights of who looks."""

    __tablename__ = "task_filter"
    __table_args__ = (
        sa.CheckConstraint("name <> ''", name="name_is_given"),
        sa.CheckConstraint("shared_with <> ''", name="shared_with_somebody"),
        sa.UniqueConstraint("owner", "name"),
        sa.Index("ix_task_filter_shared_with", "shared_with"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    owner: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    name: Mapped[str] = mapped_column(sa.String(100))
    #: As the inbox's address has them: filter -> text.
    criteria: Mapped[dict[str, Any]]
    #: The group that it is offered to, ``*`` for everybody, None for its owner alone.
    shared_with: Mapped[str | None] = mapped_column(sa.String(100))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
