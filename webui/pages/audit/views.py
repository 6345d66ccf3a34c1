"""The audit trail for those who may read it: found by who, what, when and which record, and handed over as a file."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import IO, Any

from flask import Blueprint, Response, render_template, request
from werkzeug.datastructures import MultiDict

from engine import clock
from practice.audit import chain, exports, queries
from practice.audit import operations as audit
from practice.people import queries as people
from webui.auth import current_actor, require_right
from webui.db import db, reading
from webui.pages.colleagues.choices import asked_for

bp = Blueprint("audit", __name__, url_prefix="/audit")
PAGE_SIZE = 50
_LONGEST = 200
#: Kept in memory up to here, then in a temporary file.
_SMALL_EXPORT = 4 * 1024 * 1024
_TYPES = {"csv": "text/csv", "jsonl": "application/jsonl"}


@bp.get("")
def index() -> Any:
    """List what the reader may see, the newest first."""
    require_right("see_audit")
    session, actor, kept = db.session(), current_actor(), _kept(request.args)
    page = queries.search(
        session, _wanted(kept), actor=actor, limit=PAGE_SIZE, cursor=request.args.get("cursor") or None
    )
    context = {
        "page": page,
        "kept": kept,
        "names": people.display_names(
            session, [event.by for event in page.items] + [for_whom(event) for event in page.items]
        ),
        "for_whom": for_whom,
        "positions": queries.places(session, [event.id for event in page.items]),
        "changes": {event.id: changes(event) for event in page.items},
    }
    if request.headers.get("HX-Target") == "more":
        return render_template("audit/_rows.html", **context)
    return render_template(
        "audit/index.html",
        kinds=queries.kinds(session),
        entities=queries.entities(session),
        head=chain.head(session),
        **context,
    )


@bp.post("/export")
def export() -> Response:
    """Hand the events over that the filters find, as a file; that it was done is itself on record."""
    require_right("see_audit")
    actor, now, kept = current_actor(), clock.utc_now(), _kept(request.form)
    form = request.form.get("form", "csv")
    form = form if form in exports.FORMATS else "csv"
    file = tempfile.SpooledTemporaryFile(max_size=_SMALL_EXPORT)  # noqa: SIM115 - closed when it is sent
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    with reading() as session:
        count = exports.write(session, _wanted(kept), text, form=form, actor=actor)
    text.flush()
    text.detach()
    audit.append(
        db.session(), "audit", "trail", "audit_exported", by=actor, now=now, after={"events": count, "filters": kept}
    )
    size = file.tell()
    file.seek(0)
    answer = Response(_pieces(file), mimetype=_TYPES[form])
    answer.headers["Content-Length"] = str(size)
    answer.headers["Content-Disposition"] = f'attachment; filename="audit-{now:%Y%m%d-%H%M}.{form}"'
    answer.call_on_close(file.close)  # also when nobody reads it
    return answer


def for_whom(event: Any) -> str | None:
    """Return whom somebody stood in for, where an event was done for another."""
    said = (event.after or {}).get("for") if event.kind.endswith("_for") else None
    return said if isinstance(said, str) else None


def changes(event: Any) -> list[tuple[str, Any, Any]]:
    """Return what changed, field by field: its name, before and after."""
    before, after = event.before or {}, event.after or {}
    return [(name, before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after])]


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(64 * 1024):
            yield piece


def _kept(given: MultiDict[str, str]) -> dict[str, str]:
    """Return the filters that were given and can be read."""
    names = ("by", "kind", "entity", "entity_id", "matter")
    kept = {name: text for name in names if (text := given.get(name, "").strip()[:_LONGEST])}
    if "by" in kept:
        kept["by"] = asked_for(kept, "by") or ""
    for name in ("since", "until"):
        if (day := _day(given.get(name, ""))) is not None:
            kept[name] = day.isoformat()
    return kept | ({"denials": "1"} if given.get("denials") else {})


def _wanted(kept: dict[str, str]) -> queries.Wanted:
    since, until = _day(kept.get("since", "")), _day(kept.get("until", ""))
    return queries.Wanted(
        by=kept.get("by"),
        kind=kept.get("kind"),
        entity=kept.get("entity"),
        entity_id=kept.get("entity_id"),
        matter=kept.get("matter"),
        since=_midnight(since) if since else None,
        until=_midnight(until + timedelta(days=1)) if until else None,
        only_denials="denials" in kept,
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1970 <= day.year <= 9000 else None  # noqa: PLR2004 - what every database and zone can count with


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=clock.zone())
