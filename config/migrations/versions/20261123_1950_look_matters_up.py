"""PostgreSQL looks matters up by their number in an index without order: lists of work ask for one of each row.

The previous release runs on the new schema: yes, it need not know of the index.
"""

from __future__ import annotations

from alembic import op

revision = "1950"
down_revision = "1540"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("ix_matter_number", "matter", ["number"], postgresql_using="hash")


def downgrade() -> None:
    """Change it back."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_matter_number", table_name="matter")
