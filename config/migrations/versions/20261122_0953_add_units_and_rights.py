"""Add branches and departments, staff records, rules about clients and kinds of event, and the unit of a matter.

The previous release runs on the new schema: yes. It knows nothing of the new tables and writes no new column (it
may be empty).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0953"
down_revision = "1000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "org_unit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("calendar", sa.String(length=60), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('branch', 'department')", name=op.f("ck_org_unit_known_kind")),
        sa.CheckConstraint("code <> '' AND name <> ''", name=op.f("ck_org_unit_it_is_named")),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> id", name=op.f("ck_org_unit_nobody_is_under_itself")),
        sa.ForeignKeyConstraint(["parent_id"], ["org_unit.id"], name=op.f("fk_org_unit_parent_id_org_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_org_unit_code")),
    )
    op.create_index("ix_org_unit_parent_id", "org_unit", ["parent_id"])
    op.create_table(
        "org_unit_reach",
        sa.Column("ancestor_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["ancestor_id"], ["org_unit.id"], name=op.f("fk_org_unit_reach_ancestor_id_org_unit")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_org_unit_reach_unit_id_org_unit")),
        sa.PrimaryKeyConstraint("ancestor_id", "unit_id", name=op.f("pk_org_unit_reach")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_org_unit_reach_unit_id", "org_unit_reach", ["unit_id"])
    op.create_table(
        "staff_record",
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("post", sa.String(length=120), nullable=True),
        sa.Column("staff_class", sa.String(length=60), nullable=True),
        sa.Column("qualification", sa.String(length=300), nullable=True),
        sa.Column("experience", sa.Text(), nullable=True),
        sa.Column("languages", sa.Text(), nullable=False),
        sa.Column("calendar", sa.String(length=60), nullable=True),
        sa.Column("phone_extension", sa.String(length=20), nullable=True),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "left_on IS NULL OR joined_on IS NULL OR left_on >= joined_on",
            name=op.f("ck_staff_record_left_after_joining"),
        ),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_staff_record_username_user_account")
        ),
        sa.ForeignKeyConstraint(["org_unit_id"], ["org_unit.id"], name=op.f("fk_staff_record_org_unit_id_org_unit")),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_staff_record")),
    )
    op.create_index("ix_staff_record_org_unit_id", "staff_record", ["org_unit_id"])
    op.create_table(
        "right_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("effect", sa.String(length=5), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=True),
        sa.Column("group_name", sa.String(length=100), nullable=True),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("post", sa.String(length=120), nullable=True),
        sa.Column("client_party_id", sa.Uuid(), nullable=True),
        sa.Column("event_kind", sa.String(length=60), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=150), nullable=False),
        sa.CheckConstraint("effect IN ('allow', 'deny')", name=op.f("ck_right_rule_known_effect")),
        sa.CheckConstraint("action IN ('read', 'create', 'change', 'export')", name=op.f("ck_right_rule_known_action")),
        sa.CheckConstraint(
            "client_party_id IS NOT NULL OR event_kind IS NOT NULL", name=op.f("ck_right_rule_it_is_about_something")
        ),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_right_rule_username_user_account")
        ),
        sa.ForeignKeyConstraint(["group_name"], ["user_group.name"], name=op.f("fk_right_rule_group_name_user_group")),
        sa.ForeignKeyConstraint(["org_unit_id"], ["org_unit.id"], name=op.f("fk_right_rule_org_unit_id_org_unit")),
        sa.ForeignKeyConstraint(["client_party_id"], ["party.id"], name=op.f("fk_right_rule_client_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_right_rule")),
    )
    op.create_index("ix_right_rule_client_party_id", "right_rule", ["client_party_id"])
    op.create_index("ix_right_rule_event_kind", "right_rule", ["event_kind"])

    op.add_column("matter", sa.Column("org_unit_id", sa.Uuid(), nullable=True))
    op.create_index("ix_matter_org_unit_id", "matter", ["org_unit_id", "opened_at"])
    closed = sa.text("confidentiality <> 'ordinary'")
    op.create_index("ix_matter_restricted", "matter", ["id"], sqlite_where=closed, postgresql_where=closed)


def downgrade() -> None:
    """Change it back."""
    op.drop_index("ix_matter_restricted", table_name="matter")
    op.drop_index("ix_matter_org_unit_id", table_name="matter")
    with op.batch_alter_table("matter", schema=None) as batch_op:
        batch_op.drop_column("org_unit_id")
    for table in ("right_rule", "staff_record", "org_unit_reach", "org_unit"):
        op.drop_table(table)
