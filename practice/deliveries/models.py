"""Which deliveries of a service task have had their effect."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base


class Delivery(Base):
    """A job whose effect is in this same database, and the result it gave."""

    __tablename__ = "delivery"

    #: The engine's job id: stable however often the job is delivered.
    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(sa.String(100))
    result: Mapped[dict[str, Any] | None]
    delivered_at: Mapped[datetime]
