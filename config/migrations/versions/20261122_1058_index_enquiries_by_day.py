"""Index enquiries by when they were received: the newest page of all no longer sorts every one.

The previous release runs on the new schema: yes.
"""

from __future__ import annotations

from alembic import op

revision = "1058"
down_revision = "1057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_index("ix_enquiry_received_at", "enquiry", ["received_at", "id"], unique=False)


def downgrade() -> None:
    """Change it back."""
    op.drop_index("ix_enquiry_received_at", table_name="enquiry")
