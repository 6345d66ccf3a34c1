"""Add letters with their hops, hours with their sheets, and requests for documents.

The previous release runs on the new schema: yes. It knows none of the tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1240"
down_revision = "1238"
branch_labels = None
depends_on = None

#: ``practice/correspondence/triggers.py`` and ``practice/time/triggers.py`` say the same.
TRIGGERS = {
    "sqlite": (
        (
            "CREATE TRIGGER letter_hop_is_never_deleted BEFORE DELETE ON letter_hop BEGIN SELECT "
            "RAISE(ABORT, 'the history of a letter only grows'); END"
        ),
        (
            "CREATE TRIGGER letter_hop_is_never_changed BEFORE UPDATE ON letter_hop BEGIN SELECT "
            "RAISE(ABORT, 'the history of a letter only grows'); END"
        ),
        (
            "CREATE TRIGGER time_entry_is_not_changed_when_approved BEFORE UPDATE ON time_entry WHEN "
            "OLD.state = 'approved' BEGIN SELECT RAISE(ABORT, 'approved hours are locked'); END"
        ),
        (
            "CREATE TRIGGER time_entry_is_not_deleted_when_approved BEFORE DELETE ON time_entry WHEN "
            "OLD.state = 'approved' BEGIN SELECT RAISE(ABORT, 'approved hours are locked'); END"
        ),
    ),
    "postgresql": (
        (
            "CREATE OR REPLACE FUNCTION letter_hop_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'the history of a letter only grows' USING ERRCODE = "
            "'integrity_constraint_violation'; END $$"
        ),
        (
            "CREATE TRIGGER letter_hop_is_never_changed BEFORE UPDATE OR DELETE ON letter_hop FOR EACH ROW "
            "EXECUTE FUNCTION letter_hop_refuse()"
        ),
        (
            "CREATE TRIGGER letter_hop_is_never_truncated BEFORE TRUNCATE ON letter_hop FOR EACH STATEMENT "
            "EXECUTE FUNCTION letter_hop_refuse()"
        ),
        (
            "CREATE OR REPLACE FUNCTION time_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'approved hours are locked' USING ERRCODE = 'integrity_constraint_violation'; "
            "END $$"
        ),
        (
            "CREATE TRIGGER time_entry_is_locked_when_approved BEFORE UPDATE OR DELETE ON time_entry FOR "
            "EACH ROW WHEN (OLD.state = 'approved') EXECUTE FUNCTION time_entry_refuse()"
        ),
    ),
}


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "timesheet",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("leader", sa.String(length=150), nullable=True),
        sa.Column("excuse", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=150), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("process_instance_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('locked', 'excused', 'closed')) = (ended_at IS NOT NULL)",
            name=op.f("ck_timesheet_ended_iff_final"),
        ),
        sa.CheckConstraint("state <> 'excused' OR excuse IS NOT NULL", name=op.f("ck_timesheet_excused_for_a_reason")),
        sa.CheckConstraint(
            "state IN ('open', 'submitted', 'returned', 'locked', 'excused', 'closed')",
            name=op.f("ck_timesheet_known_state"),
        ),
        sa.ForeignKeyConstraint(
            ["process_instance_id"],
            ["process_instance.id"],
            name=op.f("fk_timesheet_process_instance_id_process_instance"),
        ),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_timesheet_username_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timesheet")),
        sa.UniqueConstraint("number", name=op.f("uq_timesheet_number")),
        sa.UniqueConstraint("username", "on_day", name="uq_timesheet_username_on_day"),
    )
    op.create_index("ix_timesheet_leader", "timesheet", ["leader", "state", "on_day"])
    op.create_index("ix_timesheet_on_day", "timesheet", ["on_day", "id"])
    op.create_index("ix_timesheet_process_instance_id", "timesheet", ["process_instance_id"])

    op.create_table(
        "document_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(length=300), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("requested_by", sa.String(length=150), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=150), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("times_reminded", sa.Integer(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("process_instance_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'waiting') = (ended_at IS NULL)", name=op.f("ck_document_request_ended_iff_final")
        ),
        sa.CheckConstraint(
            "state <> 'ended' OR (end_reason IS NOT NULL AND end_reason <> '')",
            name=op.f("ck_document_request_ended_for_a_reason"),
        ),
        sa.CheckConstraint("state IN ('waiting', 'complete', 'ended')", name=op.f("ck_document_request_known_state")),
        sa.CheckConstraint(
            "way IN ('letter', 'email', 'call', 'visit', 'message')", name=op.f("ck_document_request_known_way")
        ),
        sa.CheckConstraint("times_reminded >= 0", name=op.f("ck_document_request_reminders_are_counted")),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_document_request_matter_id_matter")),
        sa.ForeignKeyConstraint(
            ["process_instance_id"],
            ["process_instance.id"],
            name=op.f("fk_document_request_process_instance_id_process_instance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_request")),
        sa.UniqueConstraint("number", name=op.f("uq_document_request_number")),
    )
    op.create_index("ix_document_request_matter_id", "document_request", ["matter_id", "requested_at"])
    op.create_index("ix_document_request_process_instance_id", "document_request", ["process_instance_id"])
    op.create_index("ix_document_request_requested_at", "document_request", ["requested_at", "id"])
    op.create_index(
        "ix_document_request_waiting",
        "document_request",
        ["due_on", "id"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )

    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("sender", sa.String(length=300), nullable=False),
        sa.Column("addressee", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=True),
        sa.Column("receipt_number", sa.String(length=100), nullable=True),
        sa.Column("letter_on", sa.Date(), nullable=True),
        sa.Column("postmark_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("proof", sa.String(length=300), nullable=True),
        sa.Column("proof_on", sa.Date(), nullable=True),
        sa.Column("matter_id", sa.Uuid(), nullable=True),
        sa.Column("original_place", sa.String(length=200), nullable=True),
        sa.Column("original_is_lost", sa.Boolean(), nullable=False),
        sa.Column("contains_deadline", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("holder", sa.String(length=150), nullable=True),
        sa.Column("holder_group", sa.String(length=150), nullable=True),
        sa.Column("last_reason", sa.Text(), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_by", sa.String(length=150), nullable=False),
        sa.Column("department", sa.String(length=40), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answers_id", sa.Uuid(), nullable=True),
        sa.Column("process_instance_id", sa.Uuid(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_letter_closed_iff_final")),
        sa.CheckConstraint(
            "channel IN ('post', 'registered_post', 'courier', 'hand', 'email', 'fax', 'court_portal')",
            name=op.f("ck_letter_known_channel"),
        ),
        sa.CheckConstraint("direction IN ('incoming', 'outgoing')", name=op.f("ck_letter_known_direction")),
        sa.CheckConstraint(
            "sender <> '' AND addressee <> '' AND subject <> ''", name=op.f("ck_letter_it_is_described")
        ),
        sa.CheckConstraint(
            "status IN ('registered', 'handed_over', 'accepted', 'returned', 'searched_for', 'dispatched', 'closed')",
            name=op.f("ck_letter_known_status"),
        ),
        sa.CheckConstraint(
            "closed_at IS NOT NULL OR holder IS NOT NULL OR holder_group IS NOT NULL",
            name=op.f("ck_letter_somebody_has_it"),
        ),
        sa.ForeignKeyConstraint(["answers_id"], ["letter.id"], name=op.f("fk_letter_answers_id_letter")),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_letter_matter_id_matter")),
        sa.ForeignKeyConstraint(
            ["process_instance_id"],
            ["process_instance.id"],
            name=op.f("fk_letter_process_instance_id_process_instance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("number", name=op.f("uq_letter_number")),
    )
    op.create_index("ix_letter_answers_id", "letter", ["answers_id"])
    op.create_index("ix_letter_holder", "letter", ["holder"])
    op.create_index("ix_letter_matter_id", "letter", ["matter_id", "registered_at"])
    op.create_index(
        "ix_letter_open",
        "letter",
        ["moved_at", "id"],
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_letter_process_instance_id", "letter", ["process_instance_id"])
    op.create_index("ix_letter_registered_at", "letter", ["registered_at", "id"])
    op.create_index("ix_letter_registered_by", "letter", ["registered_by"])

    op.create_table(
        "time_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=True),
        sa.Column("is_internal", sa.Boolean(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("is_billable", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("user_task_id", sa.Uuid(), nullable=True),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("correction_reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=150), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(length=500), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('approved', 'returned')) = (decided_by IS NOT NULL)",
            name=op.f("ck_time_entry_decided_by_somebody"),
        ),
        sa.CheckConstraint("source IN ('entered', 'drafted')", name=op.f("ck_time_entry_known_source")),
        sa.CheckConstraint(
            "state = 'draft' OR (minutes <> 0 AND work <> '')", name=op.f("ck_time_entry_whole_when_handed_in")
        ),
        sa.CheckConstraint(
            "state = 'draft' OR is_internal OR matter_id IS NOT NULL",
            name=op.f("ck_time_entry_for_a_matter_or_the_firm"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'returned', 'approved')", name=op.f("ck_time_entry_known_state")
        ),
        sa.CheckConstraint(
            "NOT is_internal OR (matter_id IS NULL AND NOT is_billable)",
            name=op.f("ck_time_entry_the_firm_pays_nothing"),
        ),
        sa.CheckConstraint(
            "corrects_id IS NULL OR correction_reason IS NOT NULL", name=op.f("ck_time_entry_corrected_for_a_reason")
        ),
        sa.CheckConstraint(
            "minutes >= 0 OR corrects_id IS NOT NULL", name=op.f("ck_time_entry_only_corrections_take_away")
        ),
        sa.CheckConstraint("minutes BETWEEN -1440 AND 1440", name=op.f("ck_time_entry_no_longer_than_a_day")),
        sa.ForeignKeyConstraint(["corrects_id"], ["time_entry.id"], name=op.f("fk_time_entry_corrects_id_time_entry")),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_time_entry_matter_id_matter")),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_time_entry_username_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_entry")),
    )
    op.create_index("ix_time_entry_corrects_id", "time_entry", ["corrects_id"])
    op.create_index("ix_time_entry_matter_id", "time_entry", ["matter_id", "on_day"])
    op.create_index("ix_time_entry_on_day", "time_entry", ["on_day", "id"])
    op.create_index(
        "ix_time_entry_submitted",
        "time_entry",
        ["username", "on_day"],
        sqlite_where=sa.text("state = 'submitted'"),
        postgresql_where=sa.text("state = 'submitted'"),
    )
    op.create_index("ix_time_entry_username", "time_entry", ["username", "on_day", "id"])

    op.create_table(
        "document_request_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(length=150), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("original_place", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(state = 'missing') = (settled_at IS NULL)", name=op.f("ck_document_request_item_settled_iff_not_missing")
        ),
        sa.CheckConstraint("name <> ''", name=op.f("ck_document_request_item_it_is_named")),
        sa.CheckConstraint(
            "state IN ('missing', 'received', 'unobtainable', 'waived')",
            name=op.f("ck_document_request_item_known_state"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["document_request.id"], name=op.f("fk_document_request_item_request_id_document_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_request_item")),
        sa.UniqueConstraint("request_id", "position", name="uq_document_request_item_position"),
    )
    op.create_table(
        "letter_hop",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=150), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("from_username", sa.String(length=150), nullable=True),
        sa.Column("from_group", sa.String(length=150), nullable=True),
        sa.Column("to_username", sa.String(length=150), nullable=True),
        sa.Column("to_group", sa.String(length=150), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "kind IN ('registered', 'handed_over', 'accepted', 'returned', 'filed_under', 'original_missed', "
            "'original_found', 'original_lost', 'dispatched', 'proof_received', 'filed', 'answered', 'withdrawn')",
            name=op.f("ck_letter_hop_known_kind"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('handed_over', 'returned') OR (reason IS NOT NULL AND reason <> '')",
            name=op.f("ck_letter_hop_a_reason_is_given"),
        ),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_hop_letter_id_letter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_hop")),
        sa.UniqueConstraint("letter_id", "position", name="uq_letter_hop_position"),
    )

    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Change it back."""
    op.drop_table("letter_hop")
    op.drop_table("document_request_item")

    op.drop_table("time_entry")

    op.drop_table("letter")

    op.drop_table("document_request")

    op.drop_table("timesheet")
    if op.get_bind().dialect.name == "postgresql":
        for table in ("letter_hop", "time_entry"):
            op.execute(f"DROP FUNCTION {table}_refuse()")
