"""Add the rows that say who has a matter as their own, and the triggers that keep them.

The previous release runs on the new schema: yes. It knows nothing of the table; the triggers keep it while that
release writes members and tasks.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from practice.matters import access

revision = "1051"
down_revision = "1025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "matter_access",
        sa.Column("principal", sa.String(length=160), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["matter_id"], ["matter.id"], name=op.f("fk_matter_access_matter_id_matter"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("principal", "opened_at", "matter_id", name=op.f("pk_matter_access")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_matter_access_matter_id", "matter_access", ["matter_id", "principal"])
    op.create_index("ix_matter_access_number", "matter_access", ["principal", "number", "matter_id"])
    is_open = sa.text("state = 'created'")
    op.create_index(
        "ix_user_task_open",
        "user_task",
        ["id", "business_key", "process_instance_id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    for statement in access.FILL:
        op.execute(sa.text(statement.replace(":", r"\:")))
    for statement in access.statements(op.get_bind().dialect.name):
        op.execute(sa.text(statement.replace(":", r"\:")))


def downgrade() -> None:
    """Change it back."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, (when, _) in access.RULES.items():
        op.execute(f"DROP TRIGGER {name}" + ("" if is_sqlite else f" ON {when.rpartition(' ')[2]}"))
        if not is_sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_index("ix_user_task_open", table_name="user_task")
    op.drop_table("matter_access")
