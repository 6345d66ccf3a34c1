"""Which messages have been taken, so that a repeated one changes nothing, for ever."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base


class MessageReceipt(Base):
    """One message id that has had its effect."""

    __tablename__ = "message_receipt"

    message_id: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    received_at: Mapped[datetime]
