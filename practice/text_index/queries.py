"""Conditions that find words in part, by the index where that is shorter than reading rows in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from practice.gathering import gathered
from practice.text_index.schema import entries_of, trigrams_of

#: What a trigram index knows.
_SHORTEST: Final = 3
#: A word in more rows than this is common: reading the newest rows finds a page of them sooner.
COMMON: Final = 2_000
#: Rows that are sooner asked one by one than everything is gathered that somebody may see.
SOON_ASKED: Final = 300


@dataclass(frozen=True, slots=True)
class Holding:
    """The conditions under which a text holds some words."""

    conditions: list[sa.ColumnElement[bool]]
    #: The same asked of each row, where others say which rows are read: PostgreSQL looks through a list for each row.
    by_row: list[sa.ColumnElement[bool]]
    #: The index names the few rows that there are: what else is asked of them is asked row by row.
    is_rare: bool
    #: How many rows those are at most; nothing is known of common words.
    count: int = COMMON

    @property
    def is_nothing(self) -> bool:
        """Say that no row holds the words, whoever asks."""
        return self.count == 0


def holding(
    session: Session, words: Sequence[str], *, key: sa.SQLColumnExpression[Any], text: sa.SQLColumnExpression[str]
) -> Holding:
    """Return the conditions under which the column ``text`` of an indexed table holds every one of these folded words.

    ``key`` is the table's ``id``. Rows are looked up by the rarest word on SQLite, by all of them on PostgreSQL, when
    they are rare.
    """
    conditions: list[sa.ColumnElement[bool]] = [text.contains(word, autoescape=True) for word in words]
    long = [word for word in words if len(word) >= _SHORTEST]
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    by_row = conditions if is_sqlite else [_asked_of_each_row(one) for one in conditions]
    if not long:
        return Holding(by_row, by_row, is_rare=False)
    if not is_sqlite:
        found = sa.select(key).where(*conditions).correlate(None)
        count = session.scalar(sa.select(sa.func.count()).select_from(found.limit(COMMON).subquery())) or 0
        if count < COMMON:
            return Holding([gathered(key, found)], by_row, is_rare=True, count=count)
        return Holding(by_row, by_row, is_rare=False)
    count, rarest = min((_count(session, key, word), word) for word in long)
    if count >= COMMON:
        return Holding(conditions, conditions, is_rare=False)
    return Holding([key.in_(_refs(key, rarest)), *conditions], conditions, is_rare=True, count=count)


def _asked_of_each_row(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Say the same so that PostgreSQL neither looks into an index for it nor takes it to leave nearly nothing.

    Else it reads every row that holds a common word before the first is shown.
    """
    return sa.case((condition, sa.true())).is_not(None)


def held(
    session: Session, word: str, *, key: sa.SQLColumnExpression[Any], text: sa.SQLColumnExpression[str]
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions under which ``text`` holds one folded word, for all such rows and not the newest."""
    conditions: list[sa.ColumnElement[bool]] = [text.contains(word, autoescape=True)]
    if session.get_bind().dialect.name == "sqlite" and len(word) >= _SHORTEST:
        conditions.insert(0, key.in_(_refs(key, word)))
    return conditions


def is_common(session: Session, word: str, *, key: sa.SQLColumnExpression[Any]) -> bool:
    """Say whether a folded word is known to be in more rows than are worth gathering; PostgreSQL is not asked.

    So few letters that no index knows them are in many names; to gather those, every row would be read.
    """
    if len(word) < _SHORTEST:
        return True
    return session.get_bind().dialect.name == "sqlite" and _count(session, key, word) >= COMMON


def _count(session: Session, key: sa.SQLColumnExpression[Any], word: str) -> int:
    """Return in how many rows a word is, counting no further than what is common."""
    trigrams = _trigrams(key)
    few = sa.select(trigrams.c.rowid).where(_match(trigrams, word)).limit(COMMON).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(few)) or 0


def _refs(key: sa.SQLColumnExpression[Any], word: str) -> sa.Select[Any]:
    trigrams = _trigrams(key)
    entries = sa.table(entries_of(_table_of(key)), sa.column("no", sa.Integer), sa.column("ref", sa.Uuid))
    numbers = sa.select(trigrams.c.rowid).where(_match(trigrams, word))
    return sa.select(entries.c.ref).where(entries.c.no.in_(numbers))


def _trigrams(key: sa.SQLColumnExpression[Any]) -> sa.TableClause:
    return sa.table(trigrams_of(_table_of(key)), sa.column("rowid", sa.Integer), sa.column("text", sa.Text))


def _match(trigrams: sa.TableClause, word: str) -> sa.ColumnElement[bool]:
    quoted = '"' + word.replace('"', '""') + '"'
    return trigrams.c.text.op("MATCH", is_comparison=True)(sa.bindparam(None, quoted, type_=sa.Text()))


def _table_of(key: sa.SQLColumnExpression[Any]) -> str:
    return cast("Any", key).table.name
