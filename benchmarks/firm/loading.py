"""Filling tables fast: rows go to the driver in bulk, and indexes are made when the rows are there."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from engine import table_statistics
from engine.database import transaction

_BATCH = 20_000


class Loader:
    """Writes rows into one database; values are texts, numbers, booleans and None as both databases take them."""

    def __init__(self, connection: Connection, progress: Callable[[str, int], None]) -> None:
        self._connection = connection
        self._driver: Any = connection.connection.driver_connection
        self._progress = progress
        self.is_sqlite = connection.dialect.name == "sqlite"

    def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """Write rows; return how many there were."""
        quote = self._connection.dialect.identifier_preparer.quote
        names = ", ".join(quote(column) for column in columns)
        count, remaining = 0, iter(rows)
        while batch := list(islice(remaining, _BATCH)):
            if self.is_sqlite:
                marks = ", ".join("?" * len(columns))
                self._driver.executemany(f"INSERT INTO {quote(table)} ({names}) VALUES ({marks})", batch)
            else:
                cursor = self._driver.cursor()
                with cursor.copy(f"COPY {quote(table)} ({names}) FROM STDIN") as copy:
                    for row in batch:
                        copy.write_row(row)
            count += len(batch)
            self._progress(table, count)
        return count

    @contextmanager
    def without_indexes(self, tables: Iterable[str]) -> Iterator[None]:
        """Take the indexes of these tables away meanwhile, but not what constraints need."""
        kept: list[tuple[str, str]] = []
        for table in tables:
            kept += self._indexes(table)
        for name, _ in kept:
            self._connection.exec_driver_sql(f'DROP INDEX "{name}"')
        yield
        for name, statement in kept:
            self._progress(name, 0)
            self._connection.exec_driver_sql(statement)

    @contextmanager
    def unchecked(self) -> Iterator[None]:
        """Let PostgreSQL believe what rows refer to, and run no triggers; SQLite believes it throughout."""
        if self.is_sqlite or self._connection.scalar(sa.text("SELECT current_setting('is_superuser')")) != "on":
            yield
            return
        self._connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield
        self._connection.exec_driver_sql("SET LOCAL session_replication_role = origin")

    def _indexes(self, table: str) -> list[tuple[str, str]]:
        if self.is_sqlite:
            found = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :table AND sql IS NOT NULL"
        else:
            found = (
                "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = :table "
                "AND indexname NOT IN (SELECT conname FROM pg_constraint)"
            )
        return [(name, text) for name, text in self._connection.execute(sa.text(found), {"table": table})]


@contextmanager
def hurried(engine: Engine) -> Iterator[Connection]:
    """Open one transaction that may lose everything when the machine stops: nobody misses a generated firm."""
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
            driver.execute("PRAGMA synchronous=OFF")
            driver.execute("PRAGMA foreign_keys=OFF")
            driver.execute("PRAGMA cache_size=-400000")
        with connection.begin():
            if connection.dialect.name != "sqlite":
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
                connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '256MB'")
            yield connection
        if connection.dialect.name == "sqlite":
            driver.execute("PRAGMA cache_size=-32000")
            driver.execute("PRAGMA foreign_keys=ON")
            driver.execute("PRAGMA synchronous=FULL")


def analyse(engine: Engine) -> None:
    """Let the database look at what it holds, as the product does on SQLite and PostgreSQL does by itself."""
    if engine.dialect.name == "sqlite":
        with transaction(engine) as session:
            table_statistics.take(session)
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
