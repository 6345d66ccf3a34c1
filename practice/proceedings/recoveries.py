"""What is claimed, awarded and received (C17). Amounts are changed only with the right ``edit_recoveries`` (C30)."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import clock
from engine.actor import Actor
from practice import money
from practice.audit import operations as audit
from practice.directories import queries as directories
from practice.directories.models import DirectoryEntry
from practice.errors import AmountInvalid, VariableInvalid, VariableMissing
from practice.guards import require_right
from practice.matters.guards import writable
from practice.proceedings import queries
from practice.proceedings.errors import DecisionServedBefore, RecoveryBelowZero
from practice.proceedings.models import ClaimLine, Decision, DecisionLine, Proceeding, Recovery, RecoveryReceipt
from practice.variables import Variables, day, long_text, needed_text, text

RIGHT: Final = "edit_recoveries"
_MOST_LINES = 100
_REPEATS = re.compile(r"R\d*/P(\d+[DWMY])+")


class _Sum(NamedTuple):
    """One line as it was sent."""

    kind: DirectoryEntry
    minor: int
    currency: str
    said: Mapping[str, Any]


def set_claims(
    session: Session, number: str, proceeding: int, lines: Sequence[Any], *, by: Actor, now: datetime
) -> list[ClaimLine]:
    """Say what is claimed in a proceeding: exactly these lines (``recovery_kind``, ``amount``, ``currency``).

    Raises:
        RightMissing, MatterNotFound, NotOnTheTeam, MatterArchived, ProceedingNotFound, VariableMissing,
        VariableInvalid, EntryUnknown, AmountInvalid, CurrencyUnknown.
    """
    require_right(by, RIGHT)
    writable(session, number, by=by)
    row = queries.get(session, number, proceeding, actor=by)
    sums = _sums(session, lines, "amount")
    if len({(one.kind.id, one.currency) for one in sums}) < len(sums):
        raise VariableInvalid("lines", "the same kind twice")
    present = {(line.recovery_kind_id, line.currency): line for line in queries.claims_of(session, [row.id])[row.id]}
    before = {"claims": _told(session, present.values())}
    for key in present.keys() - {(one.kind.id, one.currency) for one in sums}:
        session.delete(present.pop(key))
    for one in sums:
        line = present.get((one.kind.id, one.currency))
        if line is None:
            line = present[one.kind.id, one.currency] = ClaimLine(
                proceeding_id=row.id, recovery_kind_id=one.kind.id, currency=one.currency
            )
            session.add(line)
        line.amount_minor = one.minor
    session.flush()
    after = {"claims": _told(session, present.values())}
    entity_id = f"{number}/{proceeding}"
    audit.append(
        session, "proceeding", entity_id, "claims_changed", by=by, now=now, before=before, after=after, matter=number
    )
    return list(present.values())


def record_decision(
    session: Session, number: str, proceeding: int, facts: Variables, *, by: Actor, now: datetime
) -> Decision:
    """Record a decision: ``pronounced_on`` (needed), ``served_on``, ``service_method``, ``result``, ``summary``.

    ``lines`` say what it awards: ``recovery_kind``, ``awarded``, ``currency``, and ``claimed`` and ``basis``; they
    need the right ``edit_recoveries``. A closed proceeding takes a decision, too: it is often served later.

    Raises:
        MatterNotFound, NotOnTheTeam, MatterArchived, ProceedingNotFound, RightMissing, VariableMissing,
        VariableInvalid, EntryUnknown, AmountInvalid, CurrencyUnknown.
    """
    matter = writable(session, number, by=by)
    row = queries.get(session, number, proceeding, actor=by)
    pronounced_on, served_on = day(facts, "pronounced_on"), day(facts, "served_on")
    if pronounced_on is None:
        raise VariableMissing("pronounced_on")
    if served_on is not None and served_on < pronounced_on:
        raise VariableInvalid("served_on", served_on.isoformat())
    result = directories.chosen(session, "decision_result", text(facts, "result", longest=60), field="result")
    lines: Any = facts.get("lines") or []
    if lines:
        require_right(by, RIGHT)
    sums = _sums(session, lines, "awarded")
    decision = Decision(
        proceeding_id=row.id,
        pronounced_on=pronounced_on,
        served_on=served_on,
        service_method=text(facts, "service_method", longest=60),
        result_id=result.id if result else None,
        summary=long_text(facts, "summary"),
        created_at=now,
        created_by=by.username,
        lines=[
            DecisionLine(
                position=position,
                recovery_kind_id=one.kind.id,
                claimed_minor=_optional(one, "claimed", position - 1),
                awarded_minor=one.minor,
                currency=one.currency,
                basis=text(one.said, "basis"),
            )
            for position, one in enumerate(sums, 1)
        ],
    )
    session.add(decision)
    session.flush()
    if served_on is not None:
        matter.judgment_served_on = served_on
    after = _facts(session, decision)
    audit.append(session, "decision", decision.id, "decision_recorded", by=by, now=now, after=after, matter=number)
    return decision


def serve_decision(session: Session, decision_id: UUID, facts: Variables, *, by: Actor, now: datetime) -> Decision:
    """Record when (``served_on``, needed) and how (``service_method``) a decision was served; once.

    Raises:
        DecisionNotFound, NotOnTheTeam, MatterArchived, DecisionServedBefore, VariableMissing, VariableInvalid.
    """
    decision = queries.get_decision(session, decision_id, actor=by)
    matter = writable(session, decision.proceeding.matter.number, by=by)
    session.refresh(decision, with_for_update=True)
    if decision.served_on is not None:
        raise DecisionServedBefore(str(decision_id), decision.served_on.isoformat())
    served_on = day(facts, "served_on")
    if served_on is None:
        raise VariableMissing("served_on")
    if served_on < decision.pronounced_on:
        raise VariableInvalid("served_on", served_on.isoformat())
    decision.served_on = served_on
    decision.service_method = text(facts, "service_method", longest=60) or decision.service_method
    matter.judgment_served_on = served_on
    session.flush()
    after = {"served_on": served_on.isoformat(), "service_method": decision.service_method}
    audit.append(session, "decision", decision_id, "decision_served", by=by, now=now, after=after, matter=matter.number)
    return decision


def expect(session: Session, number: str, facts: Variables, *, by: Actor, now: datetime) -> Recovery:
    """Say that money is to come in: ``recovery_kind``, ``amount``, ``currency``.

    Also ``due_on``, ``payer``, ``repeats`` (``R/P1M``) and ``decision_line`` (the id of the award it comes from).

    Raises:
        RightMissing, MatterNotFound, NotOnTheTeam, MatterArchived, VariableMissing, VariableInvalid, EntryUnknown,
        AmountInvalid, CurrencyUnknown.
    """
    require_right(by, RIGHT)
    matter = writable(session, number, by=by)
    one = _sums(session, [facts], "amount")[0]
    if one.minor == 0:
        raise AmountInvalid("amount", "0")
    repeats = text(facts, "repeats", longest=60)
    if repeats is not None and not _REPEATS.fullmatch(repeats):
        raise VariableInvalid("repeats", repeats)
    recovery = Recovery(
        matter_id=matter.id,
        decision_line_id=_award(session, matter.id, text(facts, "decision_line", longest=60)),
        recovery_kind_id=one.kind.id,
        due_on=day(facts, "due_on"),
        due_minor=one.minor,
        received_minor=0,
        currency=one.currency,
        payer=text(facts, "payer"),
        repeats=repeats,
        created_at=now,
        created_by=by.username,
    )
    session.add(recovery)
    session.flush()
    after = {
        "matter": number,
        "recovery_kind": one.kind.key,
        "due_minor": one.minor,
        "currency": one.currency,
        "due_on": recovery.due_on.isoformat() if recovery.due_on else None,
        "payer": recovery.payer,
    }
    audit.append(session, "recovery", recovery.id, "recovery_expected", by=by, now=now, after=after, matter=number)
    return recovery


def receive(session: Session, recovery_id: UUID, facts: Variables, *, by: Actor, now: datetime) -> RecoveryReceipt:
    """Record a sum that came in: ``amount`` and ``received_on`` (today when missing).

    A minus before the amount takes back a mistake and needs a ``note``.

    Raises:
        RightMissing, RecoveryNotFound, NotOnTheTeam, MatterArchived, VariableMissing, VariableInvalid,
        AmountInvalid, RecoveryBelowZero.
    """
    require_right(by, RIGHT)
    recovery = queries.get_recovery(session, recovery_id, actor=by)
    number = writable(session, recovery.matter.number, by=by).number
    session.refresh(recovery, with_for_update=True)
    said = str(facts.get("amount") or "").strip()
    minor = money.to_minor(said.removeprefix("-"), recovery.currency, field="amount")
    minor = -minor if said.startswith("-") else minor
    note = text(facts, "note")
    if minor == 0:
        raise AmountInvalid("amount", said[:40])
    if minor < 0 and note is None:
        raise VariableMissing("note")
    if recovery.received_minor + minor < 0:
        raise RecoveryBelowZero(str(recovery_id))
    receipt = RecoveryReceipt(
        recovery_id=recovery.id,
        received_on=day(facts, "received_on") or _today(now),
        amount_minor=minor,
        note=note,
        created_at=now,
        created_by=by.username,
    )
    before = {"received_minor": recovery.received_minor, "state": recovery.state}
    recovery.received_minor += minor
    recovery.state = (
        "received"
        if recovery.received_minor >= recovery.due_minor
        else "part_received"
        if recovery.received_minor
        else "expected"
    )
    session.add(receipt)
    session.flush()
    after = {"received_minor": recovery.received_minor, "state": recovery.state}
    audit.append(
        session, "recovery", recovery.id, "recovery_received", by=by, now=now, before=before, after=after, matter=number
    )
    return receipt


def write_off(session: Session, recovery_id: UUID, facts: Variables, *, by: Actor, now: datetime) -> Recovery:
    """Give up what is still missing of a recovery, for a ``reason`` (needed).

    Raises:
        RightMissing, RecoveryNotFound, NotOnTheTeam, MatterArchived, VariableMissing.
    """
    require_right(by, RIGHT)
    recovery = queries.get_recovery(session, recovery_id, actor=by)
    number = writable(session, recovery.matter.number, by=by).number
    session.refresh(recovery, with_for_update=True)
    reason = needed_text(facts, "reason")
    before, recovery.state = recovery.state, "written_off"
    session.flush()
    after = {"state": recovery.state, "reason": reason}
    audit.append(
        session,
        "recovery",
        recovery.id,
        "recovery_written_off",
        by=by,
        now=now,
        before={"state": before},
        after=after,
        matter=number,
    )
    return recovery


def _sums(session: Session, lines: Any, amount: str) -> list[_Sum]:
    said = cast("list[Any]", lines) if isinstance(lines, Sequence) and not isinstance(lines, str) else [None]
    if len(said) > _MOST_LINES:
        raise VariableInvalid("lines", f"{len(said)} lines")
    return [_sum(session, line, amount, index) for index, line in enumerate(said)]


def _sum(session: Session, line: Any, amount: str, index: int) -> _Sum:
    if not isinstance(line, Mapping):
        raise VariableInvalid(f"lines.{index}", str(line)[:80])
    facts = cast("Mapping[str, Any]", line)
    kind = directories.chosen(
        session, "recovery_kind", needed_text(facts, "recovery_kind", longest=60), field="recovery_kind"
    )
    if kind is None or facts.get(amount) in (None, ""):
        raise VariableMissing(amount)
    code = money.currency(facts.get("currency"))
    return _Sum(kind, money.to_minor(facts[amount], code, field=amount), code, facts)


def _optional(one: _Sum, field: str, index: int) -> int | None:
    value = one.said.get(field)
    return None if value in (None, "") else money.to_minor(value, one.currency, field=f"lines.{index}.{field}")


def _award(session: Session, matter_id: UUID, said: str | None) -> UUID | None:
    """Return the id of an award of this same matter."""
    if said is None:
        return None
    try:
        wanted = UUID(said)
    except ValueError as broken:
        raise VariableInvalid("decision_line", said) from broken
    found = session.scalar(
        sa.select(DecisionLine.id)
        .join(Decision, Decision.id == DecisionLine.decision_id)
        .join(Proceeding, Proceeding.id == Decision.proceeding_id)
        .where(DecisionLine.id == wanted, Proceeding.matter_id == matter_id)
    )
    if found is None:
        raise VariableInvalid("decision_line", said)
    return found


def _told(session: Session, lines: Any) -> list[dict[str, Any]]:
    found = list(lines)
    kinds = directories.of_ids(session, [line.recovery_kind_id for line in found])
    told = [
        {
            "recovery_kind": kinds[line.recovery_kind_id].key,
            "amount_minor": line.amount_minor,
            "currency": line.currency,
        }
        for line in found
    ]
    return sorted(told, key=lambda line: (line["recovery_kind"], line["currency"]))


def _facts(session: Session, decision: Decision) -> dict[str, Any]:
    kinds = directories.of_ids(session, [line.recovery_kind_id for line in decision.lines])
    return {
        "proceeding_id": str(decision.proceeding_id),
        "pronounced_on": decision.pronounced_on.isoformat(),
        "served_on": decision.served_on.isoformat() if decision.served_on else None,
        "service_method": decision.service_method,
        "summary": decision.summary,
        "lines": [
            {
                "recovery_kind": kinds[line.recovery_kind_id].key,
                "claimed_minor": line.claimed_minor,
                "awarded_minor": line.awarded_minor,
                "currency": line.currency,
            }
            for line in decision.lines
        ],
    }


def _today(now: datetime) -> date:
    return now.astimezone(clock.zone()).date()
