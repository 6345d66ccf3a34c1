"""The database itself refuses to change or delete a hop of a letter."""

from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy import event

TABLE: Final = "letter_hop"
REFUSAL: Final = "the history of a letter only grows"


def statements(dialect: str) -> list[str]:
    """Return what makes the triggers on one kind of database."""
    if dialect == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        return [
            f"CREATE TRIGGER {TABLE}_is_never_deleted BEFORE DELETE ON {TABLE} {refuse}",
            f"CREATE TRIGGER {TABLE}_is_never_changed BEFORE UPDATE ON {TABLE} {refuse}",
        ]
    return [
        (
            f"CREATE OR REPLACE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql "
            f"AS $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        ),
        (
            f"CREATE TRIGGER {TABLE}_is_never_changed BEFORE UPDATE OR DELETE ON {TABLE} "
            f"FOR EACH ROW EXECUTE FUNCTION {TABLE}_refuse()"
        ),
        (
            f"CREATE TRIGGER {TABLE}_is_never_truncated BEFORE TRUNCATE ON {TABLE} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_refuse()"
        ),
    ]


def protect_hops(model: Any) -> None:
    """Create the triggers with the table, where tests make tables without migrations."""
    table = cast("sa.Table", model.__table__)
    for dialect in ("sqlite", "postgresql"):
        for statement in statements(dialect):
            event.listen(table, "after_create", sa.DDL(statement).execute_if(dialect=dialect))
