"""Add signals and who listens for them, messages that are kept until somebody waits, and incidents of jobs.

The previous release runs on the new schema: yes. It writes no new column (each may be empty), knows nothing of the
new tables, and shows the incidents of instances only. A subscription that it writes has no ``keys``: its key is then
taken for the business key, as that release took it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0730"
down_revision = "0655"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "buffered_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("correlation_key", sa.String(length=200), nullable=True),
        sa.Column("keys", sa.Text(), nullable=False),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=True),
        sa.Column("process_instance_id", sa.Uuid(), nullable=True),
        sa.Column("element_id", sa.String(length=200), nullable=True),
        sa.Column("by", sa.String(length=150), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["process_instance_id"],
            ["process_instance.id"],
            name=op.f("fk_buffered_message_process_instance_id_process_instance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_buffered_message")),
    )
    op.create_index("ix_buffered_message_channel", "buffered_message", ["name", "correlation_key", "id"])
    op.create_index("ix_buffered_message_expires_at", "buffered_message", ["expires_at"])
    op.create_index("ix_buffered_message_process_instance_id", "buffered_message", ["process_instance_id"])

    op.create_table(
        "buffered_message_key",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("need", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["buffered_message.id"],
            name=op.f("fk_buffered_message_key_message_id_buffered_message"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("message_id", "number", name=op.f("pk_buffered_message_key")),
    )
    op.create_index("ix_buffered_message_key_need", "buffered_message_key", ["name", "need", "message_id"])

    op.create_table(
        "signal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column("process_instance_id", sa.Uuid(), nullable=True),
        sa.Column("element_id", sa.String(length=200), nullable=True),
        sa.Column("actor", sa.String(length=150), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receivers", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["process_instance_id"],
            ["process_instance.id"],
            name=op.f("fk_signal_process_instance_id_process_instance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal")),
    )
    op.create_index("ix_signal_name", "signal", ["name", "id"])
    op.create_index("ix_signal_process_instance_id", "signal", ["process_instance_id"])

    op.create_table(
        "signal_subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("process_instance_id", sa.Uuid(), nullable=False),
        sa.Column("element_id", sa.String(length=200), nullable=False),
        sa.Column("spiff_task_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["process_instance_id"],
            ["process_instance.id"],
            name=op.f("fk_signal_subscription_process_instance_id_process_instance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_subscription")),
    )
    op.create_index("ix_signal_subscription_name", "signal_subscription", ["name", "id"])
    op.create_index("ix_signal_subscription_process_instance_id", "signal_subscription", ["process_instance_id"])

    op.add_column("message_subscription", sa.Column("keys", sa.Text(), nullable=True))
    op.add_column("process_definition", sa.Column("signal_names", sa.Text(), nullable=True))
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.add_column(sa.Column("process_definition_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("job_id", sa.Uuid(), nullable=True))
        batch_op.alter_column("process_instance_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.create_check_constraint(
            op.f("ck_incident_belongs_to_something"),
            "process_instance_id IS NOT NULL OR process_definition_id IS NOT NULL",
        )


def downgrade() -> None:
    """Change it back; incidents of processes that did not start, and what is kept, are forgotten."""
    op.execute("DELETE FROM incident WHERE process_instance_id IS NULL")
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_incident_belongs_to_something"), type_="check")
        batch_op.alter_column("process_instance_id", existing_type=sa.Uuid(), nullable=False)
        batch_op.drop_column("job_id")
        batch_op.drop_column("process_definition_id")
    op.drop_column("process_definition", "signal_names")
    op.drop_column("message_subscription", "keys")
    op.drop_table("signal_subscription")
    op.drop_table("signal")
    op.drop_table("buffered_message_key")
    op.drop_table("buffered_message")
