"""Add absences and substitutes, limits of authority, skills, and links for approval by mail.

The previous release runs on the new schema: yes. It knows none of the tables; a trigger puts the work of somebody away
in front of their substitutes whichever release offers it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1238"
down_revision = "1235"
branch_labels = None
depends_on = None

#: The trigger that puts the work of somebody away in front of their substitutes, as it was at this revision.
NAME = "substitute_offered"
FITS = "({s}.process_key IS NULL OR {s}.process_key = t.process_key) AND ({s}.kind IS NULL OR {s}.kind = t.kind)"
OFFER = (
    "INSERT INTO user_task_candidate (principal, due_at, user_task_id) "  # noqa: S608 - names of our own
    "SELECT 'user:' || s.username, NEW.due_at, NEW.user_task_id "
    "FROM absence_substitute s JOIN user_task t ON t.id = NEW.user_task_id "
    "WHERE s.absent = substr(NEW.principal, 6) AND s.is_active AND t.assignee = s.absent AND "
    + FITS.format(s="s")
    + " AND NOT EXISTS (SELECT 1 FROM absence_substitute o WHERE o.absent = s.absent AND o.is_active"
    " AND o.rank > s.rank AND " + FITS.format(s="o") + ") ON CONFLICT DO NOTHING"
)


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "absence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("process_instance_id", sa.Uuid(), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_by", sa.String(length=150), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "reason IN ('leave', 'illness', 'travel', 'training', 'other')", name=op.f("ck_absence_known_reason")
        ),
        sa.CheckConstraint("state IN ('booked', 'active', 'ended', 'cancelled')", name=op.f("ck_absence_known_state")),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_absence_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["username"], ["user_account.username"], name=op.f("fk_absence_username_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
        sa.UniqueConstraint("number", name=op.f("uq_absence_number")),
    )
    op.create_index("ix_absence_first_on", "absence", ["first_on", "id"], unique=False)
    op.create_index("ix_absence_state", "absence", ["state", "first_on"], unique=False)
    op.create_index("ix_absence_username", "absence", ["username", "state", "first_on"], unique=False)

    op.create_table(
        "staff_skill",
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("skill", sa.String(length=60), nullable=False),
        sa.CheckConstraint("skill <> '' AND skill = lower(skill)", name=op.f("ck_staff_skill_skill_is_lower_case")),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_staff_skill_username_user_account")
        ),
        sa.PrimaryKeyConstraint("username", "skill", name=op.f("pk_staff_skill")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_staff_skill_skill", "staff_skill", ["skill", "username"], unique=False)

    op.create_table(
        "absence_substitute",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("absence_id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("absent", sa.String(length=150), nullable=False),
        sa.Column("process_key", sa.String(length=200), nullable=True),
        sa.Column("kind", sa.String(length=60), nullable=True),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("with_authority", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("rank BETWEEN 0 AND 3", name=op.f("ck_absence_substitute_known_rank")),
        sa.CheckConstraint("username <> absent", name=op.f("ck_absence_substitute_nobody_stands_in_for_themselves")),
        sa.ForeignKeyConstraint(
            ["absence_id"], ["absence.id"], name=op.f("fk_absence_substitute_absence_id_absence"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_absence_substitute_username_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence_substitute")),
    )
    op.create_index("ix_absence_substitute_absence_id", "absence_substitute", ["absence_id"], unique=False)
    op.create_index("ix_absence_substitute_absent", "absence_substitute", ["absent", "is_active"], unique=False)
    op.create_index("ix_absence_substitute_username", "absence_substitute", ["username", "is_active"], unique=False)

    op.create_table(
        "absence_taking",
        sa.Column("user_task_id", sa.Uuid(), nullable=False),
        sa.Column("absence_id", sa.Uuid(), nullable=False),
        sa.Column("taken_by", sa.String(length=150), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["absence_id"], ["absence.id"], name=op.f("fk_absence_taking_absence_id_absence")),
        sa.ForeignKeyConstraint(
            ["user_task_id"],
            ["user_task.id"],
            name=op.f("fk_absence_taking_user_task_id_user_task"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_task_id", name=op.f("pk_absence_taking")),
    )
    op.create_index("ix_absence_taking_absence_id", "absence_taking", ["absence_id"], unique=False)

    op.create_table(
        "approval_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_task_id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("holder", sa.String(length=150), nullable=True),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_approval_link_expires_later")),
        sa.CheckConstraint("length(token_hash) = 64", name=op.f("ck_approval_link_hash_is_sha256")),
        sa.ForeignKeyConstraint(
            ["user_task_id"], ["user_task.id"], name=op.f("fk_approval_link_user_task_id_user_task"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_approval_link_username_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_approval_link_token_hash")),
    )
    op.create_index("ix_approval_link_expires_at", "approval_link", ["expires_at"], unique=False)
    op.create_index("ix_approval_link_user_task_id", "approval_link", ["user_task_id", "username"], unique=False)

    op.create_table(
        "authority_limit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=True),
        sa.Column("group_name", sa.String(length=100), nullable=True),
        sa.Column("limit_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("client_party_id", sa.Uuid(), nullable=True),
        sa.Column("matter_id", sa.Uuid(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=150), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(length=150), nullable=True),
        sa.CheckConstraint("kind <> ''", name=op.f("ck_authority_limit_kind_is_given")),
        sa.CheckConstraint(
            "(limit_minor IS NULL) = (currency IS NULL)", name=op.f("ck_authority_limit_limit_has_currency")
        ),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL)", name=op.f("ck_authority_limit_who_revoked_is_known")
        ),
        sa.CheckConstraint(
            "(username IS NULL) <> (group_name IS NULL)", name=op.f("ck_authority_limit_for_a_person_or_a_group")
        ),
        sa.CheckConstraint("limit_minor >= 0", name=op.f("ck_authority_limit_limit_is_not_negative")),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until >= valid_from", name=op.f("ck_authority_limit_until_is_after_from")
        ),
        sa.ForeignKeyConstraint(
            ["client_party_id"], ["party.id"], name=op.f("fk_authority_limit_client_party_id_party")
        ),
        sa.ForeignKeyConstraint(
            ["group_name"], ["user_group.name"], name=op.f("fk_authority_limit_group_name_user_group")
        ),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_authority_limit_matter_id_matter")),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_authority_limit_username_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authority_limit")),
    )
    op.create_index("ix_authority_limit_kind", "authority_limit", ["kind", "revoked_at"], unique=False)

    op.add_column("user_task", sa.Column("ended_for", sa.String(length=150), nullable=True))

    for statement in trigger(op.get_bind().dialect.name):
        op.execute(statement)


def trigger(dialect: str) -> list[str]:
    """Return what makes the trigger."""
    condition = "WHEN (substr(NEW.principal, 1, 5) = 'user:')"
    if dialect == "sqlite":
        return [f"CREATE TRIGGER {NAME} AFTER INSERT ON user_task_candidate {condition} BEGIN {OFFER}; END"]
    return [
        f"CREATE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {OFFER}; RETURN NEW; END $$",
        f"CREATE TRIGGER {NAME} AFTER INSERT ON user_task_candidate FOR EACH ROW {condition} EXECUTE FUNCTION {NAME}()",
    ]


def downgrade() -> None:
    """Change it back."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(f"DROP TRIGGER {NAME}" + ("" if is_sqlite else " ON user_task_candidate"))
    if not is_sqlite:
        op.execute(f"DROP FUNCTION {NAME}()")
    op.drop_column("user_task", "ended_for")

    op.drop_index("ix_authority_limit_kind", table_name="authority_limit")

    op.drop_table("authority_limit")
    op.drop_index("ix_approval_link_user_task_id", table_name="approval_link")
    op.drop_index("ix_approval_link_expires_at", table_name="approval_link")

    op.drop_table("approval_link")
    op.drop_index("ix_absence_taking_absence_id", table_name="absence_taking")

    op.drop_table("absence_taking")
    op.drop_index("ix_absence_substitute_username", table_name="absence_substitute")
    op.drop_index("ix_absence_substitute_absent", table_name="absence_substitute")
    op.drop_index("ix_absence_substitute_absence_id", table_name="absence_substitute")

    op.drop_table("absence_substitute")
    op.drop_index("ix_staff_skill_skill", table_name="staff_skill")

    op.drop_table("staff_skill")
    op.drop_index("ix_absence_username", table_name="absence")
    op.drop_index("ix_absence_state", table_name="absence")
    op.drop_index("ix_absence_first_on", table_name="absence")

    op.drop_table("absence")
