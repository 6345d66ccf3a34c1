"""Letters in the reader's words."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import format_date, lazy_gettext

STATUSES = {
    "registered": lazy_gettext("Registered"),
    "handed_over": lazy_gettext("Handed over"),
    "accepted": lazy_gettext("Accepted"),
    "returned": lazy_gettext("Returned"),
    "searched_for": lazy_gettext("Original searched for"),
    "dispatched": lazy_gettext("Sent, proof expected"),
    "closed": lazy_gettext("Closed"),
}
HOPS = {
    "registered": lazy_gettext("Registered"),
    "handed_over": lazy_gettext("Handed over"),
    "accepted": lazy_gettext("Accepted"),
    "returned": lazy_gettext("Returned"),
    "filed_under": lazy_gettext("Filed under the matter"),
    "original_missed": lazy_gettext("Original missing"),
    "original_found": lazy_gettext("Original found"),
    "original_lost": lazy_gettext("Original lost"),
    "dispatched": lazy_gettext("Sent"),
    "proof_received": lazy_gettext("Proved to have arrived"),
    "filed": lazy_gettext("Filed"),
    "answered": lazy_gettext("Answered"),
    "withdrawn": lazy_gettext("Withdrawn"),
}
CHANNELS = {
    "post": lazy_gettext("Post"),
    "registered_post": lazy_gettext("Registered post"),
    "courier": lazy_gettext("Courier"),
    "hand": lazy_gettext("By hand"),
    "email": lazy_gettext("E-mail"),
    "fax": lazy_gettext("Fax"),
    "court_portal": lazy_gettext("Electronic post of the court"),
}
DIRECTIONS = {"incoming": lazy_gettext("In"), "outgoing": lazy_gettext("Out")}
SCOPES = {
    "mine": lazy_gettext("With me"),
    "department": lazy_gettext("For my department"),
    "hung": lazy_gettext("Hanging"),
    "all": lazy_gettext("All"),
}
SHEETS = {
    "open": lazy_gettext("Still open"),
    "submitted": lazy_gettext("Handed in"),
    "returned": lazy_gettext("Returned"),
    "locked": lazy_gettext("Locked"),
    "excused": lazy_gettext("Excused"),
    "closed": lazy_gettext("Closed, too late"),
}
LINES = {
    "draft": lazy_gettext("Draft"),
    "submitted": lazy_gettext("Handed in"),
    "returned": lazy_gettext("Returned"),
    "approved": lazy_gettext("Approved"),
}
ITEMS = {
    "missing": lazy_gettext("Missing"),
    "received": lazy_gettext("Received"),
    "unobtainable": lazy_gettext("Cannot be got"),
    "waived": lazy_gettext("Not needed"),
}
REQUESTS = {
    "waiting": lazy_gettext("Waiting on the client"),
    "complete": lazy_gettext("All received"),
    "ended": lazy_gettext("Gone on without the rest"),
}
_FILTERS: dict[str, dict[str, Any]] = {
    "letter_status": STATUSES,
    "letter_hop": HOPS,
    "letter_channel": CHANNELS,
    "letter_direction": DIRECTIONS,
    "letter_scope": SCOPES,
    "sheet_state": SHEETS,
    "line_state": LINES,
    "document_state": ITEMS,
    "request_state": REQUESTS,
}


def init_app(app: Flask) -> None:
    """Offer the words to templates."""
    app.add_template_filter(lambda day: format_date(day, "EEE"), "weekday")
    for name, words in _FILTERS.items():
        app.add_template_filter(lambda value, words=words: str(words.get(value, value)), name)
