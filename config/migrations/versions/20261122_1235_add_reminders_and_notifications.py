"""Add reminders of user tasks, people's wishes about notifications, and what is on its way to them.

The previous release runs on the new schema: yes. It knows nothing of the tables; a reminder of a task that it ends
goes with the task's rows or is found pointless when it is due.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1235"
down_revision = "1112"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Change the schema."""
    _reminders()
    op.create_table(
        "notification_preference",
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("email", sa.String(length=10), nullable=False),
        sa.Column("digest_at", sa.Time(), nullable=False),
        sa.Column("push", sa.Boolean(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_to", sa.Time(), nullable=True),
        sa.Column("quiet_days_off", sa.Boolean(), nullable=False),
        sa.Column("muted", sa.Text(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.CheckConstraint("email IN ('off', 'each', 'digest')", name=op.f("ck_notification_preference_known_email")),
        sa.CheckConstraint(
            "(quiet_from IS NULL) = (quiet_to IS NULL)", name=op.f("ck_notification_preference_quiet_from_and_to")
        ),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_notification_preference_username_user_account")
        ),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_notification_preference")),
    )
    op.create_table(
        "push_subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("endpoint_hash", sa.String(length=64), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("p256dh", sa.String(length=100), nullable=False),
        sa.Column("auth", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("reached_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_push_subscription_username_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscription")),
        sa.UniqueConstraint("endpoint_hash", name=op.f("uq_push_subscription_endpoint_hash")),
    )
    op.create_index("ix_push_subscription_username", "push_subscription", ["username"])
    op.create_table(
        "notification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("about", sa.String(length=100), nullable=False),
        sa.Column("user_task_id", sa.Uuid(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.CheckConstraint("channel IN ('email', 'push')", name=op.f("ck_notification_known_channel")),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_notification_username_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint(
            "username", "channel", "kind", "about", name=op.f("uq_notification_username_channel_kind_about")
        ),
    )
    op.create_index("ix_notification_user_task_id", "notification", ["user_task_id"])
    op.create_index("ix_notification_due", "notification", ["username", "channel", "due_at"])


def _reminders() -> None:
    op.create_table(
        "reminder",
        sa.Column("user_task_id", sa.Uuid(), nullable=False),
        sa.Column("every", sa.String(length=60), nullable=True),
        sa.Column("rounds_left", sa.Integer(), nullable=True),
        sa.Column("calendar", sa.String(length=10), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=False),
        sa.Column("ends_with", sa.String(length=100), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.Column("next_at", INSTANT, nullable=True),
        sa.Column("stopped_at", INSTANT, nullable=True),
        sa.Column("stopped_because", sa.String(length=10), nullable=True),
        sa.Column("sla", sa.String(length=60), nullable=True),
        sa.Column("sla_at", INSTANT, nullable=True),
        sa.Column("escalate_to", sa.String(length=160), nullable=True),
        sa.Column("escalated_at", INSTANT, nullable=True),
        sa.Column("since", INSTANT, nullable=False),
        sa.CheckConstraint("calendar IN ('always', 'working')", name=op.f("ck_reminder_known_calendar")),
        sa.CheckConstraint("until IN ('accepted', 'completed')", name=op.f("ck_reminder_known_end")),
        sa.CheckConstraint(
            "stopped_because IN ('accepted', 'event', 'waived', 'spent')", name=op.f("ck_reminder_known_reason")
        ),
        sa.CheckConstraint(
            "(stopped_at IS NULL) = (stopped_because IS NULL)", name=op.f("ck_reminder_stopped_for_a_reason")
        ),
        sa.CheckConstraint("round >= 0 AND rounds_left >= 0", name=op.f("ck_reminder_rounds_are_counted")),
        sa.CheckConstraint(
            "every IS NOT NULL OR sla IS NOT NULL OR ends_with IS NOT NULL", name=op.f("ck_reminder_it_asks_something")
        ),
        sa.ForeignKeyConstraint(
            ["user_task_id"], ["user_task.id"], name=op.f("fk_reminder_user_task_id_user_task"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_task_id", name=op.f("pk_reminder")),
    )
    for name, columns, where in (
        ("ix_reminder_told", ["user_task_id", "round"], "round > 0"),
        ("ix_reminder_ends_with", ["ends_with"], "ends_with IS NOT NULL"),
    ):
        op.create_index(name, "reminder", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_table(
        "reminder_aside",
        sa.Column("user_task_id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_task_id"],
            ["reminder.user_task_id"],
            name=op.f("fk_reminder_aside_user_task_id_reminder"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_reminder_aside_username_user_account")
        ),
        sa.PrimaryKeyConstraint("user_task_id", "username", name=op.f("pk_reminder_aside")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Change it back."""
    for table in ("notification", "push_subscription", "notification_preference", "reminder_aside", "reminder"):
        op.drop_table(table)
