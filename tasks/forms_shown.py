"""Which form somebody has in front of them: a digest that tells it from the one that a new version brings."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy.orm import Session

from engine import user_tasks
from engine.models import UserTask
from tasks.errors import FormChanged


def digest(schema: Mapping[str, Any] | None) -> str:
    """Return a name for what a form asks; equal forms have equal names."""
    return hashlib.sha256(orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def require_same(session: Session, task: UserTask, shown: str | None) -> None:
    """Refuse answers to a form that is no longer the task's: its instance has moved to another version meanwhile.

    Raises:
        FormChanged: with the digest of the form as it is now.
    """
    if not shown or task.state != "created":
        return
    now = digest(user_tasks.form(session, task))
    if now != shown:
        raise FormChanged(now)
