"""The audit trail's side of the web: its key, refusals as rows, and heads kept outside the database."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import g, request
from sqlalchemy.orm import Session

from config.settings import Settings
from engine import clock
from engine.errors import Forbidden
from practice.audit import anchors, chain, secrets
from practice.audit import operations as audit

if TYPE_CHECKING:
    from engine.actor import Actor

log = logging.getLogger(__name__)
HEADS = "audit-heads.jsonl"
#: The same refusal of the same person is recorded once in this time, with how often it happened before.
ONCE_IN = timedelta(minutes=1)
_MOST_KEPT = 10_000


def init(settings: Settings) -> None:
    """Name the installation's key; it is read, or made, when the first secret is hashed."""
    secrets.use_key(settings.audit_key)


class Refusals:
    """Writes refusals down, each in a short transaction of its own: the request's is rolled back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: (who, code, method, path) -> when it was recorded last, and how often it happened since.
        self._seen: dict[tuple[str, str, str, str], tuple[datetime, int]] = {}

    def note(self, error: Forbidden) -> None:
        """Record that the person who asks was refused."""
        from webui.db import db, writing  # noqa: PLC0415 - both modules know this one

        actor: Actor = g.get("actor") or audit.NOBODY
        now = clock.utc_now()
        repeated = self._repeated((actor.username, error.code, request.method, request.path), now)
        if repeated is None:
            return
        reason: dict[str, Any] = {"method": request.method, "code": error.code, **error.details()}
        if repeated:
            reason["also_before"] = repeated
        number = (request.view_args or {}).get("number") if (request.blueprint or "").endswith("matters") else None
        try:
            db.session.rollback()
            with writing() as short:
                audit.deny(
                    short, "request", request.path, "request_refused", by=actor, now=now, reason=reason, matter=number
                )
        except Exception:
            log.exception("the refusal %s of %s could not be recorded", error.code, actor.username)

    def _repeated(self, key: tuple[str, str, str, str], now: datetime) -> int | None:
        """Return how often it happened unrecorded, or None when it is too soon to record it again."""
        with self._lock:
            if len(self._seen) > _MOST_KEPT:
                self._seen.clear()
            last, times = self._seen.get(key, (None, 0))
            if last is not None and timedelta(0) <= now - last < ONCE_IN:
                self._seen[key] = (last, times + 1)
                return None
            self._seen[key] = (now, 0)
            return times


def note_refused_sign_in(short: Session, name: str, *, is_known: bool) -> None:
    """Record a sign-in that failed; a name nobody has may be a password in the wrong field."""
    who = name if is_known else secrets.keyed(name, purpose="name")
    audit.deny(short, "user", who, "sign_in_refused", by=audit.NOBODY, now=clock.utc_now())


class HeadKeeper:
    """Appends the head of the chain to a file in the data directory whenever the chain has grown."""

    def __init__(self, settings: Settings) -> None:
        self._file = settings.data_dir / HEADS
        self._last: chain.Head | None = None

    def keep(self, session: Session, *, now: datetime) -> chain.Head | None:
        """Keep the head if it is another than the last one kept; return it."""
        head = chain.head(session)
        if head is None or head == self._last:
            return None
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(anchors.line(head, now) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._last = head
        log.info("the audit trail ends at %s", head)
        return head


def kept_heads(settings: Settings, more: Iterable[Path] = ()) -> list[chain.Head]:
    """Return the heads that this installation kept, and those of other such files.

    Raises:
        HeadInvalid, AnchorForged: a line is none of ours.
    """
    own = settings.data_dir / HEADS
    heads: list[chain.Head] = []
    for file in (*([own] if own.exists() else []), *more):
        heads += anchors.read(file.read_text(encoding="utf-8").splitlines())
    return heads
