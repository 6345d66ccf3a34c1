"""People and organisations outside the firm: their names, identifiers and relations."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import Base, Json, new_id

KINDS = ("unknown", "person", "organisation")
#: ``main`` is what the party is called on every page; ``former`` and ``alias`` are looked for as well.
NAME_KINDS = ("main", "alias", "former", "birth", "trade", "transliteration")
IDENTIFIER_KINDS = ("registration_number", "tax_number", "lei", "passport", "national_id", "other")
#: Read "from is the <kind> of to".
RELATION_KINDS = ("owner", "relative", "affiliate", "counsel", "insurer", "director", "employer", "contact_person")


class Party(Base):
    """Somebody the firm acts for or against. Two people may have one name; nobody is deleted, only merged."""

    __tablename__ = "party"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {KINDS}", name="known_kind"),
        sa.CheckConstraint("name <> '' AND normalised_name <> ''", name="name_is_given"),
        sa.Index("ix_party_created_at", "created_at", "id"),
        sa.Index("ix_party_created_by", "created_by"),
        sa.Index("ix_party_merged_into_id", "merged_into_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(sa.String(12), default="unknown")
    #: The main name as it is written; every name, this one too, is a ``PartyName``.
    name: Mapped[str] = mapped_column(sa.String(300))
    #: The name as it is compared when this is the party that a bare name leads to; unique, so that two openings at
    #: once make one party. A namesake holds ``naming.key_of_namesake`` here. Compare by ``PartyName.normalised``.
    normalised_name: Mapped[str] = mapped_column(sa.String(600), unique=True)
    #: Local date of birth, or of registration.
    born_on: Mapped[date | None]
    #: IETF language tag in which the party wants to be spoken to.
    language: Mapped[str | None] = mapped_column(sa.String(35))
    #: What to mind when speaking to them: customs, health, what hurts.
    sensitivities: Mapped[str | None] = mapped_column(sa.Text)
    #: Nobody else may learn that they talk to a law firm: no message on a machine, no letterhead.
    is_discreet: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    #: All names and identifiers folded for partial search.
    search_text: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    #: The party that this one turned out to be. Without a foreign key, because the release before knows none.
    merged_into_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(150))

    names: Mapped[list["PartyName"]] = relationship(back_populates="party", order_by="PartyName.id")
    identifiers: Mapped[list["PartyIdentifier"]] = relationship(
        back_populates="party", order_by="PartyIdentifier.kind, PartyIdentifier.id"
    )


class PartyName(Base):
    """One name of a party; written only through ``practice.parties.naming``."""

    __tablename__ = "party_name"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {NAME_KINDS}", name="known_kind"),
        sa.CheckConstraint("written <> '' AND normalised <> ''", name="name_is_given"),
        sa.UniqueConstraint("party_id", "normalised"),
        sa.Index("ix_party_name_normalised", "normalised"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    party_id: Mapped[UUID] = mapped_column(sa.ForeignKey("party.id"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    written: Mapped[str] = mapped_column(sa.String(300))
    #: What ``practice.parties.names.normalise`` makes of it; equal means "the same name".
    normalised: Mapped[str] = mapped_column(sa.String(600))
    #: ISO 15924: ``Latn``, ``Cyrl``, ``Grek``, ``Hani``, ``Arab``, ``Hang``; ``Zyyy`` when it has no letters.
    script: Mapped[str] = mapped_column(sa.String(4))
    #: In Latin letters, as the party writes it or as it was given; None where nobody said.
    transliteration: Mapped[str | None] = mapped_column(sa.String(300))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(150))
    #: No longer used, and still found.
    retired_at: Mapped[datetime | None]

    party: Mapped[Party] = relationship(back_populates="names")


class PartyIdentifier(Base):
    """What an authority calls a party: the same one on two parties says that they are one."""

    __tablename__ = "party_identifier"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {IDENTIFIER_KINDS}", name="known_kind"),
        sa.CheckConstraint("value <> '' AND normalised <> ''", name="value_is_given"),
        sa.UniqueConstraint("party_id", "kind", "country", "normalised"),
        sa.Index("ix_party_identifier_normalised", "normalised", "kind"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    party_id: Mapped[UUID] = mapped_column(sa.ForeignKey("party.id"))
    kind: Mapped[str] = mapped_column(sa.String(24))
    #: ISO 3166-1 alpha-2 of the authority; empty when nobody said.
    country: Mapped[str] = mapped_column(sa.String(2), default="")
    value: Mapped[str] = mapped_column(sa.String(100))
    #: Letters and digits alone, in capitals.
    normalised: Mapped[str] = mapped_column(sa.String(100))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(150))

    party: Mapped[Party] = relationship(back_populates="identifiers")


class PartyRelation(Base):
    """One party is something to another: ``from`` is the owner, relative, counsel, ... of ``to``."""

    __tablename__ = "party_relation"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {RELATION_KINDS}", name="known_kind"),
        sa.CheckConstraint("from_party_id <> to_party_id", name="of_two_parties"),
        sa.CheckConstraint("until_on IS NULL OR since_on IS NULL OR until_on >= since_on", name="ends_after_start"),
        sa.Index("ix_party_relation_from_party_id", "from_party_id"),
        sa.Index("ix_party_relation_to_party_id", "to_party_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    from_party_id: Mapped[UUID] = mapped_column(sa.ForeignKey("party.id"))
    to_party_id: Mapped[UUID] = mapped_column(sa.ForeignKey("party.id"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    #: Local dates; empty where nobody knows, and while it lasts.
    since_on: Mapped[date | None]
    until_on: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(sa.String(300))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(150))


class PartyMerge(Base):
    """One party turned out to be another: what was moved, so that it can be understood and undone by hand."""

    __tablename__ = "party_merge"
    __table_args__ = (
        sa.CheckConstraint("merged_id <> survivor_id", name="of_two_parties"),
        sa.Index("ix_party_merge_survivor_id", "survivor_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: A party is merged once; who comes later merges its survivor.
    merged_id: Mapped[UUID] = mapped_column(sa.ForeignKey("party.id"), unique=True)
    survivor_id: Mapped[UUID] = mapped_column(sa.ForeignKey("party.id"))
    reason: Mapped[str] = mapped_column(sa.Text)
    #: Table -> ids (or keys) of the rows that were moved or became superfluous.
    moved: Mapped[dict[str, Any]] = mapped_column(Json)
    merged_at: Mapped[datetime]
    merged_by: Mapped[str] = mapped_column(sa.String(150))


class DuplicateProposal(Base):
    """Two parties that may be one: proposed by what they share, decided by a person."""

    __tablename__ = "party_duplicate"
    __table_args__ = (
        sa.CheckConstraint("state IN ('proposed', 'distinct', 'merged')", name="known_state"),
        sa.CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided_iff_decided_at"),
        sa.CheckConstraint("first_id < second_id", name="each_pair_once"),
        sa.UniqueConstraint("first_id", "second_id"),
        sa.Index("ix_party_duplicate_second_id", "second_id"),
        sa.Index("ix_party_duplicate_state", "state", "score"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    first_id: Mapped[UUID] = mapped_column(sa.ForeignKey("party.id"))
    second_id: Mapped[UUID] = mapped_column(sa.ForeignKey("party.id"))
    #: 0 to 100.
    score: Mapped[int]
    #: What they share: ``same_name``, ``like_name``, ``same_identifier``, ``same_contact``.
    reasons: Mapped[list[str]]
    state: Mapped[str] = mapped_column(sa.String(10), default="proposed")
    proposed_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(sa.String(150))
