"""The database itself refuses to delete a deadline, or to change what was written about one."""

from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import event

REFUSAL = "deadlines are never deleted"


def on_sqlite(table: str, *, changes_too: bool) -> list[str]:
    """Return the triggers of one table."""
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    taken = f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"  # noqa: S608 - names of our own
    made = [
        f"CREATE TRIGGER {table}_is_never_deleted BEFORE DELETE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_is_never_replaced BEFORE INSERT ON {table} WHEN {taken} {refuse}",
    ]
    if changes_too:
        made.append(f"CREATE TRIGGER {table}_is_never_changed BEFORE UPDATE ON {table} {refuse}")
    return made


def on_postgresql(table: str, *, changes_too: bool) -> list[str]:
    """Return the trigger function and the triggers of one table."""
    verbs = "UPDATE OR DELETE" if changes_too else "DELETE"
    return [
        (
            f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql "
            f"AS $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        ),
        (
            f"CREATE TRIGGER {table}_is_never_deleted BEFORE {verbs} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
        ),
        (
            f"CREATE TRIGGER {table}_is_never_truncated BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
        ),
    ]


def protect(*models: Any, changes_too: tuple[Any, ...]) -> None:
    """Create the triggers with the tables, where tests make tables without migrations."""
    for model in models:
        table = cast("sa.Table", model.__table__)
        is_strict = model in changes_too
        of_dialect = {
            "sqlite": on_sqlite(table.name, changes_too=is_strict),
            "postgresql": on_postgresql(table.name, changes_too=is_strict),
        }
        for dialect, statements in of_dialect.items():
            for statement in statements:
                event.listen(table, "after_create", sa.DDL(statement).execute_if(dialect=dialect))
