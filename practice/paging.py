"""Pages of a list that is read by its key, not by counting rows."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

import orjson
import sqlalchemy as sa

from practice.errors import CursorInvalid

T = TypeVar("T")
Row = TypeVar("Row")
MOST_ITEMS = 200
#: Rows that a page reads, in statements that are kept for pages of any size: the value ``rows_of_page``. Written out
#: as ``at_most`` does.
ROWS_OF_PAGE: Final[sa.BindParameter[int]] = sa.bindparam("rows_of_page", type_=sa.Integer(), literal_execute=True)
#: Rows that are read for a page: few numbers, because PostgreSQL plans a statement for each.
_SIZES: Final = (2, 7, 11, 41, 51, 101, MOST_ITEMS + 1)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list and where it goes on."""

    items: list[T]
    #: Hand it back for the items after these; None at the end.
    next_cursor: str | None

    @staticmethod
    def cut(rows: list[Row], limit: int, key: Callable[[Row], tuple[datetime, UUID]]) -> "Page[Row]":
        """Make a page of rows read with more than ``limit``: one too many says that there are more."""
        items = rows[:limit]
        return Page(items, cursor(*key(items[-1])) if len(rows) > limit else None)


def bounded(limit: int) -> int:
    """Return a page size that a list is willing to give."""
    return max(1, min(limit, MOST_ITEMS))


def size(limit: int) -> int:
    """Return how many rows to read to fill a page and to know whether there are more."""
    return next(size for size in _SIZES if size > limit)


def at_most(count: int) -> sa.BindParameter[int]:
    """Return a number of rows for ``limit``, written out: PostgreSQL takes one that is a value for a tenth of all."""
    return sa.literal(count, sa.Integer(), literal_execute=True)


def cursor(at: datetime, row_id: UUID) -> str:
    """Name the place after the row with this key."""
    return base64.urlsafe_b64encode(orjson.dumps([at.isoformat(), str(row_id)])).decode().rstrip("=")


def place(text: str) -> tuple[datetime, UUID]:
    """Return the key that a cursor names, or raise ``CursorInvalid``."""
    try:
        padded = text + "=" * (-len(text) % 4)
        value: Any = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        at, row_id = datetime.fromisoformat(value[0]), UUID(value[1])
    except (ValueError, TypeError, LookupError, AttributeError, binascii.Error) as broken:
        raise CursorInvalid(text[:100]) from broken
    if at.tzinfo is None:
        raise CursorInvalid(text[:100])
    return at, row_id
