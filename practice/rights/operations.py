"""Changing rights: one person proposes, another one decides, and only then anything changes."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.errors import RightMissing
from practice.audit import operations as audit
from practice.directories.models import DirectoryEntry
from practice.errors import GroupUnknown, UserInactive
from practice.organisation import operations as organisation
from practice.organisation import queries as units
from practice.organisation import tree
from practice.parties.models import Party
from practice.people import operations as people
from practice.people import queries as users
from practice.people.models import Group
from practice.rights.errors import (
    NothingToChange,
    OwnProposal,
    ReasonMissing,
    RightsChangeDecided,
    RightsChangeNotFound,
    RightsChangeOutdated,
    RuleInvalid,
    RuleNotFound,
)
from practice.rights.models import ACTIONS, EFFECTS, RightRule, RightsChange

_REASON_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as somebody proposes it: for whom (nothing given: for everybody), and about what."""

    effect: str
    action: str
    username: str | None = None
    group_name: str | None = None
    #: Code of the unit.
    org_unit: str | None = None
    post: str | None = None
    client_party_id: UUID | None = None
    event_kind: str | None = None


def propose_groups(
    session: Session, username: str, groups: Collection[str], reason: str, *, by: Actor, now: datetime
) -> RightsChange:
    """Propose that a person belongs to exactly these groups.

    Raises:
        RightMissing, UserNotFound, UserInactive, GroupUnknown, NothingToChange, ReasonMissing.
    """
    _require(by, "propose_rights_changes")
    user = users.get(session, username)
    if not user.is_active:
        raise UserInactive(username)
    for name in sorted(set(groups)):
        if session.get(Group, name) is None:
            raise GroupUnknown(name[:80])
    before, after = {"groups": sorted(user.groups)}, {"groups": sorted(set(groups))}
    return _propose(session, "groups", user.username, before, after, reason, by=by, now=now)


def propose_place(
    session: Session, username: str, unit: str | None, post: str | None, reason: str, *, by: Actor, now: datetime
) -> RightsChange:
    """Propose in which unit a person works and as what.

    Raises:
        RightMissing, UserNotFound, OrgUnitNotFound, NothingToChange, ReasonMissing.
    """
    _require(by, "propose_rights_changes")
    user = users.get(session, username)
    after = {"unit": units.get_unit(session, unit).code if unit else None, "post": " ".join((post or "").split())}
    after["post"] = after["post"] or None
    return _propose(session, "place", user.username, _place(session, username), after, reason, by=by, now=now)


def propose_rule(session: Session, rule: Rule, reason: str, *, by: Actor, now: datetime) -> RightsChange:
    """Propose a rule about a client or a kind of event.

    Raises:
        RightMissing, RuleInvalid, UserNotFound, GroupUnknown, OrgUnitNotFound, ReasonMissing.
    """
    _require(by, "propose_rights_changes")
    _check_rule(session, rule)
    after = {name: str(value) if isinstance(value, UUID) else value for name, value in asdict(rule).items()}
    return _propose(session, "add_rule", rule.username or "*", {}, after, reason, by=by, now=now)


def propose_removal(session: Session, right_rule_id: UUID, reason: str, *, by: Actor, now: datetime) -> RightsChange:
    """Propose that a rule no longer applies."""
    _require(by, "propose_rights_changes")
    rule = session.get(RightRule, right_rule_id)
    if rule is None:
        raise RuleNotFound(str(right_rule_id))
    before = {"id": str(rule.id), **_rule_facts(rule)}
    return _propose(session, "remove_rule", rule.username or "*", before, {}, reason, by=by, now=now)


