"""How the product opens its database: SQLite that never waits on itself, or PostgreSQL.

SQLite gets write-ahead logging, full durability and one first-come-first-served writer lock in
this process: threads queue for it instead of polling the file, so nobody starves. A transaction
that may write begins IMMEDIATE; one that only reads takes no lock at all (``read_only``).
"""

import threading
import time
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from engine.prepared import as_sqlalchemy_has_it

#: Key in ``Connection.info`` that says this connection holds the writer lock.
_HOLDS = "matterflow_holds_writer_lock"
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=10000",
    "foreign_keys=ON",
    "cache_size=-32000",
    "temp_store=MEMORY",
)


#: What PostgreSQL is told at each new connection. Compiling a statement to machine code takes its planner's rough
#: guesses for granted: 1.5 s for an inbox page that is read in 13 ms without (100,000 open tasks, PostgreSQL 15).
#: Helpers for one statement cost a page 25 ms of processor time (the counts of the same inbox) that others wait for:
#: they are for statements that read whole tables.
_SESSION_SETTINGS = "-c jit=off -c parallel_setup_cost=20000"
#: Statements that a connection to PostgreSQL keeps parsed and planned: psycopg's hundred are fewer than the pages of
#: several people have. Each costs the server about 0.2 MB.
_KEPT_STATEMENTS = 200
#: Times that a statement is asked before it is kept; psycopg waits for five.
_KEPT_AFTER = 2
#: A connection to PostgreSQL that was used so recently, in seconds, is taken to be there still.
_TRUSTED_S = 1.0
#: Key in a pooled connection's ``info``: when it was last given back, by the clock that never jumps.
_RESTS_SINCE = "matterflow_rests_since"
#: Key in ``Session.info``: a transaction and the connection that it works on.
_WORKS_ON = "matterflow_works_on"
#: Key in ``Session.info``: what is asked is planned for anyone.
_PLANNED = "matterflow_planned_for_anyone"


class StepSession(Session):
    """A session that remembers its transaction's connection.

    A request asks for it seven times, and each time SQLAlchemy looks for it anew (measured: 0.03 ms).
    """

    def connection(self, *args: Any, **kwargs: Any) -> Connection:
        """Return the connection of the transaction under way; asked inside a savepoint, it is set first."""
        if args or kwargs or self.in_nested_transaction():
            return super().connection(*args, **kwargs)
        kept = self.info.get(_WORKS_ON)
        if kept is not None and kept[0] is self.get_transaction():
            return kept[1]
        connection = super().connection()
        self.info[_WORKS_ON] = (self.get_transaction(), connection)
        return connection

    def close(self) -> None:
        """Close; the transaction, which knows its session, is forgotten: they would keep each other until collected."""
        super().close()
        self.info.pop(_WORKS_ON, None)


class FairLock:
    """A lock that is granted in the order it was asked for."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._queue: deque[threading.Lock] = deque()
        self._held = False

    def acquire(self, timeout: float = -1) -> bool:
        """Wait in line; ``timeout`` in seconds, negative for ever."""
        with self._guard:
            if not self._held:
                self._held = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self._queue.append(turn)
        if turn.acquire(timeout=timeout):
            return True
        with self._guard:
            if turn in self._queue:
                self._queue.remove(turn)
                return False
        return True  # the lock was handed over at the very moment the wait ended

    def release(self) -> None:
        """Hand the lock to whoever has waited longest."""
        with self._guard:
            if self._queue:
                self._queue.popleft().release()
            else:
                self._held = False


def create_engine(url: str, **options: Any) -> Engine:
    """Open the database at ``url``; a lone ``sqlite://`` is an in-memory database of one connection.

    ``?pgbouncer=true`` in a PostgreSQL address says that a pooler stands in front, which hands out a server's
    connection for a transaction at a time: then no statement is prepared on the server.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        options.setdefault("pool_size", 16)
        options.setdefault("max_overflow", 24)
        options.setdefault("pool_use_lifo", True)  # what was used last has the most statements at hand
        given = options.get("connect_args", {})
        if is_pooled(parsed):
            options["connect_args"] = {"prepare_threshold": None, **given}
        elif "options" not in parsed.query:
            options["connect_args"] = {"options": _SESSION_SETTINGS, **given}
        engine = sa.create_engine(_with_psycopg(without_pooling(parsed)), **options)
        _ask_after_rest(engine)
        if not is_pooled(parsed):
            _keep_prepared(engine)
        return engine
    in_memory = parsed.database in (None, "", ":memory:")
    if in_memory:
        options.setdefault("poolclass", StaticPool)
    else:
        options.setdefault("pool_size", 40)
        options.setdefault("max_overflow", 0)
        options.setdefault("pool_use_lifo", True)  # what was used last has the most pages at hand
    # Python keeps 128 statements; to parse a page's anew takes half as long as to run it.
    arguments = {"check_same_thread": False, "cached_statements": 400}
    engine = sa.create_engine(parsed, connect_args=arguments, **options)
    _prepare_sqlite(engine)
    return engine


def is_pooled(url: sa.URL) -> bool:
    """Say whether the address names a pooler by transactions."""
    return str(url.query.get("pgbouncer", "")).lower() in ("true", "1")


def without_pooling(url: sa.URL) -> sa.URL:
    """Return the address as PostgreSQL's own programs understand it."""
    return url.difference_update_query(["pgbouncer"])


