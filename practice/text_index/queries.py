"""Conditions that find words in part, by the index where that is shorter than reading rows in order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple, cast
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Session, SessionTransaction

from engine import database
from engine.prepared import Prepared
from practice.gathering import gathered
from practice.much import Much
from practice.text_index.schema import entries_of, trigrams_of

#: What a trigram index knows.
_SHORTEST: Final = 3
#: A word in more rows than this is common: reading the newest rows finds a page of them sooner.
COMMON: Final = 2_000
_MANY: Final = sa.literal_column(str(COMMON), sa.Integer())
#: Rows that are sooner asked one by one than everything is gathered that somebody may see.
SOON_ASKED: Final = 300
#: A list by words is ``looked_up`` and its rows asked one by one, or those asked that are ``met`` among what somebody
#: could see, or some at a time ``in_turns`` until a page is full; else what they may see is ``gathered`` first, the
#: list is ``walked`` in its order and those asked that are among what they could see, or each row is ``asked``.
Way = Literal["looked_up", "met", "in_turns", "gathered", "walked", "asked"]
#: What is read by words, not in the order of the list.
BY_WORDS: Final = ("looked_up", "met", "in_turns")
_Words = tuple[str, tuple[str, ...]]
_COMMON_WORDS: Final = Much()
#: What was counted in a transaction that only reads.
_counted: WeakKeyDictionary[SessionTransaction, dict[_Words, int]] = WeakKeyDictionary()


class Looked(NamedTuple):
    """How some words are looked for, whatever they are: statements are kept by it, and take the words as values."""

    words: int
    is_sqlite: bool
    #: The index names the few rows that there are: what else is asked of them is asked row by row.
    is_rare: bool = False
    #: Which word SQLite looks up.
    rarest: int = 0

    def conditions(
        self, key: sa.SQLColumnExpression[Any], text: sa.SQLColumnExpression[str]
    ) -> list[sa.ColumnElement[bool]]:
        """Return the conditions under which ``text`` of the indexed table with the ``id`` ``key`` holds the words."""
        if not self.is_rare:
            return self.by_row(text)
        holds = _hold(text, self.words)
        if self.is_sqlite:
            return [key.in_(_refs(key, _param(f"quoted_{self.rarest}"))), *holds]
        return [gathered(key, sa.select(key).where(*holds).correlate(None))]

    def by_row(self, text: sa.SQLColumnExpression[str]) -> list[sa.ColumnElement[bool]]:
        """Return the same asked of each row, where others say which rows are read.

        PostgreSQL looks through a list for each row.
        """
        return [self.asked(one) for one in _hold(text, self.words)]

    def asked(self, condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
        """Return a condition on words as one that is asked of each row."""
        return condition if self.is_sqlite else _asked_of_each_row(condition)


@dataclass(frozen=True, slots=True)
class Holding:
    """What is known of the rows that hold some words."""

    looked: Looked
    #: The words, as a statement with these conditions takes them.
    values: dict[str, str] = field(default_factory=dict)
    #: How many rows those are at most; nothing is known of common words.
    count: int = COMMON

    @property
    def is_rare(self) -> bool:
        """Say that the index names the few rows that there are."""
        return self.looked.is_rare

    def read(self, way: Way) -> "Holding":
        """Return what a list needs of this that is read in such a way: of one that looks nothing up, the words alone.

        Statements are kept for less then, and take no values that they have no place for.
        """
        if way in BY_WORDS or not self.is_rare:
            return self
        looked = Looked(self.looked.words, self.looked.is_sqlite)
        return Holding(
            looked, {name: word for name, word in self.values.items() if name.startswith("word_")}, self.count
        )

    @property
    def is_nothing(self) -> bool:
        """Say that no row holds the words, whoever asks."""
        return self.count == 0


def holding(
    session: Session, words: Sequence[str], *, key: sa.SQLColumnExpression[Any], text: sa.SQLColumnExpression[str]
) -> Holding:
    """Find out how to look for these folded words, all of them, in the column ``text`` of an indexed table.

    ``key`` is the table's ``id``. Rows are looked up by the rarest word on SQLite, by all of them on PostgreSQL, when
    they are rare.
    """
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    values = values_of(words)
    long = {place: word for place, word in enumerate(words) if len(word) >= _SHORTEST}
    if not long:
        return Holding(Looked(len(words), is_sqlite), values)
    if is_sqlite:
        count, rarest = min((_count(session, key, word), place) for place, word in long.items())
        if count < COMMON:
            values[f"quoted_{rarest}"] = _quoted(words[rarest])
    else:
        count, rarest = _count_all(session, key, text, words), 0
    if count >= COMMON:
        return Holding(Looked(len(words), is_sqlite), values)
    return Holding(Looked(len(words), is_sqlite, is_rare=True, rarest=rarest), values, count)


def is_anywhere(session: Session, words: Sequence[str], *, text: sa.SQLColumnExpression[str]) -> bool:
    """Say whether any row holds the words at all, whoever asks: else a long statement about rights is not asked."""
    if not words:
        return True
    return _anywhere(text, len(words)).rows(session.connection(), values_of(words))[0].is_any


@lru_cache(256)
def _anywhere(text: sa.SQLColumnExpression[str], words: int) -> Prepared:
    rows = sa.select(sa.literal_column("1", sa.Integer())).where(*_hold(text, words))
    return Prepared(sa.select(sa.exists(rows).label("is_any")))


def values_of(words: Sequence[str]) -> dict[str, str]:
    """Return the words as values of a statement that ``holds`` them."""
    return {f"word_{place}": _escaped(word) for place, word in enumerate(words)}


def holds(text: sa.ColumnElement[str] | sa.SQLColumnExpression[str], place: int) -> sa.ColumnElement[bool]:
    """Say of each row that a text holds the word of this place, which is among the statement's values."""
    return text.contains(_param(f"word_{place}"), escape="/")


