"""What every change of a deadline does: the row, its change with a reason, the audit trail, the watch on its day.

The functions here do not ask who may: ``operations`` asks a person's rights, ``delegates`` leave that to the diagram.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.audit import operations as audit
from practice.deadlines import processes, queries, watching
from practice.deadlines.errors import (
    DeadlineDiffers,
    DeadlineEnded,
    DeadlineNotFound,
    ReasonMissing,
    RequestNotOpen,
    RequestOpen,
    SecondPersonNeeded,
)
from practice.deadlines.models import NEVER, Deadline, DeadlineChange, DeadlineWarning
from practice.deadlines.periods import Computation, Step, add, warning_days
from practice.deadlines.rules import Rule
from practice.matters.models import Matter

SYSTEM_NAME = "system"
TWO = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A deadline as it is about to be registered."""

    name: str
    citation: str
    source: str
    due_on: date | None
    computed_on: date | None = None
    steps: list[Step] = field(default_factory=list[Step])
    pack: str | None = None
    pack_version: str | None = None
    pack_confirmed: bool = False
    rule: Rule | None = None
    calendar: str | None = None
    anchor_on: date | None = None
    service_method: str | None = None
    is_provisional: bool = False
    is_fatal: bool = True
    persons: int = TWO
    warnings: tuple[int, ...] = ()
    time_zone: str | None = None
    responsible: str | None = None
    chain_id: UUID | None = None
    after_id: UUID | None = None
    supersedes: Deadline | None = None
    process_instance_id: UUID | None = None


def add_deadline(session: Session, matter: Matter, said: Proposal, *, by: Actor, now: datetime) -> Deadline:
    """Register a deadline: one person stands for it at once, two when a second one has verified it."""
    deadline = _row(matter, said, by, now)
    session.add(deadline)
    session.flush()
    _add_warnings(session, deadline, said)
    _note(session, deadline, "proposed", said.source, matter=matter, by=by, now=now, after=facts(deadline))
    if deadline.persons < TWO and by.username != SYSTEM_NAME:
        _stand_for(session, deadline, matter, by=by, now=now)
    watching.watch(session, deadline, by=by, now=now)
    if deadline.state == "proposed":
        processes.ask_second_person(session, deadline, matter, by=by, now=now)
        session.flush()
    return deadline


def add_passed(session: Session, matter: Matter, said: Proposal, *, by: Actor, now: datetime) -> Deadline:
    """Keep a deadline on record whose day was over before anybody here could keep it."""
    deadline = _row(matter, said, by, now)
    session.add(deadline)
    session.flush()
    _note(session, deadline, "proposed", said.source, matter=matter, by=by, now=now, after=facts(deadline))
    _finish(session, deadline, "waived", "The day had passed before it was registered.", matter=matter, by=by, now=now)
    return deadline


def _row(matter: Matter, said: Proposal, by: Actor, now: datetime) -> Deadline:
    rule = said.rule
    return Deadline(
        matter_id=matter.id,
        name=said.name,
        pack=said.pack,
        rule=rule.key if rule else None,
        pack_version=said.pack_version,
        pack_confirmed=said.pack_confirmed,
        calendar=said.calendar,
        chain_id=said.chain_id,
        after_id=said.after_id,
        anchor=rule.anchor if rule else None,
        anchor_on=said.anchor_on,
        service_method=said.service_method,
        computed_on=said.computed_on,
        due_on=said.due_on,
        sort_on=said.due_on or NEVER,
        steps=[step.as_dict() for step in said.steps],
        is_provisional=said.is_provisional,
        is_fatal=said.is_fatal,
        persons=said.persons,
        possible=rule.possible if rule else None,
        citation=said.citation,
        source=said.source,
        responsible=said.responsible or matter.responsible,
        time_zone=said.time_zone,
        state="proposed",
        created_by=by.username,
        created_at=now,
        supersedes_id=said.supersedes.id if said.supersedes else None,
        process_instance_id=said.process_instance_id,
        warnings=[],
        changes=[],
    )


def verify(
    session: Session,
    deadline: Deadline,
    *,
    due_on: date | None,
    reason: str | None = None,
    by: Actor,
    now: datetime,
    through: UUID | None = None,
) -> Deadline:
    """Stand for a deadline as the second person; what it replaces is superseded with this.

    ``due_on`` is the day that this person read or calculated, None in a stay without an end; ``through`` is the
    process in which it happens.

    Raises:
        DeadlineEnded: it is no longer open.
        SecondPersonNeeded: ``by`` registered it.
        DeadlineDiffers: this person comes to another day.
        ReasonMissing: the rule leaves a choice and nobody says how it was made.
    """
    if deadline.state == "verified" and deadline.verified_by == by.username and deadline.due_on == due_on:
        return deadline
    if deadline.state != "proposed":
        raise DeadlineEnded(str(deadline.id), deadline.state)
    if by.username in (deadline.created_by, SYSTEM_NAME) and deadline.persons == TWO:
        raise SecondPersonNeeded(str(deadline.id), deadline.created_by)
    if deadline.due_on != due_on:
        raise DeadlineDiffers(str(deadline.id), deadline.due_on, due_on)
    if deadline.possible and not reason:
        raise ReasonMissing
    matter = matter_of(session, deadline)
    _stand_for(session, deadline, matter, reason=reason, by=by, now=now)
    processes.no_longer_needed(session, deadline, through=through, now=now)
    return deadline


