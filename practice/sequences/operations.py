"""Giving out numbers."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import database
from practice.sequences.models import NumberSequence


def next_number(session: Session, name: str, *, year: int) -> int:
    """Return the next number under a name in a year, beginning with 1.

    One statement inserts the counter or raises it, and holds its row until the caller's transaction
    ends: whoever comes second waits, also when neither found a row; a rollback gives the number back.
    So numbers have neither gaps nor doubles, and transactions that draw from one sequence queue.
    """
    statement = (
        database.insert(session.get_bind().dialect.name, NumberSequence)
        .values(name=name, year=year, last_value=1)
        .on_conflict_do_update(
            index_elements=[NumberSequence.name, NumberSequence.year],
            set_={"last_value": NumberSequence.last_value + 1},
        )
        .returning(NumberSequence.last_value)
    )
    return session.execute(statement, execution_options={"populate_existing": True}).scalar_one()


def last_number(session: Session, name: str, *, year: int) -> int:
    """Return the last number given out, 0 before the first."""
    query = sa.select(NumberSequence.last_value).where(NumberSequence.name == name, NumberSequence.year == year)
    return session.scalar(query) or 0
