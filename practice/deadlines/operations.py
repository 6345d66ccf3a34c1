"""What people do with deadlines: register, verify, end, change, stay. Rights first, then ``records``."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine import clock
from engine.actor import Actor
from engine.models.base import new_id
from practice.deadlines import chains, periods, queries, records
from practice.deadlines.errors import (
    DeadlineEnded,
    DeadlineSourceMissing,
    MayNotKeepDeadlines,
    ReasonMissing,
    SourceNotSeen,
)
from practice.deadlines.library import Library
from practice.deadlines.models import ENDINGS, Deadline
from practice.deadlines.periods import Computation, Stay
from practice.deadlines.records import Proposal
from practice.deadlines.rules import Rule
from practice.errors import MatterArchived, NotAnActivePerson, VariableInvalid, VariableMissing
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.people import queries as people
from practice.variables import Variables, day, needed_text, text

#: Registers and changes deadlines, asks to end them.
KEEP = "keep_deadlines"
#: Stands for them as the second person.
VERIFY = "verify_deadlines"
#: Adds days to working calendars.
KEEP_CALENDARS = "keep_calendars"
LONGEST_SOURCE = 4000


def require(by: Actor, right: str) -> None:
    """Refuse whoever does not hold a right."""
    if not by.may(right):
        raise MayNotKeepDeadlines(right)


def register(session: Session, number: str, said: Variables, *, by: Actor, now: datetime) -> list[Deadline]:
    """Register one deadline by rule, a chain of them, or a day that somebody read in a document.

    ``said`` holds ``source`` (the document, and what it says; needed) and either ``pack`` with ``rule`` or ``chain``
    and ``anchor_on``, and perhaps ``service_method`` and ``calendar``; or ``name``, ``due_on`` and ``citation``.
    ``responsible`` is the matter's lawyer unless another is named.

    Raises:
        MatterNotFound, MatterArchived, MayNotKeepDeadlines, DeadlineSourceMissing, VariableMissing, VariableInvalid,
        PackUnknown, RuleUnknown, ChainUnknown, CalendarUnknown, ServiceMethodUnknown, DayOutOfRange.
    """
    require(by, KEEP)
    matter = _open_matter(session, number, by)
    return register_in(session, matter, said, by=by, now=now)


def register_in(
    session: Session,
    matter: Matter,
    said: Variables,
    *,
    process_instance_id: UUID | None = None,
    passed_is_waived: bool = False,
    by: Actor,
    now: datetime,
) -> list[Deadline]:
    """Register for a matter without asking who may (``register`` says what ``said`` holds).

    With ``passed_is_waived`` a day that is over already is kept on record as waived: it was not ours to keep.
    """
    common: dict[str, Any] = {
        "source": _source(said),
        "responsible": _responsible(session, said),
        "process_instance_id": process_instance_id,
    }
    if text(said, "chain"):
        return _register_chain(session, matter, said, common, by=by, now=now)
    if text(said, "rule"):
        proposal = propose_by_rule(session, said, stays=_stays(session, matter), **common)
    else:
        proposal = _by_hand(said, **common)
    if passed_is_waived and proposal.due_on is not None and proposal.due_on < now.astimezone(clock.zone()).date():
        return [records.add_passed(session, matter, proposal, by=by, now=now)]
    return [records.add_deadline(session, matter, proposal, by=by, now=now)]


def propose_by_rule(session: Session, said: Variables, *, stays: list[Stay], **common: Any) -> Proposal:
    """Calculate what a rule says of an anchor."""
    pack = queries.library(session).pack(needed_text(said, "pack", longest=80))
    anchor_on = _needed_day(said, "anchor_on")
    library = queries.library(session)
    rule = library.rule(pack.key, needed_text(said, "rule", longest=80), on=anchor_on)
    method, calendar = text(said, "service_method", longest=80), text(said, "calendar", longest=80)
    found = compute(library, rule, anchor_on, service_method=method, calendar=calendar, stays=stays)
    return _proposal(library, pack.key, rule, anchor_on, found, method, calendar, **common)


def compute(
    library: Library,
    rule: Rule,
    anchor_on: date,
    *,
    service_method: str | None = None,
    calendar: str | None = None,
    stays: list[Stay] | None = None,
) -> Computation:
    """Calculate with the rule's calendar, or with that of the court's region."""
    return periods.compute(
        rule,
        anchor_on,
        calendar=library.calendar(calendar or rule.calendar),
        service_method=service_method,
        stays=stays or (),
    )


def verify(
    session: Session,
    deadline_id: UUID,
    *,
    due_on: date | None,
    document_seen: bool,
    reason: str | None = None,
    by: Actor,
    now: datetime,
) -> Deadline:
    """Stand for a deadline as the second person, who has compared it with the document (``records.verify``)."""
    require(by, VERIFY)
    if not document_seen:
        raise SourceNotSeen
    return records.verify(session, _mine(session, deadline_id, by), due_on=due_on, reason=reason, by=by, now=now)


def dispute(session: Session, deadline_id: UUID, *, reason: str | None, by: Actor, now: datetime) -> Deadline:
    """Say that the day or the rule is not right."""
    require(by, VERIFY)
    deadline = _mine(session, deadline_id, by)
    records.dispute(session, deadline, reason=reason, by=by, now=now)
    return deadline


def end(session: Session, deadline_id: UUID, outcome: str, *, reason: str | None, by: Actor, now: datetime) -> Deadline:
    """Say that a deadline was met or is waived (``records.end``)."""
    require(by, KEEP)
    if outcome not in ENDINGS:
        raise VariableInvalid("outcome", outcome[:80])
    return records.end(session, _mine(session, deadline_id, by), outcome, reason=reason, by=by, now=now)


def confirm_end(session: Session, deadline_id: UUID, *, by: Actor, now: datetime) -> Deadline:
    """End a deadline as another person has asked (``records.confirm_end``)."""
    require(by, VERIFY)
    return records.confirm_end(session, _mine(session, deadline_id, by), by=by, now=now)


def refuse_end(session: Session, deadline_id: UUID, *, reason: str | None, by: Actor, now: datetime) -> Deadline:
    """Let a deadline go on although somebody has asked to end it."""
    deadline = _mine(session, deadline_id, by)
    require(by, KEEP if deadline.ending_by == by.username else VERIFY)
    return records.refuse_end(session, deadline, reason=reason, by=by, now=now)


def change(
    session: Session, deadline_id: UUID, said: Variables, *, reason: str | None, by: Actor, now: datetime
) -> Deadline:
    """Put another day in a deadline's place: another anchor, way of service or calendar, or a day by hand.

    The new one asks for verification again; a verified fatal one counts on until that has been given. Deadlines of a
    chain that hang on it are calculated anew with it.

    Raises:
        MatterNotFound, MatterArchived, MayNotKeepDeadlines, DeadlineNotFound, DeadlineEnded, ReasonMissing, and what
        ``register`` raises.
    """
    require(by, KEEP)
    deadline = _mine(session, deadline_id, by)
    return change_in(session, deadline, said, reason=reason, by=by, now=now)


def change_in(
    session: Session,
    deadline: Deadline,
    said: Variables,
    *,
    reason: str | None,
    by: Actor,
    now: datetime,
    process_instance_id: UUID | None = None,
) -> Deadline:
    """Change without asking who may."""
    from practice.deadlines import recomputation  # noqa: PLC0415 - it registers what it calculates

    words = " ".join((reason or "").split())
    if not words:
        raise ReasonMissing
    if not deadline.is_open:
        raise DeadlineEnded(str(deadline.id), deadline.state)
    matter = records.matter_of(session, deadline)
    due_on, anchor_on = day(said, "due_on"), day(said, "anchor_on")
    new_source = text(said, "source", longest=LONGEST_SOURCE) or deadline.source
    if due_on is not None:
        proposal = replace(recomputation.as_it_is(session, deadline), due_on=due_on, steps=[])
    elif deadline.pack is not None:
        proposal = recomputation.anew(
            session,
            deadline,
            anchor_on=anchor_on,
            service_method=text(said, "service_method", longest=80),
            calendar=text(said, "calendar", longest=80),
        )
    else:
        raise VariableMissing("due_on")
    proposal = replace(proposal, source=new_source, process_instance_id=process_instance_id)
    return recomputation.put_in_place(session, deadline, proposal, matter, reason=words, by=by, now=now)


def preview(session: Session, said: Variables) -> tuple[Rule, Computation]:
    """Calculate without registering anything: ``pack``, ``rule``, ``anchor_on``, perhaps the other two."""
    library = queries.library(session)
    pack = library.pack(needed_text(said, "pack", longest=80))
    anchor_on = _needed_day(said, "anchor_on")
    rule = library.rule(pack.key, needed_text(said, "rule", longest=80), on=anchor_on)
    found = compute(
        library,
        rule,
        anchor_on,
        service_method=text(said, "service_method", longest=80),
        calendar=text(said, "calendar", longest=80),
    )
    return rule, found


# -- pieces -----------------------------------------------------------------------------------------------


def _register_chain(
    session: Session, matter: Matter, said: Variables, common: Mapping[str, Any], *, by: Actor, now: datetime
) -> list[Deadline]:
    library = queries.library(session)
    pack = library.pack(needed_text(said, "pack", longest=80))
    chain = library.chain(pack.key, needed_text(said, "chain", longest=80))
    method = text(said, "service_method", longest=80)
    plan = chains.plan(
        library, pack, chain, _needed_day(said, "anchor_on"), service_method=method, stays=_stays(session, matter)
    )
    chain_id, made = new_id(), dict[str, Deadline]()
    for one in plan:
        known = method if method and one.rule.service_method(method) else None
        anchor_on, found = one.anchor_on, one.computation or Computation(None, [])
        proposal = _proposal(library, pack.key, one.rule, anchor_on, found, known, None, **common)
        proposal = replace(proposal, chain_id=chain_id, after_id=made[one.after].id if one.after else None)
        made[one.rule.key] = records.add_deadline(session, matter, proposal, by=by, now=now)
    return list(made.values())


def _proposal(
    library: Library,
    pack_key: str,
    rule: Rule,
    anchor_on: date | None,
    found: Computation,
    service_method: str | None,
    calendar: str | None,
    **common: Any,
) -> Proposal:
    pack = library.pack(pack_key)
    return Proposal(
        name=rule.name,
        citation=rule.citation,
        pack=pack.key,
        pack_version=pack.version,
        pack_confirmed=pack.is_confirmed,
        rule=rule,
        calendar=calendar or rule.calendar,
        anchor_on=anchor_on,
        service_method=service_method,
        is_fatal=rule.is_fatal,
        persons=rule.persons,
        time_zone=pack.time_zone,
        **records.from_computation(found),
        **common,
    )


def _by_hand(said: Variables, **common: Any) -> Proposal:
    is_fatal = said.get("is_fatal", True) is not False
    return Proposal(
        name=needed_text(said, "name"),
        due_on=periods_day(_needed_day(said, "due_on"), "due_on"),
        citation=needed_text(said, "citation", longest=1000),
        is_fatal=is_fatal,
        persons=records.TWO if is_fatal else 1,
        warnings=(14, 7, 3, 1, 0) if is_fatal else (3, 1),
        **common,
    )


def periods_day(on: date, field: str) -> date:
    """Refuse a day with which nothing can be calculated."""
    if not periods.FIRST_YEAR <= on.year <= periods.LAST_YEAR:
        raise periods.DayOutOfRange(field, on.isoformat())
    return on


def _source(said: Variables) -> str:
    source = text(said, "source", longest=LONGEST_SOURCE)
    if source is None:
        raise DeadlineSourceMissing("source")
    return source


def _needed_day(said: Variables, field: str) -> date:
    found = day(said, field)
    if found is None:
        raise VariableMissing(field)
    return found


def _responsible(session: Session, said: Variables) -> str | None:
    username = text(said, "responsible", longest=150)
    if username is None:
        return None
    user = people.by_username(session, username)
    if user is None or not user.is_active:
        raise NotAnActivePerson("responsible", username)
    return user.username


def _stays(session: Session, matter: Matter) -> list[Stay]:
    return queries.as_periods(queries.stays(session, matter.id))


def _open_matter(session: Session, number: str, by: Actor) -> Matter:
    matter = matters.get_by_number(session, number, actor=by)
    if matter.state == "archived":
        raise MatterArchived(number)
    return matter


def _mine(session: Session, deadline_id: UUID, by: Actor) -> Deadline:
    queries.get(session, deadline_id, actor=by)
    return records.locked(session, deadline_id)
