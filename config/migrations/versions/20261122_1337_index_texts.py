"""Index the texts that are searched in part: matters, parties, enquiries, documents.

The previous release runs on the new schema: yes. The database keeps the index by itself, and the release before does
not ask it.
"""

from __future__ import annotations

from alembic import op

revision = "1337"
down_revision = "1330"
branch_labels = None
depends_on = None

TABLES = ("matter", "party", "enquiry", "document")


def upgrade() -> None:
    """Change the schema (``practice/text_index/schema.py`` says the same)."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in TABLES:
        if is_sqlite:
            _index_sqlite(table, f"text_index_{table}", f"text_index_{table}_entry")
        else:
            op.execute(
                "DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS pg_trgm; "
                f"CREATE INDEX IF NOT EXISTS text_index_{table} ON {table} USING gin (search_text gin_trgm_ops); "
                "EXCEPTION WHEN OTHERS THEN RAISE NOTICE 'searching without pg_trgm: %', SQLERRM; END $$"
            )


def downgrade() -> None:
    """Change it back."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in TABLES:
        if not is_sqlite:
            op.execute(f"DROP INDEX IF EXISTS text_index_{table}")
            continue
        for what in ("came", "changed", "went"):
            op.execute(f"DROP TRIGGER IF EXISTS text_index_{table}_{what}")
        op.execute(f"DROP TABLE IF EXISTS text_index_{table}")
        op.execute(f"DROP TABLE IF EXISTS text_index_{table}_entry")


def _index_sqlite(table: str, trigrams: str, entry: str) -> None:
    gone = f"INSERT INTO {trigrams} ({trigrams}, rowid, text) VALUES ('delete', OLD.no, OLD.text)"  # noqa: S608
    come = f"INSERT INTO {trigrams} (rowid, text) VALUES (NEW.no, NEW.text)"  # noqa: S608 - names of our own
    for statement in (
        f"CREATE TABLE {entry} (no INTEGER PRIMARY KEY, ref CHAR(32) NOT NULL UNIQUE, text TEXT NOT NULL)",
        (
            f"CREATE VIRTUAL TABLE {trigrams} USING fts5(text, content='{entry}', content_rowid='no', "
            "tokenize='trigram case_sensitive 1')"
        ),
        f"CREATE TRIGGER {entry}_came AFTER INSERT ON {entry} BEGIN {come}; END",
        f"CREATE TRIGGER {entry}_went AFTER DELETE ON {entry} BEGIN {gone}; END",
        f"CREATE TRIGGER {entry}_changed AFTER UPDATE OF text ON {entry} BEGIN {gone}; {come}; END",
        (
            f"CREATE TRIGGER {trigrams}_came AFTER INSERT ON {table} BEGIN "  # noqa: S608 - names of our own
            f"INSERT INTO {entry} (ref, text) VALUES (NEW.id, NEW.search_text); END"
        ),
        (
            f"CREATE TRIGGER {trigrams}_changed AFTER UPDATE OF search_text ON {table} "  # noqa: S608
            "WHEN NEW.search_text IS NOT OLD.search_text BEGIN "
            f"UPDATE {entry} SET text = NEW.search_text WHERE ref = NEW.id; END"
        ),
        f"CREATE TRIGGER {trigrams}_went AFTER DELETE ON {table} BEGIN DELETE FROM {entry} WHERE ref = OLD.id; END",  # noqa: S608
        f"INSERT INTO {entry} (ref, text) SELECT id, search_text FROM {table}",  # noqa: S608 - names of our own
    ):
        op.execute(statement)