def _hold(text: sa.SQLColumnExpression[str], words: int) -> list[sa.ColumnElement[bool]]:
    return [holds(text, place) for place in range(words)]


def _param(name: str) -> sa.BindParameter[str]:
    return sa.bindparam(name, type_=sa.Text())


def _escaped(word: str) -> str:
    return word.replace("/", "//").replace("%", "/%").replace("_", "/_")


def _asked_of_each_row(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Say the same so that PostgreSQL neither looks into an index for it nor takes it to leave nearly nothing.

    Else it reads every row that holds a common word before the first is shown.
    """
    return sa.case((condition, sa.true())).is_not(None)


def _held(
    session: Session, word: str, *, key: sa.SQLColumnExpression[Any], text: sa.SQLColumnExpression[str]
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions under which ``text`` holds one folded word, for all such rows and not the newest."""
    conditions: list[sa.ColumnElement[bool]] = [text.contains(word, autoescape=True)]
    if session.get_bind().dialect.name == "sqlite" and len(word) >= _SHORTEST:
        conditions.insert(0, key.in_(_refs(key, sa.bindparam(None, _quoted(word), type_=sa.Text()))))
    return conditions


def found(
    session: Session,
    word: str,
    value: sa.SQLColumnExpression[Any],
    *,
    key: sa.SQLColumnExpression[Any],
    text: sa.SQLColumnExpression[str],
    most: int,
) -> list[Any] | None:
    """Return ``value`` of all rows whose ``text`` holds one folded word; None for more of them than ``most``."""
    if most <= COMMON and is_common(session, word, key=key):
        return None
    rows = list(session.scalars(sa.select(value).where(*_held(session, word, key=key, text=text)).limit(most + 1)))
    if len(rows) <= most:
        return rows
    if len(rows) >= COMMON:
        _noted(session, (_table_of(key), (word,)), len(rows))
    return None


def is_common(session: Session, word: str, *, key: sa.SQLColumnExpression[Any]) -> bool:
    """Say whether a folded word is known to be in more rows than are worth gathering.

    PostgreSQL is not asked: it says so of words that were counted before. So few letters that no index knows them
    are in many names; to gather those, every row would be read.
    """
    if len(word) < _SHORTEST:
        return True
    if session.get_bind().dialect.name == "sqlite":
        return _count(session, key, word) >= COMMON
    return _is_known(session, (_table_of(key), (word,)))


def _count(session: Session, key: sa.SQLColumnExpression[Any], word: str) -> int:
    """Return in how many rows a word is, counting no further than what is common."""
    named = (_table_of(key), (word,))
    if (known := _known(session, named)) is not None:
        return known
    rows = _matching(key).rows(session.connection(), {"quoted": _quoted(word)})
    return _noted(session, named, rows[0].rows)


@lru_cache(256)
def _matching(key: sa.SQLColumnExpression[Any]) -> Prepared:
    trigrams = _trigrams(key)
    few = sa.select(trigrams.c.rowid).where(_match(trigrams, _param("quoted"))).limit(_MANY).subquery()
    return Prepared(sa.select(sa.func.count().label("rows")).select_from(few))


def _count_all(
    session: Session, key: sa.SQLColumnExpression[Any], text: sa.SQLColumnExpression[str], words: Sequence[str]
) -> int:
    """Return in how many rows all of these words are, counting no further than what is common."""
    named = (_table_of(key), tuple(sorted(words)))
    if (known := _known(session, named)) is not None:
        return known
    rows = _holding_all(key, text, len(words)).rows(session.connection(), values_of(words))
    return _noted(session, named, rows[0].rows)


@lru_cache(256)
def _holding_all(key: sa.SQLColumnExpression[Any], text: sa.SQLColumnExpression[str], words: int) -> Prepared:
    few = sa.select(key).where(*_hold(text, words)).limit(_MANY).correlate(None).subquery()
    return Prepared(sa.select(sa.func.count().label("rows")).select_from(few))


def _known(session: Session, named: _Words) -> int | None:
    """Return in how many rows words are, as far as that is known: several lists of one search count the same."""
    if _is_known(session, named):
        return COMMON
    transaction = session.get_transaction()
    return None if transaction is None else _counted.get(transaction, {}).get(named)


def _is_known(session: Session, named: _Words) -> bool:
    """Say whether words were common when they were counted: rows hardly ever go, so they still are."""
    return _COMMON_WORDS.has(session, named)


def _noted(session: Session, named: _Words, count: int) -> int:
    if count >= COMMON:
        _COMMON_WORDS.note(session, named)
    elif database.is_read_only(session.connection()):
        _counted.setdefault(cast("SessionTransaction", session.get_transaction()), {})[named] = count
    return count


def _refs(key: sa.SQLColumnExpression[Any], quoted: sa.BindParameter[str]) -> sa.Select[Any]:
    trigrams = _trigrams(key)
    entries = sa.table(entries_of(_table_of(key)), sa.column("no", sa.Integer), sa.column("ref", sa.Uuid))
    numbers = sa.select(trigrams.c.rowid).where(_match(trigrams, quoted))
    return sa.select(entries.c.ref).where(entries.c.no.in_(numbers))


def _trigrams(key: sa.SQLColumnExpression[Any]) -> sa.TableClause:
    return sa.table(trigrams_of(_table_of(key)), sa.column("rowid", sa.Integer), sa.column("text", sa.Text))


def _match(trigrams: sa.TableClause, quoted: sa.BindParameter[str]) -> sa.ColumnElement[bool]:
    return trigrams.c.text.op("MATCH", is_comparison=True)(quoted)


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _table_of(key: sa.SQLColumnExpression[Any]) -> str:
    return cast("Any", key).table.name
