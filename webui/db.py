"""The database as the web uses it: one session and one transaction a request.

``db.session`` is the request's session. A GET or HEAD reads without the writer lock; any other
method may write. Returning an answer below 400 commits *before* the answer leaves; raising, or
answering 400 and above, rolls back. Views and services never commit.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, current_app, has_request_context, request
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from engine import database
from engine.errors import Conflict
from engine.job_queue import JobQueue
from engine.job_table import JOBS_DUE
from engine.models import Base

READING = frozenset({"GET", "HEAD", "OPTIONS"})
_READER = "matterflow_reader"


class FasterElsewhere(Conflict):
    """Something else changed the same records at the same time; nothing was stored, try again."""

    code = "faster_elsewhere"


class _RequestSession(database.StepSession, FlaskSession):
    """A session that reads without the writer lock when the request only reads."""

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **_: Any) -> Any:
        """Choose the reading or the writing side of the one database."""
        if bind is not None:
            return bind
        if self.info.get("reading") or (has_request_context() and request.method in READING):
            return current_app.extensions[_READER]
        return self._db.engines[None]


class _Database(SQLAlchemy):
    """Flask-SQLAlchemy on the engine that ``engine.database`` opens."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> sa.Engine:
        options = dict(options)
        return database.create_engine(str(options.pop("url")), **app.config.get("MATTERFLOW_ENGINE_OPTIONS", {}))

    def _apply_driver_defaults(self, options: dict[str, Any], app: Flask) -> None:
        """Leave the driver to ``engine.database``."""


db = _Database(
    metadata=Base.metadata,
    session_options={"class_": _RequestSession, "expire_on_commit": False},
)


def init_app(app: Flask, url: str) -> None:
    """Open the database for ``app``."""
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    with app.app_context():
        app.extensions[_READER] = database.read_only(db.engine)


def in_one_transaction(handle: Callable[[], Response]) -> Response:
    """Run ``handle`` as the request's transaction."""
    session = db.session
    try:
        response = handle()
        if response.status_code >= 400 or request.method in READING:  # noqa: PLR2004
            session.rollback()
        else:
            commit()
    except (IntegrityError, StaleDataError, OperationalError) as error:
        session.rollback()
        if is_a_race(error):
            raise FasterElsewhere from error
        raise
    except BaseException:
        session.rollback()
        raise
    return response


def commit() -> None:
    """Commit the request's session; jobs that its steps made and that are due at once are queued with it."""
    session = db.session()
    due = session.info.pop(JOBS_DUE, None)
    if due:
        queue: JobQueue | None = current_app.extensions.get("matterflow_queue")
        if queue is not None:
            queue.enqueue(session, due)
    session.commit()
    wake = current_app.extensions.get("matterflow_wake")
    if due and wake is not None:
        wake()


def is_a_race(error: Exception) -> bool:
    """Say whether the database refused because somebody was faster (and not because of a bug)."""
    if isinstance(error, StaleDataError):
        return True
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    text = str(getattr(error, "orig", error)).lower()
    # 23505 unique violation, 40001 serialization failure, 40P01 deadlock.
    return state in ("23505", "40001", "40P01") or "unique constraint" in text or "database is locked" in text


@contextmanager
def reading() -> Generator[Session]:
    """Open a short transaction of its own that only reads, whatever the request's method."""
    with Session(current_app.extensions[_READER], expire_on_commit=False) as session:
        yield session


@contextmanager
def writing() -> Generator[Session]:
    """Open a short transaction of its own that may write; returning commits, raising rolls back."""
    with database.transaction(db.engine) as session:
        yield session
