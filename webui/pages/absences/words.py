"""Absences in the reader's words."""

from __future__ import annotations

from datetime import date

from flask import Flask
from flask_babel import format_date, gettext, lazy_gettext

from practice.notices.models import Notice

REASONS = {
    "leave": lazy_gettext("Leave"),
    "illness": lazy_gettext("Illness"),
    "travel": lazy_gettext("Travel"),
    "training": lazy_gettext("Training"),
    "other": lazy_gettext("Something else"),
}
STATES = {
    "booked": lazy_gettext("Booked"),
    "active": lazy_gettext("Away"),
    "ended": lazy_gettext("Back"),
    "cancelled": lazy_gettext("Called off"),
}


def init_app(app: Flask) -> None:
    """Offer the words to templates."""
    app.add_template_filter(lambda value: str(REASONS.get(value, value)), "absence_reason")
    app.add_template_filter(lambda value: str(STATES.get(value, value)), "absence_state")


def told(notice: Notice) -> str | None:
    """Put a notice about an absence into a sentence; None for any other."""
    facts = notice.facts
    if notice.kind == "standing_in":
        until = format_date(date.fromisoformat(facts["until"]))
        return gettext(
            "You stand in for %(name)s until %(until)s (%(number)s); their work is in your inbox beside yours.",
            name=facts["name"],
            until=until,
            number=facts["number"],
        )
    if notice.kind == "absence_ended":
        if not facts["returned"]:
            return gettext("Your absence %(number)s is over; nothing was left unfinished.", number=facts["number"])
        return gettext(
            "Your absence %(number)s is over; these came back to you: %(names)s.",
            number=facts["number"],
            names=", ".join(facts["returned"]),
        )
    return None
