"""Deadlines of matters, the rules they are calculated by, and the days that the firm adds to calendars."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from marshmallow import EXCLUDE, Schema, fields, validate

from engine import clock
from practice.deadlines import operations, queries, recomputation
from practice.deadlines.models import ENDINGS, OPEN_STATES, STATES, Deadline
from practice.deadlines.queries import SCOPES
from practice.paging import Page
from webui.api.v1.blueprint import ApiBlueprint, PageArgs, operation, page_of
from webui.api.v1.schemas import Answer, Instant, names_of, said, text
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("deadlines", __name__, url_prefix="/deadlines", description="Legal deadlines of matters.")


class DeadlineWarningSchema(Answer):
    """A day before the deadline on which the team hears of it."""

    key = fields.String(required=True)
    name = fields.String(required=True, allow_none=True, **said("What the firm does by then; null: a plain warning."))
    warn_on = fields.Date(required=True)
    warned_at = Instant(required=True, allow_none=True)


class DeadlineChangeSchema(Answer):
    """What happened to a deadline."""

    at = Instant(required=True)
    by = fields.String(required=True)
    kind = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)


class DeadlineSchema(Answer):
    """A deadline."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    due_on = fields.Date(required=True, allow_none=True, **said("Null while a stay has no end."))
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    is_fatal = fields.Boolean(required=True)
    persons = fields.Integer(required=True, **said("How many persons have to stand for it."))
    pack = fields.String(required=True, allow_none=True)
    pack_version = fields.String(required=True, allow_none=True)
    pack_confirmed = fields.Boolean(required=True, **said("Whether a lawyer of the jurisdiction had signed the rules."))
    rule = fields.String(required=True, allow_none=True)
    calendar = fields.String(required=True, allow_none=True)
    anchor = fields.String(required=True, allow_none=True)
    anchor_on = fields.Date(required=True, allow_none=True)
    service_method = fields.String(required=True, allow_none=True)
    computed_on = fields.Date(required=True, allow_none=True)
    is_provisional = fields.Boolean(required=True, **said("The holidays of that year are not announced yet."))
    possible = fields.String(required=True, allow_none=True, **said("What the rule leaves to be decided."))
    citation = fields.String(required=True)
    source = fields.String(required=True, **said("The document that it is compared with."))
    responsible = fields.String(required=True, allow_none=True)
    created_by = fields.String(required=True)
    created_at = Instant(required=True)
    verified_by = fields.String(required=True, allow_none=True)
    verified_at = Instant(required=True, allow_none=True)
    ending = fields.String(required=True, allow_none=True, **said("Asked for by one person, not confirmed yet."))
    ending_by = fields.String(required=True, allow_none=True)
    ending_reason = fields.String(required=True, allow_none=True)
    ended_by = fields.String(required=True, allow_none=True)
    ended_at = Instant(required=True, allow_none=True)
    end_reason = fields.String(required=True, allow_none=True)
    supersedes_id = fields.UUID(required=True, allow_none=True)


class DeadlineDetailSchema(DeadlineSchema):
    """A deadline with how it was calculated and what happened to it."""

    steps = fields.List(fields.Dict(), required=True)
    warnings = fields.List(fields.Nested(DeadlineWarningSchema), required=True)
    changes = fields.List(fields.Nested(DeadlineChangeSchema), required=True)


class ListedDeadlineSchema(DeadlineSchema):
    """A deadline in a list, with its matter's number."""

    matter = fields.String(required=True)


DeadlinesSchema = page_of(ListedDeadlineSchema, "Deadlines")


class MadeDeadlinesSchema(Answer):
    """The deadlines that were registered."""

    items = fields.List(fields.Nested(DeadlineSchema), required=True)


class DeadlineComputationSchema(Answer):
    """What a rule gives; nothing was registered."""

    due_on = fields.Date(required=True, allow_none=True)
    is_provisional = fields.Boolean(required=True)
    citation = fields.String(required=True)
    steps = fields.List(fields.Dict(), required=True)


