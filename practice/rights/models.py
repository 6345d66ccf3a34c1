"""Rules of the firm about single clients and kinds of event."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id

ACTIONS = ("read", "create", "change", "export")
EFFECTS = ("allow", "deny")


class RightRule(Base):
    """One rule: for whom, about what, allowed or denied. What denies beats what allows.

    For whom: every condition that is given has to be met (unit: the person works in it or under it); none
    given means everybody. About what: one client's matters, one kind of event, or both; at least one is named.
    """

    __tablename__ = "right_rule"
    __table_args__ = (
        sa.CheckConstraint(f"effect IN {EFFECTS}", name="known_effect"),
        sa.CheckConstraint(f"action IN {ACTIONS}", name="known_action"),
        sa.CheckConstraint("client_party_id IS NOT NULL OR event_kind IS NOT NULL", name="it_is_about_something"),
        sa.Index("ix_right_rule_client_party_id", "client_party_id"),
        sa.Index("ix_right_rule_event_kind", "event_kind"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    effect: Mapped[str] = mapped_column(sa.String(5))
    action: Mapped[str] = mapped_column(sa.String(10))
    username: Mapped[str | None] = mapped_column(sa.ForeignKey("user_account.username"))
    group_name: Mapped[str | None] = mapped_column(sa.ForeignKey("user_group.name"))
    org_unit_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    post: Mapped[str | None] = mapped_column(sa.String(120))
    client_party_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("party.id"))
    #: Key of a kind of event in the firm's directory.
    event_kind: Mapped[str | None] = mapped_column(sa.String(60))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(150))
