"""Messages that nobody waits for yet: kept for a time, and handed out in the order in which they came.

Nobody may be missed when one process begins to wait while another's message is being put away. On SQLite one
transaction writes at a time. On PostgreSQL whoever begins to wait holds a shared lock on what it waits for until it
commits, and looks here only then; a message is put away first, and its job looks again for who waits under the
exclusive lock (``messages``). That job waits for nothing else while it holds the lock, so nobody waits in a circle.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from engine import correlation, job_table
from engine.models import BufferedMessage, BufferedMessageKey, MessageSubscription
from engine.models.base import new_id
from engine.prepared import Prepared

#: The kind of the jobs that look once more for who waits for a buffered message.
JOB_KIND = "message"

_MESSAGE = cast("sa.Table", BufferedMessage.__table__)
_NEED = cast("sa.Table", BufferedMessageKey.__table__)
_INSERT = Prepared(sa.insert(_MESSAGE))
_INSERT_NEEDS = Prepared(sa.insert(_NEED))

#: A message's name and the stored text of the keys that are needed for it.
Channel = tuple[str, str | None]


class Letter(NamedTuple):
    """A message on its way."""

    name: str
    keys: dict[str, str]
    variables: dict[str, Any]
    #: On whose behalf.
    by: str
    message_id: str | None = None
    #: The instance and element that threw it; None when it came from outside.
    sender_id: UUID | None = None
    element_id: str | None = None

    @property
    def channels(self) -> list[Channel]:
        """Everything somebody may wait for who may have it."""
        return [(self.name, need) for need in correlation.needs_met_by(self.keys)]

    def facts(self, **more: Any) -> dict[str, Any]:
        """Return what history says of it when it is taken."""
        known: dict[str, Any] = {"name": self.name, "variables": self.variables, "correlation_keys": self.keys}
        if self.message_id is not None:
            known["message_id"] = self.message_id
        if self.sender_id is not None:
            known["sent_by"] = str(self.sender_id)
        return {**known, **more}


def put(session: Session, letter: Letter, *, expires_at: datetime, now: datetime) -> UUID:
    """Keep a message until somebody waits for it or its time is over, and promise to look again at once."""
    buffered_id = new_id()
    connection = session.connection()
    _INSERT.run(
        connection,
        {
            "id": buffered_id,
            "name": letter.name,
            "correlation_key": correlation.stored(letter.keys),
            "keys": letter.keys,
            "variables": letter.variables,
            "message_id": letter.message_id,
            "process_instance_id": letter.sender_id,
            "element_id": letter.element_id,
            "by": letter.by,
            "received_at": now,
            "expires_at": expires_at,
        },
    )
    _INSERT_NEEDS.run(
        connection,
        [
            {"message_id": buffered_id, "number": number, "name": name, "need": need}
            for number, (name, need) in enumerate(letter.channels)
        ],
    )
    look_again(session, [buffered_id], by=letter.by, now=now)
    return buffered_id


def look_again(session: Session, buffered_ids: Iterable[UUID], *, by: str, now: datetime) -> None:
    """Promise to look for who waits for these messages."""
    for buffered_id in buffered_ids:
        job_table.promise(session, JOB_KIND, due_at=now, by=by, now=now, payload={"buffered_id": str(buffered_id)})


def letter_of(row: Any) -> Letter:
    """Return the message that a row keeps."""
    return Letter(row.name, row.keys, row.variables, row.by, row.message_id, row.process_instance_id, row.element_id)


def oldest_like(session: Session, letter: Letter, *, now: datetime) -> UUID | None:
    """Return the first message of the same name and the same keys that is still kept: nobody overtakes it."""
    return session.scalar(
        sa.select(_MESSAGE.c.id)
        .where(
            _MESSAGE.c.name == letter.name,
            is_same(_MESSAGE.c.correlation_key, correlation.stored(letter.keys)),
            _MESSAGE.c.expires_at > now,
        )
        .order_by(_MESSAGE.c.id)
        .limit(1)
    )


def kept_for(connection: Connection, channels: Iterable[Channel], *, now: datetime) -> dict[Channel, list[Any]]:
    """Return the messages that are kept for those who wait for these, oldest first.

    Who begins to wait calls ``begin_to_wait`` before.
    """
    found: dict[Channel, list[Any]] = {}
    for channel in channels:
        name, need = channel
        rows = connection.execute(
            sa.select(_MESSAGE)
            .join(_NEED, _NEED.c.message_id == _MESSAGE.c.id)
            .where(_NEED.c.name == name, is_same(_NEED.c.need, need), _MESSAGE.c.expires_at > now)
            .order_by(_MESSAGE.c.id)
        ).all()
        if rows:
            found[channel] = list(rows)
    return found


def take(connection: Connection, buffered_id: UUID) -> bool:
    """Take a message out; False when somebody else was faster. The receiver's row is locked before this."""
    return connection.execute(sa.delete(_MESSAGE).where(_MESSAGE.c.id == buffered_id)).rowcount == 1


