"""Many things at once, each in a transaction of its own: what one is refused takes nothing from the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from engine.errors import MatterflowError
from webui.api import idempotency
from webui.db import FasterElsewhere, commit, db, is_a_race

T = TypeVar("T")


def one_by_one(asked: Iterable[T], act: Callable[[Session, T], object]) -> list[tuple[T, MatterflowError | None]]:
    """Do each by itself; return what each was refused with, None for what is done and on disk."""
    # The request's own transaction holds its idempotency key, and on SQLite the writer lock.
    idempotency.work_apart()
    told: list[tuple[T, MatterflowError | None]] = []
    for one in asked:
        try:
            act(db.session(), one)
            commit()
        except MatterflowError as refused:
            db.session.rollback()
            told.append((one, refused))
        except (IntegrityError, StaleDataError, OperationalError) as error:
            db.session.rollback()
            if not is_a_race(error):
                raise
            told.append((one, FasterElsewhere()))
        else:
            told.append((one, None))
    return told
