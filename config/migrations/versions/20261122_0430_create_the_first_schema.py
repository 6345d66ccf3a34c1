"""Create the first schema.

The previous release runs on the new schema: there is none, this is the first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "audit_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=150), nullable=False),
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("entity_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "entity <> '' AND entity_id <> '' AND kind <> ''", name=op.f("ck_audit_event_what_is_named")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index("ix_audit_event_at", ["at", "id"], unique=False)
        batch_op.create_index("ix_audit_event_entity", ["entity", "entity_id", "id"], unique=False)

    op.create_table(
        "conflict_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_by", sa.String(length=150), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("hits", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('clear', 'relative', 'absolute')", name=op.f("ck_conflict_check_known_outcome")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_check")),
    )
    with op.batch_alter_table("conflict_check", schema=None) as batch_op:
        batch_op.create_index("ix_conflict_check_subject", ["subject", "run_at", "id"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(length=100), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_delivery")),
    )
    op.create_table(
        "deployment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("deployed_by", sa.String(length=150), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
    )
    with op.batch_alter_table("deployment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deployment_content_hash"), ["content_hash"], unique=False)

    op.create_table(
        "idempotency_key",
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("username", "key", name=op.f("pk_idempotency_key")),
    )
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.create_index("ix_idempotency_key_created_at", ["created_at"], unique=False)

    op.create_table(
        "message_receipt",
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_receipt")),
    )
    op.create_table(
        "number_sequence",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_value", sa.Integer(), nullable=False),
        sa.CheckConstraint("last_value >= 1", name=op.f("ck_number_sequence_counts_from_one")),
        sa.PrimaryKeyConstraint("name", "year", name=op.f("pk_number_sequence")),
    )
    op.create_table(
        "party",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("normalised_name", sa.String(length=600), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=150), nullable=False),
        sa.CheckConstraint("kind IN ('unknown', 'person', 'organisation')", name=op.f("ck_party_known_kind")),
        sa.CheckConstraint("name <> '' AND normalised_name <> ''", name=op.f("ck_party_name_is_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
        sa.UniqueConstraint("normalised_name", name=op.f("uq_party_normalised_name")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("full_name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("password_hash", sa.String(length=300), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deactivated_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("full_name <> ''", name=op.f("ck_user_account_full_name_is_given")),
        sa.CheckConstraint(
            "username = lower(username) AND username <> ''", name=op.f("ck_user_account_username_is_lower_case")
        ),
        sa.CheckConstraint(
            "is_active = (deactivated_at IS NULL)", name=op.f("ck_user_account_inactive_iff_deactivated")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("username", name=op.f("uq_user_account_username")),
    )
    op.create_table(
        "user_group",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.CheckConstraint("name = lower(name) AND name <> ''", name=op.f("ck_user_group_name_is_lower_case")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_user_group")),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("name <> ''", name=op.f("ck_api_token_name_is_given")),
        sa.CheckConstraint("length(token_hash) = 64", name=op.f("ck_api_token_hash_is_sha256")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_api_token_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index("ix_api_token_user_id", ["user_id"], unique=False)

    op.create_table(
        "deployment_resource",
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_deployment_resource_deployment_id_deployment")
        ),
        sa.PrimaryKeyConstraint("deployment_id", "name", name=op.f("pk_deployment_resource")),
    )
    op.create_table(
        "membership",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("group_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["group_name"], ["user_group.name"], name=op.f("fk_membership_group_name_user_group")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_membership_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "group_name", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index("ix_membership_group_name", ["group_name"], unique=False)

    op.create_table(
        "process_definition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("deployment_id", sa.Uuid(), nullable=False),
        sa.Column("resource_name", sa.String(length=300), nullable=False),
        sa.Column("properties", sa.Text(), nullable=False),
        sa.Column("message_names", sa.Text(), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_process_definition_version_from_one")),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_process_definition_deployment_id_deployment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_definition")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_process_definition_key")),
    )
    with op.batch_alter_table("process_definition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_process_definition_deployment_id"), ["deployment_id"], unique=False)

    op.create_table(
        "process_instance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("definition_id", sa.Uuid(), nullable=False),
        sa.Column("process_key", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("business_key", sa.String(length=100), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("started_by", sa.String(length=150), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_progress_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state_blob", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('completed', 'cancelled')) = (ended_at IS NOT NULL)",
            name=op.f("ck_process_instance_ended_iff_final"),
        ),
        sa.CheckConstraint(
            "state IN ('active', 'suspended', 'completed', 'cancelled', 'incident')",
            name=op.f("ck_process_instance_known_state"),
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["process_definition.id"],
            name=op.f("fk_process_instance_definition_id_process_definition"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_instance")),
    )
    with op.batch_alter_table("process_instance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_process_instance_business_key"), ["business_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_process_instance_definition_id"), ["definition_id"], unique=False)
        batch_op.create_index(
            "ix_process_instance_stalled",
            ["last_progress_at", "id"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "enquiry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("client_name", sa.String(length=300), nullable=False),
        sa.Column("opponent_name", sa.String(length=300), nullable=True),
        sa.Column("case_type", sa.String(length=200), nullable=True),
        sa.Column("source", sa.String(length=60), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("claim_value_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.String(length=150), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("process_instance_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f("ck_enquiry_closed_iff_decided")),
        sa.CheckConstraint("client_name <> ''", name=op.f("ck_enquiry_client_is_named")),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'declined', 'withdrawn')", name=op.f("ck_enquiry_known_state")
        ),
        sa.CheckConstraint("claim_value_minor >= 0", name=op.f("ck_enquiry_claim_value_is_not_negative")),
        sa.CheckConstraint(
            "claim_value_minor IS NULL OR currency IS NOT NULL", name=op.f("ck_enquiry_claim_value_has_currency")
        ),
        sa.ForeignKeyConstraint(
            ["process_instance_id"],
            ["process_instance.id"],
            name=op.f("fk_enquiry_process_instance_id_process_instance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry")),
        sa.UniqueConstraint("number", name=op.f("uq_enquiry_number")),
        sa.UniqueConstraint("process_instance_id", name=op.f("uq_enquiry_process_instance_id")),
    )
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        batch_op.create_index("ix_enquiry_state", ["state", "received_at"], unique=False)

    op.create_table(
        "history_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("process_instance_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("element_id", sa.String(length=200), nullable=True),
        sa.Column("user_task_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.String(length=150), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["process_instance_id"],
            ["process_instance.id"],
            name=op.f("fk_history_event_process_instance_id_process_instance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_event")),
    )
    with op.batch_alter_table("history_event", schema=None) as batch_op:
        batch_op.create_index("ix_history_event_process_instance_id", ["process_instance_id", "id"], unique=False)

    op.create_table(
        "incident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("process_instance_id", sa.Uuid(), nullable=False),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("spiff_task_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("expression", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.String(length=150), nullable=True),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolved_by IS NULL)", name=op.f("ck_incident_resolved_by_somebody")
        ),
        sa.ForeignKeyConstraint(
            ["process_instance_id"],
            ["process_instance.id"],
            name=op.f("fk_incident_process_instance_id_process_instance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index(
            "ix_incident_open",
            ["created_at", "id"],
            unique=False,
            sqlite_where=sa.text("resolved_at IS NULL"),
            postgresql_where=sa.text("resolved_at IS NULL"),
        )
        batch_op.create_index("ix_incident_process_instance_id", ["process_instance_id"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("process_instance_id", sa.Uuid(), nullable=True),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("spiff_task_id", sa.Uuid(), nullable=True),
        sa.Column("event_index", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=100), nullable=True),
        sa.Column("by", sa.String(length=150), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('timer', 'delegate')", name=op.f("ck_job_known_kind")),
        sa.ForeignKeyConstraint(
            ["process_instance_id"], ["process_instance.id"], name=op.f("fk_job_process_instance_id_process_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_due", ["due_at", "id"], unique=False)
        batch_op.create_index("ix_job_process_instance_id", ["process_instance_id", "spiff_task_id"], unique=False)

    op.create_table(
        "message_subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("correlation_key", sa.String(length=200), nullable=True),
        sa.Column("process_instance_id", sa.Uuid(), nullable=False),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("spiff_task_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["process_instance_id"],
            ["process_instance.id"],
            name=op.f("fk_message_subscription_process_instance_id_process_instance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_subscription")),
    )
    with op.batch_alter_table("message_subscription", schema=None) as batch_op:
        batch_op.create_index("ix_message_subscription_name", ["name", "correlation_key"], unique=False)
        batch_op.create_index("ix_message_subscription_process_instance_id", ["process_instance_id"], unique=False)

    op.create_table(
        "user_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("process_instance_id", sa.Uuid(), nullable=False),
        sa.Column("process_key", sa.String(length=200), nullable=False),
        sa.Column("business_key", sa.String(length=100), nullable=True),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=True),
        sa.Column("stage", sa.String(length=60), nullable=True),
        sa.Column("assignee", sa.String(length=150), nullable=True),
        sa.Column("owner", sa.String(length=150), nullable=True),
        sa.Column("candidate_groups", sa.Text(), nullable=False),
        sa.Column("form_key", sa.String(length=200), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=150), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("properties", sa.Text(), nullable=False),
        sa.CheckConstraint("(state = 'created') = (ended_at IS NULL)", name=op.f("ck_user_task_ended_iff_final")),
        sa.CheckConstraint("state IN ('created', 'completed', 'cancelled')", name=op.f("ck_user_task_known_state")),
        sa.ForeignKeyConstraint(
            ["process_instance_id"],
            ["process_instance.id"],
            name=op.f("fk_user_task_process_instance_id_process_instance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_task")),
    )
    with op.batch_alter_table("user_task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_task_business_key"), ["business_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_user_task_process_instance_id"), ["process_instance_id"], unique=False)

    op.create_table(
        "draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("user_task_id", sa.Uuid(), nullable=True),
        sa.Column("process_key", sa.String(length=200), nullable=True),
        sa.Column("values", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(user_task_id IS NULL) <> (process_key IS NULL)", name=op.f("ck_draft_one_form")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_draft_version_from_one")),
        sa.ForeignKeyConstraint(
            ["user_task_id"], ["user_task.id"], name=op.f("fk_draft_user_task_id_user_task"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["username"], ["user_account.username"], name=op.f("fk_draft_username_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("username", "process_key", name="uq_draft_username_process_key"),
        sa.UniqueConstraint("username", "user_task_id", name=op.f("uq_draft_username")),
    )
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draft_user_task_id"), ["user_task_id"], unique=False)

    op.create_table(
        "enquiry_party",
        sa.Column("enquiry_id", sa.Uuid(), nullable=False),
        sa.Column("normalised_name", sa.String(length=600), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.CheckConstraint("name <> '' AND normalised_name <> ''", name=op.f("ck_enquiry_party_name_is_given")),
        sa.CheckConstraint("role IN ('client', 'opponent', 'other')", name=op.f("ck_enquiry_party_known_role")),
        sa.ForeignKeyConstraint(
            ["enquiry_id"], ["enquiry.id"], name=op.f("fk_enquiry_party_enquiry_id_enquiry"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("enquiry_id", "normalised_name", name=op.f("pk_enquiry_party")),
    )
    with op.batch_alter_table("enquiry_party", schema=None) as batch_op:
        batch_op.create_index("ix_enquiry_party_normalised_name", ["normalised_name"], unique=False)

    op.create_table(
        "matter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=620), nullable=False),
        sa.Column("case_type", sa.String(length=200), nullable=False),
        sa.Column("client_party_id", sa.Uuid(), nullable=False),
        sa.Column("client_name", sa.String(length=300), nullable=False),
        sa.Column("opponent_name", sa.String(length=300), nullable=True),
        sa.Column("responsible", sa.String(length=150), nullable=False),
        sa.Column("claim_value_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("court", sa.String(length=300), nullable=True),
        sa.Column("court_number", sa.String(length=100), nullable=True),
        sa.Column("limitation_on", sa.Date(), nullable=True),
        sa.Column("judgment_served_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=200), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archive_location", sa.String(length=200), nullable=True),
        sa.Column("retain_until", sa.Date(), nullable=True),
        sa.Column("process_instance_id", sa.Uuid(), nullable=True),
        sa.Column("enquiry_number", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "(state = 'archived') = (archived_at IS NOT NULL)", name=op.f("ck_matter_archived_iff_archived_at")
        ),
        sa.CheckConstraint("state IN ('open', 'archived')", name=op.f("ck_matter_known_state")),
        sa.CheckConstraint("claim_value_minor >= 0", name=op.f("ck_matter_claim_value_is_not_negative")),
        sa.CheckConstraint(
            "claim_value_minor IS NULL OR currency IS NOT NULL", name=op.f("ck_matter_claim_value_has_currency")
        ),
        sa.ForeignKeyConstraint(["client_party_id"], ["party.id"], name=op.f("fk_matter_client_party_id_party")),
        sa.ForeignKeyConstraint(["enquiry_number"], ["enquiry.number"], name=op.f("fk_matter_enquiry_number_enquiry")),
        sa.ForeignKeyConstraint(
            ["process_instance_id"],
            ["process_instance.id"],
            name=op.f("fk_matter_process_instance_id_process_instance"),
        ),
        sa.ForeignKeyConstraint(
            ["responsible"], ["user_account.username"], name=op.f("fk_matter_responsible_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter")),
        sa.UniqueConstraint("enquiry_number", name=op.f("uq_matter_enquiry_number")),
        sa.UniqueConstraint("number", name=op.f("uq_matter_number")),
        sa.UniqueConstraint("process_instance_id", name=op.f("uq_matter_process_instance_id")),
    )
    with op.batch_alter_table("matter", schema=None) as batch_op:
        batch_op.create_index("ix_matter_client_party_id", ["client_party_id"], unique=False)
        batch_op.create_index("ix_matter_opened_at", ["opened_at", "id"], unique=False)
        batch_op.create_index("ix_matter_responsible", ["responsible", "state"], unique=False)
        batch_op.create_index("ix_matter_state", ["state", "opened_at", "id"], unique=False)

    op.create_table(
        "user_task_candidate",
        sa.Column("principal", sa.String(length=160), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_task_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_task_id"],
            ["user_task.id"],
            name=op.f("fk_user_task_candidate_user_task_id_user_task"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("principal", "due_at", "user_task_id", name=op.f("pk_user_task_candidate")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("user_task_candidate", schema=None) as batch_op:
        batch_op.create_index("ix_user_task_candidate_user_task_id", ["user_task_id"], unique=False)

    op.create_table(
        "matter_member",
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('responsible', 'approver', 'member')", name=op.f("ck_matter_member_known_role")),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_matter_member_matter_id_matter")),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_matter_member_username_user_account")
        ),
        sa.PrimaryKeyConstraint("matter_id", "username", "role", name=op.f("pk_matter_member")),
    )
    with op.batch_alter_table("matter_member", schema=None) as batch_op:
        batch_op.create_index("ix_matter_member_username", ["username", "matter_id"], unique=False)

    op.create_table(
        "matter_party",
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.CheckConstraint("role IN ('client', 'opponent', 'other')", name=op.f("ck_matter_party_known_role")),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_matter_party_matter_id_matter")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_matter_party_party_id_party")),
        sa.PrimaryKeyConstraint("matter_id", "party_id", "role", name=op.f("pk_matter_party")),
    )
    with op.batch_alter_table("matter_party", schema=None) as batch_op:
        batch_op.create_index("ix_matter_party_party_id", ["party_id"], unique=False)


def downgrade() -> None:
    """Change it back."""
    with op.batch_alter_table("matter_party", schema=None) as batch_op:
        batch_op.drop_index("ix_matter_party_party_id")

    op.drop_table("matter_party")
    with op.batch_alter_table("matter_member", schema=None) as batch_op:
        batch_op.drop_index("ix_matter_member_username")

    op.drop_table("matter_member")
    with op.batch_alter_table("user_task_candidate", schema=None) as batch_op:
        batch_op.drop_index("ix_user_task_candidate_user_task_id")

    op.drop_table("user_task_candidate")
    with op.batch_alter_table("matter", schema=None) as batch_op:
        batch_op.drop_index("ix_matter_state")
        batch_op.drop_index("ix_matter_responsible")
        batch_op.drop_index("ix_matter_opened_at")
        batch_op.drop_index("ix_matter_client_party_id")

    op.drop_table("matter")
    with op.batch_alter_table("enquiry_party", schema=None) as batch_op:
        batch_op.drop_index("ix_enquiry_party_normalised_name")

    op.drop_table("enquiry_party")
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_draft_user_task_id"))

    op.drop_table("draft")
    with op.batch_alter_table("user_task", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_task_process_instance_id"))
        batch_op.drop_index(batch_op.f("ix_user_task_business_key"))

    op.drop_table("user_task")
    with op.batch_alter_table("message_subscription", schema=None) as batch_op:
        batch_op.drop_index("ix_message_subscription_process_instance_id")
        batch_op.drop_index("ix_message_subscription_name")

    op.drop_table("message_subscription")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("ix_job_process_instance_id")
        batch_op.drop_index("ix_job_due")

    op.drop_table("job")
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_index("ix_incident_process_instance_id")
        batch_op.drop_index(
            "ix_incident_open",
            sqlite_where=sa.text("resolved_at IS NULL"),
            postgresql_where=sa.text("resolved_at IS NULL"),
        )

    op.drop_table("incident")
    with op.batch_alter_table("history_event", schema=None) as batch_op:
        batch_op.drop_index("ix_history_event_process_instance_id")

    op.drop_table("history_event")
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        batch_op.drop_index("ix_enquiry_state")

    op.drop_table("enquiry")
    with op.batch_alter_table("process_instance", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_process_instance_stalled",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_process_instance_definition_id"))
        batch_op.drop_index(batch_op.f("ix_process_instance_business_key"))

    op.drop_table("process_instance")
    with op.batch_alter_table("process_definition", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_process_definition_deployment_id"))

    op.drop_table("process_definition")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index("ix_membership_group_name")

    op.drop_table("membership")
    op.drop_table("deployment_resource")
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.drop_index("ix_api_token_user_id")

    op.drop_table("api_token")
    op.drop_table("user_group")
    op.drop_table("user_account")
    op.drop_table("party")
    op.drop_table("number_sequence")
    op.drop_table("message_receipt")
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.drop_index("ix_idempotency_key_created_at")

    op.drop_table("idempotency_key")
    with op.batch_alter_table("deployment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deployment_content_hash"))

    op.drop_table("deployment")
    op.drop_table("delivery")
    with op.batch_alter_table("conflict_check", schema=None) as batch_op:
        batch_op.drop_index("ix_conflict_check_subject")

    op.drop_table("conflict_check")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_event_entity")
        batch_op.drop_index("ix_audit_event_at")

    op.drop_table("audit_event")
