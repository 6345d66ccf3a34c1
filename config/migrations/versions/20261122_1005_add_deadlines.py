"""Add deadlines, their warnings, changes and stays, and the days that a firm adds to calendars.

The previous release runs on the new schema: yes. It knows none of the tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1005"
down_revision = "0953"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    is_open = sa.text("ended_at IS NULL")
    op.create_table(
        "calendar_day",
        sa.Column("calendar", sa.String(length=80), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("citation", sa.Text(), nullable=False),
        sa.Column("added_by", sa.String(length=150), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("name <> '' AND citation <> ''", name=op.f("ck_calendar_day_what_and_why_is_said")),
        sa.PrimaryKeyConstraint("calendar", "on_day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "deadline",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("pack", sa.String(length=80), nullable=True),
        sa.Column("rule", sa.String(length=80), nullable=True),
        sa.Column("pack_version", sa.String(length=40), nullable=True),
        sa.Column("pack_confirmed", sa.Boolean(), nullable=False),
        sa.Column("calendar", sa.String(length=80), nullable=True),
        sa.Column("chain_id", sa.Uuid(), nullable=True),
        sa.Column("after_id", sa.Uuid(), nullable=True),
        sa.Column("anchor", sa.String(length=20), nullable=True),
        sa.Column("anchor_on", sa.Date(), nullable=True),
        sa.Column("service_method", sa.String(length=80), nullable=True),
        sa.Column("computed_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("sort_on", sa.Date(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("is_provisional", sa.Boolean(), nullable=False),
        sa.Column("is_fatal", sa.Boolean(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("possible", sa.Text(), nullable=True),
        sa.Column("citation", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("responsible", sa.String(length=150), nullable=True),
        sa.Column("time_zone", sa.String(length=60), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("created_by", sa.String(length=150), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_by", sa.String(length=150), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.String(length=12), nullable=True),
        sa.Column("ending_reason", sa.Text(), nullable=True),
        sa.Column("ending_by", sa.String(length=150), nullable=True),
        sa.Column("ending_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=150), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("process_instance_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('proposed', 'verified')) = (ended_at IS NULL)", name=op.f("ck_deadline_ended_iff_final")
        ),
        sa.CheckConstraint("ended_at IS NULL OR end_reason <> ''", name=op.f("ck_deadline_ended_for_a_reason")),
        sa.CheckConstraint(
            "ending IS NULL OR (ending IN ('met', 'waived') AND ending_by IS NOT NULL AND ending_reason <> '')",
            name=op.f("ck_deadline_ending_is_asked_for_by_somebody"),
        ),
        sa.CheckConstraint(
            "name <> '' AND citation <> '' AND source <> ''", name=op.f("ck_deadline_what_and_why_is_said")
        ),
        sa.CheckConstraint(
            "state <> 'verified' OR verified_by IS NOT NULL", name=op.f("ck_deadline_verified_iff_by_somebody")
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'verified', 'met', 'waived', 'superseded', 'missed')",
            name=op.f("ck_deadline_known_state"),
        ),
        sa.CheckConstraint(
            "(verified_by IS NULL) = (verified_at IS NULL)", name=op.f("ck_deadline_verified_by_somebody")
        ),
        sa.CheckConstraint(
            "persons = 1 OR verified_by IS NULL OR verified_by <> created_by",
            name=op.f("ck_deadline_verified_by_another"),
        ),
        sa.CheckConstraint(
            "persons IN (1, 2) AND (NOT is_fatal OR persons = 2)", name=op.f("ck_deadline_fatal_takes_two")
        ),
        sa.ForeignKeyConstraint(["after_id"], ["deadline.id"], name=op.f("fk_deadline_after_id_deadline")),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_deadline_matter_id_matter")),
        sa.ForeignKeyConstraint(
            ["process_instance_id"],
            ["process_instance.id"],
            name=op.f("fk_deadline_process_instance_id_process_instance"),
        ),
        sa.ForeignKeyConstraint(["supersedes_id"], ["deadline.id"], name=op.f("fk_deadline_supersedes_id_deadline")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline")),
    )
    with op.batch_alter_table("deadline", schema=None) as batch_op:
        batch_op.create_index("ix_deadline_calendar", ["calendar", "state"], unique=False)
        batch_op.create_index("ix_deadline_matter_id", ["matter_id", "sort_on", "id"], unique=False)
        batch_op.create_index(
            "ix_deadline_open", ["sort_on", "id"], unique=False, sqlite_where=is_open, postgresql_where=is_open
        )
        batch_op.create_index("ix_deadline_pack", ["pack", "rule", "state"], unique=False)
        batch_op.create_index(
            "ix_deadline_responsible",
            ["responsible", "sort_on", "id"],
            unique=False,
            sqlite_where=is_open,
            postgresql_where=is_open,
        )
        batch_op.create_index("ix_deadline_supersedes_id", ["supersedes_id"], unique=False)

    op.create_table(
        "deadline_stay",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=150), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.String(length=150), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_deadline_stay_reason_is_given")),
        sa.CheckConstraint(
            "last_on IS NULL OR last_on >= first_on", name=op.f("ck_deadline_stay_ends_after_it_begins")
        ),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_deadline_stay_matter_id_matter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_stay")),
    )
    with op.batch_alter_table("deadline_stay", schema=None) as batch_op:
        batch_op.create_index("ix_deadline_stay_matter_id", ["matter_id", "first_on"], unique=False)

    op.create_table(
        "deadline_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deadline_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=150), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadline.id"], name=op.f("fk_deadline_change_deadline_id_deadline")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_change")),
    )
    with op.batch_alter_table("deadline_change", schema=None) as batch_op:
        batch_op.create_index("ix_deadline_change_deadline_id", ["deadline_id", "at"], unique=False)

    op.create_table(
        "deadline_warning",
        sa.Column("deadline_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=True),
        sa.Column("warn_on", sa.Date(), nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["deadline_id"], ["deadline.id"], name=op.f("fk_deadline_warning_deadline_id_deadline")
        ),
        sa.PrimaryKeyConstraint("deadline_id", "key", name=op.f("pk_deadline_warning")),
    )
    with op.batch_alter_table("deadline_warning", schema=None) as batch_op:
        batch_op.create_index("ix_deadline_warning_warn_on", ["warn_on", "deadline_id"], unique=False)


def downgrade() -> None:
    """Change it back."""
    with op.batch_alter_table("deadline_warning", schema=None) as batch_op:
        batch_op.drop_index("ix_deadline_warning_warn_on")

    op.drop_table("deadline_warning")
    with op.batch_alter_table("deadline_change", schema=None) as batch_op:
        batch_op.drop_index("ix_deadline_change_deadline_id")

    op.drop_table("deadline_change")
    with op.batch_alter_table("deadline_stay", schema=None) as batch_op:
        batch_op.drop_index("ix_deadline_stay_matter_id")

    op.drop_table("deadline_stay")
    with op.batch_alter_table("deadline", schema=None) as batch_op:
        batch_op.drop_index("ix_deadline_supersedes_id")
        batch_op.drop_index("ix_deadline_responsible")
        batch_op.drop_index("ix_deadline_pack")
        batch_op.drop_index("ix_deadline_matter_id")
        batch_op.drop_index("ix_deadline_open")
        batch_op.drop_index("ix_deadline_calendar")

    op.drop_table("deadline")
    op.drop_table("calendar_day")
