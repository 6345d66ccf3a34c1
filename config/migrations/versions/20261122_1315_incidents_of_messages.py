"""Let an incident be about a job that belongs to no process: mails that no server takes.

The previous release runs on the new schema: yes, but for its page of incidents while such an incident is open.
"""

from __future__ import annotations

from alembic import op

revision = "1315"
down_revision = "1255"
branch_labels = None
depends_on = None

NAME = "ck_incident_belongs_to_something"
BEFORE = "process_instance_id IS NOT NULL OR process_definition_id IS NOT NULL"


def upgrade() -> None:
    """Change the schema."""
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_constraint(op.f(NAME), type_="check")
        batch_op.create_check_constraint(op.f(NAME), f"{BEFORE} OR job_id IS NOT NULL")


def downgrade() -> None:
    """Change it back; incidents of messages are forgotten."""
    op.execute("DELETE FROM incident WHERE process_instance_id IS NULL AND process_definition_id IS NULL")
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_constraint(op.f(NAME), type_="check")
        batch_op.create_check_constraint(op.f(NAME), BEFORE)
