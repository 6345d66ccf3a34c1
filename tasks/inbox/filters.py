"""What lists of open work are narrowed by, as conditions on the inbox index or on the tasks themselves.

The statements are put together once for each shape (which filters are there), because that takes longer than
running them; the values come along as parameters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from engine.models import UserTask, UserTaskCandidate
from engine.prepared import Prepared
from engine.urgency import NORMAL
from practice import listed
from practice.clients.models import Client
from practice.directories import queries as directories
from practice.directories.models import MatterTag
from practice.enquiries.models import Enquiry
from practice.gathering import each, gathered, mostly
from practice.matters.models import Matter
from practice.much import Much
from practice.parties.names import fold
from tasks.errors import FilterInvalid
from tasks.inbox import wording
from tasks.inbox.wording import Meaning

Priority = Literal["high", "normal", "low"]
PRIORITIES: Final = ("high", "normal", "low")
_MOST_WORDS: Final = 8
_MOST_VALUES: Final = 30
#: Up to so many matters their numbers are gathered first; of more, each task is asked.
_FEW: Final = 1000
#: Tags that were found to be on more.
_COMMON_TAGS: Final = Much()

#: The tasks that such a word stands for are found by index.
_FOUND: Final = "words_found"
#: It may be a part of any number that work has, or is a part of names that open tasks have.
_NUMBERED: Final = "_numbered"
_NAMED: Final = "_named"

_NAMING: Final = ("business_key", "client", "assignee", "tag_gathered")
#: High priority is rare, and has an index of its own.
_SORTS_OF_WORK: Final = ("kinds", "process_keys", "normal", "low")

_INSTANT = UserTaskCandidate.due_at.type


@dataclass(frozen=True, slots=True)
class Filters:
    """Everything that is given has to hold; of several kinds or processes, one."""

    kinds: tuple[str, ...] = ()
    process_keys: tuple[str, ...] = ()
    #: Number of a matter or an enquiry.
    business_key: str | None = None
    #: Number of a client.
    client: str | None = None
    #: Username of who holds the work.
    assignee: str | None = None
    #: Key of a tag of the matter; those below it count.
    tag: str | None = None
    #: Above, at or below what is normal.
    priority: Priority | None = None
    #: Due at or after, and before, these instants; what has no date is in neither.
    due_from: datetime | None = None
    due_before: datetime | None = None
    is_undated: bool = False
    #: Words of the task's name, and of the names and the number of its matter or enquiry; of any other number that
    #: work has, words with a digit in them.
    text: str | None = None

    def __post_init__(self) -> None:
        if self.priority is not None and self.priority not in PRIORITIES:
            raise FilterInvalid("priority", str(self.priority)[:40])
        for name in ("kinds", "process_keys"):
            if len(getattr(self, name)) > _MOST_VALUES:
                raise FilterInvalid(name, f"{len(getattr(self, name))} values")

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is narrowed."""
        return all(not getattr(self, field.name) for field in fields(self))

    @property
    def words(self) -> list[str]:
        """What is looked for, word by word."""
        return (self.text or "").split()[:_MOST_WORDS]


class Narrowing(NamedTuple):
    """The shape of some filters, which statements are kept for, and the values that go into it."""

    #: Hashable: which conditions there are.
    shape: tuple[str, ...]
    values: dict[str, Any]


def narrowing(session: Session, filters: Filters, *, is_short: bool, counts: bool = False) -> Narrowing:
    """Work out which conditions the filters ask for.

    ``is_short`` says that few tasks will be looked at, ``counts`` that all of them will.

    Raises:
        FilterInvalid: there is no such tag.
    """
    asked: dict[str, tuple[str, Any]] = {
        "kinds": ("kinds", list(filters.kinds)),
        "process_keys": ("process_keys", list(filters.process_keys)),
        "business_key": ("wanted_key", filters.business_key),
        "due_from": ("due_from", filters.due_from),
        "due_before": ("due_before", filters.due_before),
        "client": ("client", (filters.client or "").strip().upper()),
        "assignee": ("holder", filters.assignee and f"user:{filters.assignee}"),
    }
    shape = [name for name, (_, value) in asked.items() if value]
    values = {parameter: value for parameter, value in asked.values() if value}
    if filters.priority:
        shape.append(filters.priority)
    if filters.is_undated:
        shape.append("undated")
    if filters.tag:
        shape.append(_tagged(session, filters.tag, values))
    words = filters.words
    most = 0 if is_short else wording.MOST if counts else wording.RARE
    for number, meant in enumerate(wording.meanings(session, words, most=most)):
        word = words[number]
        values |= {f"word_{number}": _pattern(word.lower()), f"folded_{number}": _pattern(fold(word) or word)}
        if meant.names is not None:
            values[f"names_{number}"] = listed.written(meant.names)
        if meant.numbers is not None:
            values[f"numbers_{number}"] = listed.written(meant.numbers)
        shape.append(f"{_how(word, meant, is_short=is_short, counts=counts)}:{number}")
    return Narrowing(tuple(shape), values)


