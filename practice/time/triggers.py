"""The database itself refuses to change or delete an approved line of hours."""

from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy import event

TABLE: Final = "time_entry"
REFUSAL: Final = "approved hours are locked"


def statements(dialect: str) -> list[str]:
    """Return what makes the triggers on one kind of database."""
    if dialect == "sqlite":
        refuse = f"WHEN OLD.state = 'approved' BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        return [
            f"CREATE TRIGGER {TABLE}_is_not_changed_when_approved BEFORE UPDATE ON {TABLE} {refuse}",
            f"CREATE TRIGGER {TABLE}_is_not_deleted_when_approved BEFORE DELETE ON {TABLE} {refuse}",
        ]
    return [
        (
            f"CREATE OR REPLACE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql "
            f"AS $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        ),
        (
            f"CREATE TRIGGER {TABLE}_is_locked_when_approved BEFORE UPDATE OR DELETE ON {TABLE} "
            f"FOR EACH ROW WHEN (OLD.state = 'approved') EXECUTE FUNCTION {TABLE}_refuse()"
        ),
    ]


def lock_approved(model: Any) -> None:
    """Create the triggers with the table, where tests make tables without migrations."""
    table = cast("sa.Table", model.__table__)
    for dialect in ("sqlite", "postgresql"):
        for statement in statements(dialect):
            event.listen(table, "after_create", sa.DDL(statement).execute_if(dialect=dialect))
