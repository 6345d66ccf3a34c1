"""Scans of a letter: documents that belong to it and are seen by whoever sees the letter."""

from typing import Any, Final

import sqlalchemy as sa

from engine.actor import Actor
from practice.correspondence.models import Letter
from practice.correspondence.queries import visible_to
from practice.documents import owners

LETTER: Final = "letter"


def _seen(number: Any, actor: Actor) -> sa.ColumnElement[bool]:
    query = sa.select(Letter.id).where(Letter.number == number, visible_to(actor))
    return sa.exists(query.correlate(number.table))


owners.register(LETTER, _seen)
