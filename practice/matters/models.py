"""Matters, their parties and the people who work on them."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, LookUpIndex, PartialIndex, new_id

STATES = ("open", "archived")
#: ``client`` is our side, ``opponent`` the other; ``other`` is anybody else named in the file.
PARTY_ROLES = ("client", "opponent", "other")
MEMBER_ROLES = ("responsible", "approver", "member")
#: ``restricted``: its team alone, whatever rights others hold; ``secret``: the same, and nothing is exported.
CONFIDENTIALITY = ("ordinary", "restricted", "secret")
SIDES = ("ours", "theirs", "neutral")
#: How one matter has to do with another.
RELATIONS = ("related", "same_facts", "counterclaim", "earlier", "joined")
_RESTRICTED = sa.text("confidentiality <> 'ordinary'")
_FROM_ENQUIRY = sa.text("enquiry_number IS NOT NULL")


class Matter(Base):
    """A client's file. Who may see it is decided inside every query (``matters.queries.visible_to``)."""

    __tablename__ = "matter"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {STATES}", name="known_state"),
        sa.CheckConstraint("(state = 'archived') = (archived_at IS NOT NULL)", name="archived_iff_archived_at"),
        sa.CheckConstraint("claim_value_minor >= 0", name="claim_value_is_not_negative"),
        sa.CheckConstraint("claim_value_minor IS NULL OR currency IS NOT NULL", name="claim_value_has_currency"),
        sa.CheckConstraint(f"confidentiality IN {CONFIDENTIALITY}", name="known_confidentiality"),
        # All that is asked of them is in it: they are gathered for every count of work.
        PartialIndex(
            "ix_matter_restricted",
            "id",
            "number",
            "enquiry_number",
            "confidentiality",
            where=_RESTRICTED,
        ),
        # Beside the unique one, in which the many without an enquiry make SQLite believe that it leads nowhere.
        PartialIndex(
            "ix_matter_of_enquiry",
            "enquiry_number",
            "number",
            where=_FROM_ENQUIRY,
        ),
        # Beside the unique one: each row of a list of work asks for its matter.
        LookUpIndex("ix_matter_number", "number"),
        sa.Index("ix_matter_org_unit_id", "org_unit_id", "opened_at"),
        sa.Index("ix_matter_opened_at", "opened_at", "id"),
        sa.Index("ix_matter_state", "state", "opened_at", "id"),
        sa.Index("ix_matter_client_party_id", "client_party_id"),
        sa.Index("ix_matter_responsible", "responsible", "state"),
        sa.Index("ix_matter_direction_id", "direction_id", "opened_at", "id"),
        sa.Index("ix_matter_region_id", "region_id", "opened_at", "id"),
        sa.Index("ix_matter_source_reference", "source_reference"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: ``2026-CV-0042``, without gaps within year and case type; the business key of its processes.
    number: Mapped[str] = mapped_column(sa.String(40), unique=True)
    title: Mapped[str] = mapped_column(sa.String(620))
    #: Key of the process that carries it.
    case_type: Mapped[str] = mapped_column(sa.String(200))
    client_party_id: Mapped[UUID] = mapped_column(sa.ForeignKey("party.id"))
    client_name: Mapped[str] = mapped_column(sa.String(300))
    opponent_name: Mapped[str | None] = mapped_column(sa.String(300))
    #: The lawyer who answers for it.
    responsible: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    #: The branch or department that works on it.
    org_unit_id: Mapped[UUID | None]
    #: In the currency's smallest unit.
    claim_value_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    #: ISO 4217.
    currency: Mapped[str | None] = mapped_column(sa.String(3))
    summary: Mapped[str | None] = mapped_column(sa.Text)
    court: Mapped[str | None] = mapped_column(sa.String(300))
    #: The number under which the court keeps the case.
    court_number: Mapped[str | None] = mapped_column(sa.String(100))
    #: Local date after which the claim is time-barred.
    limitation_on: Mapped[date | None]
    #: Local date on which the judgment was served: periods for appeals run from it.
    judgment_served_on: Mapped[date | None]
    #: How it ended, in the words of the case type's forms.
    outcome: Mapped[str | None] = mapped_column(sa.String(200))
    #: Number, names, court and court number folded for partial search.
    search_text: Mapped[str] = mapped_column(sa.Text)
    #: An archived matter is read-only.
    state: Mapped[str] = mapped_column(sa.String(10), default="open")
    opened_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    #: Where the paper file lies, and the local date before which it is not destroyed.
    archive_location: Mapped[str | None] = mapped_column(sa.String(200))
    retain_until: Mapped[date | None]
    #: The instance of the case type's process that was started when the matter was opened.
    process_instance_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("process_instance.id"), unique=True)
    #: Where it came from; a matter is opened at most once for an enquiry.
    enquiry_number: Mapped[str | None] = mapped_column(sa.ForeignKey("enquiry.number"), unique=True)

    #: Need-to-know (``CONFIDENTIALITY``).
    confidentiality: Mapped[str] = mapped_column(sa.String(12), default="ordinary", server_default="ordinary")
    #: Entries of the directories ``direction`` and ``region``; the operations see to it that they are.
    direction_id: Mapped[UUID | None]
    region_id: Mapped[UUID | None]
    #: What the system that it was imported from called it.
    source_reference: Mapped[str | None] = mapped_column(sa.String(100))

    parties: Mapped[list["MatterParty"]] = relationship(back_populates="matter", cascade="all, delete-orphan")
    members: Mapped[list["MatterMember"]] = relationship(back_populates="matter", cascade="all, delete-orphan")


