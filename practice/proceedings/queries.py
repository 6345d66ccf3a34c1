"""Proceedings and what hangs on them (read side). Who may see the matter may see them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from engine.actor import Actor
from practice import money
from practice.directories import queries as directories
from practice.directories.models import DirectoryEntry
from practice.matters import belongings
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.proceedings.errors import DecisionNotFound, HearingNotFound, ProceedingNotFound, RecoveryNotFound
from practice.proceedings.models import (
    ClaimLine,
    Decision,
    DecisionLine,
    Hearing,
    Proceeding,
    Recovery,
    RecoveryReceipt,
)

_MATTER_ID: sa.BindParameter[Any] = sa.bindparam("matter_id")
_IDS: sa.BindParameter[Any] = sa.bindparam("proceeding_ids", expanding=True)
_PROCEEDINGS: Final = sa.select(Proceeding).where(Proceeding.matter_id == _MATTER_ID).order_by(Proceeding.number)
_HEARINGS: Final = sa.select(Hearing).where(Hearing.proceeding_id.in_(_IDS)).order_by(Hearing.starts_at, Hearing.id)
_DECISIONS: Final = (
    sa.select(Decision)
    .options(selectinload(Decision.lines))
    .where(Decision.proceeding_id.in_(_IDS))
    .order_by(Decision.pronounced_on, Decision.id)
)
_CLAIMS: Final = (
    sa.select(Proceeding.id, ClaimLine.recovery_kind_id, ClaimLine.currency, ClaimLine.amount_minor)
    .join(Proceeding, Proceeding.id == ClaimLine.proceeding_id)
    .where(Proceeding.matter_id == _MATTER_ID)
    .order_by(Proceeding.number)
)
_LINES: Final = (
    sa.select(
        Decision.id,
        DecisionLine.recovery_kind_id,
        DecisionLine.currency,
        DecisionLine.claimed_minor,
        DecisionLine.awarded_minor,
    )
    .join(Decision, Decision.id == DecisionLine.decision_id)
    .join(Proceeding, Proceeding.id == Decision.proceeding_id)
    .where(Proceeding.matter_id == _MATTER_ID)
    .order_by(Proceeding.number, Decision.pronounced_on, Decision.id)
)
_RECEIVED: Final = (
    sa.select(Recovery.recovery_kind_id, Recovery.currency, sa.func.sum(Recovery.received_minor))
    .where(Recovery.matter_id == _MATTER_ID)
    .group_by(Recovery.recovery_kind_id, Recovery.currency)
)


@dataclass(frozen=True, slots=True)
class RecoveryTotal:
    """What is claimed, awarded and received of one kind in one currency."""

    kind: DirectoryEntry
    currency: str
    claimed: Decimal
    awarded: Decimal
    received: Decimal


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Proceeding``: who may see its matter; like the others here it is asked of each row."""
    return belongings.seen(Proceeding.matter_id, actor)


def hearing_visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Hearing``."""
    return _of_seen_proceeding(Hearing.proceeding_id, actor)


def decision_visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Decision``."""
    return _of_seen_proceeding(Decision.proceeding_id, actor)


def recovery_visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Recovery``."""
    return belongings.seen(Recovery.matter_id, actor)


def _of_seen_proceeding(proceeding_id: Any, actor: Actor) -> sa.ColumnElement[bool]:
    row = sa.select(sa.literal(1)).select_from(Proceeding).where(Proceeding.id == proceeding_id, visible_to(actor))
    return sa.exists(row.correlate_except(Proceeding))


def of_matter(session: Session, number: str, *, actor: Actor) -> list[Proceeding]:
    """Return a matter's proceedings in the order in which they were opened, or raise ``MatterNotFound``."""
    return of_read_matter(session, matters.get_by_number(session, number, actor=actor))


def of_read_matter(session: Session, matter: Matter) -> list[Proceeding]:
    """Return the proceedings of a matter that was read with the reader's rights."""
    return list(session.scalars(_PROCEEDINGS, {"matter_id": matter.id}))


def get(session: Session, number: str, proceeding: int, *, actor: Actor) -> Proceeding:
    """Return one proceeding, or raise ``MatterNotFound`` or ``ProceedingNotFound``."""
    matter = matters.get_by_number(session, number, actor=actor)
    row = session.scalar(
        sa.select(Proceeding).where(Proceeding.matter_id == matter.id, Proceeding.number == proceeding)
    )
    if row is None:
        raise ProceedingNotFound(number, str(proceeding))
    return row


def hearings_of(session: Session, proceeding_ids: list[UUID]) -> dict[UUID, list[Hearing]]:
    """Return the hearings of proceedings that were read with the reader's rights, the first first."""
    found: dict[UUID, list[Hearing]] = {proceeding_id: [] for proceeding_id in proceeding_ids}
    for hearing in session.scalars(_HEARINGS, {"proceeding_ids": proceeding_ids}) if found else ():
        found[hearing.proceeding_id].append(hearing)
    return found