def propose_move(
    session: Session, code: str, parent: str | None, reason: str, *, by: Actor, now: datetime
) -> RightsChange:
    """Propose that a unit lies under another one: who reads the matters of units sees others then.

    Raises:
        RightMissing, OrgUnitNotFound, OrgTreeCyclic, NothingToChange, ReasonMissing.
    """
    _require(by, "propose_rights_changes")
    unit = units.get_unit(session, code)
    target = units.get_unit(session, parent) if parent else None
    organisation.require_no_circle(tree.parents(session), unit, target)
    before, after = _parent(session, code), {"parent": target.code if target else None}
    return _propose(session, "move_unit", code, before, after, reason, by=by, now=now)


def approve(
    session: Session, rights_change_id: UUID, *, remark: str | None = None, by: Actor, now: datetime
) -> RightsChange:
    """Decide that a proposal comes true, and make it true.

    Raises:
        RightMissing, RightsChangeNotFound, RightsChangeDecided, OwnProposal.
        RightsChangeOutdated: something changed what it was about in the meantime.
        LastAdministrator, UserInactive, OrgTreeCyclic, OrgUnitClosed: as when it is done at once.
    """
    change = _to_decide(session, rights_change_id, by=by)
    if _now_is(session, change) != change.before:
        raise RightsChangeOutdated(str(change.id))
    _apply(session, change, by=replace(by, rights=by.rights | {"*"}), now=now)
    return _decide(session, change, "applied", remark, by=by, now=now)


def reject(
    session: Session, rights_change_id: UUID, *, remark: str | None = None, by: Actor, now: datetime
) -> RightsChange:
    """Decide that a proposal does not come true."""
    return _decide(session, _to_decide(session, rights_change_id, by=by), "rejected", remark, by=by, now=now)


def withdraw(session: Session, rights_change_id: UUID, *, by: Actor, now: datetime) -> RightsChange:
    """Take back what one proposed oneself."""
    change = _open(session, rights_change_id)
    if change.proposed_by != by.username:
        raise RightsChangeNotFound(str(rights_change_id))
    return _decide(session, change, "withdrawn", None, by=by, now=now)


def _propose(
    session: Session,
    kind: str,
    subject: str,
    before: dict[str, Any],
    after: dict[str, Any],
    reason: str,
    *,
    by: Actor,
    now: datetime,
) -> RightsChange:
    if before == after:
        raise NothingToChange(kind)
    reason = reason.strip()
    if not 1 <= len(reason) <= _REASON_LONGEST:
        raise ReasonMissing("reason")
    change = RightsChange(
        kind=kind, subject=subject, before=before, after=after, reason=reason, proposed_by=by.username, proposed_at=now
    )
    session.add(change)
    session.flush()
    told = {"kind": kind, "subject": subject, "from": before, "to": after, "reason": reason}
    audit.append(session, "rights_change", change.id, "rights_change_proposed", by=by, now=now, after=told)
    return change


def _to_decide(session: Session, rights_change_id: UUID, *, by: Actor) -> RightsChange:
    _require(by, "approve_rights_changes")
    change = _open(session, rights_change_id)
    if by.username in (change.proposed_by, change.subject):
        raise OwnProposal(str(change.id))
    return change


def _open(session: Session, rights_change_id: UUID) -> RightsChange:
    change = session.get(RightsChange, rights_change_id, with_for_update=True, populate_existing=True)
    if change is None:
        raise RightsChangeNotFound(str(rights_change_id))
    if change.state != "proposed":
        raise RightsChangeDecided(str(change.id), change.state)
    return change


def _decide(
    session: Session, change: RightsChange, state: str, remark: str | None, *, by: Actor, now: datetime
) -> RightsChange:
    change.state, change.decided_by, change.decided_at = state, by.username, now
    change.remark = (remark or "").strip()[:_REASON_LONGEST] or None
    session.flush()
    after = {"state": state, "remark": change.remark, "proposed_by": change.proposed_by, "subject": change.subject}
    audit.append(session, "rights_change", change.id, f"rights_change_{state}", by=by, now=now, after=after)
    return change


