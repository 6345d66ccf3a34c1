"""Let the database refuse every change of history.

The previous release runs on the new schema: it only ever adds history.
"""

from __future__ import annotations

from alembic import op

revision = "0640"
down_revision = "0001"
branch_labels = None
depends_on = None

REFUSAL = "history_event rows are never changed and never deleted"


def upgrade() -> None:
    """Change the schema."""
    if op.get_bind().dialect.name == "sqlite":
        for verb, done in (("UPDATE", "changed"), ("DELETE", "deleted")):
            op.execute(
                f"CREATE TRIGGER history_event_is_never_{done} BEFORE {verb} ON history_event "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION history_event_refuse() RETURNS trigger LANGUAGE plpgsql "
        f"AS $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER history_event_is_never_changed BEFORE UPDATE OR DELETE ON history_event "
        "FOR EACH ROW EXECUTE FUNCTION history_event_refuse()"
    )
    op.execute(
        "CREATE TRIGGER history_event_is_never_truncated BEFORE TRUNCATE ON history_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION history_event_refuse()"
    )


def downgrade() -> None:
    """Change it back."""
    op.execute("DROP TRIGGER history_event_is_never_changed" + _on_table())
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER history_event_is_never_deleted")
        return
    op.execute("DROP TRIGGER history_event_is_never_truncated ON history_event")
    op.execute("DROP FUNCTION history_event_refuse()")


def _on_table() -> str:
    return "" if op.get_bind().dialect.name == "sqlite" else " ON history_event"