def decisions_of(session: Session, proceeding_ids: list[UUID]) -> dict[UUID, list[Decision]]:
    """Return the decisions of proceedings that were read with the reader's rights, the first first."""
    found: dict[UUID, list[Decision]] = {proceeding_id: [] for proceeding_id in proceeding_ids}
    for decision in session.scalars(_DECISIONS, {"proceeding_ids": proceeding_ids}) if found else ():
        found[decision.proceeding_id].append(decision)
    return found


def get_hearing(session: Session, hearing_id: UUID, *, actor: Actor) -> Hearing:
    """Return a hearing, or raise ``HearingNotFound``."""
    row = session.scalar(sa.select(Hearing).where(Hearing.id == hearing_id, hearing_visible_to(actor)))
    if row is None:
        raise HearingNotFound(str(hearing_id))
    return row


def get_decision(session: Session, decision_id: UUID, *, actor: Actor) -> Decision:
    """Return a decision, or raise ``DecisionNotFound``."""
    row = session.scalar(sa.select(Decision).where(Decision.id == decision_id, decision_visible_to(actor)))
    if row is None:
        raise DecisionNotFound(str(decision_id))
    return row


def get_recovery(session: Session, recovery_id: UUID, *, actor: Actor) -> Recovery:
    """Return a recovery, or raise ``RecoveryNotFound``."""
    row = session.scalar(sa.select(Recovery).where(Recovery.id == recovery_id, recovery_visible_to(actor)))
    if row is None:
        raise RecoveryNotFound(str(recovery_id))
    return row


def recoveries_of(session: Session, number: str, *, actor: Actor) -> list[Recovery]:
    """Return what is to come in for a matter, the first due first, or raise ``MatterNotFound``."""
    matter = matters.get_by_number(session, number, actor=actor)
    query = sa.select(Recovery).where(Recovery.matter_id == matter.id)
    return list(session.scalars(query.order_by(Recovery.due_on.nulls_last(), Recovery.created_at, Recovery.id)))


def receipts_of(session: Session, recovery: Recovery) -> list[RecoveryReceipt]:
    """Return what came in for a recovery that was read with the reader's rights."""
    query = sa.select(RecoveryReceipt).where(RecoveryReceipt.recovery_id == recovery.id)
    return list(session.scalars(query.order_by(RecoveryReceipt.received_on, RecoveryReceipt.id)))


def totals(session: Session, number: str, *, actor: Actor) -> list[RecoveryTotal]:
    """Return claimed, awarded and received per kind and currency, or raise ``MatterNotFound``.

    The same sum is claimed again in every instance, and a higher court's award takes the place of the lower
    one's: of each kind, what the latest proceeding says counts; receipts add up.
    """
    return totals_of_read_matter(session, matters.get_by_number(session, number, actor=actor))


def totals_of_read_matter(session: Session, matter: Matter) -> list[RecoveryTotal]:
    """Return the same of a matter that was read with the reader's rights."""
    of_matter = {"matter_id": matter.id}
    claimed = _latest(session.execute(_CLAIMS, of_matter))
    lines = session.execute(_LINES, of_matter).all()
    in_decisions = (line for line in lines if line.claimed_minor is not None)
    for key, minor in _latest((*line[:3], line.claimed_minor) for line in in_decisions).items():
        claimed.setdefault(key, minor)
    awarded = _latest((*line[:3], line.awarded_minor) for line in lines)
    received = {(kind, currency): int(minor) for kind, currency, minor in session.execute(_RECEIVED, of_matter)}
    keys = {*claimed, *awarded, *received}
    kinds = directories.of_ids(session, [kind for kind, _ in keys])
    found = [
        RecoveryTotal(
            kinds[kind],
            currency,
            *(money.from_minor(side.get((kind, currency), 0), currency) for side in (claimed, awarded, received)),
        )
        for kind, currency in keys
    ]
    return sorted(found, key=lambda total: (total.kind.position, total.kind.name, total.currency))


_Sums = dict[tuple[UUID, str], int]


def _latest(rows: Iterable[Any]) -> _Sums:
    """Add up, per kind and currency, what the last source that speaks of it says: the rows come in their order."""
    found: dict[tuple[UUID, str], tuple[UUID, int]] = {}
    for source, kind, currency, minor in rows:
        before = found.get((kind, currency))
        found[kind, currency] = (source, minor + (before[1] if before and before[0] == source else 0))
    return {key: minor for key, (_, minor) in found.items()}


def claims_of(session: Session, proceeding_ids: list[UUID]) -> dict[UUID, list[ClaimLine]]:
    """Return what is claimed in proceedings that were read with the reader's rights."""
    found: dict[UUID, list[ClaimLine]] = {proceeding_id: [] for proceeding_id in proceeding_ids}
    for line in session.scalars(sa.select(ClaimLine).where(ClaimLine.proceeding_id.in_(proceeding_ids))):
        found[line.proceeding_id].append(line)
    return found
