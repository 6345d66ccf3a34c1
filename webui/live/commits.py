"""Calling somebody when a transaction of this process has ended: by then others can read what it wrote."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import event
from sqlalchemy.orm import Session

from engine.database import StepSession

#: Called from the thread that committed: they only note that something happened.
_callers: tuple[Callable[[], None], ...] = ()


def call(caller: Callable[[], None]) -> None:
    """Call ``caller`` after each commit from now on."""
    if not event.contains(StepSession, "after_commit", _committed):
        event.listen(StepSession, "after_commit", _committed)
    _set((*_callers, caller))


def call_no_more(caller: Callable[[], None]) -> None:
    """Take that back."""
    _set(tuple(other for other in _callers if other != caller))


def _set(callers: tuple[Callable[[], None], ...]) -> None:
    global _callers  # noqa: PLW0603 - the listener is one for the whole process
    _callers = callers


def _committed(_session: Session) -> None:
    for caller in _callers:
        caller()
