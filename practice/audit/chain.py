"""The chain: every audit event is sealed with the hash of the one before it, in the transaction that writes it.

Sealing is the last thing a transaction does before it commits, so the one lock that orders the chain is the last one
taken (no deadlock) and is held for a commit only; a transaction without audit events never takes it. Why so, and what
else was thought of: ``docs/decisions/0007-the-audit-chain.md``.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

import orjson
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, SessionTransaction, object_session

from engine.models.base import Json
from engine.prepared import Prepared
from practice.audit.models import AuditEvent, AuditSeal

#: What the first event is chained to.
GENESIS = "0" * 64
#: Key in ``Session.info``: the transaction under way and what it has to seal.
_UNSEALED = "matterflow_audit_unsealed"
#: Number of the advisory lock that orders the chain on PostgreSQL.
_CHAIN_LOCK = 6_034_417
#: The sweep looks for events without a seal among so many of the newest.
_RECENT = 10_000
_BATCH = 1_000

_SEAL = cast("sa.Table", AuditSeal.__table__)
_EVENT = cast("sa.Table", AuditEvent.__table__)
_HEAD = Prepared(sa.select(_SEAL.c.position, _SEAL.c.hash).order_by(_SEAL.c.position.desc()).limit(1))
_INSERT = Prepared(sa.insert(_SEAL))
#: An event as it is stored: the JSON as text.
STORED = (
    *(_EVENT.c[name] for name in ("id", "at", "by", "entity", "entity_id", "kind")),
    sa.type_coerce(_EVENT.c.before, sa.Text).label("before"),
    sa.type_coerce(_EVENT.c.after, sa.Text).label("after"),
    _EVENT.c.is_denial,
    _EVENT.c.matter_number,
)


class Head(NamedTuple):
    """The end of the chain: whoever keeps it elsewhere can prove later that nothing before it was changed."""

    position: int
    hash: str

    def __str__(self) -> str:
        """Write it as people note it."""
        return f"{self.position}:{self.hash}"


class _Unsealed:
    """What one transaction has to seal."""

    def __init__(self, transaction: SessionTransaction | None) -> None:
        self.transaction = transaction
        #: Event id -> digest, in the order of writing.
        self.digests: dict[int, str] = {}
        #: A savepoint was rolled back: some of the events may not be there.
        self.is_unsure = False


def digest(
    *,
    at: datetime,
    by: str,
    entity: str,
    entity_id: str,
    kind: str,
    before: str | None,
    after: str | None,
    is_denial: bool,
    matter_number: str | None,
) -> str:
    """Return the SHA-256 of an event's canonical bytes: a JSON list of its columns, JSON columns as stored."""
    instant = at.astimezone(UTC).isoformat(timespec="microseconds")
    columns = [1, instant, by, entity, entity_id, kind, before, after, bool(is_denial), matter_number]
    return hashlib.sha256(orjson.dumps(columns)).hexdigest()


def link(previous: str, position: int, event_id: int, event_digest: str, *, is_late: bool) -> str:
    """Return the hash at a position: of the hash before it and of everything about the event."""
    text = f"{previous}|{position}|{event_id}|{int(is_late)}|{event_digest}"
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of_stored(row: Any) -> str:
    """Return the digest of a row of ``STORED``."""
    return digest(
        at=row.at if row.at.tzinfo else row.at.replace(tzinfo=UTC),
        by=row.by,
        entity=row.entity,
        entity_id=row.entity_id,
        kind=row.kind,
        before=row.before,
        after=row.after,
        is_denial=row.is_denial,
        matter_number=row.matter_number,
    )


def head(session: Session) -> Head | None:
    """Return the end of the chain; None while it is empty."""
    row = session.execute(sa.select(_SEAL.c.position, _SEAL.c.hash).order_by(_SEAL.c.position.desc()).limit(1)).first()
    return Head(row.position, row.hash) if row else None


