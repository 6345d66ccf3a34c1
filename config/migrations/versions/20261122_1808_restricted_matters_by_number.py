"""Index what is asked of restricted matters, so that gathering them reads no row, and those that came of an enquiry.

The previous release runs on the new schema: yes, it reads the same index.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1808"
down_revision = "1802"
branch_labels = None
depends_on = None

FROM_ENQUIRY = sa.text("enquiry_number IS NOT NULL")
CLOSED = sa.text("confidentiality <> 'ordinary'")


def upgrade() -> None:
    """Change the schema."""
    _index("id", "number", "enquiry_number", "confidentiality")
    op.create_index(
        "ix_matter_of_enquiry",
        "matter",
        ["enquiry_number", "number"],
        sqlite_where=FROM_ENQUIRY,
        postgresql_where=FROM_ENQUIRY,
    )


def downgrade() -> None:
    """Change it back."""
    op.drop_index("ix_matter_of_enquiry", table_name="matter")
    _index("id")


def _index(*columns: str) -> None:
    op.drop_index("ix_matter_restricted", table_name="matter")
    op.create_index("ix_matter_restricted", "matter", list(columns), sqlite_where=CLOSED, postgresql_where=CLOSED)
