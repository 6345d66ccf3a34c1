"""Letters: the register, one letter with its way, and registering one."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine import clock, process_instances
from practice.correspondence import queries
from practice.correspondence.models import Letter
from practice.errors import VariableMissing
from webui.api.v1 import letter_schemas as schemas
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.schemas import names_of
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("letters", __name__, url_prefix="/letters", description="The firm's mail and the way of each letter.")
PROCESS = "correspondence"


@bp.get("")
@bp.arguments(schemas.LetterFilters, location="query")
@bp.response(200, schemas.LettersSchema)
@operation("list_letters")
def list_visible(args: dict[str, Any]) -> dict[str, Any]:
    """List the letters the person may see, the newest first."""
    given = dict(args)
    page = queries.search(db.session(), actor=current_actor(), text=given.pop("q"), now=clock.utc_now(), **given)
    items = [told(row.letter, row.matter_number) for row in page.items]
    return {"items": items, "next_cursor": page.next_cursor}


@bp.get("/<string:number>")
@bp.response(200, schemas.WholeLetterSchema)
@operation("get_letter", 404)
def show(number: str) -> dict[str, Any]:
    """Show a letter with every hop of its way."""
    session = db.session()
    letter = queries.get_by_number(session, number, actor=current_actor())
    return {**told(letter, queries.matter_number(session, letter)), "hops": letter.hops}


@bp.post("")
@bp.arguments(schemas.NewLetterSchema)
@bp.response(201, schemas.WholeLetterSchema)
@operation("register_letter", 403, 404)
def register(args: dict[str, Any]) -> dict[str, Any]:
    """Register a letter and begin its way: the start of the process `correspondence`."""
    session, actor = db.session(), current_actor()
    instance = process_instances.start(session, PROCESS, variables=_variables(args), by=actor, now=clock.utc_now())
    letter = session.scalars(sa.select(Letter).where(Letter.process_instance_id == instance.id)).one()
    return {**told(letter, queries.matter_number(session, letter)), "hops": letter.hops}


def told(letter: Letter, matter_number: str | None) -> dict[str, Any]:
    """Return a letter as the API says it."""
    own = {name: getattr(letter, name) for name in names_of(schemas.LetterSchema) if name != "matter_number"}
    return {**own, "matter_number": matter_number}


def _variables(args: dict[str, Any]) -> dict[str, Any]:
    """Return what the process's start form takes."""
    variables: dict[str, Any] = {"letter_contains_deadline": args["contains_deadline"]}
    for name in (
        *("direction", "channel", "sender", "addressee", "subject", "reference", "receipt_number"),
        *("postmark_on", "received_on", "matter", "original_place"),
    ):
        if args.get(name) is not None:
            variables[f"letter_{name}"] = args[name].isoformat() if name.endswith("_on") else args[name]
    if args.get("letter_on") is not None:
        variables["letter_on"] = args["letter_on"].isoformat()
    if args["direction"] == "outgoing":
        return {name: value for name, value in variables.items() if name != "letter_contains_deadline"}
    to = "person" if args.get("to_person") else "department" if args.get("to_department") else "later"
    variables["hand_to"] = to
    if to != "later":
        if args.get("reason") is None:
            raise VariableMissing("reason")
        variables |= {f"hand_to_{to}": args[f"to_{to}"], "hand_reason": args["reason"]}
    return variables
