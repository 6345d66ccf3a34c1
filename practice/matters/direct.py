"""Opening a matter without an intake: what a program or an assistant with the right does in one step.

The conflict gate is the same: the names are checked now, only a clear check opens the matter, and check and
enquiry are kept whether it does or not.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.conflicts import operations as conflicts
from practice.conflicts import visibility
from practice.conflicts.models import ConflictCheck
from practice.enquiries import operations as enquiries
from practice.errors import ConflictIsAbsolute, VariableInvalid, VariableMissing
from practice.guards import require_right
from practice.matters import operations, parties
from practice.matters.errors import ConflictNeedsDecision
from practice.matters.models import PARTY_ROLES, Matter
from practice.parties.facts import one_named
from practice.parties.operations import known_or_new
from practice.variables import Variables, text

RIGHT: Final = "open_matters"
_MOST_PARTIES = 50


def open_directly(session: Session, facts: Variables, *, by: Actor, now: datetime) -> Matter:
    """Open a matter when the conflict check of its names, made here, is clear.

    With ``conflict_check_id``, what was decided about that check holds as well, as long as nothing else is found now.

    ``facts``: as for ``operations.open_matter``, or ``parties`` (a list of ``name`` and ``role``) in place of
    ``client_name``, ``opponent_name`` and ``other_parties``; ``court``, ``court_number``, ``limitation_on``, too.

    Raises:
        RightMissing, and what ``operations.open_matter`` refuses.
        ConflictIsAbsolute: nobody opens this matter.
        ConflictNeedsDecision: somebody has to decide; the intake is the way, or a check that was decided.
        ConflictCheckNotFound: there is no such check, or the actor may not see it.
    """
    require_right(by, RIGHT)
    # Whoever opens a matter joins its team now, which is after the instant at which the request came in.
    by = replace(by, at=now) if by.at is not None else by
    known, more = _with_names(facts)
    enquiry = enquiries.register(session, {**known, "source": known.get("source") or "direct"}, by=by, now=now)
    check, hits = conflicts.check(session, enquiry, by=by, now=now)
    if check.outcome == "absolute":
        raise ConflictIsAbsolute(enquiry.number, [hit.reason for hit in hits if hit.absolute])
    if check.outcome != "clear" and not _decided_before(session, check, known, by=by, now=now):
        raise ConflictNeedsDecision([hit.reason for hit in hits if hit.adverse])
    matter = operations.open_matter(session, enquiry, known, by=by, now=now)
    for name, role in more:
        _take_up(session, matter, name, role, by=by, now=now)
    return operations.keep_facts(
        session,
        matter.number,
        {key: known.get(key) for key in ("court", "court_number", "limitation_on")},
        by=by,
        now=now,
    )


def _decided_before(session: Session, check: ConflictCheck, facts: Variables, *, by: Actor, now: datetime) -> bool:
    said = facts.get("conflict_check_id")
    if said is None:
        return False
    try:
        check_id = said if isinstance(said, UUID) else UUID(str(said))
    except ValueError:
        raise VariableInvalid("conflict_check_id", str(said)[:80]) from None
    return conflicts.carry_over(session, visibility.get(session, check_id, actor=by), check, by=by, now=now)


def keep_refused(session: Session, facts: Variables, *, by: Actor, now: datetime) -> str:
    """Keep the enquiry and the check of an opening that the gate refused, and return the enquiry's number.

    For a transaction of its own: what was refused is rolled back.
    """
    known, _ = _with_names(facts)
    enquiry = enquiries.register(session, {**known, "source": known.get("source") or "direct"}, by=by, now=now)
    _, hits = conflicts.check(session, enquiry, by=by, now=now)
    enquiries.close(session, enquiry, "declined", reason=conflicts.summary(hits), by=by, now=now)
    return enquiry.number


def _take_up(session: Session, matter: Matter, name: str, role: str, *, by: Actor, now: datetime) -> None:
    """Give a further client or opponent, checked among the others, the role it has."""
    one = one_named(name, role, "parties")
    rows = {row.party_id for row in matter.parties if row.role == "other"}
    party = known_or_new(session, [one], by=by, now=now)[one.normalised]
    if party.id in rows:
        parties.remove_party(session, matter.number, party.id, role="other", by=by, now=now)
        parties.add_party(session, matter.number, {"name": name, "role": role}, by=by, now=now)


def _with_names(facts: Variables) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Write a list of parties as the names that an enquiry has; say who else is client or opponent."""
    said: Any = facts.get("parties")
    known = {key: value for key, value in facts.items() if key != "parties"}
    if said is None:
        return known, []
    items: list[Any] | None = cast("list[Any]", said) if isinstance(said, list) else None
    if items is None or len(items) > _MOST_PARTIES:
        raise VariableInvalid("parties", repr(said)[:80])  # pyright: ignore[reportUnknownArgumentType]
    by_role: dict[str, list[str]] = {role: [] for role in PARTY_ROLES}
    for index, one in enumerate(items):
        if not isinstance(one, Mapping):
            raise VariableInvalid(f"parties.{index}", str(one)[:80])
        party = cast("Mapping[str, Any]", one)
        role, name = text(party, "role", longest=20) or "other", text(party, "name")
        if role not in PARTY_ROLES:
            raise VariableInvalid(f"parties.{index}.role", role)
        if name is None:
            raise VariableMissing(f"parties.{index}.name")
        by_role[role].append(name)
    for role in ("client", "opponent"):
        if known.get(f"{role}_name"):
            by_role[role].insert(0, known[f"{role}_name"])
    if not by_role["client"]:
        raise VariableMissing("parties")
    more = [(name, role) for role in ("client", "opponent") for name in by_role[role][1:]]
    return {
        **known,
        "client_name": by_role["client"][0],
        "opponent_name": next(iter(by_role["opponent"]), None),
        "other_parties": "\n".join([name for name, _ in more] + by_role["other"]),
    }, more
