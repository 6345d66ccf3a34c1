"""Keep beside the key of the inbox index what lists are narrowed and ordered by; add watches, filters and snoozes.

The previous release runs on the new schema: yes. It leaves the new columns out, and triggers fill them; it knows
nothing of the new tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.models import inbox_triggers, triggers

revision = "1241"
down_revision = "1240"
branch_labels = None
depends_on = None

COLUMNS = (
    ("urgency", sa.BigInteger()),
    ("came_at", sa.DateTime(timezone=True)),
    ("process_key", sa.String(length=200)),
    ("kind", sa.String(length=60)),
    ("priority", sa.Integer()),
    ("business_key", sa.String(length=100)),
)
INDEX = (
    "principal", "urgency", "user_task_id", "due_at", "came_at", "process_key", "kind", "priority", "business_key",
)  # fmt: skip
NARROWED = ("process_key", "kind", "priority", "business_key", "created_at")


def upgrade() -> None:
    """Change the schema."""
    dialect = op.get_bind().dialect.name
    op.add_column("user_task", sa.Column("urgency", sa.BigInteger(), nullable=True))
    for name, kind in COLUMNS:
        op.add_column("user_task_candidate", sa.Column(name, kind, nullable=True))
    for statement in inbox_triggers.fill(dialect):
        op.execute(statement)
    for statement in inbox_triggers.statements(dialect):
        op.execute(sa.text(statement.replace(":", r"\:")))
    op.create_index("ix_user_task_candidate_urgency", "user_task_candidate", list(INDEX))
    is_open = sa.text("state = 'created'")
    for name, order in (("due", ["due_at", "id", "urgency"]), ("urgency", ["urgency", "id", "due_at"])):
        op.create_index(
            f"ix_user_task_open_by_{name}",
            "user_task",
            [*order, *NARROWED],
            sqlite_where=is_open,
            postgresql_where=is_open,
        )
    _watches()
    _filters()
    _snoozes()


def downgrade() -> None:
    """Change it back."""
    op.drop_table("snooze")
    op.drop_table("task_filter")
    op.drop_table("watch")
    dialect = op.get_bind().dialect.name
    for statement in triggers.drops(dialect, inbox_triggers.statements(dialect)):
        op.execute(statement)
    for name in ("urgency", "due"):
        op.drop_index(f"ix_user_task_open_by_{name}", table_name="user_task")
    op.drop_index("ix_user_task_candidate_urgency", table_name="user_task_candidate")
    for name, _ in reversed(COLUMNS):
        op.drop_column("user_task_candidate", name)
    op.drop_column("user_task", "urgency")


def _watches() -> None:
    op.create_table(
        "watch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("user_task_id", sa.Uuid(), nullable=True),
        sa.Column("business_key", sa.String(length=100), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(user_task_id IS NULL) <> (business_key IS NULL)", name=op.f("ck_watch_one_thing")),
        sa.ForeignKeyConstraint(
            ["user_task_id"], ["user_task.id"], name=op.f("fk_watch_user_task_id_user_task"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["username"], ["user_account.username"], name=op.f("fk_watch_username_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch")),
        sa.UniqueConstraint("username", "business_key", name="uq_watch_username_business_key"),
        sa.UniqueConstraint("username", "user_task_id", name="uq_watch_username"),
    )
    op.create_index("ix_watch_user_task_id", "watch", ["user_task_id"])
    op.create_index("ix_watch_business_key", "watch", ["business_key"])


def _filters() -> None:
    op.create_table(
        "task_filter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.String(length=150), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("criteria", sa.Text(), nullable=False),
        sa.Column("shared_with", sa.String(length=100), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_task_filter_name_is_given")),
        sa.CheckConstraint("shared_with <> ''", name=op.f("ck_task_filter_shared_with_somebody")),
        sa.ForeignKeyConstraint(["owner"], ["user_account.username"], name=op.f("fk_task_filter_owner_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_filter")),
        sa.UniqueConstraint("owner", "name", name=op.f("uq_task_filter_owner")),
    )
    op.create_index("ix_task_filter_shared_with", "task_filter", ["shared_with"])


def _snoozes() -> None:
    op.create_table(
        "snooze",
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("user_task_id", sa.Uuid(), nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("until > created_at", name=op.f("ck_snooze_ends_later")),
        sa.ForeignKeyConstraint(
            ["user_task_id"], ["user_task.id"], name=op.f("fk_snooze_user_task_id_user_task"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["username"], ["user_account.username"], name=op.f("fk_snooze_username_user_account")),
        sa.PrimaryKeyConstraint("username", "user_task_id", name=op.f("pk_snooze")),
    )
    op.create_index("ix_snooze_until", "snooze", ["username", "is_held", "until", "user_task_id"])
    op.create_index("ix_snooze_user_task_id", "snooze", ["user_task_id"])
