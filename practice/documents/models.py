"""Documents and their versions. What is in them lies in files named after their content (``store``)."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, PartialIndex, new_id

#: What sort of paper it is; ``other`` when nobody said.
CLASSES = (
    "evidence", "pleading", "court", "correspondence", "contract", "power_of_attorney", "invoice", "identity", "other",
)  # fmt: skip
_HERE = sa.text("withdrawn_at IS NULL")


class Document(Base):
    """One paper of a matter, an enquiry or another record. Who may see that may see it (``queries.visible_to``)."""

    __tablename__ = "document"
    __table_args__ = (
        sa.CheckConstraint(f"doc_class IN {CLASSES}", name="known_class"),
        sa.CheckConstraint("owner_kind <> '' AND owner <> ''", name="owner_is_named"),
        sa.CheckConstraint("title <> ''", name="title_is_given"),
        sa.CheckConstraint("version >= 1", name="version_from_one"),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL) AND (withdrawn_at IS NULL) = (withdrawn_because IS NULL)",
            name="withdrawn_by_somebody",
        ),
        sa.Index("ix_document_owner", "owner", "owner_kind", "changed_at", "id"),
        PartialIndex("ix_document_changed_at", "changed_at", "id", where=_HERE),
        sa.Index("ix_document_user_task_id", "user_task_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: What it belongs to (``owners``): ``matter``, ``enquiry``, ``person`` (not filed yet), ...
    owner_kind: Mapped[str] = mapped_column(sa.String(30))
    #: The owner's number.
    owner: Mapped[str] = mapped_column(sa.String(100))
    title: Mapped[str] = mapped_column(sa.String(200))
    doc_class: Mapped[str] = mapped_column(sa.String(30), default="other")
    #: The user task it was brought in with.
    user_task_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("user_task.id", ondelete="SET NULL"))
    #: Number of the newest version.
    version: Mapped[int] = mapped_column(default=1)
    #: Title and file names folded for partial search.
    search_text: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(150))
    #: When its newest version came.
    changed_at: Mapped[datetime]
    #: Taken off the lists, with a reason; nothing is deleted.
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(sa.String(150))
    withdrawn_because: Mapped[str | None] = mapped_column(sa.String(500))


class DocumentVersion(Base):
    """What a document was at one time; rows are only ever added."""

    __tablename__ = "document_version"
    __table_args__ = (
        sa.UniqueConstraint("document_id", "number"),
        sa.CheckConstraint("number >= 1", name="number_from_one"),
        sa.CheckConstraint("size >= 1", name="is_not_empty"),
        sa.CheckConstraint("length(sha256) = 64", name="hash_is_sha256"),
        sa.Index("ix_document_version_sha256", "sha256"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    document_id: Mapped[UUID] = mapped_column(sa.ForeignKey("document.id"))
    number: Mapped[int]
    #: As the person called the file, without what no file may be called.
    file_name: Mapped[str] = mapped_column(sa.String(200))
    #: SHA-256 of the content in hexadecimal; names the file that holds it.
    sha256: Mapped[str] = mapped_column(sa.String(64))
    #: Bytes.
    size: Mapped[int] = mapped_column(sa.BigInteger)
    #: Found out from the content, whatever the file was called.
    media_type: Mapped[str] = mapped_column(sa.String(150))
    note: Mapped[str | None] = mapped_column(sa.String(500))
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(sa.String(150))