class DeadlineRuleSchema(Answer):
    """A rule in short."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    trigger = fields.String(required=True)
    anchor = fields.String(required=True)
    citation = fields.String(required=True)
    is_fatal = fields.Boolean(required=True)
    service_methods = fields.List(fields.String(), required=True)


class JurisdictionPackSchema(Answer):
    """A jurisdiction pack: its rules that are in force today."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    version = fields.String(required=True)
    status = fields.String(required=True)
    rules = fields.List(fields.Nested(DeadlineRuleSchema), required=True)
    chains = fields.List(fields.String(), required=True)


class JurisdictionPacksSchema(Answer):
    """All packs."""

    items = fields.List(fields.Nested(JurisdictionPackSchema), required=True)


class DeadlineFilters(PageArgs):
    """Which deadlines to list."""

    scope = fields.String(load_default="all", validate=validate.OneOf(SCOPES))
    matter = text(40, load_default=None, **said("A matter's number."))
    state = fields.String(load_default=None, validate=validate.OneOf(STATES), **said("Without it, those that run."))
    due_from = fields.Date(load_default=None)
    due_to = fields.Date(load_default=None)
    fatal = fields.Boolean(load_default=None)


class ComputeDeadlineSchema(Schema):
    """What to calculate."""

    pack = text(80, required=True)
    rule = text(80, required=True)
    anchor_on = fields.Date(required=True)
    service_method = text(80, load_default=None, allow_none=True)
    calendar = text(80, load_default=None, allow_none=True, **said("Of the court's region, instead of the rule's."))


class NewDeadlineSchema(Schema):
    """A deadline by rule, a chain, or a day read in a document."""

    matter = text(40, required=True)
    source = text(operations.LONGEST_SOURCE, required=True, **said("The document, and what it says."))
    pack = text(80, load_default=None, allow_none=True)
    rule = text(80, load_default=None, allow_none=True)
    chain = text(80, load_default=None, allow_none=True)
    anchor_on = fields.Date(load_default=None, allow_none=True)
    service_method = text(80, load_default=None, allow_none=True)
    calendar = text(80, load_default=None, allow_none=True)
    name = text(300, load_default=None, allow_none=True)
    due_on = fields.Date(load_default=None, allow_none=True)
    citation = text(1000, load_default=None, allow_none=True)
    is_fatal = fields.Boolean(load_default=True)
    responsible = text(150, load_default=None, allow_none=True)


class VerifyDeadlineSchema(Schema):
    """What the second person found."""

    due_on = fields.Date(required=True, allow_none=True, **said("The last day, as this person calculated it."))
    document_seen = fields.Boolean(required=True, **said("This person has compared it with the document."))
    reason = text(2000, load_default=None, allow_none=True, **said("How the choice was made that the rule leaves."))


class DeadlineReasonSchema(Schema):
    """Why."""

    reason = text(2000, required=True)


class EndDeadlineSchema(DeadlineReasonSchema):
    """How a deadline ended, and what proves it."""

    outcome = fields.String(required=True, validate=validate.OneOf(ENDINGS))


class ConfirmEndSchema(Schema):
    """Nothing more is asked: who confirms has seen the proof."""


class ChangeDeadlineSchema(DeadlineReasonSchema):
    """Another day, or what it follows from."""

    due_on = fields.Date(load_default=None, allow_none=True)
    anchor_on = fields.Date(load_default=None, allow_none=True)
    service_method = text(80, load_default=None, allow_none=True)
    calendar = text(80, load_default=None, allow_none=True)
    source = text(operations.LONGEST_SOURCE, load_default=None, allow_none=True)


class NewStaySchema(DeadlineReasonSchema):
    """A time in which the proceedings of a matter stand still."""

    matter = text(40, required=True)
    first_on = fields.Date(required=True)
    last_on = fields.Date(load_default=None, allow_none=True)


class StayEndSchema(Schema):
    """The last day of a stay."""

    last_on = fields.Date(required=True)


class StayedSchema(Answer):
    """A stay, and the deadlines that were calculated anew."""

    id = fields.UUID(required=True)
    first_on = fields.Date(required=True)
    last_on = fields.Date(required=True, allow_none=True)
    reason = fields.String(required=True)
    recomputed = fields.List(fields.Nested(DeadlineSchema), required=True)


class CalendarDaySchema(Schema):
    """A day that is not what the calendar says."""

    calendar = text(80, required=True)
    on = fields.Date(required=True)
    is_working = fields.Boolean(required=True)
    name = text(200, required=True)
    citation = text(1000, required=True)


