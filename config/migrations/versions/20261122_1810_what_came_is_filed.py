"""Keep with an item of a request which document of the matter's file it came as.

The previous release runs on the new schema: yes, the column may be empty and it leaves it so.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1810"
down_revision = "1808"
branch_labels = None
depends_on = None

NAME = "fk_document_request_item_document_id_document"


def upgrade() -> None:
    """Change the schema."""
    with op.batch_alter_table("document_request_item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("document_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(batch_op.f(NAME), "document", ["document_id"], ["id"])


def downgrade() -> None:
    """Change it back."""
    with op.batch_alter_table("document_request_item", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f(NAME), type_="foreignkey")
        batch_op.drop_column("document_id")
