"""Index events in their order: a list of events in every state is read from its beginning, and not as a whole.

The previous release runs on the new schema: yes, it does not look into the index.
"""

from __future__ import annotations

from alembic import op

revision = "0450"
down_revision = "0105"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_index("ix_event_in_order", "event", ["planned_start_at", "id"])


def downgrade() -> None:
    """Change it back."""
    op.drop_index("ix_event_in_order", table_name="event")