def _how(word: str, meant: Meaning, *, is_short: bool, counts: bool) -> str:
    """Say how a word is looked for: by what was found for it, or task by task."""
    if meant.names is None:
        how = f"words_read{_NAMED}"
    elif is_short or meant.numbers is None or (meant.is_common_name and not counts):
        how = "words_gathered" if counts and not is_short else "words_asked"
        how += _NAMED if meant.names else ""
    else:
        how = "words_found"
    return f"{how}{_NUMBERED}" if any(letter.isdigit() for letter in word) else how


def _tagged(session: Session, key: str, values: dict[str, Any]) -> str:
    tags = directories.ids_below(session, "tag", key)
    if not tags:
        raise FilterInvalid("tag", key[:60])
    values["tags"] = tags
    if _COMMON_TAGS.has(session, key):
        return "tag"
    count = 0
    for tag in tags:
        count += _SOME_TAGGED.rows(session.connection(), {"tag": tag})[0].rows
        if count > _FEW:
            _COMMON_TAGS.note(session, key)
            return "tag"
    return "tag_gathered"


_TAGGED = sa.select(MatterTag.matter_id).where(MatterTag.tag_id == sa.bindparam("tag", type_=sa.Uuid()))
_SOME_TAGGED = Prepared(sa.select(sa.func.count().label("rows")).select_from(_TAGGED.limit(_FEW + 1).subquery()))


def _pattern(word: str) -> str:
    for special in ("\\", "%", "_"):
        word = word.replace(special, f"\\{special}")
    return f"%{word}%"


def conditions(shape: Sequence[str], row: Any, *, in_order: bool = False) -> list[sa.ColumnElement[bool]]:
    """Return what a shape asks of ``row`` (``UserTask`` or ``UserTaskCandidate``), its values as parameters.

    ``in_order`` is for the first rows in the order of an index, which ends when there are enough.
    """
    made: list[sa.ColumnElement[bool]] = []
    for one in shape:
        name, _, number = one.partition(":")
        if name.startswith("words"):
            made.append(_mentions(row, int(number), name))
        else:
            condition = _condition(name, row)
            # For a person of whom it knows nothing PostgreSQL would find and sort all of a kind, and ask about each.
            made.append(mostly(condition) if in_order and name in _SORTS_OF_WORK else condition)
    return made


def needs_task(shape: Sequence[str]) -> bool:
    """Say whether the conditions read more of a task than stands beside the key."""
    return any(one.startswith("words") and _NAMED in one for one in shape)


def names_tasks(shape: Sequence[str]) -> bool:
    """Say whether the conditions name few tasks, which are found by index, whoever they stand in front of."""
    return any(
        one in _NAMING or (one.startswith(_FOUND) and not one.partition(":")[0].endswith(_NUMBERED)) for one in shape
    )


def has_words(shape: Sequence[str]) -> bool:
    """Say whether words are looked for."""
    return any(one.startswith("words") for one in shape)


