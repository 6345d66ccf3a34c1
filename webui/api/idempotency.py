"""``Idempotency-Key``: a write that is sent twice happens once, and is answered twice.

The key is stored in the transaction of the effect: either both are there or neither. A second
request with the same key waits for the first one's commit (the writer lock on SQLite, the unique
index on PostgreSQL) and then gets its answer. A refused request stores nothing, so it may be sent
again with the same key. Keys are kept for a day.

Source:
    The IETF draft "The Idempotency-Key HTTP Header Field" (draft-ietf-httpapi-idempotency-key-header).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from flask import Response, g, request
from flask_login import current_user
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import clock, database
from engine.errors import Invalid
from engine.models import Base
from engine.models.base import Json
from engine.prepared import Prepared
from webui import security
from webui.auth import current_actor
from webui.db import READING, db

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255
_A_KEY = re.compile(rf"[!-~]{{1,{LONGEST_KEY}}}")
#: Name in the request's context that says that its answer is told only once.
_NOT_KEPT = "idempotency_keeps_no_answer"
#: Name in the request's context that says that its effects have transactions of their own.
_APART = "idempotency_works_apart"
#: Headers of the first answer that the repeated one shows again.
_KEPT_HEADERS = ("Content-Type", "Location")


class IdempotencyKey(Base):
    """One write that was carried out, and what was answered."""

    __tablename__ = "idempotency_key"
    __table_args__ = (sa.Index("ix_idempotency_key_created_at", "created_at"),)

    #: Who sent it: two people may use the same key.
    username: Mapped[str] = mapped_column(sa.String(150), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(LONGEST_KEY), primary_key=True)
    #: SHA-256 of method, address and body, in hexadecimal.
    request_hash: Mapped[str] = mapped_column(sa.String(64))
    #: Zero only inside the transaction that is still at work.
    status: Mapped[int] = mapped_column(default=0)
    headers: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    body: Mapped[bytes] = mapped_column(sa.LargeBinary, default=b"")
    created_at: Mapped[datetime]


@dataclass(eq=False)
class IdempotencyKeyReused(Invalid):
    """This Idempotency-Key was already used for a different request."""

    code = "idempotency_key_reused"
    idempotency_key: str


@dataclass(eq=False)
class IdempotencyKeyInvalid(Invalid):
    """An Idempotency-Key is 1 to 255 visible ASCII characters."""

    code = "idempotency_key_invalid"
    field: str = "Idempotency-Key"


def once(handle: Callable[[], Response]) -> Response:
    """Carry the request out unless its key says that it was; then answer what was answered."""
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method in READING or not (security.is_api() or current_user.is_authenticated):
        return handle()
    if not _A_KEY.fullmatch(key):
        raise IdempotencyKeyInvalid
    session, username = db.session(), current_actor().username
    wanted = _fingerprint()
    if not _reserve(session, username, key, wanted):
        return _repeat(session, username, key, wanted)
    response = handle()
    if g.pop(_APART, False) and not _reserve(session, username, key, wanted):
        return response
    if g.pop(_NOT_KEPT, False):
        _FORGET_ONE.run(session.connection(), {"who": username, "which": key})
    elif response.status_code < 400:  # noqa: PLR2004
        _remember(session, username, key, response)
    return response


def keep_no_answer() -> None:
    """Let this request's answer be stored nowhere, whatever key it has: it holds what is told only once."""
    setattr(g, _NOT_KEPT, True)


def work_apart() -> None:
    """Let go of this request's transaction, because what it does has transactions of its own.

    Its key is then stored after the effects and not with them: what was sent again meanwhile has to be answered alike.
    """
    db.session.rollback()
    setattr(g, _APART, True)


def sweep(session: Session, *, now: datetime) -> int:
    """Forget keys older than a day; return how many."""
    result = session.execute(
        sa.delete(IdempotencyKey)
        .where(IdempotencyKey.created_at < now - KEPT_FOR)
        .execution_options(synchronize_session=False)
    )
    return result.rowcount  # type: ignore[attr-defined]


_TABLE = cast("sa.Table", IdempotencyKey.__table__)
# Built once: building a statement anew for each request costs more than running it.
_THIS = sa.and_(_TABLE.c.username == sa.bindparam("who"), _TABLE.c.key == sa.bindparam("which"))
_FORGET = Prepared(sa.delete(_TABLE).where(_THIS, _TABLE.c.created_at < sa.bindparam("before")))
_FORGET_ONE = Prepared(sa.delete(_TABLE).where(_THIS))
_REMEMBER = Prepared(
    sa.update(_TABLE)
    .where(_THIS)
    .values(status=sa.bindparam("new_status"), headers=sa.bindparam("new_headers"), body=sa.bindparam("new_body"))
)


@cache
def _reserving(dialect: str) -> Prepared:
    return Prepared(database.insert(dialect, _TABLE).on_conflict_do_nothing())


def _reserve(session: Session, username: str, key: str, wanted: str) -> bool:
    """Write the key down; on PostgreSQL this waits for another transaction that has just done so.

    A key that is older than a day counts as forgotten, whether it has been swept or not.
    """
    now, connection = clock.utc_now(), session.connection()
    values = {
        "username": username,
        "key": key,
        "request_hash": wanted,
        "status": 0,
        "headers": {},
        "body": b"",
        "created_at": now,
    }
    reserve = _reserving(connection.dialect.name)
    if reserve.run(connection, values) == 1:
        return True
    expired = _FORGET.run(connection, {"who": username, "which": key, "before": now - KEPT_FOR})
    return bool(expired) and reserve.run(connection, values) == 1


def _repeat(session: Session, username: str, key: str, wanted: str) -> Response:
    kept = session.get_one(IdempotencyKey, (username, key))
    if kept.request_hash != wanted:
        raise IdempotencyKeyReused(key)
    response = Response(kept.body, kept.status, dict(kept.headers))
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _remember(session: Session, username: str, key: str, response: Response) -> None:
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    session.flush()
    told = {"new_status": response.status_code, "new_headers": headers, "new_body": response.get_data()}
    _REMEMBER.run(session.connection(), {"who": username, "which": key, **told})


def _fingerprint() -> str:
    digest = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    if request.mimetype == "multipart/form-data":
        # The boundary differs each time a client sends the same files: hash what it separates.
        for name, value in request.form.items(multi=True):
            digest.update(repr((name, value)).encode())
        for name, file in request.files.items(multi=True):
            digest.update(repr((name, file.filename, hashlib.sha256(file.stream.read()).hexdigest())).encode())
            file.stream.seek(0)
    else:
        digest.update(request.get_data(cache=True))
    return digest.hexdigest()
