"""Ways to reach a party, and the requests to read one."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id

KINDS = ("phone", "email", "address", "messenger", "fax")
#: ``used`` is read once, ``lapsed`` was not read in time.
UNMASKING_STATES = ("requested", "approved", "refused", "used", "lapsed")


class ContactPoint(Base):
    """A telephone number, an address: the value is sealed; what people see is ``masked``, what they use is ``code``."""

    __tablename__ = "contact_point"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {KINDS}", name="known_kind"),
        sa.CheckConstraint("length(digest) = 64", name="digest_is_hmac_sha256"),
        sa.CheckConstraint("tail_digest IS NULL OR length(tail_digest) = 64", name="tail_digest_is_hmac_sha256"),
        sa.Index("ix_contact_point_party_id", "party_id"),
        sa.Index("ix_contact_point_digest", "digest"),
        sa.Index("ix_contact_point_tail_digest", "tail_digest"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: What people call it instead of reading it out: ``K7QM2XPA``.
    code: Mapped[str] = mapped_column(sa.String(12), unique=True)
    #: Empty while nobody is a party yet: it was said in an enquiry.
    party_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("party.id"))
    kind: Mapped[str] = mapped_column(sa.String(12))
    #: AES-GCM under the installation's key, bound to this row (``practice.contacts.sealing``).
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    #: All that is ever shown: ``••• 45``.
    masked: Mapped[str] = mapped_column(sa.String(120))
    #: HMAC of the normalised value, in hexadecimal: exact look-up without reading.
    digest: Mapped[str] = mapped_column(sa.String(64))
    #: HMAC of a telephone number's last nine digits: the same number with and without its country.
    tail_digest: Mapped[str | None] = mapped_column(sa.String(64))
    #: Whose telephone, which office.
    label: Mapped[str | None] = mapped_column(sa.String(100))
    #: Whether the party agreed to be reached this way; None when nobody asked.
    consent: Mapped[bool | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(150))
    #: No longer in use.
    retired_at: Mapped[datetime | None]


class Unmasking(Base):
    """One person's request to read one contact point once; a second person consents."""

    __tablename__ = "contact_unmasking"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {UNMASKING_STATES}", name="known_state"),
        sa.CheckConstraint("reason <> ''", name="reason_is_given"),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> requested_by", name="two_persons"),
        sa.CheckConstraint("(state = 'used') = (viewed_at IS NOT NULL)", name="used_iff_viewed"),
        sa.CheckConstraint("state IN ('requested', 'lapsed') OR decided_by IS NOT NULL", name="decided_by_somebody"),
        sa.Index("ix_contact_unmasking_contact_point_id", "contact_point_id"),
        sa.Index("ix_contact_unmasking_state", "state", "requested_at", "id"),
        sa.Index("ix_contact_unmasking_requested_by", "requested_by", "requested_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    contact_point_id: Mapped[UUID] = mapped_column(sa.ForeignKey("contact_point.id"))
    requested_by: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    reason: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.String(10), default="requested")
    requested_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(sa.String(150))
    decided_at: Mapped[datetime | None]
    #: UTC; a request nobody decided, and a consent nobody used, end then.
    expires_at: Mapped[datetime]
    viewed_at: Mapped[datetime | None]