def _condition(name: str, row: Any) -> sa.ColumnElement[bool]:
    simple: dict[str, Any] = {
        "kinds": lambda: row.kind.in_(sa.bindparam("kinds", expanding=True)),
        "process_keys": lambda: row.process_key.in_(sa.bindparam("process_keys", expanding=True)),
        "business_key": lambda: _of(row, sa.select(sa.bindparam("wanted_key", type_=sa.String()))),
        "high": lambda: row.priority > sa.literal_column(str(NORMAL)),
        "normal": lambda: row.priority == sa.literal_column(str(NORMAL)),
        "low": lambda: row.priority < sa.literal_column(str(NORMAL)),
        "due_from": lambda: row.due_at >= sa.bindparam("due_from", type_=_INSTANT),
        "due_before": lambda: row.due_at < sa.bindparam("due_before", type_=_INSTANT),
        "undated": lambda: _undated(row),
        "client": lambda: _of(row, _numbers_of_client()),
        "assignee": lambda: _held(row),
        "tag_gathered": lambda: _of(row, sa.select(Matter.number).where(_has_tag()).correlate(None)),
        "tag": lambda: sa.exists(
            each(sa.select(Matter.id).where(Matter.number == row.business_key, _has_tag()).correlate(row))
        ),
    }
    return simple[name]()


def _of(row: Any, numbers: Any) -> sa.ColumnElement[bool]:
    """Say that a row is of a few matters or enquiries: their open tasks are found by index."""
    if row is UserTask:
        return gathered(UserTask.business_key, numbers)
    task = aliased(UserTask)
    is_open = task.state == sa.literal_column("'created'")
    theirs = sa.select(task.id).where(is_open, task.business_key.in_(numbers)).correlate(None)
    return gathered(row.user_task_id, theirs)


def _undated(row: Any) -> sa.ColumnElement[bool]:
    if row is UserTask:
        return UserTask.due_at.is_(None)
    return UserTaskCandidate.due_at >= sa.bindparam("no_date", type_=_INSTANT)


def _held(row: Any) -> sa.ColumnElement[bool]:
    held = aliased(UserTaskCandidate)
    theirs = sa.select(held.user_task_id).where(held.principal == sa.bindparam("holder", type_=sa.String()))
    return (row.id if row is UserTask else row.user_task_id).in_(theirs.correlate(None))


def _numbers_of_client() -> sa.CompoundSelect[Any]:
    party = sa.select(Client.party_id).where(Client.number == sa.bindparam("client")).scalar_subquery()
    theirs = Matter.client_party_id == party
    return sa.union_all(
        sa.select(Matter.number).where(theirs).correlate(None),
        sa.select(Matter.enquiry_number).where(theirs, Matter.enquiry_number.is_not(None)).correlate(None),
    )


def _has_tag() -> sa.ColumnElement[bool]:
    tags = sa.bindparam("tags", expanding=True, type_=sa.Uuid())
    return sa.exists(
        sa.select(MatterTag.tag_id)
        .where(MatterTag.matter_id == Matter.id, MatterTag.tag_id.in_(tags))
        .correlate(Matter)
    )


def _mentions(row: Any, number: int, how: str) -> sa.ColumnElement[bool]:
    """Match what a reader sees: task and number as they are written, parties in folded form."""
    task_id = row.id if row is UserTask else row.user_task_id
    written = sa.bindparam(f"word_{number}", type_=sa.String())
    folded = sa.bindparam(f"folded_{number}", type_=sa.String())
    numbered = [sa.func.lower(row.business_key).like(written, escape="\\")] if _NUMBERED in how else []
    if how.startswith(_FOUND):
        return sa.or_(task_id.in_(wording.tasks_of(number)), *numbered)
    named: list[sa.ColumnElement[bool]] = []
    if how.startswith("words_read"):
        named.append(sa.func.lower(UserTask.name).like(written, escape="\\"))
    elif _NAMED in how:
        named.append(UserTask.name.in_(listed.texts(f"names_{number}")))
    holding = [(subject.number, subject.search_text.like(folded, escape="\\")) for subject in (Matter, Enquiry)]
    if how.startswith("words_gathered"):
        named += [row.business_key.in_(sa.select(key).where(holds).correlate(None)) for key, holds in holding]
    else:
        of_row = [sa.select(holds).where(key == row.business_key).correlate(row) for key, holds in holding]
        # What is of a matter is of no enquiry, and there none is looked for.
        named.append(sa.func.coalesce(*(one.scalar_subquery() for one in of_row), sa.false()))
    return sa.or_(*named, *numbered)
