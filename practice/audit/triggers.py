"""The database itself refuses to change the trail: for our code, other programs and people at its prompt."""

from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection

from engine.models import triggers

REFUSAL = "rows of the audit trail are never changed and never deleted"
#: Table -> its key; the migration 20261122_1000 says the same.
KEYS = {"audit_event": "id", "audit_seal": "position"}


def on_sqlite(table: str, key: str) -> list[str]:
    """Return the triggers of one table; the third one is for REPLACE, which deletes without asking the second."""
    taken = f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"  # noqa: S608 - names of our own
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    return [
        f"CREATE TRIGGER {table}_is_never_changed BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_is_never_deleted BEFORE DELETE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_is_never_replaced BEFORE INSERT ON {table} WHEN {taken} {refuse}",
    ]


def on_postgresql(table: str) -> list[str]:
    """Return the trigger function and the triggers of one table."""
    return [
        (
            f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql "
            f"AS $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        ),
        (
            f"CREATE TRIGGER {table}_is_never_changed BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
        ),
        (
            f"CREATE TRIGGER {table}_is_never_truncated BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
        ),
    ]


def protect(*models: Any) -> None:
    """Create the triggers with the tables, where tests make tables without migrations."""
    for model in models:
        table = cast("sa.Table", model.__table__)
        of_dialect = {"sqlite": on_sqlite(table.name, KEYS[table.name]), "postgresql": on_postgresql(table.name)}
        for dialect, statements in of_dialect.items():
            for statement in statements:
                event.listen(table, "after_create", sa.DDL(statement).execute_if(dialect=dialect))


def missing(connection: Connection) -> list[str]:
    """Name the triggers that should be there and are not, or that are switched off."""
    if connection.dialect.name == "sqlite":
        made = [one for table in KEYS for one in on_sqlite(table, KEYS[table])]
    else:
        made = [one for table in KEYS for one in on_postgresql(table)]
    return sorted(triggers.made_by(made).keys() - triggers.present(connection))


def may_rewrite(connection: Connection) -> bool:
    """Say whether the role that is signed in holds the right to change or delete rows; SQLite has no roles."""
    if connection.dialect.name == "sqlite":
        return False
    asked = " OR ".join(
        f"has_table_privilege(current_user, '{table}', '{verb}')"
        for table in KEYS
        for verb in ("UPDATE", "DELETE", "TRUNCATE")
    )
    return bool(connection.scalar(sa.text(f"SELECT {asked}")))
