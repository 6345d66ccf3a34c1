"""Several servers on one PostgreSQL: a word to the others that something was committed, and what they say in turn.

The word goes out after the commit, one for all that this process committed in a moment, and not inside each
transaction: there NOTIFY makes commits wait for each other (measured: 40% fewer of them with eight clients). Nothing
hangs on it. What changed is read from the history; a server that hears nothing looks there every second anyway.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from engine import database
from webui.live import commits

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

log = logging.getLogger(__name__)

CHANNEL = "matterflow_live"
#: After a word, the time until the next one: what is committed meanwhile goes with it.
PAUSE_S = 0.05
#: PostgreSQL carries 8000 bytes.
LONGEST = 7900
_LISTEN_S = 1.0
_SLOWEST_S = 30.0


class Announcer:
    """Tells the other servers, from a thread of its own, that this process committed something."""

    def __init__(self, engine: Engine) -> None:
        #: Who says it: one's own words are no news.
        self.name = uuid4().hex[:12]
        self._engine = engine
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; on SQLite there is nobody to tell."""
        if self._engine.dialect.name != "postgresql":
            return
        commits.call(self._woken.set)
        self._thread = threading.Thread(target=self._announce, name="matterflow-announcer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Say the last word and end."""
        if self._thread is None:
            return
        commits.call_no_more(self._woken.set)
        self._stopped.set()
        self._woken.set()
        self._thread.join()
        self._thread = None

    def say(self, message: dict[str, Any]) -> None:
        """Tell the other servers something at once; what is too long, or cannot be told, is not."""
        if self._engine.dialect.name != "postgresql":
            return
        text = orjson.dumps({"node": self.name, **message}).decode()
        if len(text) > LONGEST:
            return
        try:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(sa.select(sa.func.pg_notify(CHANNEL, text)))
        except SQLAlchemyError:
            log.warning("the other servers could not be told; they look for themselves", exc_info=True)

    def _announce(self) -> None:
        while not self._stopped.is_set():
            self._woken.wait()
            self._woken.clear()
            self.say({"changed": True})
            self._stopped.wait(PAUSE_S)


class Listener:
    """Hears what the other servers say; comes back by itself when the connection is lost."""

    def __init__(self, url: str, hear: Callable[[dict[str, Any]], None], *, deaf_to: str) -> None:
        address = database.without_pooling(sa.make_url(url)).set(drivername="postgresql")
        self._address = address.render_as_string(hide_password=False)
        self._hear = hear
        self._deaf_to = deaf_to
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="matterflow-listener", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        self._stopped.set()
        self._thread.join()

    def _listen(self) -> None:
        import psycopg  # noqa: PLC0415 - only where there is a PostgreSQL

        pause = 1.0
        while not self._stopped.is_set():
            try:
                with psycopg.connect(self._address, autocommit=True) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._hear({"changed": True})  # whatever was said while nobody listened
                    pause = 1.0
                    while not self._stopped.is_set():
                        for word in connection.notifies(timeout=_LISTEN_S):
                            self._take(word.payload)
                            if self._stopped.is_set():
                                break
            except psycopg.Error as lost:
                log.warning("the other servers cannot be heard; trying again in %d s: %s", pause, lost)
                self._stopped.wait(pause)
                pause = min(_SLOWEST_S, pause * 2)

    def _take(self, payload: str) -> None:
        try:
            message = orjson.loads(payload)
        except orjson.JSONDecodeError:
            return
        if isinstance(message, dict) and cast("dict[str, Any]", message).get("node") != self._deaf_to:
            self._hear(cast("dict[str, Any]", message))
