"""Rules of the firm about single clients and kinds of event, and how rights are changed: by two persons."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id

ACTIONS = ("read", "create", "change", "export")
EFFECTS = ("allow", "deny")
#: What a proposal changes: somebody's groups, their unit and post, a rule, or where a unit lies.
CHANGE_KINDS = ("groups", "place", "add_rule", "remove_rule", "move_unit")
CHANGE_STATES = ("proposed", "applied", "rejected", "withdrawn")


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


class RightsChange(Base):
    """One proposal to change rights, and what became of it. Never deleted."""

    __tablename__ = "rights_change"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {CHANGE_KINDS}", name="known_kind"),
        sa.CheckConstraint(f"state IN {CHANGE_STATES}", name="known_state"),
        sa.CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided_iff_final"),
        sa.CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="who_decided_is_known"),
        sa.CheckConstraint("state = 'withdrawn' OR decided_by <> proposed_by", name="decided_by_another"),
        sa.CheckConstraint("state = 'withdrawn' OR decided_by <> subject", name="not_decided_by_the_subject"),
        sa.CheckConstraint("reason <> ''", name="reason_is_given"),
        sa.Index("ix_rights_change_state", "state", "proposed_at", "id"),
        sa.Index("ix_rights_change_subject", "subject", "proposed_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(sa.String(20))
    #: Whose rights: a username; for a rule or a unit its id or code.
    subject: Mapped[str] = mapped_column(sa.String(150))
    #: How it was when it was proposed, and how it is to be.
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.String(10), default="proposed")
    proposed_by: Mapped[str] = mapped_column(sa.String(150))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(sa.String(150))
    decided_at: Mapped[datetime | None]
    #: What who decided had to say.
    remark: Mapped[str | None] = mapped_column(sa.Text)
