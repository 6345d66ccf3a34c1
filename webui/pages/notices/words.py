"""Reminders, and notices about tasks and mails, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext, ngettext

from practice.notices.models import Notice

#: What people may hear of by mail or push, or in the product alone.
KINDS = {
    "task_reminder": lazy_gettext("Reminders of tasks"),
    "task_escalated": lazy_gettext("Tasks of others that take too long"),
    "task_late": lazy_gettext("Tasks of mine that take too long"),
    "deadline_nears": lazy_gettext("Deadlines that come near"),
    "deadline_missed": lazy_gettext("Deadlines that were missed"),
    "access_attempted": lazy_gettext("Attempts at closed matters"),
}


def told(notice: Notice) -> str | None:
    """Put a notice into a sentence; None when it is of another kind."""
    facts: dict[str, Any] = {name: value or "" for name, value in notice.facts.items()}
    if notice.kind == "task_escalated" and facts.get("matter"):
        return gettext("“%(name)s” in %(matter)s takes too long; you are asked to see to it.", **facts)
    if notice.kind == "task_escalated":
        return gettext("“%(name)s” takes too long; you are asked to see to it.", **facts)
    if notice.kind == "task_late":
        return gettext("“%(name)s” takes longer than agreed.", **facts)
    if notice.kind == "mail_refused":
        return gettext("The mail server refuses your address %(address)s. Mails do not reach you.", **facts)
    return None


def reminded(facts: Mapping[str, Any]) -> str:
    """Put a reminder into a sentence."""
    said: dict[str, Any] = {"name": facts.get("name") or "", "matter": facts.get("matter") or ""}
    if facts.get("matter"):
        return gettext("“%(name)s” in %(matter)s still waits for you.", **said)
    return gettext("“%(name)s” still waits for you.", **said)


def rounds(count: int) -> str:
    """Say how often somebody was reminded."""
    return ngettext("Reminded once", "Reminded %(num)s times", count)


def event_name(name: str | None) -> str:
    """Say what a reminder waits for."""
    known = {"call_recorded": gettext("a call on record")}
    return known.get(name or "", formats_name(name))


def formats_name(name: str | None) -> str:
    """Turn an event's name into words."""
    return (name or "").replace("_", " ")


__all__ = ["KINDS", "event_name", "reminded", "rounds", "told"]