def dispute(session: Session, deadline: Deadline, *, reason: str | None, by: Actor, now: datetime) -> None:
    """Note that a second person does not agree; the deadline stays as it is until somebody decides."""
    _require_open(deadline)
    matter = matter_of(session, deadline)
    _note(session, deadline, "disputed", _needed(reason), matter=matter, by=by, now=now)


def end(
    session: Session,
    deadline: Deadline,
    outcome: str,
    *,
    reason: str | None,
    by: Actor,
    now: datetime,
    through: UUID | None = None,
) -> Deadline:
    """Say that a deadline was ``met`` or is ``waived``; with two persons this only asks the other one.

    A missed one may still turn out to have been met: with two persons, whatever its rule says.

    Raises:
        DeadlineEnded, ReasonMissing.
        RequestOpen: somebody has asked for that already; another person confirms it (``confirm_end``).
    """
    words = _needed(reason)
    if not deadline.is_open and not (deadline.state == "missed" and outcome == "met"):
        raise DeadlineEnded(str(deadline.id), deadline.state)
    matter = matter_of(session, deadline)
    if deadline.persons < TWO and deadline.is_open:
        _finish(session, deadline, outcome, words, matter=matter, by=by, now=now, through=through)
        return deadline
    if deadline.ending is not None:
        raise RequestOpen(str(deadline.id), deadline.ending_by or "")
    deadline.ending, deadline.ending_reason = outcome, words
    deadline.ending_by, deadline.ending_at = by.username, now
    kind = f"{outcome}_requested"
    _note(session, deadline, kind, words, matter=matter, by=by, now=now, after={"ending": outcome, "reason": words})
    processes.ask_to_confirm(session, deadline, matter, now=now)
    session.flush()
    return deadline


def confirm_end(
    session: Session, deadline: Deadline, *, by: Actor, now: datetime, through: UUID | None = None
) -> Deadline:
    """End a deadline as another person has asked.

    Raises:
        RequestNotOpen: nobody has asked.
        SecondPersonNeeded: it was ``by`` who asked.
    """
    outcome, words = deadline.ending, deadline.ending_reason
    if outcome is None or words is None:
        raise RequestNotOpen(str(deadline.id))
    if by.username in (deadline.ending_by, SYSTEM_NAME):
        raise SecondPersonNeeded(str(deadline.id), deadline.ending_by or "")
    matter = matter_of(session, deadline)
    _finish(session, deadline, outcome, words, matter=matter, by=by, now=now, through=through)
    return deadline


def refuse_end(
    session: Session,
    deadline: Deadline,
    *,
    reason: str | None,
    by: Actor,
    now: datetime,
    through: UUID | None = None,
) -> Deadline:
    """Let a deadline go on although somebody has asked to end it; who asked may withdraw so.

    Raises:
        RequestNotOpen, ReasonMissing.
    """
    if deadline.ending is None:
        raise RequestNotOpen(str(deadline.id))
    words = _needed(reason)
    matter = matter_of(session, deadline)
    before = {"ending": deadline.ending, "ending_by": deadline.ending_by}
    deadline.ending = deadline.ending_reason = deadline.ending_by = deadline.ending_at = None
    _note(session, deadline, "end_refused", words, matter=matter, by=by, now=now, before=before)
    processes.no_longer_needed(session, deadline, through=through, now=now)
    return deadline


def supersede(session: Session, deadline: Deadline, *, reason: str, by: Actor, now: datetime) -> None:
    """End a deadline because another one has taken its place."""
    matter = matter_of(session, deadline)
    _finish(session, deadline, "superseded", reason, matter=matter, by=by, now=now)


def miss(session: Session, deadline: Deadline, *, by: Actor, now: datetime) -> None:
    """Note that the day has passed and nobody said that the deadline was kept; the incident begins."""
    matter = matter_of(session, deadline)
    asked = f" {deadline.ending_by} said: {deadline.ending_reason}" if deadline.ending_by else ""
    words = f"The day passed and no two persons said that it was kept.{asked}"
    if deadline.persons < TWO:
        words = "The day passed and nobody said that it was kept."
    _finish(session, deadline, "missed", words, matter=matter, by=by, now=now, keep_request=True)
    processes.begin_incident(session, deadline, matter, now=now)


def note_stopped(session: Session, deadline: Deadline, kind: str, reason: str, *, by: Actor, now: datetime) -> None:
    """Write down what happened to a deadline without changing its state."""
    _note(session, deadline, kind, reason, matter=matter_of(session, deadline), by=by, now=now)


