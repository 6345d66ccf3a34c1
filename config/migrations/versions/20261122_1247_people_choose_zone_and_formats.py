"""People choose the zone and the formats they read in.

The previous release runs on the new schema: yes. It writes none of the three columns, and absent means the firm's.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1247"
down_revision = "1242"
branch_labels = None
depends_on = None


KNOWN = "hour_cycle IN ('h12', 'h23')"
NAME = "ck_user_account_hour_cycle_is_known"


def upgrade() -> None:
    """Change the schema."""
    op.add_column("user_account", sa.Column("time_zone", sa.String(64), nullable=True))
    op.add_column("user_account", sa.Column("region", sa.String(3), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        # Adding the check afterwards would copy the table that half of the schema refers to.
        op.execute(f"ALTER TABLE user_account ADD COLUMN hour_cycle VARCHAR(3) CONSTRAINT {NAME} CHECK ({KNOWN})")
    else:
        op.add_column("user_account", sa.Column("hour_cycle", sa.String(3), nullable=True))
        op.create_check_constraint(op.f(NAME), "user_account", sa.text(KNOWN))


def downgrade() -> None:
    """Change it back."""
    for name in ("hour_cycle", "region", "time_zone"):
        op.drop_column("user_account", name)
