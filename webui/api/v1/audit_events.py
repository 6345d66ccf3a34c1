"""The audit trail: who changed or was refused what, and when."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from practice.audit import chain, queries
from practice.paging import Page
from webui.api.v1.blueprint import ApiBlueprint, PageArgs, operation, page_of
from webui.api.v1.schemas import Answer, Instant, said, text
from webui.auth import current_actor, require_right
from webui.db import db

bp = ApiBlueprint("audit events", __name__, url_prefix="/audit-events", description="Who changed or was refused what.")


class AuditEventSchema(Answer):
    """One change or one refusal; never changed afterwards."""

    id = fields.Integer(required=True)
    at = Instant(required=True)
    by = fields.String(required=True, **said("A username, `system`, or `-` where nobody was signed in."))
    kind = fields.String(required=True, **said("In the past tense: `matter_opened`, `request_refused`, ..."))
    entity = fields.String(required=True, **said("Kind of record: `matter`, `user`, ..."))
    entity_id = fields.String(required=True, **said("Number or name of the record."))
    matter_number = fields.String(required=True, allow_none=True, **said("The matter that the record belongs to."))
    is_denial = fields.Boolean(required=True, **said("Nothing was changed: somebody was refused."))
    before = fields.Dict(required=True, allow_none=True)
    after = fields.Dict(required=True, allow_none=True)
    position = fields.Integer(required=True, allow_none=True, **said("Place in the chain."))
    hash = fields.String(required=True, allow_none=True, **said("SHA-256 of the event and of the hash before it."))


class AuditHeadSchema(Answer):
    """The end of the chain; keep it elsewhere, and `matterflow audit verify --head` proves everything before it."""

    position = fields.Integer(required=True, **said("0 while the trail is empty."))
    hash = fields.String(required=True, allow_none=True)


class AuditFilters(PageArgs):
    """Which events to list."""

    by = text(150, load_default=None)
    kind = text(60, load_default=None)
    entity = text(60, load_default=None)
    entity_id = text(200, load_default=None)
    matter = text(100, load_default=None, **said("Number of a matter: everything on record of it."))
    since = Instant(load_default=None, **said("From this instant on."))
    until = Instant(load_default=None, **said("Before this instant."))
    only_denials = fields.Boolean(load_default=False)


AuditEventsSchema = page_of(AuditEventSchema, "AuditEvents")


@bp.get("")
@bp.arguments(AuditFilters, location="query")
@bp.response(200, AuditEventsSchema)
@operation("list_audit_events", 403)
def list_visible(args: dict[str, Any]) -> Page[dict[str, Any]]:
    """List the events the person may see, the newest first."""
    require_right("see_audit")
    session = db.session()
    wanted = queries.Wanted(**{name: value for name, value in args.items() if name not in ("limit", "cursor")})
    page = queries.search(session, wanted, actor=current_actor(), limit=args["limit"], cursor=args["cursor"])
    places = queries.places(session, [event.id for event in page.items])
    return Page([_shown(event, places.get(event.id)) for event in page.items], page.next_cursor)


@bp.get("/head")
@bp.response(200, AuditHeadSchema)
@operation("get_audit_head", 403)
def head() -> dict[str, Any]:
    """Tell where the chain ends, to be kept elsewhere."""
    require_right("see_audit")
    found = chain.head(db.session())
    return {"position": found.position, "hash": found.hash} if found else {"position": 0, "hash": None}


def _shown(event: Any, place: chain.Head | None) -> dict[str, Any]:
    names = [name for name in AuditEventSchema._declared_fields if name not in ("position", "hash")]  # noqa: SLF001
    shown = {name: getattr(event, name) for name in names}
    return {**shown, "position": place.position if place else None, "hash": place.hash if place else None}
