"""The names that can be found, and for each retrieval key the names that have it."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")
#: Whose name it is: a party's, one of an open enquiry or of a lead, or of what somebody of the firm is interested in.
OWNER_KINDS = ("party", "enquiry", "lead", "interest")


class NameEntry(Base):
    """One name of one owner, taken apart once so that comparing does not do it again."""

    __tablename__ = "name_entry"
    __table_args__ = (
        sa.CheckConstraint(f"owner_kind IN {OWNER_KINDS}", name="known_owner_kind"),
        sa.Index("ix_name_entry_owner", "owner_kind", "owner_id"),
        # A number is never given twice, because blocks keep the numbers of names that are gone.
        {"sqlite_autoincrement": True},
    )

    no: Mapped[int] = mapped_column(_SERIAL, primary_key=True)
    owner_kind: Mapped[str] = mapped_column(sa.String(10))
    #: The owner's id, or the number of the enquiry.
    owner_id: Mapped[str] = mapped_column(sa.String(60))
    written: Mapped[str] = mapped_column(sa.String(300))
    #: ``practice.names.Spoken`` as compact JSON.
    spoken: Mapped[str] = mapped_column(sa.Text)


class NameTail(Base):
    """The keys of a name that is in no block yet: writing a name is two rows, and no row that others write too."""

    __tablename__ = "name_tail"

    no: Mapped[int] = mapped_column(_SERIAL, primary_key=True, autoincrement=False)
    #: 32-bit unsigned integers, least significant byte first.
    keys: Mapped[bytes] = mapped_column(sa.LargeBinary)


class NameBlock(Base):
    """The names that have one key, as of one packing; all packings of a key together are its names."""

    __tablename__ = "name_block"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: Mapped[int] = mapped_column(_SERIAL, primary_key=True, autoincrement=False)
    packing: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    #: ``NameEntry.no`` as 32-bit unsigned integers, least significant byte first.
    numbers: Mapped[bytes] = mapped_column(sa.LargeBinary)


class NameIndexState(Base):
    """By which rules the index was made: one row, missing as long as it was not made at all."""

    __tablename__ = "name_index_state"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    rules_version: Mapped[int] = mapped_column(sa.Integer)