def begin_to_wait(connection: Connection, channels: Iterable[Channel]) -> None:
    """Let nobody conclude, until this transaction ends, that nobody waits for these."""
    _lock(connection, "pg_advisory_xact_lock_shared", channels)


def make_sure_that_nobody_waits(connection: Connection, letter: Letter) -> None:
    """Wait for those who are about to wait for a message; they have committed when this returns."""
    _lock(connection, "pg_advisory_xact_lock", [*letter.channels, start_of(letter.name)])


def start_of(name: str) -> Channel:
    """What a process that starts on a message waits for."""
    return name, "start:"


def _lock(connection: Connection, function: str, channels: Iterable[Channel]) -> None:
    if connection.dialect.name == "sqlite":
        return
    for number in sorted({_number_of(channel) for channel in channels}):
        connection.execute(sa.text(f"SELECT {function}(:number)"), {"number": number})


def _number_of(channel: Channel) -> int:
    name, need = channel
    digest = hashlib.blake2b(f"{name}\0{'-' if need is None else '+' + need}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def is_same(column: Any, value: str | None) -> sa.ColumnElement[bool]:
    """Compare in a way that an index serves; null is null."""
    return column.is_(None) if value is None else column == value


def again_for_instance(session: Session, process_instance_id: UUID, *, by: str, now: datetime) -> None:
    """Look again for what an instance waits for: it moves again, or its business key is another."""
    subscriptions = session.execute(
        sa.select(MessageSubscription.name, MessageSubscription.correlation_key)
        .where(MessageSubscription.process_instance_id == process_instance_id)
        .order_by(MessageSubscription.id)
    )
    again_for(session, [(row.name, row.correlation_key) for row in subscriptions], by=by, now=now)


def again_for_starts(session: Session, names: Iterable[str], *, by: str, now: datetime) -> None:
    """Look again for messages of these names: a process starts on them from now on."""
    wanted = sorted(set(names))
    connection = session.connection()
    begin_to_wait(connection, [start_of(name) for name in wanted])
    ids = connection.scalars(
        sa.select(_MESSAGE.c.id).where(_MESSAGE.c.name.in_(wanted), _MESSAGE.c.expires_at > now).order_by(_MESSAGE.c.id)
    ).all()
    look_again(session, ids, by=by, now=now)


def again_for(session: Session, channels: list[Channel], *, by: str, now: datetime) -> None:
    """Look again for who waits for messages of these channels."""
    if channels:
        connection = session.connection()
        begin_to_wait(connection, channels)
        ids = [row.id for rows in kept_for(connection, channels, now=now).values() for row in rows]
        look_again(session, dict.fromkeys(ids), by=by, now=now)


def expired(session: Session, *, now: datetime, limit: int) -> Iterator[Any]:
    """Take out the messages whose time is over, and yield them."""
    connection = session.connection()
    rows = connection.execute(
        sa.select(_MESSAGE)
        .where(_MESSAGE.c.expires_at <= now)
        .order_by(_MESSAGE.c.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    yield from (row for row in rows if take(connection, row.id))