class MatterParty(Base):
    """A party's role in a matter."""

    __tablename__ = "matter_party"
    __table_args__ = (
        sa.CheckConstraint(f"role IN {PARTY_ROLES}", name="known_role"),
        sa.CheckConstraint(f"side IN {SIDES}", name="known_side"),
        sa.Index("ix_matter_party_party_id", "party_id"),
    )

    matter_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matter.id"), primary_key=True)
    party_id: Mapped[UUID] = mapped_column(sa.ForeignKey("party.id"), primary_key=True)
    role: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    #: On whose side it stands (``SIDES``); empty: as its role says.
    side: Mapped[str | None] = mapped_column(sa.String(10))
    #: Entry of the directory ``party_capacity``: claimant, defendant, witness, insurer.
    capacity_id: Mapped[UUID | None]

    matter: Mapped[Matter] = relationship(back_populates="parties")

    @property
    def stands(self) -> str:
        """The side: as it was said, else as the role implies."""
        return self.side or {"client": "ours", "opponent": "theirs"}.get(self.role, "neutral")


class MatterMember(Base):
    """Somebody of the firm who works on a matter from one instant to another, and so may see it in between.

    Neither instant lies in the future: who works on it now are those without ``until``.
    """

    __tablename__ = "matter_member"
    __table_args__ = (
        sa.CheckConstraint(f"role IN {MEMBER_ROLES}", name="known_role"),
        sa.CheckConstraint("until IS NULL OR until >= since", name="until_after_since"),
        sa.Index("ix_matter_member_username", "username", "until", "matter_id"),
    )

    matter_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matter.id"), primary_key=True)
    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"), primary_key=True)
    role: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    #: When they left the team; None as long as they belong to it.
    until: Mapped[datetime | None]

    matter: Mapped[Matter] = relationship(back_populates="members")


class MatterRelation(Base):
    """One matter that has to do with another; kept once, read from both ends."""

    __tablename__ = "matter_relation"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {RELATIONS}", name="known_kind"),
        sa.CheckConstraint("matter_id <> related_id", name="not_to_itself"),
        sa.Index("ix_matter_relation_related_id", "related_id"),
    )

    matter_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matter.id"), primary_key=True)
    related_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matter.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(15))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(150))
