"""What an instance was before an operator's last action."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, Json


class UndoPoint(Base):
    """One instance as it stood before the last action of an operator; the next step makes it worthless."""

    __tablename__ = "undo_point"

    process_instance_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_instance.id"), primary_key=True)
    #: ``modify``, ``reset``, ``migrate``, ``cancel``, ...
    action: Mapped[str] = mapped_column(sa.String(20))
    by: Mapped[str] = mapped_column(sa.String(150))
    at: Mapped[datetime]
    #: The revision that the action left; undoing needs the instance to be still at it.
    revision: Mapped[int]
    #: Why the action cannot be undone (what it did outside the instance); null when it can.
    obstacle: Mapped[str | None] = mapped_column(sa.Text)
    definition_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_definition.id"))
    state: Mapped[str] = mapped_column(sa.String(10))
    state_blob: Mapped[bytes] = mapped_column(sa.LargeBinary)
    #: The open user tasks, row by row.
    user_tasks: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    #: Ids of the open incidents.
    incidents: Mapped[list[str]]
