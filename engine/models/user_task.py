"""Work that waits for a person."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, PartialIndex

STATES = ("created", "completed", "cancelled")


class UserTask(Base):
    """One waiting ``bpmn:userTask``; open to ``candidate_groups`` until claimed."""

    __tablename__ = "user_task"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {STATES}", name="known_state"),
        sa.CheckConstraint("(state = 'created') = (ended_at IS NULL)", name="ended_iff_final"),
        # Narrow: what an open task belongs to is read for thousands of them at a time.
        PartialIndex(
            "ix_user_task_open",
            "id",
            "business_key",
            "process_instance_id",
            where=sa.text("state = 'created'"),
        ),
        # What is open of a matter: from the few matters that somebody may not know of to the work that is left out.
        PartialIndex(
            "ix_user_task_open_of",
            "business_key",
            "due_at",
            "id",
            "process_key",
            "kind",
            "priority",
            "assignee",
            where=sa.text("state = 'created'"),
        ),
        # The little open work that few may know of: who asks about everything asks about it alone.
        PartialIndex(
            "ix_user_task_open_restricted",
            "id",
            "business_key",
            "due_at",
            "is_restricted",
            where=sa.text("state = 'created' AND is_restricted IS NOT NULL"),
        ),
        # What open work is called: a few names that many tasks have, and the tasks of each.
        PartialIndex(
            "ix_user_task_open_named",
            "name",
            "id",
            where=sa.text("state = 'created'"),
        ),
        # Lists of everybody's open work, in either order; the rest is what they are narrowed by.
        *(
            PartialIndex(
                f"ix_user_task_open_by_{order}",
                column,
                "id",
                "due_at" if order == "urgency" else "urgency",
                "process_key",
                "kind",
                "priority",
                "business_key",
                "created_at",
                where=sa.text("state = 'created'"),
            )
            for order, column in (("due", "due_at"), ("urgency", "urgency"))
        ),
    )

    #: The id of the waiting token in the instance's task tree.
    id: Mapped[UUID] = mapped_column(primary_key=True)
    process_instance_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_instance.id"), index=True)
    process_key: Mapped[str] = mapped_column(sa.String(200))
    business_key: Mapped[str | None] = mapped_column(sa.String(100), index=True)
    element_id: Mapped[str] = mapped_column(sa.String(200))
    name: Mapped[str] = mapped_column(sa.String(300))
    #: What sort of work it is (``approval``, ``document_request``, ...), as the designer says.
    kind: Mapped[str | None] = mapped_column(sa.String(60))
    #: The stage of the process it belongs to (ids of ``process.yaml``).
    stage: Mapped[str | None] = mapped_column(sa.String(60))
    assignee: Mapped[str | None] = mapped_column(sa.String(150))
    #: Who delegated it and gets it back.
    owner: Mapped[str | None] = mapped_column(sa.String(150))
    candidate_groups: Mapped[list[str]]
    form_key: Mapped[str | None] = mapped_column(sa.String(200))
    #: Higher is more urgent; 50 when the designer says nothing.
    priority: Mapped[int] = mapped_column(default=50)
    #: UTC; the last instant at which the work is in time.
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(sa.String(150))
    #: For whom ``ended_by`` completed it, when they stood in for somebody.
    ended_for: Mapped[str | None] = mapped_column(sa.String(150))
    state: Mapped[str] = mapped_column(sa.String(10), default="created")
    #: The element's ``camunda:property`` values by name.
    properties: Mapped[dict[str, Any]]
    #: Its place in a list by urgency, the smallest first: the second at which it is due, ten points of priority
    #: counting like a day; what has no date counts as due thirty days after it came (``engine.urgency``).
    urgency: Mapped[int | None] = mapped_column(sa.BigInteger)
    #: True where few may know of what open work belongs to, false where somebody was just deciding that, else NULL. The
    #: database keeps it for whoever says so, and copies it to the inbox index: only there rights are asked about.
    is_restricted: Mapped[bool | None]
