"""What the role of servers and workers may do in PostgreSQL: everything but change what is on record for ever."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from webui.refusal import Refusal

#: Tables that are only ever added to.
APPEND_ONLY = ("audit_event", "audit_seal", "history_event")


class GrantRefused(Refusal):
    """The privileges cannot be given; the text says why."""


def grant(connection: Connection, role: str) -> None:
    """Let ``role`` work and not rewrite.

    Raises:
        GrantRefused: the database has no roles, or no such role, or the role could take the right back to itself.
    """
    if connection.dialect.name != "postgresql":
        raise GrantRefused("SQLite has no roles: whoever writes the file writes all of it; its triggers refuse.")
    found = connection.execute(
        sa.text("SELECT rolsuper, rolname = current_user AS is_owner FROM pg_roles WHERE rolname = :role"),
        {"role": role},
    ).one_or_none()
    if found is None:
        raise GrantRefused(f"There is no role {role}: `createuser {role}` makes it.")
    if found.rolsuper or found.is_owner:
        raise GrantRefused(f"{role} is a superuser or owns the tables, and could take any right back to itself.")
    quote = connection.dialect.identifier_preparer.quote
    to, schema = quote(role), quote(connection.scalar(sa.text("SELECT current_schema()")) or "public")
    for statement in (
        f"GRANT USAGE ON SCHEMA {schema} TO {to}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {to}",
        f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA {schema} TO {to}",
        *(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC, {to}" for table in APPEND_ONLY),
        f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {to}",
    ):
        connection.exec_driver_sql(statement)
