"""What words in a search for open work stand for: names of tasks, and numbers of matters and enquiries.

Open tasks are many, but their names and, for most words, the matters that hold a word are few. Those are found first,
by index; then the tasks are found by index too, and none is read to see whether it holds the word.
"""

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from engine.models import UserTask
from engine.prepared import Prepared
from practice import listed
from practice.enquiries.models import Enquiry
from practice.gathering import gathered
from practice.matters.models import Matter
from practice.parties.names import fold
from practice.text_index import queries as text_index

_IS_OPEN = UserTask.state == sa.literal_column("'created'")
#: A word in more matters than this is common: for a page each task is asked, and holds it soon.
RARE: Final = text_index.COMMON
#: To count, all have to be found.
MOST: Final = 50_000
#: Names of a firm's open work are the names in its models; more than this are no such names.
_MOST_NAMES: Final = 2_000


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one word stands for; None for a list that would be long."""

    #: Names of open tasks that hold it.
    names: list[str] | None
    #: Many open tasks have one of these names.
    is_common_name: bool
    #: Numbers of matters and enquiries that hold it in their names and numbers.
    numbers: list[str] | None


def meanings(session: Session, words: list[str], *, most: int) -> list[Meaning]:
    """Look words up, and up to ``most`` numbers of matters for each."""
    if not words:
        return []
    called = open_names(session)
    folded = {name: (fold(name), name.lower()) for name in called or ()}
    found: list[Meaning] = []
    for word in words:
        plain, lower = fold(word), word.lower()
        names = [name for name, (flat, low) in folded.items() if (plain and plain in flat) or lower in low]
        numbers = numbers_holding(session, plain or word, most=most) if most else None
        is_common = bool(most and names) and _many_have(session, names)
        found.append(Meaning(names if called is not None else None, is_common, numbers))
    return found


def open_names(session: Session) -> list[str] | None:
    """Return the different names of open tasks, going from one to the next in their index; None for too many."""
    found = [row.name for row in _NAMES.rows(session.connection(), {})]
    return found if len(found) <= _MOST_NAMES else None


def numbers_holding(session: Session, word: str, *, most: int) -> list[str] | None:
    """Return the numbers of the matters and enquiries that name a word; None for more than ``most``."""
    found: list[str] = []
    for subject in (Matter, Enquiry):
        theirs = text_index.found(
            session, word, subject.number, key=subject.id, text=subject.search_text, most=most - len(found)
        )
        if theirs is None:
            return None
        found += theirs
    return found


def tasks_of(number: int) -> sa.CompoundSelect[Any]:
    """Select the open tasks that the word of this number stands for, from its ``names_`` and ``numbers_``."""
    numbers, names = listed.texts(f"numbers_{number}"), listed.texts(f"names_{number}")
    task = aliased(UserTask)
    is_open = task.state == sa.literal_column("'created'")
    return sa.union_all(
        sa.select(task.id).where(is_open, task.business_key.in_(numbers)).correlate(None),
        sa.select(task.id).where(is_open, task.name.in_(names)).correlate(None),
    )


def _many_have(session: Session, names: list[str]) -> bool:
    return _SOME_CALLED.rows(session.connection(), {"names": listed.written(names)})[0].rows > RARE


def _names() -> sa.Select[Any]:
    first = sa.select(sa.func.min(UserTask.name)).where(_IS_OPEN).scalar_subquery()
    name = sa.select(first.label("name")).cte("name_of_work", recursive=True)
    following = sa.select(sa.func.min(UserTask.name)).where(_IS_OPEN, UserTask.name > name.c.name)
    name = name.union_all(sa.select(following.correlate(name).scalar_subquery()).where(name.c.name.is_not(None)))
    return sa.select(name.c.name).where(name.c.name.is_not(None)).limit(sa.literal_column(str(_MOST_NAMES + 1)))


_NAMES = Prepared(_names())
_CALLED = sa.select(UserTask.id).where(_IS_OPEN, gathered(UserTask.name, listed.texts("names")))
_SOME_CALLED = Prepared(
    sa.select(sa.func.count().label("rows")).select_from(
        _CALLED.limit(sa.literal_column(str(RARE + 1), sa.Integer())).subquery()
    )
)
