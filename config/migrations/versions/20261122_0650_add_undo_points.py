"""Keep what an instance was before an operator's last action, so that it can be undone.

The previous release runs on the new schema: it does not know the table and never looks at it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0650"
down_revision = "0645"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "undo_point",
        sa.Column("process_instance_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("by", sa.String(length=150), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("obstacle", sa.Text(), nullable=True),
        sa.Column("definition_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("state_blob", sa.LargeBinary(), nullable=False),
        sa.Column("user_tasks", sa.Text(), nullable=False),
        sa.Column("incidents", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_undo_point_definition_id_process_definition")
        ),
        sa.ForeignKeyConstraint(
            ["process_instance_id"],
            ["process_instance.id"],
            name=op.f("fk_undo_point_process_instance_id_process_instance"),
        ),
        sa.PrimaryKeyConstraint("process_instance_id", name=op.f("pk_undo_point")),
    )


def downgrade() -> None:
    """Change it back."""
    op.drop_table("undo_point")