def locked(session: Session, deadline_id: UUID) -> Deadline:
    """Return a deadline to change it, or raise ``DeadlineNotFound``."""
    found = session.get(Deadline, deadline_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise DeadlineNotFound(str(deadline_id))
    return found


def matter_of(session: Session, deadline: Deadline) -> Matter:
    """Return the matter of a deadline."""
    matter = session.get(Matter, deadline.matter_id)
    assert matter is not None, "a foreign key says so"
    return matter


def facts(deadline: Deadline) -> dict[str, Any]:
    """Return what the audit trail keeps of a deadline."""
    return {
        "name": deadline.name,
        "rule": f"{deadline.pack}/{deadline.rule}" if deadline.pack else None,
        "anchor_on": deadline.anchor_on.isoformat() if deadline.anchor_on else None,
        "computed_on": deadline.computed_on.isoformat() if deadline.computed_on else None,
        "due_on": deadline.due_on.isoformat() if deadline.due_on else None,
        "is_fatal": deadline.is_fatal,
        "state": deadline.state,
        "responsible": deadline.responsible,
    }


def _stand_for(
    session: Session, deadline: Deadline, matter: Matter, *, reason: str | None = None, by: Actor, now: datetime
) -> None:
    before = facts(deadline)
    deadline.state = "verified"
    deadline.verified_by, deadline.verified_at = by.username, now
    _note(session, deadline, "verified", reason, matter=matter, by=by, now=now, before=before, after=facts(deadline))
    if deadline.supersedes_id is None:
        return
    replaced = locked(session, deadline.supersedes_id)
    if replaced.is_open:
        words = f"Replaced by {deadline.name}, {deadline.due_on.isoformat() if deadline.due_on else 'no day yet'}."
        _finish(session, replaced, "superseded", words, matter=matter, by=by, now=now)


def _finish(
    session: Session,
    deadline: Deadline,
    outcome: str,
    reason: str,
    *,
    matter: Matter,
    by: Actor,
    now: datetime,
    through: UUID | None = None,
    keep_request: bool = False,
) -> None:
    before = facts(deadline)
    deadline.state = outcome
    deadline.ended_by, deadline.ended_at, deadline.end_reason = by.username, now, reason
    if not keep_request:
        deadline.ending = None
    _note(session, deadline, outcome, reason, matter=matter, by=by, now=now, before=before, after=facts(deadline))
    processes.no_longer_needed(session, deadline, through=through, now=now)


def _note(
    session: Session,
    deadline: Deadline,
    kind: str,
    reason: str | None,
    *,
    matter: Matter,
    by: Actor,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    session.add(DeadlineChange(deadline_id=deadline.id, at=now, by=by.username, kind=kind, reason=reason))
    told = dict(after or {}) | ({"reason": reason} if reason else {})
    audit.append(
        session,
        "deadline",
        deadline.id,
        f"deadline_{kind}",
        by=by,
        now=now,
        before=before,
        after=told,
        matter=matter.number,
    )
    session.flush()
    session.expire(deadline, ["changes"])


def _add_warnings(session: Session, deadline: Deadline, said: Proposal) -> None:
    if deadline.due_on is None:
        return
    rows = [
        DeadlineWarning(deadline_id=deadline.id, key=f"-{days}", warn_on=on)
        for days, on in warning_days(deadline.due_on, said.rule.warnings if said.rule else said.warnings)
    ]
    for before in said.rule.pre_deadlines if said.rule else ():
        calendar = queries.library(session).calendar(said.calendar or (said.rule.calendar if said.rule else ""))
        back = type(before.offset)(-before.offset.n, before.offset.unit)
        on = calendar.next_working(add(deadline.due_on, back, calendar=calendar), backward=True)
        rows.append(DeadlineWarning(deadline_id=deadline.id, key=before.key, name=before.name, warn_on=on))
    session.add_all(rows)
    session.flush()
    session.expire(deadline, ["warnings"])


def _require_open(deadline: Deadline) -> None:
    if not deadline.is_open:
        raise DeadlineEnded(str(deadline.id), deadline.state)


def _needed(reason: str | None) -> str:
    words = " ".join((reason or "").split())
    if not words:
        raise ReasonMissing
    return words


def open_of(session: Session, matter_id: UUID) -> list[Deadline]:
    """Return the open deadlines of a matter, locked, in the order in which they were registered."""
    query = sa.select(Deadline).where(Deadline.matter_id == matter_id, Deadline.ended_at.is_(None))
    query = query.order_by(Deadline.created_at, Deadline.id).with_for_update()
    return list(session.scalars(query.execution_options(populate_existing=True)))


def from_computation(found: Computation) -> dict[str, Any]:
    """Return what a calculation says of a proposal."""
    return {
        "due_on": found.on,
        "computed_on": found.on,
        "steps": found.steps,
        "is_provisional": found.is_provisional,
    }
