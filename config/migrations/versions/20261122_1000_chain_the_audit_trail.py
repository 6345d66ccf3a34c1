"""Chain the audit trail, and let the database refuse every change of it.

The previous release runs on the new schema: yes. It writes audit events without a seal, which a worker of this
release seals as late; it never changes one. What is there already is sealed as late here, in the order of ids.
"""

from __future__ import annotations

import hashlib
from datetime import UTC
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

revision = "1000"
down_revision = "0950"
branch_labels = None
depends_on = None

REFUSAL = "rows of the audit trail are never changed and never deleted"
KEYS = {"audit_event": "id", "audit_seal": "position"}
INDEXES = {
    "by": ["by", "at", "id"],
    "kind": ["kind", "at", "id"],
    "entity_at": ["entity", "at", "id"],
    "matter_number": ["matter_number", "at", "id"],
}
BATCH = 2_000


def upgrade() -> None:
    """Change the schema."""
    op.add_column("audit_event", sa.Column("is_denial", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("audit_event", sa.Column("matter_number", sa.String(length=100), nullable=True))
    # What the release before says of matters, this one filters by.
    op.execute("UPDATE audit_event SET matter_number = entity_id WHERE entity = 'matter'")
    for name, columns in INDEXES.items():
        op.create_index(f"ix_audit_event_{name}", "audit_event", columns, unique=False)
    op.create_index(
        "ix_audit_event_denial",
        "audit_event",
        ["at", "id"],
        unique=False,
        sqlite_where=sa.text("is_denial"),
        postgresql_where=sa.text("is_denial"),
    )
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "audit_seal",
        sa.Column("position", number, autoincrement=False, nullable=False),
        sa.Column("event_id", number, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.CheckConstraint("position > 0", name=op.f("ck_audit_seal_position_is_positive")),
        sa.CheckConstraint("length(hash) = 64", name=op.f("ck_audit_seal_hash_is_sha256")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("event_id", name=op.f("uq_audit_seal_event_id")),
    )
    _seal_what_is_there()
    _protect()


def downgrade() -> None:
    """Change it back."""
    if op.get_bind().dialect.name == "sqlite":
        for table in KEYS:
            for done in ("changed", "deleted", "replaced"):
                op.execute(f"DROP TRIGGER {table}_is_never_{done}")
    else:
        for table in KEYS:
            for done in ("changed", "truncated"):
                op.execute(f"DROP TRIGGER {table}_is_never_{done} ON {table}")
            op.execute(f"DROP FUNCTION {table}_refuse()")
            op.execute(f"GRANT UPDATE, DELETE, TRUNCATE ON {table} TO CURRENT_USER")
    op.drop_table("audit_seal")
    for name in (*INDEXES, "denial"):
        op.drop_index(f"ix_audit_event_{name}", table_name="audit_event")
    with op.batch_alter_table("audit_event") as batch_op:
        batch_op.drop_column("matter_number")
        batch_op.drop_column("is_denial")


def _seal_what_is_there() -> None:
    """Seal the events that there are; how an event is hashed is ``practice.audit.chain``'s, as of this revision."""
    texts = ("by", "entity", "entity_id", "kind", "before", "after", "matter_number")
    event = sa.table(
        "audit_event",
        sa.column("id", sa.BigInteger()),
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("is_denial", sa.Boolean()),
        *(sa.column(name, sa.Text()) for name in texts),
    )
    seal = sa.table("audit_seal", *(sa.column(name) for name in ("position", "event_id", "hash", "is_late")))
    connection, last, position, previous = op.get_bind(), -(2**63), 0, "0" * 64
    while rows := connection.execute(sa.select(event).where(event.c.id > last).order_by(event.c.id).limit(BATCH)).all():
        seals: list[dict[str, Any]] = []
        for row in rows:
            at = (row.at if row.at.tzinfo else row.at.replace(tzinfo=UTC)).astimezone(UTC)
            said = [1, at.isoformat(timespec="microseconds"), row.by, row.entity, row.entity_id, row.kind]
            said += [row.before, row.after, bool(row.is_denial), row.matter_number]
            position += 1
            digest = hashlib.sha256(orjson.dumps(said)).hexdigest()
            previous = hashlib.sha256(f"{previous}|{position}|{row.id}|1|{digest}".encode()).hexdigest()
            seals.append({"position": position, "event_id": row.id, "hash": previous, "is_late": True})
        connection.execute(sa.insert(seal), seals)
        last = rows[-1].id


def _protect() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table, key in KEYS.items():
            refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            op.execute(f"CREATE TRIGGER {table}_is_never_changed BEFORE UPDATE ON {table} {refuse}")
            op.execute(f"CREATE TRIGGER {table}_is_never_deleted BEFORE DELETE ON {table} {refuse}")
            taken = f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"  # noqa: S608 - names of our own
            op.execute(f"CREATE TRIGGER {table}_is_never_replaced BEFORE INSERT ON {table} WHEN {taken} {refuse}")
        return
    for table in KEYS:
        op.execute(
            f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql "
            f"AS $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_is_never_changed BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_is_never_truncated BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
        )
        # Not even the owner, unless it gives the right back to itself: an installation with one role has that much.
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC, CURRENT_USER")
