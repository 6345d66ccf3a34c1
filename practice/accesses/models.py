"""Attempts at what was not for somebody, the cases they open, and access in an emergency."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, PartialIndex, new_id

#: ``unknown`` is a number under which there is nothing: guessing leaves a trace, too.
SUBJECT_KINDS = ("matter", "enquiry", "unknown")
ACTIONS = ("view", "edit", "search")
CHANNELS = ("page", "api")
OUTCOMES = ("refused", "break_glass")
#: Why a case was opened: one closed door, many of them, a wall, the same person again, an emergency access.
REASONS = ("outsider", "bulk", "walled", "repeated", "emergency")
CASE_STATES = ("open", "closed")
#: ``justified``: the person should be on the team; ``mistake``: a false alarm; ``breach``: neither.
FINDINGS = ("justified", "mistake", "breach")
POLICIES = ("deny", "break_glass")


class AccessAttempt(Base):
    """One attempt, refused or let through with a reason; the same again within a minute counts up ``times``."""

    __tablename__ = "access_attempt"
    __table_args__ = (
        sa.CheckConstraint(f"subject_kind IN {SUBJECT_KINDS}", name="known_subject_kind"),
        sa.CheckConstraint(f"action IN {ACTIONS}", name="known_action"),
        sa.CheckConstraint(f"channel IN {CHANNELS}", name="known_channel"),
        sa.CheckConstraint(f"outcome IN {OUTCOMES}", name="known_outcome"),
        sa.CheckConstraint("outcome = 'refused' OR reason IS NOT NULL", name="break_glass_has_a_reason"),
        sa.CheckConstraint("times >= 1", name="times_is_positive"),
        sa.Index("ix_access_attempt_username", "username", "at", "id"),
        sa.Index("ix_access_attempt_subject", "subject", "at", "id"),
        sa.Index("ix_access_attempt_at", "at", "id"),
        sa.Index("ix_access_attempt_breach_case_id", "breach_case_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(default=1)
    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    subject_kind: Mapped[str] = mapped_column(sa.String(10))
    #: Number of the matter or enquiry, as asked for.
    subject: Mapped[str] = mapped_column(sa.String(100))
    action: Mapped[str] = mapped_column(sa.String(10))
    channel: Mapped[str] = mapped_column(sa.String(10))
    #: What was opened: the address without its query.
    address: Mapped[str] = mapped_column(sa.String(300))
    outcome: Mapped[str] = mapped_column(sa.String(12))
    #: A wall keeps this person out of it.
    is_walled: Mapped[bool] = mapped_column(default=False)
    #: Why, in the person's words, when they broke the glass.
    reason: Mapped[str | None] = mapped_column(sa.Text)
    breach_case_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("breach_case.id"))


class BreachCase(Base):
    """What somebody decides about one person's attempts at one matter, or at many at once."""

    __tablename__ = "breach_case"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {CASE_STATES}", name="known_state"),
        sa.CheckConstraint(f"opened_because IN {REASONS}", name="known_reason"),
        sa.CheckConstraint(f"finding IS NULL OR finding IN {FINDINGS}", name="known_finding"),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL AND finding IS NOT NULL AND decided_by IS NOT NULL)",
            name="closed_iff_decided",
        ),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> username", name="nobody_judges_themselves"),
        sa.CheckConstraint("opened_because = 'bulk' OR subject IS NOT NULL", name="only_bulk_has_no_subject"),
        sa.Index("ix_breach_case_username", "username", "state", "opened_at"),
        sa.Index("ix_breach_case_subject", "subject"),
        sa.Index("ix_breach_case_state", "state", "opened_at", "id"),
        sa.Index("ix_breach_case_opened_at", "opened_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: ``B-2026-0007``, without gaps within the year; the business key of its process.
    number: Mapped[str] = mapped_column(sa.String(40), unique=True)
    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    #: Number of the matter or enquiry; None when it is about many at once.
    subject: Mapped[str | None] = mapped_column(sa.String(100))
    #: Who answers for the subject, when there is such a person.
    owner: Mapped[str | None] = mapped_column(sa.String(150))
    opened_because: Mapped[str] = mapped_column(sa.String(12))
    #: Closed cases of the same person before this one that ended as a breach.
    breaches_before: Mapped[int] = mapped_column(default=0)
    #: The account was locked because of this case.
    has_locked: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(sa.String(10), default="open")
    opened_at: Mapped[datetime]
    #: What the person said; None when they said nothing.
    explanation: Mapped[str | None] = mapped_column(sa.Text)
    explained_at: Mapped[datetime | None]
    finding: Mapped[str | None] = mapped_column(sa.String(10))
    finding_note: Mapped[str | None] = mapped_column(sa.Text)
    sanction: Mapped[str | None] = mapped_column(sa.Text)
    #: Local facts about telling the client: None when nobody has to.
    client_told: Mapped[str | None] = mapped_column(sa.Text)
    decided_by: Mapped[str | None] = mapped_column(sa.String(150))
    closed_at: Mapped[datetime | None]
    #: The instance of ``access_breach`` that leads to the decision.
    process_instance_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("process_instance.id"), unique=True)


class MatterAccessPolicy(Base):
    """What an outsider of one matter can do; a matter without a row denies."""

    __tablename__ = "matter_access_policy"
    __table_args__ = (sa.CheckConstraint(f"policy IN {POLICIES}", name="known_policy"),)

    matter_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matter.id"), primary_key=True)
    policy: Mapped[str] = mapped_column(sa.String(12))
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(sa.String(150))


class EmergencyAccess(Base):
    """Access that somebody took with a reason: until it ends, the matter is as if they were on its team."""

    __tablename__ = "emergency_access"
    __table_args__ = (
        sa.CheckConstraint("until > since", name="lasts_a_while"),
        sa.CheckConstraint("reason <> ''", name="reason_is_given"),
        sa.Index("ix_emergency_access_username", "username", "ended_at", "matter_id"),
        sa.Index("ix_emergency_access_matter_id", "matter_id"),
        PartialIndex(
            "ux_emergency_access_running",
            "username",
            "matter_id",
            unique=True,
            where=sa.text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    matter_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matter.id"))
    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    reason: Mapped[str] = mapped_column(sa.Text)
    since: Mapped[datetime]
    until: Mapped[datetime]
    #: UTC; when the case was decided or the time was over.
    ended_at: Mapped[datetime | None]
    breach_case_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("breach_case.id"))
