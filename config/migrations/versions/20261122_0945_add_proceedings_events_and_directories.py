"""Add directories, proceedings, events, saved searches, and who was on a matter's team from when to when.

The previous release runs on the new schema: yes. It knows nothing of the new tables, writes no new column (each may
be empty or has a default) and finds its own in place. While both releases serve, it still shows a matter to people
who have left its team, so teams are not changed before every node is upgraded.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0945"
down_revision = "0935"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "directory_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("directory", sa.String(length=30), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("region_id", sa.Uuid(), nullable=True),
        sa.Column("required_right", sa.String(length=60), nullable=True),
        sa.Column("names", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=150), nullable=False),
        sa.CheckConstraint(
            "directory IN ('direction', 'region', 'court', 'recovery_kind', 'event_kind', 'tag', 'party_capacity',"
            " 'decision_result')",
            name=op.f("ck_directory_entry_known_directory"),
        ),
        sa.CheckConstraint("key <> '' AND name <> ''", name=op.f("ck_directory_entry_is_named")),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> id", name=op.f("ck_directory_entry_not_under_itself")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["directory_entry.id"], name=op.f("fk_directory_entry_parent_id_directory_entry")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["directory_entry.id"], name=op.f("fk_directory_entry_region_id_directory_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_entry")),
        sa.UniqueConstraint("directory", "key", name=op.f("uq_directory_entry_directory")),
    )
    with op.batch_alter_table("directory_entry", schema=None) as batch_op:
        batch_op.create_index("ix_directory_entry_parent_id", ["parent_id"], unique=False)
        batch_op.create_index("ix_directory_entry_path", ["directory", "path"], unique=False)
        batch_op.create_index("ix_directory_entry_region_id", ["region_id"], unique=False)

    op.create_table(
        "selection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.String(length=150), nullable=False),
        sa.Column("entity", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("criteria", sa.Text(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "entity IN ('matter', 'party', 'client', 'event', 'enquiry')", name=op.f("ck_selection_known_entity")
        ),
        sa.CheckConstraint("name <> ''", name=op.f("ck_selection_name_is_given")),
        sa.ForeignKeyConstraint(["owner"], ["user_account.username"], name=op.f("fk_selection_owner_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selection")),
        sa.UniqueConstraint("owner", "entity", "name", name=op.f("uq_selection_owner")),
    )
    with op.batch_alter_table("selection", schema=None) as batch_op:
        batch_op.create_index("ix_selection_shared", ["entity", "is_shared"], unique=False)

    op.create_table(
        "matter_relation",
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("related_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=15), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=150), nullable=False),
        sa.CheckConstraint(
            "kind IN ('related', 'same_facts', 'counterclaim', 'earlier', 'joined')",
            name=op.f("ck_matter_relation_known_kind"),
        ),
        sa.CheckConstraint("matter_id <> related_id", name=op.f("ck_matter_relation_not_to_itself")),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_matter_relation_matter_id_matter")),
        sa.ForeignKeyConstraint(["related_id"], ["matter.id"], name=op.f("fk_matter_relation_related_id_matter")),
        sa.PrimaryKeyConstraint("matter_id", "related_id", name=op.f("pk_matter_relation")),
    )
    with op.batch_alter_table("matter_relation", schema=None) as batch_op:
        batch_op.create_index("ix_matter_relation_related_id", ["related_id"], unique=False)

    op.create_table(
        "matter_tag",
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_matter_tag_matter_id_matter")),
        sa.ForeignKeyConstraint(["tag_id"], ["directory_entry.id"], name=op.f("fk_matter_tag_tag_id_directory_entry")),
        sa.PrimaryKeyConstraint("matter_id", "tag_id", name=op.f("pk_matter_tag")),
    )
    with op.batch_alter_table("matter_tag", schema=None) as batch_op:
        batch_op.create_index("ix_matter_tag_tag_id", ["tag_id", "matter_id"], unique=False)

    op.create_table(
        "proceeding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("court", sa.String(length=300), nullable=True),
        sa.Column("court_id", sa.Uuid(), nullable=True),
        sa.Column("court_number", sa.String(length=100), nullable=True),
        sa.Column("judge", sa.String(length=300), nullable=True),
        sa.Column("previous_id", sa.Uuid(), nullable=True),
        sa.Column("link", sa.String(length=20), nullable=True),
        sa.Column("value_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=200), nullable=True),
        sa.Column("process_instance_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=150), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_on IS NOT NULL)", name=op.f("ck_proceeding_closed_iff_closed_on")
        ),
        sa.CheckConstraint(
            "level IN ('pre_action', 'first_instance', 'appeal', 'cassation', 'retrial', 'arbitration',"
            " 'administrative', 'investigation', 'enforcement', 'other')",
            name=op.f("ck_proceeding_known_level"),
        ),
        sa.CheckConstraint(
            "link IS NULL OR link IN ('appeal', 'cassation', 'remand', 'retrial', 'transfer',"
            " 'joinder', 'severance', 'enforcement')",
            name=op.f("ck_proceeding_known_link"),
        ),
        sa.CheckConstraint("state IN ('open', 'stayed', 'closed')", name=op.f("ck_proceeding_known_state")),
        sa.CheckConstraint("(previous_id IS NULL) = (link IS NULL)", name=op.f("ck_proceeding_link_iff_previous")),
        sa.CheckConstraint("previous_id IS NULL OR previous_id <> id", name=op.f("ck_proceeding_not_its_own_previous")),
        sa.CheckConstraint("value_minor >= 0", name=op.f("ck_proceeding_value_is_not_negative")),
        sa.CheckConstraint(
            "value_minor IS NULL OR currency IS NOT NULL", name=op.f("ck_proceeding_value_has_currency")
        ),
        sa.ForeignKeyConstraint(
            ["court_id"], ["directory_entry.id"], name=op.f("fk_proceeding_court_id_directory_entry")
        ),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_proceeding_matter_id_matter")),
        sa.ForeignKeyConstraint(["previous_id"], ["proceeding.id"], name=op.f("fk_proceeding_previous_id_proceeding")),
        sa.ForeignKeyConstraint(
            ["process_instance_id"],
            ["process_instance.id"],
            name=op.f("fk_proceeding_process_instance_id_process_instance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proceeding")),
        sa.UniqueConstraint("matter_id", "number", name=op.f("uq_proceeding_matter_id")),
    )
    with op.batch_alter_table("proceeding", schema=None) as batch_op:
        batch_op.create_index("ix_proceeding_court_id", ["court_id"], unique=False)
        batch_op.create_index("ix_proceeding_court_number", ["court_number"], unique=False)
        batch_op.create_index("ix_proceeding_previous_id", ["previous_id"], unique=False)

    op.create_table(
        "claim_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proceeding_id", sa.Uuid(), nullable=False),
        sa.Column("recovery_kind_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_claim_line_amount_is_not_negative")),
        sa.ForeignKeyConstraint(
            ["proceeding_id"], ["proceeding.id"], name=op.f("fk_claim_line_proceeding_id_proceeding")
        ),
        sa.ForeignKeyConstraint(
            ["recovery_kind_id"], ["directory_entry.id"], name=op.f("fk_claim_line_recovery_kind_id_directory_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_line")),
        sa.UniqueConstraint("proceeding_id", "recovery_kind_id", "currency", name=op.f("uq_claim_line_proceeding_id")),
    )
    with op.batch_alter_table("claim_line", schema=None) as batch_op:
        batch_op.create_index("ix_claim_line_recovery_kind_id", ["recovery_kind_id"], unique=False)

    op.create_table(
        "decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proceeding_id", sa.Uuid(), nullable=False),
        sa.Column("pronounced_on", sa.Date(), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column("service_method", sa.String(length=60), nullable=True),
        sa.Column("result_id", sa.Uuid(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=150), nullable=False),
        sa.CheckConstraint(
            "served_on IS NULL OR served_on >= pronounced_on", name=op.f("ck_decision_served_after_pronounced")
        ),
        sa.ForeignKeyConstraint(
            ["proceeding_id"], ["proceeding.id"], name=op.f("fk_decision_proceeding_id_proceeding")
        ),
        sa.ForeignKeyConstraint(
            ["result_id"], ["directory_entry.id"], name=op.f("fk_decision_result_id_directory_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index("ix_decision_proceeding_id", ["proceeding_id", "pronounced_on"], unique=False)
        batch_op.create_index("ix_decision_pronounced_on", ["pronounced_on"], unique=False)
        batch_op.create_index("ix_decision_result_id", ["result_id"], unique=False)

    op.create_table(
        "event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("proceeding_id", sa.Uuid(), nullable=True),
        sa.Column("kind_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("planned_start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_end_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("ended_by", sa.String(length=5), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=150), nullable=False),
        sa.CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name=op.f("ck_event_ended_iff_ended_at")),
        sa.CheckConstraint("ended_by IN ('any', 'all')", name=op.f("ck_event_known_ended_by")),
        sa.CheckConstraint("state IN ('planned', 'started', 'ended', 'cancelled')", name=op.f("ck_event_known_state")),
        sa.CheckConstraint(
            "state NOT IN ('started', 'ended') OR started_at IS NOT NULL", name=op.f("ck_event_started_has_start")
        ),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name=op.f("ck_event_ends_after_start")),
        sa.CheckConstraint(
            "planned_end_at IS NULL OR planned_end_at >= planned_start_at", name=op.f("ck_event_plan_in_order")
        ),
        sa.ForeignKeyConstraint(["kind_id"], ["directory_entry.id"], name=op.f("fk_event_kind_id_directory_entry")),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_event_matter_id_matter")),
        sa.ForeignKeyConstraint(["proceeding_id"], ["proceeding.id"], name=op.f("fk_event_proceeding_id_proceeding")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_kind_id", ["kind_id", "state"], unique=False)
        batch_op.create_index("ix_event_matter_id", ["matter_id", "planned_start_at", "id"], unique=False)
        batch_op.create_index("ix_event_planned_start_at", ["state", "planned_start_at", "id"], unique=False)
        batch_op.create_index("ix_event_proceeding_id", ["proceeding_id"], unique=False)

    op.create_table(
        "hearing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proceeding_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("room", sa.String(length=100), nullable=True),
        sa.Column("representative", sa.String(length=150), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("next_hearing_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=150), nullable=False),
        sa.CheckConstraint("state <> 'held' OR result IS NOT NULL", name=op.f("ck_hearing_held_has_result")),
        sa.CheckConstraint(
            "state IN ('planned', 'held', 'adjourned', 'cancelled')", name=op.f("ck_hearing_known_state")
        ),
        sa.CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name=op.f("ck_hearing_ends_after_start")),
        sa.ForeignKeyConstraint(["next_hearing_id"], ["hearing.id"], name=op.f("fk_hearing_next_hearing_id_hearing")),
        sa.ForeignKeyConstraint(["proceeding_id"], ["proceeding.id"], name=op.f("fk_hearing_proceeding_id_proceeding")),
        sa.ForeignKeyConstraint(
            ["representative"], ["user_account.username"], name=op.f("fk_hearing_representative_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hearing")),
    )
    with op.batch_alter_table("hearing", schema=None) as batch_op:
        batch_op.create_index("ix_hearing_next_hearing_id", ["next_hearing_id"], unique=False)
        batch_op.create_index("ix_hearing_proceeding_id", ["proceeding_id", "starts_at"], unique=False)
        batch_op.create_index("ix_hearing_representative", ["representative", "starts_at"], unique=False)
        batch_op.create_index("ix_hearing_starts_at", ["starts_at", "state"], unique=False)

    op.create_table(
        "decision_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("recovery_kind_id", sa.Uuid(), nullable=False),
        sa.Column("claimed_minor", sa.BigInteger(), nullable=True),
        sa.Column("awarded_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=True),
        sa.CheckConstraint("awarded_minor >= 0", name=op.f("ck_decision_line_awarded_is_not_negative")),
        sa.CheckConstraint("claimed_minor >= 0", name=op.f("ck_decision_line_claimed_is_not_negative")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_decision_line_decision_id_decision")),
        sa.ForeignKeyConstraint(
            ["recovery_kind_id"], ["directory_entry.id"], name=op.f("fk_decision_line_recovery_kind_id_directory_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_line")),
        sa.UniqueConstraint("decision_id", "position", name=op.f("uq_decision_line_decision_id")),
    )
    with op.batch_alter_table("decision_line", schema=None) as batch_op:
        batch_op.create_index("ix_decision_line_recovery_kind_id", ["recovery_kind_id"], unique=False)

    op.create_table(
        "duration_fact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("kind_id", sa.Uuid(), nullable=False),
        sa.Column("direction_id", sa.Uuid(), nullable=True),
        sa.Column("direction_top_id", sa.Uuid(), nullable=True),
        sa.Column("region_id", sa.Uuid(), nullable=True),
        sa.Column("court", sa.String(length=300), nullable=True),
        sa.Column("court_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.CheckConstraint("days >= 0", name=op.f("ck_duration_fact_days_are_not_negative")),
        sa.ForeignKeyConstraint(
            ["court_id"], ["directory_entry.id"], name=op.f("fk_duration_fact_court_id_directory_entry")
        ),
        sa.ForeignKeyConstraint(
            ["direction_id"], ["directory_entry.id"], name=op.f("fk_duration_fact_direction_id_directory_entry")
        ),
        sa.ForeignKeyConstraint(
            ["direction_top_id"], ["directory_entry.id"], name=op.f("fk_duration_fact_direction_top_id_directory_entry")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_duration_fact_event_id_event")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["directory_entry.id"], name=op.f("fk_duration_fact_group_id_directory_entry")
        ),
        sa.ForeignKeyConstraint(
            ["kind_id"], ["directory_entry.id"], name=op.f("fk_duration_fact_kind_id_directory_entry")
        ),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_duration_fact_matter_id_matter")),
        sa.ForeignKeyConstraint(
            ["region_id"], ["directory_entry.id"], name=op.f("fk_duration_fact_region_id_directory_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duration_fact")),
        sa.UniqueConstraint("event_id", name=op.f("uq_duration_fact_event_id")),
    )
    with op.batch_alter_table("duration_fact", schema=None) as batch_op:
        batch_op.create_index("ix_duration_fact_ended_at", ["ended_at"], unique=False)
        batch_op.create_index("ix_duration_fact_group", ["group_id", "direction_top_id", "court"], unique=False)
        batch_op.create_index("ix_duration_fact_kind_id", ["kind_id"], unique=False)
        batch_op.create_index("ix_duration_fact_matter_id", ["matter_id"], unique=False)

    op.create_table(
        "event_responsible",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_responsible_event_id_event")),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_event_responsible_username_user_account")
        ),
        sa.PrimaryKeyConstraint("event_id", "username", name=op.f("pk_event_responsible")),
    )
    with op.batch_alter_table("event_responsible", schema=None) as batch_op:
        batch_op.create_index("ix_event_responsible_username", ["username", "event_id"], unique=False)

    op.create_table(
        "recovery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("decision_line_id", sa.Uuid(), nullable=True),
        sa.Column("recovery_kind_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_minor", sa.BigInteger(), nullable=False),
        sa.Column("received_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("payer", sa.String(length=300), nullable=True),
        sa.Column("repeats", sa.String(length=60), nullable=True),
        sa.Column("state", sa.String(length=15), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=150), nullable=False),
        sa.CheckConstraint(
            "state IN ('expected', 'part_received', 'received', 'written_off')", name=op.f("ck_recovery_known_state")
        ),
        sa.CheckConstraint("due_minor > 0", name=op.f("ck_recovery_due_is_positive")),
        sa.CheckConstraint("received_minor >= 0", name=op.f("ck_recovery_received_is_not_negative")),
        sa.ForeignKeyConstraint(
            ["decision_line_id"], ["decision_line.id"], name=op.f("fk_recovery_decision_line_id_decision_line")
        ),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_recovery_matter_id_matter")),
        sa.ForeignKeyConstraint(
            ["recovery_kind_id"], ["directory_entry.id"], name=op.f("fk_recovery_recovery_kind_id_directory_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery")),
    )
    with op.batch_alter_table("recovery", schema=None) as batch_op:
        batch_op.create_index("ix_recovery_decision_line_id", ["decision_line_id"], unique=False)
        batch_op.create_index("ix_recovery_due_on", ["state", "due_on"], unique=False)
        batch_op.create_index("ix_recovery_matter_id", ["matter_id", "due_on"], unique=False)
        batch_op.create_index("ix_recovery_recovery_kind_id", ["recovery_kind_id"], unique=False)

    op.create_table(
        "recovery_receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recovery_id", sa.Uuid(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=150), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_recovery_receipt_amount_is_not_zero")),
        sa.CheckConstraint(
            "amount_minor > 0 OR note IS NOT NULL", name=op.f("ck_recovery_receipt_correction_has_reason")
        ),
        sa.ForeignKeyConstraint(
            ["recovery_id"], ["recovery.id"], name=op.f("fk_recovery_receipt_recovery_id_recovery")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_receipt")),
    )
    with op.batch_alter_table("recovery_receipt", schema=None) as batch_op:
        batch_op.create_index("ix_recovery_receipt_received_on", ["received_on"], unique=False)
        batch_op.create_index("ix_recovery_receipt_recovery_id", ["recovery_id", "received_on"], unique=False)

    with op.batch_alter_table("matter", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("confidentiality", sa.String(length=12), server_default="ordinary", nullable=False)
        )
        batch_op.add_column(sa.Column("direction_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("region_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("source_reference", sa.String(length=100), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_matter_known_confidentiality"), "confidentiality IN ('ordinary', 'restricted', 'secret')"
        )
        batch_op.create_index("ix_matter_direction_id", ["direction_id", "opened_at", "id"], unique=False)
        batch_op.create_index("ix_matter_region_id", ["region_id", "opened_at", "id"], unique=False)
        batch_op.create_index("ix_matter_source_reference", ["source_reference"], unique=False)

    with op.batch_alter_table("matter_member", schema=None) as batch_op:
        batch_op.add_column(sa.Column("until", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_check_constraint(op.f("ck_matter_member_until_after_since"), "until IS NULL OR until >= since")
        batch_op.drop_index(batch_op.f("ix_matter_member_username"))
        batch_op.drop_constraint(op.f("pk_matter_member"), type_="primary")
        batch_op.create_primary_key(op.f("pk_matter_member"), ["matter_id", "username", "role", "since"])
        batch_op.create_index("ix_matter_member_username", ["username", "until", "matter_id"], unique=False)

    with op.batch_alter_table("matter_party", schema=None) as batch_op:
        batch_op.add_column(sa.Column("side", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("capacity_id", sa.Uuid(), nullable=True))
        batch_op.create_check_constraint(op.f("ck_matter_party_known_side"), "side IN ('ours', 'theirs', 'neutral')")


def downgrade() -> None:
    """Change it back; who has left a team is forgotten, and so is every stint but the first."""
    op.execute("DELETE FROM matter_member WHERE until IS NOT NULL")
    op.execute(
        "DELETE FROM matter_member WHERE EXISTS (SELECT 1 FROM matter_member AS earlier"
        " WHERE earlier.matter_id = matter_member.matter_id AND earlier.username = matter_member.username"
        " AND earlier.role = matter_member.role AND earlier.since < matter_member.since)"
    )
    with op.batch_alter_table("matter_party", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_matter_party_known_side"), type_="check")
        batch_op.drop_column("capacity_id")
        batch_op.drop_column("side")

    with op.batch_alter_table("matter_member", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_matter_member_until_after_since"), type_="check")
        batch_op.drop_constraint(op.f("pk_matter_member"), type_="primary")
        batch_op.create_primary_key(op.f("pk_matter_member"), ["matter_id", "username", "role"])
        batch_op.drop_index("ix_matter_member_username")
        batch_op.create_index(batch_op.f("ix_matter_member_username"), ["username", "matter_id"], unique=False)
        batch_op.drop_column("until")

    with op.batch_alter_table("matter", schema=None) as batch_op:
        batch_op.drop_index("ix_matter_source_reference")
        batch_op.drop_index("ix_matter_region_id")
        batch_op.drop_index("ix_matter_direction_id")
        batch_op.drop_constraint(op.f("ck_matter_known_confidentiality"), type_="check")
        batch_op.drop_column("source_reference")
        batch_op.drop_column("region_id")
        batch_op.drop_column("direction_id")
        batch_op.drop_column("confidentiality")

    with op.batch_alter_table("recovery_receipt", schema=None) as batch_op:
        batch_op.drop_index("ix_recovery_receipt_recovery_id")
        batch_op.drop_index("ix_recovery_receipt_received_on")

    op.drop_table("recovery_receipt")
    with op.batch_alter_table("recovery", schema=None) as batch_op:
        batch_op.drop_index("ix_recovery_recovery_kind_id")
        batch_op.drop_index("ix_recovery_matter_id")
        batch_op.drop_index("ix_recovery_due_on")
        batch_op.drop_index("ix_recovery_decision_line_id")

    op.drop_table("recovery")
    with op.batch_alter_table("event_responsible", schema=None) as batch_op:
        batch_op.drop_index("ix_event_responsible_username")

    op.drop_table("event_responsible")
    with op.batch_alter_table("duration_fact", schema=None) as batch_op:
        batch_op.drop_index("ix_duration_fact_matter_id")
        batch_op.drop_index("ix_duration_fact_kind_id")
        batch_op.drop_index("ix_duration_fact_group")
        batch_op.drop_index("ix_duration_fact_ended_at")

    op.drop_table("duration_fact")
    with op.batch_alter_table("decision_line", schema=None) as batch_op:
        batch_op.drop_index("ix_decision_line_recovery_kind_id")

    op.drop_table("decision_line")
    with op.batch_alter_table("hearing", schema=None) as batch_op:
        batch_op.drop_index("ix_hearing_starts_at")
        batch_op.drop_index("ix_hearing_representative")
        batch_op.drop_index("ix_hearing_proceeding_id")
        batch_op.drop_index("ix_hearing_next_hearing_id")

    op.drop_table("hearing")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_proceeding_id")
        batch_op.drop_index("ix_event_planned_start_at")
        batch_op.drop_index("ix_event_matter_id")
        batch_op.drop_index("ix_event_kind_id")

    op.drop_table("event")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index("ix_decision_result_id")
        batch_op.drop_index("ix_decision_pronounced_on")
        batch_op.drop_index("ix_decision_proceeding_id")

    op.drop_table("decision")
    with op.batch_alter_table("claim_line", schema=None) as batch_op:
        batch_op.drop_index("ix_claim_line_recovery_kind_id")

    op.drop_table("claim_line")
    with op.batch_alter_table("proceeding", schema=None) as batch_op:
        batch_op.drop_index("ix_proceeding_previous_id")
        batch_op.drop_index("ix_proceeding_court_number")
        batch_op.drop_index("ix_proceeding_court_id")

    op.drop_table("proceeding")
    with op.batch_alter_table("matter_tag", schema=None) as batch_op:
        batch_op.drop_index("ix_matter_tag_tag_id")

    op.drop_table("matter_tag")
    with op.batch_alter_table("matter_relation", schema=None) as batch_op:
        batch_op.drop_index("ix_matter_relation_related_id")

    op.drop_table("matter_relation")
    with op.batch_alter_table("selection", schema=None) as batch_op:
        batch_op.drop_index("ix_selection_shared")

    op.drop_table("selection")
    with op.batch_alter_table("directory_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_directory_entry_region_id")
        batch_op.drop_index("ix_directory_entry_path")
        batch_op.drop_index("ix_directory_entry_parent_id")

    op.drop_table("directory_entry")