def insert(dialect: str, into: Any) -> Any:
    """Return an INSERT that may say ON CONFLICT, as this database writes it; only its dialect is loaded."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql as own  # noqa: PLC0415
    else:
        from sqlalchemy.dialects import sqlite as own  # noqa: PLC0415
    return own.insert(into)


def read_only(engine: Engine) -> Engine:
    """Return the same database for transactions that only read: they never take the writer lock."""
    return engine.execution_options(matterflow_read_only=True)


def is_read_only(connection: Connection) -> bool:
    """Say whether this connection is of an engine that only reads."""
    return bool(connection.get_execution_options().get("matterflow_read_only"))


@contextmanager
def transaction(engine: Engine) -> Generator[Session]:
    """Open a session for one transaction: returning commits, raising rolls back."""
    session = StepSession(engine, expire_on_commit=False)
    try:
        yield session
        session.commit()
    finally:
        session.close()  # rolls back what was not committed


@contextmanager
def planned_for_anyone(session: Session) -> Generator[None]:
    """Let PostgreSQL ask what follows by plans that it keeps, whatever the values.

    It takes a long statement's values to be worth planning for each time, and plans for as long as it runs. Meant for
    statements that say themselves how they are read (``practice.gathering``), with limits that are written out.
    """
    if session.get_bind().dialect.name != "postgresql" or session.info.get(_PLANNED):
        yield
        return
    driver: Any = session.connection().connection.driver_connection
    _tell(driver, "SET LOCAL plan_cache_mode TO force_generic_plan")
    session.info[_PLANNED] = True
    try:
        yield
    finally:
        del session.info[_PLANNED]
    _tell(driver, "SET LOCAL plan_cache_mode TO auto")


def _tell(driver: Any, setting: str) -> None:
    """Send a setting for a transaction without psycopg's ceremony of executing (measured: 0.07 ms of a page's 5)."""
    if driver.info.transaction_status.name == "INTRANS":
        driver.pgconn.exec_(setting.encode())
    if driver.info.transaction_status.name != "INTRANS":
        driver.execute(setting)  # begins, or says what is wrong


def _with_psycopg(url: sa.URL) -> sa.URL:
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


def _ask_after_rest(engine: Engine) -> None:
    """Ask a connection that has lain unused whether it is still there, and open another if not.

    SQLAlchemy's own asking (``pool_pre_ping``) does so each time, a round trip for every page.
    """

    @event.listens_for(engine, "checkin")
    def _given_back(_dbapi_connection: Any, record: Any) -> None:
        record.info[_RESTS_SINCE] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _taken(dbapi_connection: Any, record: Any, _proxy: Any) -> None:
        since = record.info.get(_RESTS_SINCE)
        if since is None or time.monotonic() - since < _TRUSTED_S:
            return
        try:
            engine.dialect.do_ping(dbapi_connection)
        except engine.dialect.loaded_dbapi.Error as gone:
            raise InvalidatePoolError from gone


def _keep_prepared(engine: Engine) -> None:
    """Let PostgreSQL keep what it has parsed and planned over a rollback, with which each page ends.

    psycopg forgets every prepared statement at a rollback, because tables made in the transaction are gone; here no
    request makes one, and so each page was planned anew. It leaves alone what has been rolled back already. After an
    error it does forget them: what was sent behind a statement that failed was never prepared.
    """

    @event.listens_for(engine, "connect")
    def _connected(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.prepared_max = _KEPT_STATEMENTS
        if dbapi_connection.prepare_threshold is not None:
            dbapi_connection.prepare_threshold = _KEPT_AFTER

    @event.listens_for(engine, "rollback")
    def _rolled_back(connection: Connection) -> None:
        if not connection.invalidated:
            driver: Any = connection.connection.driver_connection
            # Of a connection that is lost, or still at work, psycopg says itself what is wrong.
            if driver.info.transaction_status.name == "INTRANS":
                driver.pgconn.exec_(b"ROLLBACK")


def _begin(connection: Connection, statement: str) -> None:
    """Begin a transaction without SQLAlchemy's ceremony of executing (measured: 0.03 ms)."""
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute(statement)
    except connection.dialect.loaded_dbapi.Error as refused:
        raise as_sqlalchemy_has_it(connection, driver, statement, None, refused) from refused


def _prepare_sqlite(engine: Engine) -> None:
    lock = FairLock()

    @event.listens_for(engine, "connect")
    def _connected(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None  # transactions are begun by us, below
        cursor = dbapi_connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        if is_read_only(connection):
            _begin(connection, "BEGIN")
            return
        if not connection.info.get(_HOLDS):
            lock.acquire()
            connection.info[_HOLDS] = True
        try:
            _begin(connection, "BEGIN IMMEDIATE")
        except BaseException:
            _release(connection.info)
            raise

    def _release(info: dict[Any, Any]) -> None:
        if info.pop(_HOLDS, False):
            lock.release()

    # The lock goes back when the connection does, which is after the commit is on disk.
    @event.listens_for(engine.pool, "reset")
    def _given_back(_dbapi_connection: Any, record: Any, _state: Any) -> None:
        _release(record.info)

    @event.listens_for(engine.pool, "invalidate")
    def _lost(_dbapi_connection: Any, record: Any, _exception: Any) -> None:
        _release(record.info)
