"""Run migrations on the database of the settings, or on the connection that ``webui.upgrades`` hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy.engine import Connection

from config import settings
from engine import database
from engine.models.base import Json, UtcDateTime
from webui.upgrades import is_compared, metadata


def _plain_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our column types as what they are in the database: a migration outlives the code around it."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Json):
        return "sa.Text()"
    return False


def _run(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    if sqlite and not connection.in_transaction():
        # Batch mode rebuilds tables: enforced foreign keys would delete the rows that point at the old one.
        _enforce_foreign_keys(connection, "OFF")
    context.configure(
        connection=connection,
        target_metadata=metadata(),
        render_as_batch=sqlite,
        transactional_ddl=True,
        compare_type=True,
        include_object=is_compared,
        compare_server_default=False,
        render_item=_plain_type,
    )
    try:
        with context.begin_transaction():
            context.run_migrations()
    finally:
        if sqlite and not connection.in_transaction():
            _enforce_foreign_keys(connection, "ON")


def _enforce_foreign_keys(connection: Connection, switch: str) -> None:
    """Tell SQLite itself: outside a transaction, or it does not listen."""
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA foreign_keys={switch}")


def run() -> None:
    """Migrate."""
    given: Connection | None = context.config.attributes.get("connection")
    if given is not None:
        _run(given)
        return
    chosen = settings.from_environment()
    chosen.make_data_dir()
    engine = database.create_engine(chosen.database_url)
    with engine.connect() as connection:
        _run(connection)
    engine.dispose()


if context.is_offline_mode():
    raise SystemExit("Migrations look at the database they change; --sql is not offered.")
run()
