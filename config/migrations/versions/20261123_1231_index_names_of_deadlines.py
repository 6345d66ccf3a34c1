"""Index the names of deadlines, which are searched in part, and enquiries by who received them.

The previous release runs on the new schema: yes. The database keeps both indexes by itself, and the release before
does not ask them.
"""

from __future__ import annotations

from alembic import op

revision = "1231"
down_revision = "1150"
branch_labels = None
depends_on = None

ENTRY = "text_index_deadline_entry"


def upgrade() -> None:
    """Change the schema (``practice/text_index/schema.py`` says the same)."""
    op.create_index("ix_enquiry_received_by", "enquiry", ["received_by"])
    if op.get_bind().dialect.name != "sqlite":
        op.execute(
            "DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS pg_trgm; "
            "CREATE INDEX IF NOT EXISTS text_index_deadline ON deadline USING gin (lower(name) gin_trgm_ops); "
            "EXCEPTION WHEN OTHERS THEN RAISE NOTICE 'searching without pg_trgm: %', SQLERRM; END $$"
        )
        return
    gone = "INSERT INTO text_index_deadline (text_index_deadline, rowid, text) VALUES ('delete', OLD.no, OLD.text)"
    come = "INSERT INTO text_index_deadline (rowid, text) VALUES (NEW.no, NEW.text)"
    for statement in (
        f"CREATE TABLE {ENTRY} (no INTEGER PRIMARY KEY, ref CHAR(32) NOT NULL UNIQUE, text TEXT NOT NULL)",
        (
            f"CREATE VIRTUAL TABLE text_index_deadline USING fts5(text, content='{ENTRY}', content_rowid='no', "
            "tokenize='trigram case_sensitive 1')"
        ),
        f"CREATE TRIGGER {ENTRY}_came AFTER INSERT ON {ENTRY} BEGIN {come}; END",
        f"CREATE TRIGGER {ENTRY}_went AFTER DELETE ON {ENTRY} BEGIN {gone}; END",
        f"CREATE TRIGGER {ENTRY}_changed AFTER UPDATE OF text ON {ENTRY} BEGIN {gone}; {come}; END",
        (
            "CREATE TRIGGER text_index_deadline_came AFTER INSERT ON deadline BEGIN "  # noqa: S608 - names of our own
            f"INSERT INTO {ENTRY} (ref, text) VALUES (NEW.id, lower(NEW.name)); END"
        ),
        (
            "CREATE TRIGGER text_index_deadline_changed AFTER UPDATE OF name ON deadline "  # noqa: S608 - as above
            "WHEN NEW.name IS NOT OLD.name BEGIN "
            f"UPDATE {ENTRY} SET text = lower(NEW.name) WHERE ref = NEW.id; END"
        ),
        f"CREATE TRIGGER text_index_deadline_went AFTER DELETE ON deadline BEGIN DELETE FROM {ENTRY} WHERE ref = OLD.id; END",  # noqa: S608, E501
        f"INSERT INTO {ENTRY} (ref, text) SELECT id, lower(name) FROM deadline",  # noqa: S608 - names of our own
    ):
        op.execute(statement)


def downgrade() -> None:
    """Change it back."""
    op.drop_index("ix_enquiry_received_by", table_name="enquiry")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP INDEX IF EXISTS text_index_deadline")
        return
    for what in ("came", "changed", "went"):
        op.execute(f"DROP TRIGGER IF EXISTS text_index_deadline_{what}")
    op.execute("DROP TABLE IF EXISTS text_index_deadline")
    op.execute(f"DROP TABLE IF EXISTS {ENTRY}")
