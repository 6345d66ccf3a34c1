"""People at work on a task, and what they are told, in the reader's words."""

from __future__ import annotations

import re
from typing import Any, Final

from flask import Flask
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup, escape

from practice.documents.models import CLASSES
from practice.notices.models import Notice
from practice.people import queries as people
from tasks.comments.operations import mentioned
from webui.db import db
from webui.pages.texts import spaced

DOCUMENT_CLASSES: Final = {
    "evidence": lazy_gettext("Evidence"),
    "pleading": lazy_gettext("Pleading"),
    "court": lazy_gettext("From the court"),
    "correspondence": lazy_gettext("Correspondence"),
    "contract": lazy_gettext("Contract"),
    "power_of_attorney": lazy_gettext("Power of attorney"),
    "invoice": lazy_gettext("Invoice"),
    "identity": lazy_gettext("Identity"),
    "other": lazy_gettext("Other"),
}
assert DOCUMENT_CLASSES.keys() == set(CLASSES)


def init_app(app: Flask) -> None:
    """Let templates use them."""
    app.add_template_filter(document_class, "document_class")
    app.add_template_filter(with_names, "with_names")
    app.add_template_global(lambda: DOCUMENT_CLASSES, "document_classes")


def document_class(name: str) -> str:
    """Say what sort of paper a document is."""
    return str(DOCUMENT_CLASSES.get(name) or spaced(name))


def with_names(body: str, told: list[str]) -> Markup:
    """Write a comment as it was typed; the names of those who were told stand out."""
    text = escape(body)
    for name in mentioned(body):
        if name in told:
            mark = Markup('<b class="mention">{}</b>')
            pattern = re.compile(rf"@{re.escape(str(escape(name)))}(?![\w])", re.IGNORECASE)
            text = Markup(pattern.sub(lambda found: str(mark.format(Markup(found[0]))), str(text)))  # noqa: S704, B023
    return Markup(text)  # noqa: S704 - escaped above


def told(notice: Notice) -> str | None:
    """Put a notice about work on a task into a sentence; None for what is about something else."""
    if notice.kind not in ("mentioned", "asked_to_help", "question_asked", "question_answered"):
        return None
    by = str(notice.facts.get("by", ""))
    facts: dict[str, Any] = {
        "name": people.display_names(db.session(), [by]).get(by, by),
        "task": notice.facts.get("task") or "",
        "number": notice.facts.get("number") or "",
    }
    facts["task"] = f"{facts['task']} ({facts['number']})" if facts["number"] else facts["task"]
    if notice.kind == "mentioned":
        return gettext("%(name)s names you in a comment on “%(task)s”.", **facts)
    if notice.kind == "asked_to_help":
        return gettext("%(name)s asks you to help with “%(task)s”.", **facts)
    if notice.kind == "question_asked":
        return gettext("%(name)s asks you something about “%(task)s”.", **facts)
    return gettext("%(name)s has answered your question about “%(task)s”.", **facts)