class AddedDaySchema(CalendarDaySchema):
    """A day that was added, and the deadlines that were calculated anew."""

    class Meta:
        """Later releases may say more."""

        unknown = EXCLUDE

    recomputed = fields.List(fields.Nested(DeadlineSchema), required=True)


@bp.get("")
@bp.arguments(DeadlineFilters, location="query")
@bp.response(200, DeadlinesSchema)
@operation("list_deadlines")
def list_visible(args: dict[str, Any]) -> Any:
    """List deadlines of the matters the person may see, the first due first."""
    page = queries.search(
        db.session(),
        actor=current_actor(),
        scope=args["scope"],
        matter=args["matter"],
        states=[args["state"]] if args["state"] else OPEN_STATES,
        due_from=args["due_from"],
        due_to=args["due_to"],
        fatal=args["fatal"],
        limit=args["limit"],
        cursor=args["cursor"],
    )
    return Page([_listed(deadline, number) for deadline, number in page.items], page.next_cursor)


@bp.post("")
@bp.arguments(NewDeadlineSchema)
@bp.response(201, MadeDeadlinesSchema)
@operation("register_deadline", 403, 404, 409)
def register(args: dict[str, Any]) -> Any:
    """Register a deadline or a chain of them; a second person has to verify fatal ones."""
    made = operations.register(db.session(), args["matter"], args, by=current_actor(), now=clock.utc_now())
    return {"items": made}


@bp.post("/compute")
@bp.arguments(ComputeDeadlineSchema)
@bp.response(200, DeadlineComputationSchema)
@operation("compute_deadline")
def compute(args: dict[str, Any]) -> Any:
    """Calculate a day without registering anything."""
    rule, found = operations.preview(db.session(), args)
    steps = [step.as_dict() for step in found.steps]
    return {"due_on": found.on, "is_provisional": found.is_provisional, "citation": rule.citation, "steps": steps}


@bp.get("/rules")
@bp.response(200, JurisdictionPacksSchema)
@operation("list_deadline_rules")
def rules() -> Any:
    """List the jurisdiction packs with the rules that are in force today."""
    library = queries.library(db.session())
    today = clock.utc_now().astimezone(clock.zone()).date()
    return {"items": [_pack(pack, library.rules_on(pack.key, today)) for pack in library.packs.values()]}


@bp.get("/waiting")
@bp.response(200, page_of(ListedDeadlineSchema, "WaitingDeadlines"))
@operation("list_deadlines_waiting_for_me")
def waiting() -> Any:
    """List what waits for the person as the second one: deadlines to verify, ends to confirm."""
    found = queries.waiting_for_second_person(db.session(), actor=current_actor())
    return Page([_listed(deadline, number) for deadline, number in found], None)


@bp.get("/<uuid:deadline_id>")
@bp.response(200, DeadlineDetailSchema)
@operation("get_deadline", 404)
def show(deadline_id: UUID) -> Deadline:
    """Show a deadline, how it was calculated and what happened to it."""
    return queries.get(db.session(), deadline_id, actor=current_actor())


@bp.post("/<uuid:deadline_id>/verify")
@bp.arguments(VerifyDeadlineSchema)
@bp.response(200, DeadlineSchema)
@operation("verify_deadline", 403, 404, 409)
def verify(args: dict[str, Any], deadline_id: UUID) -> Deadline:
    """Stand for a deadline as the second person."""
    return operations.verify(db.session(), deadline_id, by=current_actor(), now=clock.utc_now(), **args)


@bp.post("/<uuid:deadline_id>/dispute")
@bp.arguments(DeadlineReasonSchema)
@bp.response(200, DeadlineSchema)
@operation("dispute_deadline", 403, 404, 409)
def dispute(args: dict[str, Any], deadline_id: UUID) -> Deadline:
    """Say that the day or the rule is not right."""
    return operations.dispute(db.session(), deadline_id, reason=args["reason"], by=current_actor(), now=clock.utc_now())


@bp.post("/<uuid:deadline_id>/change")
@bp.arguments(ChangeDeadlineSchema)
@bp.response(200, DeadlineSchema)
@operation("change_deadline", 403, 404, 409)
def change(args: dict[str, Any], deadline_id: UUID) -> Deadline:
    """Propose another day, or what it follows from; answers what replaces the deadline."""
    return operations.change(
        db.session(), deadline_id, args, reason=args["reason"], by=current_actor(), now=clock.utc_now()
    )


@bp.post("/<uuid:deadline_id>/end")
@bp.arguments(EndDeadlineSchema)
@bp.response(200, DeadlineSchema)
@operation("end_deadline", 403, 404, 409)
def end(args: dict[str, Any], deadline_id: UUID) -> Deadline:
    """Say that a deadline was met or is waived; with two persons this asks the other one."""
    return operations.end(
        db.session(), deadline_id, args["outcome"], reason=args["reason"], by=current_actor(), now=clock.utc_now()
    )


@bp.post("/<uuid:deadline_id>/confirm-end")
@bp.arguments(ConfirmEndSchema)
@bp.response(200, DeadlineSchema)
@operation("confirm_deadline_end", 403, 404, 409)
def confirm_end(_: dict[str, Any], deadline_id: UUID) -> Deadline:
    """Confirm as the second person that a deadline has ended."""
    return operations.confirm_end(db.session(), deadline_id, by=current_actor(), now=clock.utc_now())


@bp.post("/<uuid:deadline_id>/refuse-end")
@bp.arguments(DeadlineReasonSchema)
@bp.response(200, DeadlineSchema)
@operation("refuse_deadline_end", 403, 404, 409)
def refuse_end(args: dict[str, Any], deadline_id: UUID) -> Deadline:
    """Let a deadline count on although somebody has asked to end it."""
    return operations.refuse_end(
        db.session(), deadline_id, reason=args["reason"], by=current_actor(), now=clock.utc_now()
    )


@bp.post("/stays")
@bp.arguments(NewStaySchema)
@bp.response(201, StayedSchema)
@operation("begin_stay", 403, 404)
def begin_stay(args: dict[str, Any]) -> Any:
    """Let the proceedings of a matter stand still."""
    row, recomputed = recomputation.stay(
        db.session(),
        args["matter"],
        first_on=args["first_on"],
        last_on=args["last_on"],
        reason=args["reason"],
        by=current_actor(),
        now=clock.utc_now(),
    )
    return _stayed(row, recomputed)


@bp.post("/stays/<uuid:stay_id>/end")
@bp.arguments(StayEndSchema)
@bp.response(200, StayedSchema)
@operation("end_stay", 403, 404)
def end_stay(args: dict[str, Any], stay_id: UUID) -> Any:
    """Say when a stay ended."""
    row, recomputed = recomputation.resume(
        db.session(), stay_id, last_on=args["last_on"], by=current_actor(), now=clock.utc_now()
    )
    return _stayed(row, recomputed)


@bp.post("/calendar-days")
@bp.arguments(CalendarDaySchema)
@bp.response(201, AddedDaySchema)
@operation("add_calendar_day", 403)
def add_calendar_day(args: dict[str, Any]) -> Any:
    """Add a holiday or a working day to a calendar; deadlines that it moves are calculated anew."""
    day, recomputed = recomputation.add_calendar_day(
        db.session(),
        args["calendar"],
        args["on"],
        args,
        is_working=args["is_working"],
        by=current_actor(),
        now=clock.utc_now(),
    )
    told = {name: getattr(day, name) for name in ("calendar", "on", "is_working", "name", "citation")}
    return {**told, "recomputed": recomputed}


def _listed(deadline: Deadline, number: str) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(deadline, name) for name in names_of(DeadlineSchema)}
    return {**told, "matter": number}


def _stayed(row: Any, recomputed: list[Deadline]) -> dict[str, Any]:
    told: dict[str, date | None] = {name: getattr(row, name) for name in ("id", "first_on", "last_on", "reason")}
    return {**told, "recomputed": recomputed}


def _pack(pack: Any, in_force: list[Any]) -> dict[str, Any]:
    listed = [
        {
            **{name: getattr(rule, name) for name in ("key", "name", "trigger", "anchor", "citation", "is_fatal")},
            "service_methods": [method.key for method in rule.service_methods],
        }
        for rule in in_force
    ]
    told = {name: getattr(pack, name) for name in ("key", "name", "version", "status")}
    return {**told, "rules": listed, "chains": [chain.key for chain in pack.chains]}
