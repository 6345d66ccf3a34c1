"""Remember which rows of imported files became which record.

The previous release runs on the new schema: yes. It knows nothing of the new table.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1057"
down_revision = "1051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "imported_record",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.String(length=150), nullable=False),
        sa.PrimaryKeyConstraint("kind", "reference", name=op.f("pk_imported_record")),
    )
    op.create_index("ix_imported_record_record_id", "imported_record", ["record_id"])


def downgrade() -> None:
    """Change it back."""
    op.drop_index("ix_imported_record_record_id", table_name="imported_record")
    op.drop_table("imported_record")
