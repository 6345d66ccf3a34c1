"""Service tasks of the process ``access_breach``, and the jobs that begin it and end emergency access."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import deployments, job_kinds, process_instances
from engine.actor import SYSTEM
from engine.delegates import DelegateCall, delegate
from engine.job_kinds import DueJob, Policy
from practice.accesses import cases
from practice.accesses.attempts import COMPLIANCE, REVIEW_JOB, owners
from practice.accesses.emergency import END_JOB
from practice.accesses.errors import BreachCaseNotFound
from practice.accesses.models import AccessAttempt, BreachCase, EmergencyAccess
from practice.deliveries.operations import known_facts, once
from practice.notices import operations as notices
from practice.people import queries as people
from practice.variables import long_text

PROCESS = "access_breach"


@job_kinds.handles(REVIEW_JOB, Policy(attempts=8, pause_s=5, factor=4, longest_pause_s=3600, shares_transaction=False))
def begin_review(session: Session, job: DueJob, now: datetime) -> None:
    """Start the process that leads to a decision about a new case; a case that has one is left alone."""
    case = cases.locked(session, str((job.payload or {})["case_number"]))
    if case.process_instance_id is None and case.state == "open":
        definition = deployments.latest(session, PROCESS)
        process_instances.begin(
            session, definition, {"case_number": case.number}, business_key=case.number, by=SYSTEM, now=now
        )


@job_kinds.handles(END_JOB)
def end_emergency(session: Session, job: DueJob, now: datetime) -> None:
    """End emergency access when its time is over."""
    access = session.get(EmergencyAccess, UUID((job.payload or {})["emergency_access_id"]), with_for_update=True)
    if access is not None and access.ended_at is None:
        access.ended_at = now


@delegate("open_breach_case")
def open_breach_case(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Take up the case that an attempt opened, or open the one that somebody reports; tell the process about it."""

    def effect() -> dict[str, Any]:
        facts = known_facts(call)
        if facts.get("case_number"):
            case = cases.locked(session, str(facts["case_number"]))
        else:
            case = cases.report(session, facts, process_instance_id=call.process_instance_id, by=call.by, now=call.now)
        case.process_instance_id = call.process_instance_id
        process_instances.set_business_key(session, call.process_instance_id, case.number, by=call.by, now=call.now)
        return _told(session, case, facts)

    return once(session, "open_breach_case", call, effect)


@delegate("notify_about_access")
def notify_about_access(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Tell owner and compliance, unless the attempt did so already."""

    def effect() -> None:
        case = _case(session, call)
        names = people.display_names(session, [case.username])
        told = {*owners(case), *(member.username for member in people.members(session, COMPLIANCE))}
        facts = {
            "case": case.number,
            "person": names.get(case.username, case.username),
            "subject": case.subject,
            "because": case.opened_because,
        }
        if case.subject is not None:
            about = f"{case.number} {case.subject}"
            notices.tell(session, told - {case.username}, "access_attempted", about, facts, now=call.now)

    return once(session, "notify_about_access", call, effect)


@delegate("record_explanation")
def record_explanation(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Keep what the person said."""

    def effect() -> None:
        said = long_text(call.inputs, "explanation")
        cases.explain(session, _number(call), said, by=call.by, now=call.now)

    return once(session, "record_explanation", call, effect)


@delegate("judge_access")
def judge_access(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Keep the finding; nobody decides about themselves."""

    def effect() -> None:
        cases.find(session, _number(call), call.inputs, by=call.by, now=call.now)

    return once(session, "judge_access", call, effect)


@delegate("add_to_team")
def add_to_team(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Put the person of a justified attempt into the matter's team."""

    def effect() -> None:
        cases.join_team(session, _number(call), by=call.by, now=call.now)

    return once(session, "add_to_team", call, effect)


@delegate("close_breach_case")
def close_breach_case(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """File the case as decided; the account opens again where it is to."""

    def effect() -> None:
        case = cases.close(session, _number(call), call.inputs, by=call.by, now=call.now)
        notices.tell(
            session, owners(case), "breach_case_closed", case.number,
            {"case": case.number, "finding": case.finding, "subject": case.subject}, now=call.now,
        )  # fmt: skip

    return once(session, "close_breach_case", call, effect)


def _told(session: Session, case: BreachCase, facts: dict[str, Any]) -> dict[str, Any]:
    attempts = session.scalars(
        sa.select(AccessAttempt).where(AccessAttempt.breach_case_id == case.id).order_by(AccessAttempt.at)
    ).all()
    subjects = list(dict.fromkeys(attempt.subject for attempt in attempts)) or [case.subject or ""]
    names = people.display_names(session, [case.username, case.owner])
    said = [attempt.reason for attempt in attempts if attempt.reason]
    return {
        "case_number": case.number,
        "person": case.username,
        "person_name": names.get(case.username, case.username),
        "owner": case.owner,
        "owner_name": names.get(case.owner or "", case.owner),
        "subjects": subjects[:20],
        "attempt_count": sum(attempt.times for attempt in attempts) or 1,
        "opened_because": case.opened_because,
        "breaches_before": case.breaches_before,
        "is_locked": case.has_locked,
        "has_owner": case.owner is not None,
        "emergency_reason": said[0] if said else None,
        "reported_what": facts.get("reported_what"),
    }


def _case(session: Session, call: DelegateCall) -> BreachCase:
    return cases.locked(session, _number(call))


def _number(call: DelegateCall) -> str:
    number = call.variables.get("case_number")
    if not isinstance(number, str):
        raise BreachCaseNotFound("")
    return number
