"""Add walls, attempts at access and the cases they open, emergency access, notices, and the lock of an account.

The previous release runs on the new schema: yes. It knows none of the tables, and the new column of accounts may be
empty; it lets in whom a lock keeps out.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0935"
down_revision = "0730"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("about", sa.String(length=100), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind <> '' AND about <> ''", name=op.f("ck_notice_what_is_named")),
        sa.ForeignKeyConstraint(["username"], ["user_account.username"], name=op.f("fk_notice_username_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("username", "kind", "about", name="uq_notice_username_kind_about"),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_sent_at", ["sent_at", "created_at"], unique=False)
        batch_op.create_index("ix_notice_username", ["username", "seen_at", "created_at", "id"], unique=False)

    op.create_table(
        "breach_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=True),
        sa.Column("owner", sa.String(length=150), nullable=True),
        sa.Column("opened_because", sa.String(length=12), nullable=False),
        sa.Column("breaches_before", sa.Integer(), nullable=False),
        sa.Column("has_locked", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("explained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finding", sa.String(length=10), nullable=True),
        sa.Column("finding_note", sa.Text(), nullable=True),
        sa.Column("sanction", sa.Text(), nullable=True),
        sa.Column("client_told", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.String(length=150), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("process_instance_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL AND finding IS NOT NULL AND decided_by IS NOT NULL)",
            name=op.f("ck_breach_case_closed_iff_decided"),
        ),
        sa.CheckConstraint(
            "finding IS NULL OR finding IN ('justified', 'mistake', 'breach')",
            name=op.f("ck_breach_case_known_finding"),
        ),
        sa.CheckConstraint(
            "opened_because = 'bulk' OR subject IS NOT NULL", name=op.f("ck_breach_case_only_bulk_has_no_subject")
        ),
        sa.CheckConstraint(
            "opened_because IN ('outsider', 'bulk', 'walled', 'repeated', 'emergency')",
            name=op.f("ck_breach_case_known_reason"),
        ),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_breach_case_known_state")),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> username", name=op.f("ck_breach_case_nobody_judges_themselves")
        ),
        sa.ForeignKeyConstraint(
            ["process_instance_id"],
            ["process_instance.id"],
            name=op.f("fk_breach_case_process_instance_id_process_instance"),
        ),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_breach_case_username_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach_case")),
        sa.UniqueConstraint("number", name=op.f("uq_breach_case_number")),
        sa.UniqueConstraint("process_instance_id", name=op.f("uq_breach_case_process_instance_id")),
    )
    with op.batch_alter_table("breach_case", schema=None) as batch_op:
        batch_op.create_index("ix_breach_case_opened_at", ["opened_at", "id"], unique=False)
        batch_op.create_index("ix_breach_case_state", ["state", "opened_at", "id"], unique=False)
        batch_op.create_index("ix_breach_case_subject", ["subject"], unique=False)
        batch_op.create_index("ix_breach_case_username", ["username", "state", "opened_at"], unique=False)

    op.create_table(
        "wall",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("basis", sa.String(length=30), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("elsewhere", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by", sa.String(length=150), nullable=False),
        sa.Column("approved_by", sa.String(length=150), nullable=True),
        sa.Column("up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("lift_proposed_by", sa.String(length=150), nullable=True),
        sa.Column("lift_proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.String(length=150), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("process_instance_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'lifted') = (lifted_at IS NOT NULL AND lift_proposed_by IS NOT NULL AND lifted_by IS NOT NULL)",
            name=op.f("ck_wall_lifted_iff_by_two"),
        ),
        sa.CheckConstraint(
            "basis IN ('conflict', 'consent', 'former_employer', 'insider_information', 'personal_interest', "
            "'court_order', 'other')",
            name=op.f("ck_wall_known_basis"),
        ),
        sa.CheckConstraint("kind IN ('excluding', 'enclosing')", name=op.f("ck_wall_known_kind")),
        sa.CheckConstraint("name <> '' AND reason <> ''", name=op.f("ck_wall_name_and_reason_are_given")),
        sa.CheckConstraint("state IN ('requested', 'up', 'refused', 'lifted')", name=op.f("ck_wall_known_state")),
        sa.CheckConstraint(
            "state NOT IN ('up', 'lifted') OR (up_at IS NOT NULL AND approved_by IS NOT NULL)",
            name=op.f("ck_wall_up_is_approved"),
        ),
        sa.CheckConstraint(
            "lifted_by IS NULL OR lifted_by <> lift_proposed_by", name=op.f("ck_wall_lifted_by_two_persons")
        ),
        sa.ForeignKeyConstraint(
            ["process_instance_id"], ["process_instance.id"], name=op.f("fk_wall_process_instance_id_process_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wall")),
        sa.UniqueConstraint("number", name=op.f("uq_wall_number")),
        sa.UniqueConstraint("process_instance_id", name=op.f("uq_wall_process_instance_id")),
    )
    with op.batch_alter_table("wall", schema=None) as batch_op:
        batch_op.create_index("ix_wall_requested_at", ["requested_at", "id"], unique=False)
        batch_op.create_index("ix_wall_state", ["state", "requested_at", "id"], unique=False)

    op.create_table(
        "access_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("subject_kind", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("is_walled", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("breach_case_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("action IN ('view', 'edit', 'search')", name=op.f("ck_access_attempt_known_action")),
        sa.CheckConstraint("channel IN ('page', 'api')", name=op.f("ck_access_attempt_known_channel")),
        sa.CheckConstraint(
            "outcome = 'refused' OR reason IS NOT NULL", name=op.f("ck_access_attempt_break_glass_has_a_reason")
        ),
        sa.CheckConstraint("outcome IN ('refused', 'break_glass')", name=op.f("ck_access_attempt_known_outcome")),
        sa.CheckConstraint(
            "subject_kind IN ('matter', 'enquiry', 'unknown')", name=op.f("ck_access_attempt_known_subject_kind")
        ),
        sa.CheckConstraint("times >= 1", name=op.f("ck_access_attempt_times_is_positive")),
        sa.ForeignKeyConstraint(
            ["breach_case_id"], ["breach_case.id"], name=op.f("fk_access_attempt_breach_case_id_breach_case")
        ),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_access_attempt_username_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_attempt")),
    )
    with op.batch_alter_table("access_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_access_attempt_at", ["at", "id"], unique=False)
        batch_op.create_index("ix_access_attempt_breach_case_id", ["breach_case_id"], unique=False)
        batch_op.create_index("ix_access_attempt_subject", ["subject", "at", "id"], unique=False)
        batch_op.create_index("ix_access_attempt_username", ["username", "at", "id"], unique=False)

    op.create_table(
        "wall_member",
        sa.Column("wall_id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("side", sa.String(length=3), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=150), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "side = 'out' OR acknowledged_at IS NULL", name=op.f("ck_wall_member_who_is_kept_out_acknowledges")
        ),
        sa.CheckConstraint("side IN ('in', 'out')", name=op.f("ck_wall_member_known_side")),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_wall_member_username_user_account")
        ),
        sa.ForeignKeyConstraint(["wall_id"], ["wall.id"], name=op.f("fk_wall_member_wall_id_wall")),
        sa.PrimaryKeyConstraint("wall_id", "username", name=op.f("pk_wall_member")),
    )
    with op.batch_alter_table("wall_member", schema=None) as batch_op:
        batch_op.create_index("ix_wall_member_username", ["username", "side", "wall_id"], unique=False)

    op.create_table(
        "emergency_access",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breach_case_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_emergency_access_reason_is_given")),
        sa.CheckConstraint("until > since", name=op.f("ck_emergency_access_lasts_a_while")),
        sa.ForeignKeyConstraint(
            ["breach_case_id"], ["breach_case.id"], name=op.f("fk_emergency_access_breach_case_id_breach_case")
        ),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_emergency_access_matter_id_matter")),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_emergency_access_username_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_access")),
    )
    with op.batch_alter_table("emergency_access", schema=None) as batch_op:
        batch_op.create_index("ix_emergency_access_matter_id", ["matter_id"], unique=False)
        batch_op.create_index("ix_emergency_access_username", ["username", "ended_at", "matter_id"], unique=False)
        batch_op.create_index(
            "ux_emergency_access_running",
            ["username", "matter_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "matter_access_policy",
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("policy", sa.String(length=12), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=150), nullable=False),
        sa.CheckConstraint("policy IN ('deny', 'break_glass')", name=op.f("ck_matter_access_policy_known_policy")),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_matter_access_policy_matter_id_matter")),
        sa.PrimaryKeyConstraint("matter_id", name=op.f("pk_matter_access_policy")),
    )
    op.create_table(
        "wall_scope",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("wall_id", sa.Uuid(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=True),
        sa.Column("client_party_id", sa.Uuid(), nullable=True),
        sa.Column("enquiry_number", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "(CASE WHEN matter_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN client_party_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN enquiry_number IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_wall_scope_exactly_one_thing"),
        ),
        sa.ForeignKeyConstraint(["client_party_id"], ["party.id"], name=op.f("fk_wall_scope_client_party_id_party")),
        sa.ForeignKeyConstraint(
            ["enquiry_number"], ["enquiry.number"], name=op.f("fk_wall_scope_enquiry_number_enquiry")
        ),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_wall_scope_matter_id_matter")),
        sa.ForeignKeyConstraint(["wall_id"], ["wall.id"], name=op.f("fk_wall_scope_wall_id_wall")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wall_scope")),
    )
    with op.batch_alter_table("wall_scope", schema=None) as batch_op:
        batch_op.create_index("ix_wall_scope_client_party_id", ["client_party_id"], unique=False)
        batch_op.create_index("ix_wall_scope_enquiry_number", ["enquiry_number"], unique=False)
        batch_op.create_index("ix_wall_scope_matter_id", ["matter_id"], unique=False)
        batch_op.create_index("ix_wall_scope_wall_id", ["wall_id"], unique=False)

    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Change it back."""
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.drop_column("locked_at")

    with op.batch_alter_table("wall_scope", schema=None) as batch_op:
        batch_op.drop_index("ix_wall_scope_wall_id")
        batch_op.drop_index("ix_wall_scope_matter_id")
        batch_op.drop_index("ix_wall_scope_enquiry_number")
        batch_op.drop_index("ix_wall_scope_client_party_id")

    op.drop_table("wall_scope")
    op.drop_table("matter_access_policy")
    with op.batch_alter_table("emergency_access", schema=None) as batch_op:
        batch_op.drop_index(
            "ux_emergency_access_running",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_emergency_access_username")
        batch_op.drop_index("ix_emergency_access_matter_id")

    op.drop_table("emergency_access")
    with op.batch_alter_table("wall_member", schema=None) as batch_op:
        batch_op.drop_index("ix_wall_member_username")

    op.drop_table("wall_member")
    with op.batch_alter_table("access_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_access_attempt_username")
        batch_op.drop_index("ix_access_attempt_subject")
        batch_op.drop_index("ix_access_attempt_breach_case_id")
        batch_op.drop_index("ix_access_attempt_at")

    op.drop_table("access_attempt")
    with op.batch_alter_table("wall", schema=None) as batch_op:
        batch_op.drop_index("ix_wall_state")
        batch_op.drop_index("ix_wall_requested_at")

    op.drop_table("wall")
    with op.batch_alter_table("breach_case", schema=None) as batch_op:
        batch_op.drop_index("ix_breach_case_username")
        batch_op.drop_index("ix_breach_case_subject")
        batch_op.drop_index("ix_breach_case_state")
        batch_op.drop_index("ix_breach_case_opened_at")

    op.drop_table("breach_case")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index("ix_notice_username")
        batch_op.drop_index("ix_notice_sent_at")

    op.drop_table("notice")
