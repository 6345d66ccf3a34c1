"""The counters behind matter and enquiry numbers."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base


class NumberSequence(Base):
    """The last number given out under one name in one year."""

    __tablename__ = "number_sequence"
    __table_args__ = (sa.CheckConstraint("last_value >= 1", name="counts_from_one"),)

    #: What is counted: ``enquiry``, ``matter.CV``.
    name: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_value: Mapped[int]
