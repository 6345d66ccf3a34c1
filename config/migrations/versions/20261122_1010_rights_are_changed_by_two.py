"""Add proposals to change rights.

The previous release runs on the new schema: yes. It knows nothing of the new table.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1010"
down_revision = "1005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "rights_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=150), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposed_by", sa.String(length=150), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=150), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('groups', 'place', 'add_rule', 'remove_rule', 'move_unit')",
            name=op.f("ck_rights_change_known_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'applied', 'rejected', 'withdrawn')", name=op.f("ck_rights_change_known_state")
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)", name=op.f("ck_rights_change_decided_iff_final")
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)", name=op.f("ck_rights_change_who_decided_is_known")
        ),
        sa.CheckConstraint(
            "state = 'withdrawn' OR decided_by <> proposed_by", name=op.f("ck_rights_change_decided_by_another")
        ),
        sa.CheckConstraint(
            "state = 'withdrawn' OR decided_by <> subject", name=op.f("ck_rights_change_not_decided_by_the_subject")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_rights_change_reason_is_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_change")),
    )
    op.create_index("ix_rights_change_state", "rights_change", ["state", "proposed_at", "id"])
    op.create_index("ix_rights_change_subject", "rights_change", ["subject", "proposed_at"])


def downgrade() -> None:
    """Change it back."""
    op.drop_table("rights_change")
