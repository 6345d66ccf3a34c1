"""Triggers that come with their tables: what the database itself keeps, whoever writes."""

from collections.abc import Callable
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection

from engine.models.base import Base


def come_with(models: tuple[type[Base], ...], statements: Callable[[str], list[str]]) -> None:
    """Create triggers where tests make tables without migrations, when all that they speak of are there.

    ``statements`` returns what makes them on one kind of database; a migration runs the same.
    """

    @event.listens_for(Base.metadata, "after_create")
    def _created(_target: object, connection: Connection, *, tables: list[sa.Table], **_: Any) -> None:
        if {cast("sa.Table", model.__table__) for model in models} <= set(tables):
            for statement in statements(connection.dialect.name):
                connection.exec_driver_sql(statement)


def present(connection: Connection) -> set[str]:
    """Return the names of the triggers that are there and not switched off."""
    if connection.dialect.name == "sqlite":
        found = sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    else:
        found = sa.text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')")
    return set(connection.scalars(found))
