"""Add the index of names, decisions about conflict checks and what people of the firm are interested in.

The previous release runs on the new schema: yes. It writes checks without saying why they were made, which the server
fills in, and does not know the index of names. When this release runs again after that one, `name_index_state` is
emptied by hand (or the rules' version grows), and the index is made anew by the first check.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1030"
down_revision = "1010"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "name_entry",
        sa.Column("no", SERIAL, nullable=False),
        sa.Column("owner_kind", sa.String(length=10), nullable=False),
        sa.Column("owner_id", sa.String(length=60), nullable=False),
        sa.Column("written", sa.String(length=300), nullable=False),
        sa.Column("spoken", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "owner_kind IN ('party', 'enquiry', 'lead', 'interest')", name=op.f("ck_name_entry_known_owner_kind")
        ),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_name_entry")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_name_entry_owner", "name_entry", ["owner_kind", "owner_id"])
    op.create_table(
        "name_tail",
        sa.Column("no", SERIAL, autoincrement=False, nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_name_tail")),
    )
    op.create_table(
        "name_block",
        sa.Column("key", SERIAL, autoincrement=False, nullable=False),
        sa.Column("packing", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("numbers", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", "packing", name=op.f("pk_name_block")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "name_index_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_name_index_state_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_index_state")),
    )

    op.add_column("conflict_check", sa.Column("trigger", sa.String(length=20), server_default="intake", nullable=False))
    op.create_index("ix_conflict_check_run_at", "conflict_check", ["run_at", "id"])
    op.create_table(
        "conflict_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("consent_from", sa.String(length=300), nullable=True),
        sa.Column("consent_on", sa.Date(), nullable=True),
        sa.Column("consent_document", sa.String(length=300), nullable=True),
        sa.Column("wall", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=150), nullable=False),
        sa.CheckConstraint(
            "decision IN ('clear', 'relative', 'absolute')", name=op.f("ck_conflict_decision_known_decision")
        ),
        sa.CheckConstraint("note <> ''", name=op.f("ck_conflict_decision_reason_is_given")),
        sa.CheckConstraint(
            "decision <> 'relative' OR (consent_from IS NOT NULL AND consent_on IS NOT NULL AND wall IS NOT NULL)",
            name=op.f("ck_conflict_decision_relative_needs_consent_and_wall"),
        ),
        sa.ForeignKeyConstraint(
            ["check_id"], ["conflict_check.id"], name=op.f("fk_conflict_decision_check_id_conflict_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_decision")),
    )
    op.create_index("ix_conflict_decision_check_id", "conflict_decision", ["check_id", "decided_at"])
    op.create_table(
        "staff_interest",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_by", sa.String(length=150), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('own', 'family', 'shareholding', 'office', 'employment', 'other')",
            name=op.f("ck_staff_interest_known_kind"),
        ),
        sa.CheckConstraint("name <> ''", name=op.f("ck_staff_interest_name_is_given")),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_staff_interest_username_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_interest")),
    )
    op.create_index("ix_staff_interest_username", "staff_interest", ["username"])


def downgrade() -> None:
    """Undo it."""
    op.drop_table("staff_interest")
    op.drop_table("conflict_decision")
    op.drop_index("ix_conflict_check_run_at", "conflict_check")
    op.drop_column("conflict_check", "trigger")
    for table in ("name_index_state", "name_block", "name_tail", "name_entry"):
        op.drop_table(table)
