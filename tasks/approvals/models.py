"""Links in mails."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base, new_id


class ApprovalLink(Base):
    """One link by which one person approves one user task once. The link itself is never stored."""

    __tablename__ = "approval_link"
    __table_args__ = (
        sa.CheckConstraint("length(token_hash) = 64", name="hash_is_sha256"),
        sa.CheckConstraint("expires_at > created_at", name="expires_later"),
        sa.Index("ix_approval_link_user_task_id", "user_task_id", "username"),
        sa.Index("ix_approval_link_expires_at", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: SHA-256 of the token in hexadecimal; 32 random bytes need no salt and no slow hash.
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_task.id", ondelete="CASCADE"))
    username: Mapped[str] = mapped_column(sa.ForeignKey("user_account.username"))
    #: Who held the task when the link was made, None when nobody did: given to somebody else, the link is dead.
    holder: Mapped[str | None] = mapped_column(sa.String(150))
    #: What the mail showed (``approvals.queries.Item.version``); what has changed since is looked at again.
    version: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