def _now_is(session: Session, change: RightsChange) -> dict[str, Any]:
    """Return what ``change.before`` would be if the change were proposed now."""
    match change.kind:
        case "groups":
            return {"groups": sorted(users.get(session, change.subject).groups)}
        case "place":
            return _place(session, change.subject)
        case "move_unit":
            return _parent(session, change.subject)
        case "remove_rule":
            rule = session.get(RightRule, UUID(change.before["id"]))
            return {"id": str(rule.id), **_rule_facts(rule)} if rule else {}
        case _:
            return {}


def _apply(session: Session, change: RightsChange, *, by: Actor, now: datetime) -> None:
    after = change.after
    match change.kind:
        case "groups":
            people.change_groups(session, change.subject, after["groups"], by=by, now=now)
        case "place":
            organisation.place(session, change.subject, after["unit"], after["post"], by=by, now=now)
        case "move_unit":
            organisation.move_unit(session, change.subject, after["parent"], by=by, now=now)
        case "remove_rule":
            session.delete(session.get_one(RightRule, UUID(change.before["id"])))
        case _:
            said = dict(after)
            client = said.pop("client_party_id")
            rule = Rule(**said, client_party_id=UUID(client) if client else None)
            _check_rule(session, rule)
            session.add(_row(session, rule, by=change.proposed_by, now=now))
    session.flush()


def _check_rule(session: Session, rule: Rule) -> None:
    if rule.effect not in EFFECTS:
        raise RuleInvalid("effect", rule.effect[:80])
    if rule.action not in ACTIONS:
        raise RuleInvalid("action", rule.action[:80])
    if rule.client_party_id is None and not rule.event_kind:
        raise RuleInvalid("client_party_id", "")
    if rule.client_party_id is not None and session.get(Party, rule.client_party_id) is None:
        raise RuleInvalid("client_party_id", str(rule.client_party_id))
    if rule.event_kind and not _is_event_kind(session, rule.event_kind):
        raise RuleInvalid("event_kind", rule.event_kind[:80])
    if rule.username:
        users.get(session, rule.username)
    if rule.group_name and session.get(Group, rule.group_name) is None:
        raise GroupUnknown(rule.group_name[:80])
    if rule.org_unit:
        units.get_unit(session, rule.org_unit)
    if rule.post and len(rule.post) > 120:  # noqa: PLR2004 - the column's width
        raise RuleInvalid("post", rule.post[:80])


def _is_event_kind(session: Session, key: str) -> bool:
    query = sa.select(DirectoryEntry.id).where(DirectoryEntry.directory == "event_kind", DirectoryEntry.key == key)
    return session.scalar(query) is not None


def _row(session: Session, rule: Rule, *, by: str, now: datetime) -> RightRule:
    unit = units.get_unit(session, rule.org_unit) if rule.org_unit else None
    return RightRule(
        effect=rule.effect,
        action=rule.action,
        username=rule.username,
        group_name=rule.group_name,
        org_unit_id=unit.id if unit else None,
        post=rule.post,
        client_party_id=rule.client_party_id,
        event_kind=rule.event_kind,
        created_at=now,
        created_by=by,
    )


def _rule_facts(rule: RightRule) -> dict[str, Any]:
    names = ("effect", "action", "username", "group_name", "org_unit_id", "post", "client_party_id", "event_kind")
    values = {name: getattr(rule, name) for name in names}
    return {name: str(value) if isinstance(value, UUID) else value for name, value in values.items()}


def _place(session: Session, username: str) -> dict[str, Any]:
    found = units.colleague(session, username)
    unit = found.unit if found else None
    return {"unit": unit.code if unit else None, "post": found.record.post if found else None}


def _parent(session: Session, code: str) -> dict[str, Any]:
    unit = units.get_unit(session, code)
    above = next((place for place in units.units(session, with_closed=True) if place.unit.id == unit.id), None)
    return {"parent": above.parent_code if above else None}


def _require(by: Actor, right: str) -> None:
    if not by.may(right):
        raise RightMissing(right, by.username)
