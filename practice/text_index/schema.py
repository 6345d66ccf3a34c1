"""The index itself: kept by the database, whoever writes the rows.

SQLite has an FTS5 table of trigrams for each indexed table, filled by triggers; PostgreSQL an index of ``pg_trgm``
where that extension can be had. Neither is a model: no program reads or writes them but ``queries`` and the triggers.
"""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection

from practice.deadlines.models import Deadline
from practice.documents.models import Document
from practice.enquiries.models import Enquiry
from practice.matters.models import Matter
from practice.parties.models import Party

#: Indexed tables; each has ``id`` and ``search_text``, folded by ``parties.names.fold``, or what ``_TEXTS`` says.
INDEXED: Final = ("matter", "party", "enquiry", "document", "deadline")
#: By table: another column, and what is indexed of it, of which case alone is folded (SQLite: of ASCII alone).
_TEXTS: Final = {"deadline": ("name", "lower({}name)")}
#: Everything that belongs to the index begins like this; migrations leave it alone when they compare.
PREFIX: Final = "text_index"


def entries_of(table: str) -> str:
    """Name the table that gives each row of ``table`` a whole number, as FTS5 needs one."""
    return f"{PREFIX}_{table}_entry"


def trigrams_of(table: str) -> str:
    """Name the FTS5 table of ``table``."""
    return f"{PREFIX}_{table}"


def statements(dialect: str, table: str) -> list[str]:
    """Return what makes the index of one table, empty."""
    column, text = _TEXTS.get(table, ("search_text", "{}search_text"))
    if dialect != "sqlite":
        return [
            # The extension is trusted: whoever may create in the database may have it, where it is installed.
            (
                f"DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS pg_trgm; "
                f"CREATE INDEX IF NOT EXISTS {PREFIX}_{table} ON {table} USING gin ({text.format('')} gin_trgm_ops); "
                f"EXCEPTION WHEN OTHERS THEN RAISE NOTICE 'searching without pg_trgm: %', SQLERRM; END $$"
            )
        ]
    entry, trigrams = entries_of(table), trigrams_of(table)
    gone = f"INSERT INTO {trigrams} ({trigrams}, rowid, text) VALUES ('delete', OLD.no, OLD.text)"  # noqa: S608
    come = f"INSERT INTO {trigrams} (rowid, text) VALUES (NEW.no, NEW.text)"  # noqa: S608 - names of our own
    return [
        f"CREATE TABLE {entry} (no INTEGER PRIMARY KEY, ref CHAR(32) NOT NULL UNIQUE, text TEXT NOT NULL)",
        (
            f"CREATE VIRTUAL TABLE {trigrams} USING fts5(text, content='{entry}', content_rowid='no', "
            "tokenize='trigram case_sensitive 1')"
        ),
        f"CREATE TRIGGER {entry}_came AFTER INSERT ON {entry} BEGIN {come}; END",
        f"CREATE TRIGGER {entry}_went AFTER DELETE ON {entry} BEGIN {gone}; END",
        f"CREATE TRIGGER {entry}_changed AFTER UPDATE OF text ON {entry} BEGIN {gone}; {come}; END",
        (
            f"CREATE TRIGGER {trigrams}_came AFTER INSERT ON {table} BEGIN "  # noqa: S608
            f"INSERT INTO {entry} (ref, text) VALUES (NEW.id, {text.format('NEW.')}); END"
        ),
        (
            f"CREATE TRIGGER {trigrams}_changed AFTER UPDATE OF {column} ON {table} "  # noqa: S608
            f"WHEN NEW.{column} IS NOT OLD.{column} BEGIN "
            f"UPDATE {entry} SET text = {text.format('NEW.')} WHERE ref = NEW.id; END"
        ),
        f"CREATE TRIGGER {trigrams}_went AFTER DELETE ON {table} BEGIN DELETE FROM {entry} WHERE ref = OLD.id; END",  # noqa: S608
    ]


def drop(dialect: str, table: str) -> list[str]:
    """Return what takes the index away."""
    if dialect != "sqlite":
        return [f"DROP INDEX IF EXISTS {PREFIX}_{table}"]
    triggers = [f"DROP TRIGGER IF EXISTS {trigrams_of(table)}_{what}" for what in ("came", "changed", "went")]
    return [*triggers, f"DROP TABLE IF EXISTS {trigrams_of(table)}", f"DROP TABLE IF EXISTS {entries_of(table)}"]


def _made(target: sa.Table, connection: Connection, **_: Any) -> None:
    for statement in statements(connection.dialect.name, target.name):
        connection.execute(sa.text(statement))


def _gone(target: sa.Table, connection: Connection, **_: Any) -> None:
    for statement in drop(connection.dialect.name, target.name):
        connection.execute(sa.text(statement))


for _model in (Matter, Party, Enquiry, Document, Deadline):
    event.listen(_model.__table__, "after_create", _made)
    event.listen(_model.__table__, "before_drop", _gone)
