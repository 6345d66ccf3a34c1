"""May somebody do this with that? One question for everything, answered with the filters that lists use.

Lists never call it row by row: they filter inside their queries (``matters.visible_to`` and its like). It is for one
thing at a time: before a change, and to show or leave out a button.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.models import UserTask, UserTaskCandidate
from practice import access
from practice.anyone import for_alike
from practice.directories.models import DirectoryEntry
from practice.enquiries import queries as enquiries
from practice.enquiries.models import Enquiry
from practice.events.models import Event
from practice.matters import queries as matters
from practice.matters import visibility
from practice.matters.models import Matter, MatterMember
from practice.rights import queries as rights
from practice.rights.models import ACTIONS

Decision = Callable[[Session, Actor, str, Any], bool]

#: Named right without which a report is absent, for lists and API alike (C29, C32).
REPORTS: Final = {"finance": "see_finance_reports", "decisions": "see_decision_reports"}

_DECISIONS: dict[type, Decision] = {}


class Report(NamedTuple):
    """A report by its name; one that no right is named for is there for everybody."""

    name: str


class RecoveryAmounts(NamedTuple):
    """The sums claimed, awarded and received in a matter (C30)."""

    matter: Matter


class EventOf(NamedTuple):
    """An event that is about to be made: its matter and its kind."""

    matter: Matter
    kind: DirectoryEntry


def may(session: Session, actor: Actor, action: str, thing: object) -> bool:
    """Say whether the actor may ``read``, ``create``, ``change`` or ``export`` a thing.

    ``thing`` is a record (``Matter``, ``Enquiry``, ``Event``), an ``EventOf`` before the event is there, a ``Report``,
    a ``RecoveryAmounts``, or whatever another package registered with ``decides``.

    Raises:
        ValueError: the action is none of the four.
        TypeError: nobody said who may do anything with such a thing.
    """
    if action not in ACTIONS:
        raise ValueError(action)
    for kind in type(thing).__mro__:
        if kind in _DECISIONS:
            return actor.may("*") or _DECISIONS[kind](session, actor, action, thing)
    raise TypeError(f"nobody decides about {type(thing).__name__}")


def decides(kind: type) -> Callable[[Decision], Decision]:
    """Register who says what may be done with one kind of thing."""

    def register(decision: Decision) -> Decision:
        _DECISIONS[kind] = decision
        return decision

    return register


@decides(Matter)
def _matter(session: Session, actor: Actor, action: str, matter: Matter) -> bool:
    if action == "export" and (matter.confidentiality == "secret" or not actor.may("export_data")):
        return False
    if action not in ("read", "export") and matter.state == "archived":
        return False
    return _of_matter(actor, action).scalar(session, matter_id=matter.id) is not None


@for_alike
def _of_matter(actor: Actor, action: str) -> sa.Select[UUID]:
    """Select the matter when the actor may do this with it, whatever its state."""
    query = sa.select(Matter.id).where(Matter.id == sa.bindparam("matter_id"), matters.seen_by(actor))
    if action == "read":
        return query
    query = query.where(Matter.client_party_id.not_in(rights.clients(actor, "deny", action)))
    if action == "export" or actor.may("edit_matters"):
        return query
    on_team = visibility.on_team(actor).where(MatterMember.matter_id == Matter.id).correlate(Matter)
    with_work = (
        sa.select(UserTask.id)
        .join(UserTaskCandidate, UserTaskCandidate.user_task_id == UserTask.id)
        .where(UserTask.business_key == Matter.number, UserTaskCandidate.principal.in_(actor.principals))
    )
    return query.where(
        sa.or_(
            sa.exists(on_team),
            sa.exists(with_work.correlate(Matter)),
            Matter.client_party_id.in_(rights.clients(actor, "allow", action)),
        )
    )


@decides(Enquiry)
def _enquiry(session: Session, actor: Actor, action: str, enquiry: Enquiry) -> bool:
    is_seen = _exists(session, sa.select(Enquiry.id).where(Enquiry.id == enquiry.id, enquiries.visible_to(actor)))
    if action == "read" or not is_seen:
        return is_seen
    if action == "export":
        return actor.may("export_data")
    has_work = _is_among(session, enquiry.number, access.business_keys_with_open_work_for(actor))
    return enquiry.state == "open" and (has_work or enquiry.received_by == actor.username)


@decides(EventOf)
def _event_to_be(session: Session, actor: Actor, action: str, event: EventOf) -> bool:
    client = event.matter.client_party_id
    if not _matter(session, actor, "read" if action == "read" else "change", event.matter):
        return False
    if _is_said(session, actor, "deny", action, event.kind.id, client):
        return False
    right = event.kind.required_right
    return (right is None or actor.may(right) or _is_said(session, actor, "allow", "read", event.kind.id, client)) and (
        action != "export" or _matter(session, actor, "export", event.matter)
    )


@decides(Event)
def _event(session: Session, actor: Actor, action: str, event: Event) -> bool:
    return _event_to_be(session, actor, action, EventOf(event.matter, event.kind))


@decides(Report)
def _report(_session: Session, actor: Actor, action: str, report: Report) -> bool:
    right = REPORTS.get(report.name)
    if right is not None and not actor.may(right):
        return False
    return action == "read" or (action == "export" and actor.may("export_data"))


@decides(RecoveryAmounts)
def _recovery_amounts(session: Session, actor: Actor, action: str, amounts: RecoveryAmounts) -> bool:
    if action in ("read", "export"):
        return _matter(session, actor, action, amounts.matter)
    return actor.may("edit_recoveries") and _matter(session, actor, "change", amounts.matter)


def _is_said(session: Session, actor: Actor, effect: str, action: str, kind_id: UUID, client: UUID) -> bool:
    return _is_among(session, kind_id, rights.event_kinds(actor, effect, action)) or _is_among(
        session, kind_id, rights.event_kinds_of_client(actor, effect, action, client)
    )


def _is_among(session: Session, value: Any, found: sa.Select[Any]) -> bool:
    return bool(session.scalar(sa.select(sa.literal(value).in_(found))))


def _exists(session: Session, found: sa.Select[Any]) -> bool:
    return session.scalar(found) is not None
