"""The search over everything, and what the command palette offers while somebody types."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from engine import clock
from practice.parties.names import fold
from tasks import searching
from tasks.searching import KINDS, Found, Hit
from webui.auth import current_actor
from webui.db import db
from webui.languages.model_texts import model_text
from webui.pages.desks.actions import address, offered
from webui.pages.starting import may_file_enquiry

bp = Blueprint("search", __name__)
#: In the palette, of each kind; on the page, of each kind, and of the one kind that is asked for.
IN_PALETTE, ON_PAGE, OF_ONE = 4, 6, searching.MOST_HITS

TITLES = {
    "matter": lazy_gettext("Matters"),
    "party": lazy_gettext("Parties"),
    "client": lazy_gettext("Clients"),
    "enquiry": lazy_gettext("Enquiries"),
    "user_task": lazy_gettext("Tasks"),
    "letter": lazy_gettext("Letters"),
    "document": lazy_gettext("Documents"),
    "deadline": lazy_gettext("Deadlines"),
}
#: Pages of what documents belong to.
_PAGES = {
    "matter": "matters.show",
    "enquiry": "enquiries.show",
    "letter": "letters.show",
    "document_request": "document_requests.show",
}


@bp.get("/search")
def index() -> str:
    """Show what is found, kind by kind."""
    text = request.args.get("q", "").strip()[: searching.LONGEST]
    kind = request.args.get("kind") if request.args.get("kind") in KINDS else None
    return render_template(
        "search/index.html",
        q=text,
        kind=kind,
        titles=TITLES,
        found=_found(text, (kind,) if kind else KINDS, OF_ONE if kind else ON_PAGE),
        hit_address=hit_address,
        hit_title=hit_title,
    )


@bp.get("/palette")
def palette() -> Response:
    """Tell the command palette what can be done and what is found, ready to be shown."""
    text = request.args.get("q", "").strip()[: searching.LONGEST]
    groups = [{"title": gettext("Go to and do"), "items": _actions(text)}]
    groups += [
        {
            "title": str(TITLES[found.kind]),
            "items": [
                {"label": hit_title(hit), "detail": hit.detail, "address": hit_address(hit)} for hit in found.hits
            ],
        }
        for found in _found(text, KINDS, IN_PALETTE)
    ]
    if text:
        everything = {
            "label": gettext("Search everywhere for “%(text)s”", text=text),
            "detail": "",
            "address": url_for("search.index", q=text),
        }
        groups.append({"title": gettext("Search"), "items": [everything]})
    response = jsonify({"groups": [group for group in groups if group["items"]]})
    response.headers["Cache-Control"] = "no-store"
    return response


def hit_address(hit: Hit) -> str:
    """Return where a hit is."""
    match hit.kind:
        case "matter":
            return url_for("matters.show", number=hit.key)
        case "party":
            return url_for("parties.show", party_id=hit.key)
        case "client":
            return url_for("clients.show", number=hit.key)
        case "enquiry":
            return url_for("enquiries.show", number=hit.key)
        case "user_task":
            return url_for("inbox.show", user_task_id=hit.key)
        case "deadline":
            return url_for("deadlines.show", deadline_id=hit.key)
        case "letter":
            return url_for("letters.show", number=hit.key)
        case _:
            # A document is read on the page of what it belongs to; one that has no such page, by itself.
            page = _PAGES.get(hit.owner_kind or "")
            return url_for(page, number=hit.detail) if page else url_for("documents.show", document_id=hit.key)


def hit_title(hit: Hit) -> str:
    """Return what a hit is called, a task in the reader's language."""
    return model_text(hit.process_key, hit.title)


def _found(text: str, kinds: tuple[str, ...], limit: int) -> list[Found]:
    return searching.search(
        db.session(), actor=current_actor(), text=text, kinds=kinds, limit=limit, now=clock.utc_now()
    )


def _actions(text: str) -> list[dict[str, Any]]:
    words = fold(text).split()
    found: list[dict[str, Any]] = []
    for action in offered(current_actor(), may_file_enquiry=may_file_enquiry):
        label = str(action.label)
        if all(word in fold(label) for word in words):
            found.append({"label": label, "detail": " ".join(action.keys).upper(), "address": address(action)})
    return found