def seal_what_is_left(session: Session) -> int:
    """Seal, as late, recent events that no transaction sealed; return how many.

    Only a release before the chain writes such events, while a firm is upgraded node by node.
    """
    connection = session.connection()
    since = sa.select(sa.func.coalesce(sa.func.max(_EVENT.c.id), 0) - _RECENT).scalar_subquery()
    is_sealed = sa.exists().where(_SEAL.c.event_id == _EVENT.c.id)
    left = sa.select(*STORED).where(_EVENT.c.id > since, ~is_sealed).order_by(_EVENT.c.id)
    if connection.execute(left.limit(1)).first() is None:
        return 0
    _lock(connection)
    rows = connection.execute(left).all()
    _chain(connection, [(row.id, digest_of_stored(row)) for row in rows], is_late=True)
    return len(rows)


def _lock(connection: Connection) -> None:
    """Wait for whoever is sealing to have committed. On SQLite only one transaction writes anyway."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_CHAIN_LOCK})")


def _chain(connection: Connection, entries: Iterable[tuple[int, str]], *, is_late: bool = False) -> None:
    last = _HEAD.one_or_none(connection, {})
    position, previous = (last.position, last.hash) if last else (0, GENESIS)
    rows: list[dict[str, Any]] = []
    for event_id, event_digest in entries:
        position += 1
        previous = link(previous, position, event_id, event_digest, is_late=is_late)
        rows.append({"position": position, "event_id": event_id, "hash": previous, "is_late": is_late})
    for start in range(0, len(rows), _BATCH):
        _INSERT.run(connection, rows[start : start + _BATCH])


@event.listens_for(AuditEvent, "after_insert")
def _written(_mapper: object, _connection: object, row: AuditEvent) -> None:
    session = object_session(row)
    if session is None:
        return
    as_text = Json().process_bind_param
    _unsealed_in(session).digests[row.id] = digest(
        at=row.at,
        by=row.by,
        entity=row.entity,
        entity_id=row.entity_id,
        kind=row.kind,
        before=as_text(row.before, cast(Any, None)),
        after=as_text(row.after, cast(Any, None)),
        is_denial=row.is_denial,
        matter_number=row.matter_number,
    )


def note_stored(session: Session, event_ids: Iterable[int]) -> None:
    """Let events that were written without the mapper be sealed with the transaction."""
    unsealed = _unsealed_in(session)
    unsealed.digests.update(dict.fromkeys(event_ids, ""))
    unsealed.is_unsure = True


@event.listens_for(Session, "before_commit")
def _seal(session: Session) -> None:
    """Seal what the transaction has written, after everything else that it writes."""
    if session.in_nested_transaction() or (_UNSEALED not in session.info and not session.new):
        return
    session.flush()
    unsealed: _Unsealed | None = session.info.pop(_UNSEALED, None)
    if unsealed is None or unsealed.transaction is not session.get_transaction() or not unsealed.digests:
        return
    connection = session.connection()
    entries = list(unsealed.digests.items())
    if unsealed.is_unsure:
        entries = _still_there(connection, [event_id for event_id, _ in entries])
    if entries:
        _lock(connection)
        _chain(connection, entries)


@event.listens_for(Session, "after_soft_rollback")
def _rolled_back(session: Session, transaction: SessionTransaction) -> None:
    unsealed: _Unsealed | None = session.info.get(_UNSEALED)
    if unsealed is None:
        return
    if transaction.nested:
        unsealed.is_unsure = True
    else:
        del session.info[_UNSEALED]


def _unsealed_in(session: Session) -> _Unsealed:
    kept: _Unsealed | None = session.info.get(_UNSEALED)
    if kept is None or kept.transaction is not session.get_transaction():
        kept = session.info[_UNSEALED] = _Unsealed(session.get_transaction())
    return kept


def _still_there(connection: Connection, event_ids: list[int]) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for start in range(0, len(event_ids), _BATCH):
        some = event_ids[start : start + _BATCH]
        rows = connection.execute(sa.select(*STORED).where(_EVENT.c.id.in_(some)).order_by(_EVENT.c.id))
        found += [(row.id, digest_of_stored(row)) for row in rows]
    return found
