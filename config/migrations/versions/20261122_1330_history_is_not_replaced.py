"""Let SQLite refuse to replace a row of history as well as to change or delete one.

The previous release runs on the new schema: it only ever adds history.
"""

from __future__ import annotations

from alembic import op

revision = "1330"
down_revision = "1315"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema; PostgreSQL knows no such statement."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER history_event_is_never_replaced BEFORE INSERT ON history_event "
            "WHEN EXISTS (SELECT 1 FROM history_event WHERE id = NEW.id) "
            "BEGIN SELECT RAISE(ABORT, 'history_event rows are never changed and never deleted'); END"
        )


def downgrade() -> None:
    """Change it back."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER history_event_is_never_replaced")
