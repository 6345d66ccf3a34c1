"""Let the database refuse to delete a deadline, or to change what was written about one.

The previous release runs on the new schema: yes. It knows no deadlines.
"""

from __future__ import annotations

from alembic import op

revision = "1112"
down_revision = "1058"
branch_labels = None
depends_on = None

REFUSAL = "deadlines are never deleted"


def upgrade() -> None:
    """Change the schema."""
    _protect("deadline", changes_too=False)
    _protect("deadline_change", changes_too=True)


def downgrade() -> None:
    """Change it back."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in ("deadline", "deadline_change"):
        verbs = ["deleted", "replaced" if is_sqlite else "truncated"]
        if is_sqlite and table == "deadline_change":
            verbs.append("changed")
        for done in verbs:
            op.execute(f"DROP TRIGGER {table}_is_never_{done}" + ("" if is_sqlite else f" ON {table}"))
        if not is_sqlite:
            op.execute(f"DROP FUNCTION {table}_refuse()")


def _protect(table: str, *, changes_too: bool) -> None:
    """Let the database refuse every deletion (``practice/deadlines/triggers.py`` says the same)."""
    if op.get_bind().dialect.name == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"  # noqa: S608 - names of our own
        op.execute(f"CREATE TRIGGER {table}_is_never_deleted BEFORE DELETE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_is_never_replaced BEFORE INSERT ON {table} WHEN {taken} {refuse}")
        if changes_too:
            op.execute(f"CREATE TRIGGER {table}_is_never_changed BEFORE UPDATE ON {table} {refuse}")
        return
    verbs = "UPDATE OR DELETE" if changes_too else "DELETE"
    op.execute(
        f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql "
        f"AS $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_is_never_deleted BEFORE {verbs} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_is_never_truncated BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )
