"""Proceedings of a matter: hearings, decisions, and the money they bring."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from engine import clock
from practice.proceedings import operations, queries, recoveries
from practice.proceedings.models import Decision, Hearing, Proceeding, Recovery
from webui.api.v1.blueprint import ApiBlueprint, operation, refuse
from webui.api.v1.proceeding_schemas import (
    ChangedProceedingSchema,
    ClaimsSchema,
    DecisionSchema,
    EndedHearingSchema,
    HearingSchema,
    NewDecisionSchema,
    NewHearingSchema,
    NewProceedingSchema,
    NewRecoverySchema,
    ProceedingSchema,
    ProceedingsSchema,
    ReceiptSchema,
    RecoveriesSchema,
    RecoverySchema,
    ServiceSchema,
)
from webui.api.v1.schemas import ReasonSchema
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint(
    "proceedings", __name__, url_prefix="", description="Instances, hearings, decisions and recoveries of matters."
)


@bp.get("/matters/<string:number>/proceedings")
@bp.response(200, ProceedingsSchema)
@operation("list_proceedings", 404)
def list_proceedings(number: str) -> dict[str, Any]:
    """List a matter's proceedings with their hearings and decisions."""
    session = db.session()
    found = queries.of_matter(session, number, actor=current_actor())
    ids = [row.id for row in found]
    hearings, decisions = queries.hearings_of(session, ids), queries.decisions_of(session, ids)
    names = ProceedingSchema().fields
    return {
        "items": [
            {
                **{name: getattr(row, name) for name in names if name != "value"},
                "value_minor": row.value_minor,
                "hearings": hearings[row.id],
                "decisions": decisions[row.id],
            }
            for row in found
        ]
    }


@bp.post("/matters/<string:number>/proceedings")
@bp.arguments(NewProceedingSchema)
@bp.response(201, ProceedingSchema)
@operation("open_proceeding", 403, 404)
def open_proceeding(args: dict[str, Any], number: str) -> Proceeding:
    """Open a proceeding; a higher instance names the one it follows from, which needs its decision."""
    return operations.open_proceeding(db.session(), number, args, by=current_actor(), now=clock.utc_now())


@bp.patch("/matters/<string:number>/proceedings/<int:proceeding>")
@bp.arguments(ChangedProceedingSchema)
@bp.response(200, ProceedingSchema)
@operation("change_proceeding", 403, 404)
def change_proceeding(args: dict[str, Any], number: str, proceeding: int) -> Proceeding:
    """Change, stay or close a proceeding."""
    session, by, now = db.session(), current_actor(), clock.utc_now()
    if args.get("state") != "closed":
        if "outcome" in args or "closed_on" in args:
            refuse(state="Only a proceeding that is closed has an outcome.")
        return operations.change_proceeding(session, number, proceeding, args, by=by, now=now)
    rest = {key: args[key] for key in ("court", "court_number", "judge", "value", "currency") if key in args}
    if rest:
        operations.change_proceeding(session, number, proceeding, rest, by=by, now=now)
    return operations.close_proceeding(session, number, proceeding, args, by=by, now=now)


@bp.post("/matters/<string:number>/proceedings/<int:proceeding>/hearings")
@bp.arguments(NewHearingSchema)
@bp.response(201, HearingSchema)
@operation("plan_hearing", 403, 404)
def plan_hearing(args: dict[str, Any], number: str, proceeding: int) -> Hearing:
    """Plan a hearing."""
    return operations.plan_hearing(db.session(), number, proceeding, args, by=current_actor(), now=clock.utc_now())


@bp.post("/hearings/<uuid:hearing_id>/end")
@bp.arguments(EndedHearingSchema)
@bp.response(200, HearingSchema)
@operation("end_hearing", 403, 404)
def end_hearing(args: dict[str, Any], hearing_id: UUID) -> Hearing:
    """Record how a hearing ended, and plan the next date."""
    return operations.end_hearing(db.session(), hearing_id, args, by=current_actor(), now=clock.utc_now())


@bp.put("/matters/<string:number>/proceedings/<int:proceeding>/claims")
@bp.arguments(ClaimsSchema)
@bp.response(200, RecoveriesSchema)
@operation("set_claims", 403, 404)
def set_claims(args: dict[str, Any], number: str, proceeding: int) -> dict[str, Any]:
    """Say what is claimed in a proceeding: exactly these lines."""
    recoveries.set_claims(db.session(), number, proceeding, args["lines"], by=current_actor(), now=clock.utc_now())
    return _recoveries(number)


@bp.post("/matters/<string:number>/proceedings/<int:proceeding>/decisions")
@bp.arguments(NewDecisionSchema)
@bp.response(201, DecisionSchema)
@operation("record_decision", 403, 404)
def record_decision(args: dict[str, Any], number: str, proceeding: int) -> Decision:
    """Record a decision and what it awards."""
    return recoveries.record_decision(db.session(), number, proceeding, args, by=current_actor(), now=clock.utc_now())


@bp.post("/decisions/<uuid:decision_id>/serve")
@bp.arguments(ServiceSchema)
@bp.response(200, DecisionSchema)
@operation("serve_decision", 403, 404)
def serve_decision(args: dict[str, Any], decision_id: UUID) -> Decision:
    """Record when a decision was served: periods for appeals run from that day."""
    return recoveries.serve_decision(db.session(), decision_id, args, by=current_actor(), now=clock.utc_now())


@bp.get("/matters/<string:number>/recoveries")
@bp.response(200, RecoveriesSchema)
@operation("list_recoveries", 404)
def list_recoveries(number: str) -> dict[str, Any]:
    """List what is to come in for a matter, and what is claimed, awarded and received per kind."""
    return _recoveries(number)


@bp.post("/matters/<string:number>/recoveries")
@bp.arguments(NewRecoverySchema)
@bp.response(201, RecoverySchema)
@operation("expect_recovery", 403, 404)
def expect(args: dict[str, Any], number: str) -> Recovery:
    """Say that money is to come in."""
    return recoveries.expect(db.session(), number, args, by=current_actor(), now=clock.utc_now())


@bp.post("/recoveries/<uuid:recovery_id>/receive")
@bp.arguments(ReceiptSchema)
@bp.response(200, RecoverySchema)
@operation("receive_recovery", 403, 404)
def receive(args: dict[str, Any], recovery_id: UUID) -> Recovery:
    """Record a sum that came in."""
    session, by = db.session(), current_actor()
    recoveries.receive(session, recovery_id, args, by=by, now=clock.utc_now())
    return queries.get_recovery(session, recovery_id, actor=by)


@bp.post("/recoveries/<uuid:recovery_id>/write-off")
@bp.arguments(ReasonSchema)
@bp.response(200, RecoverySchema)
@operation("write_off_recovery", 403, 404)
def write_off(args: dict[str, Any], recovery_id: UUID) -> Recovery:
    """Give up what is still missing of a recovery."""
    return recoveries.write_off(db.session(), recovery_id, args, by=current_actor(), now=clock.utc_now())


def _recoveries(number: str) -> dict[str, Any]:
    session, actor = db.session(), current_actor()
    return {
        "items": queries.recoveries_of(session, number, actor=actor),
        "totals": queries.totals(session, number, actor=actor),
    }
