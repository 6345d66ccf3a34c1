"""Making a conflict check, keeping it, deciding about it, and holding what must not go on."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Unpack
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.models.base import new_id
from practice.audit import operations as audit
from practice.audit.models import AuditEvent
from practice.conflicts import consent, places
from practice.conflicts.consent import Consent
from practice.conflicts.errors import (
    ConflictCheckNotFound,
    ConflictNotDecided,
    NothingToDecide,
    OwnCheckDecided,
)
from practice.conflicts.hits import Asked, Hit, in_order, outcome_of
from practice.conflicts.models import DECISIONS, ConflictCheck, ConflictDecision
from practice.conflicts.queries import decisions_about, find_hits, last_check, look
from practice.enquiries.models import Enquiry
from practice.enquiries.operations import require_open
from practice.errors import (
    ConflictCheckMissing,
    ConflictCheckOutdated,
    ConflictIsAbsolute,
    VariableInvalid,
    VariableMissing,
)
from practice.matters.models import Matter, MatterParty
from practice.name_index.models import NameEntry
from practice.names import RULES_VERSION
from practice.parties.facts import Named
from practice.parties.models import Party
from practice.parties.names import normalise

#: Parties of one check.
MOST_PARTIES: Final = 50
#: Names that are only a little alike are kept by name: an auditor sees that they were looked at.
_KEPT_LIGHTLY: Final = 50
_GATE: Final = 0x67617465


def check(
    session: Session,
    enquiry: Enquiry,
    *,
    contact_codes: Mapping[str, tuple[str, ...]] | None = None,
    identifiers: Mapping[str, tuple[tuple[str, str], ...]] | None = None,
    by: Actor,
    now: datetime,
) -> tuple[ConflictCheck, list[Hit]]:
    """Compare the names of an open enquiry with everybody known, and keep question and answer for ever.

    ``contact_codes`` and ``identifiers`` say how the ``client`` and the ``opponent`` named first can be reached, and
    under which numbers they are registered.
    """
    require_open(enquiry)
    named = {"client": enquiry.client_name, "opponent": enquiry.opponent_name}
    asked: list[Asked] = []
    for party in enquiry.parties:
        of_role = named.get(party.role) == party.name
        codes = (contact_codes or {}).get(party.role, ()) if of_role else ()
        numbers = (identifiers or {}).get(party.role, ()) if of_role else ()
        asked.append(Asked(party.name, party.role, numbers, contact_codes=codes))
    return run(session, asked, trigger="intake", enquiry=enquiry.number, by=by, now=now)


def run(
    session: Session,
    asked: Sequence[Asked],
    *,
    trigger: str,
    enquiry: str | None = None,
    matter: str | None = None,
    by: Actor,
    now: datetime,
) -> tuple[ConflictCheck, list[Hit]]:
    """Make a check of some parties and keep it; return with it what is alike enough to be looked at."""
    row, seen = run_and_see(session, asked, trigger=trigger, enquiry=enquiry, matter=matter, by=by, now=now)
    return row, [hit for hit in seen if hit.counts]


def run_and_see(
    session: Session,
    asked: Sequence[Asked],
    *,
    trigger: str,
    enquiry: str | None = None,
    matter: str | None = None,
    by: Actor,
    now: datetime,
) -> tuple[ConflictCheck, list[Hit]]:
    """Make a check and keep it; return with it everything that was seen, the worst first.

    Raises:
        VariableMissing, VariableInvalid: nobody is asked about, too many are, or a name is none.
    """
    _require_askable(asked)
    seen = look(session, asked, besides=enquiry, matter=matter, on=now.date())
    hits = [hit for hit in seen if hit.counts]
    check_id = new_id()
    row = ConflictCheck(
        id=check_id,
        subject=matter or enquiry or str(check_id),
        trigger=trigger,
        run_at=now,
        run_by=by.username,
        snapshot={
            "parties": [_question(one) for one in asked],
            "rules_version": RULES_VERSION,
            "data_version": _data_version(session),
            "compared_with": _extent(session, enquiry),
            "also_seen": [[hit.matches, hit.score] for hit in seen if not hit.counts][:_KEPT_LIGHTLY],
            "also_seen_count": len(seen) - len(hits),
        },
        hits=[hit.as_dict() for hit in hits],
        outcome=outcome_of(hits),
    )
    session.add(row)
    session.flush()
    after = {"subject": row.subject, "trigger": trigger, "outcome": row.outcome, "hits": len(hits)}
    audit.append(session, "conflict_check", row.id, "conflicts_checked", by=by, now=now, after=after, matter=matter)
    return row, seen


def recheck_matter(session: Session, number: str, *, trigger: str, by: Actor, now: datetime) -> ConflictCheck:
    """Check the parties of a matter again: because they changed, or because it is to be closed (A17)."""
    asked = parties_of_matter(session, number)
    return run(session, asked, trigger=trigger, matter=number, by=by, now=now)[0]


def parties_of_matter(session: Session, number: str) -> list[Asked]:
    """Return whom a check of a matter asks about."""
    query = (
        sa.select(Party.id, Party.name, MatterParty.role)
        .join(MatterParty, MatterParty.party_id == Party.id)
        .join(Matter, Matter.id == MatterParty.matter_id)
        .where(Matter.number == number)
        .order_by(MatterParty.role, Party.name)
        .limit(MOST_PARTIES)
    )
    parties = [(str(party_id), name, role) for party_id, name, role in session.execute(query)]
    numbers = places.identifiers_of(session, {party_id for party_id, _, _ in parties})
    return [Asked(name, role, _pairs(numbers.get(party_id, {})), party_id=party_id) for party_id, name, role in parties]


def decide(
    session: Session,
    check_id: UUID,
    decision: str,
    *,
    note: str,
    by: Actor,
    now: datetime,
    **said: Unpack[Consent],
) -> ConflictDecision:
    """Keep what a person decided about a check.

    Raises:
        ConflictCheckNotFound, VariableMissing, VariableInvalid.
        ConflictIsAbsolute: the check found what nobody can approve, and the decision is not to decline.
        NothingToDecide: the check found nothing.
        ConsentMissing: a relative conflict needs a signed consent and a wall.
        WallNotInState: the wall was refused or lifted.
    """
    check = session.get(ConflictCheck, check_id)
    if check is None:
        raise ConflictCheckNotFound(str(check_id))
    if decision not in DECISIONS:
        raise VariableInvalid("decision", decision[:80])
    if not note.strip():
        raise VariableMissing("note")
    if check.outcome == "clear":
        raise NothingToDecide(str(check_id))
    if check.outcome == "absolute" and decision != "absolute":
        raise ConflictIsAbsolute(check.subject, [hit["reason"] for hit in check.hits if hit["absolute"]])
    if decision == "relative":
        said = consent.required(session, check, said, now=now)
    row = ConflictDecision(
        check_id=check_id,
        decision=decision,
        note=note.strip(),
        decided_at=now,
        decided_by=by.username,
        **{**said, "wall_number": said.get("wall_number") if decision == "relative" else None},
    )
    session.add(row)
    session.flush()
    after = {
        "decision": decision,
        "note": row.note,
        "consent_from": row.consent_from,
        "wall": row.wall_number or row.wall,
    }
    audit.append(session, "conflict_check", check_id, "conflict_decided", by=by, now=now, after=after)
    return row


def decide_as_second(
    session: Session, check_id: UUID, decision: str, *, note: str, by: Actor, now: datetime, **said: Unpack[Consent]
) -> ConflictDecision:
    """Decide outside an intake, where no partner follows: whoever made the check cannot clear it.

    Raises:
        OwnCheckDecided, and what ``decide`` raises.
    """
    check = session.get(ConflictCheck, check_id)
    if check is not None and check.run_by == by.username and decision != "absolute":
        raise OwnCheckDecided(str(check_id), by.username)
    return decide(session, check_id, decision, note=note, by=by, now=now, **said)


def require_cleared(session: Session, enquiry: Enquiry, parties: Sequence[Named]) -> None:
    """Refuse to go on unless all these names were checked and neither then nor now conflict absolutely.

    Openings pass here one after the other, so that what is found now stays true until the matter is there.

    Raises:
        ConflictCheckMissing, ConflictCheckOutdated, ConflictIsAbsolute, ConflictNotDecided, ConsentWallMissing,
        ConsentWallNotUp.
    """
    last = last_check(session, enquiry.number)
    if last is None:
        raise ConflictCheckMissing(enquiry.number)
    _require_passed(session, last, parties, enquiry.number, besides=enquiry.number)


def require_check_passed(
    session: Session, conflict_check_id: UUID, parties: Sequence[Named | Asked], *, by: Actor, now: datetime
) -> ConflictCheck:
    """Refuse to go on unless this check was about all these names and does not stand in the way.

    Raises:
        ConflictCheckNotFound, ConflictCheckOutdated, ConflictIsAbsolute, ConflictNotDecided, ConsentWallMissing,
        ConsentWallNotUp.
    """
    check = session.get(ConflictCheck, conflict_check_id)
    if check is None:
        raise ConflictCheckNotFound(str(conflict_check_id))
    _require_passed(session, check, parties, str(conflict_check_id))
    audit.append(
        session,
        "conflict_check",
        check.id,
        "conflict_check_relied_on",
        by=by,
        now=now,
        after={"outcome": check.outcome},
    )
    return check


def carry_over(session: Session, decided: ConflictCheck, check: ConflictCheck, *, by: Actor, now: datetime) -> bool:
    """Let what was decided about an earlier check hold for a new one that found nothing else; return whether it does.

    The decision stays the person's who made it; that it was relied on, and by whom, is on record.
    """
    decisions = decisions_about(session, decided.id)
    if check.outcome != "relative" or not decisions or decisions[0].decision == "absolute":
        return False
    if not _adverse_places(check) <= _adverse_places(decided):
        return False
    last = decisions[0]
    if decided.subject == str(decided.id):
        consent.bring_along(session, last, check.subject, by=by, now=now)
    session.add(
        ConflictDecision(
            check_id=check.id,
            decision=last.decision,
            note=f"{last.note}\n(decided about check {decided.id})",
            consent_from=last.consent_from,
            consent_on=last.consent_on,
            consent_document=last.consent_document,
            wall=last.wall,
            wall_number=last.wall_number,
            decided_at=last.decided_at,
            decided_by=last.decided_by,
        )
    )
    session.flush()
    after = {"check": str(decided.id), "decision": last.decision, "decided_by": last.decided_by}
    audit.append(session, "conflict_check", check.id, "conflict_decision_carried_over", by=by, now=now, after=after)
    return True


def require_no_absolute(
    session: Session, number: str, parties: Sequence[Named | Asked], *, matter: str | None = None
) -> None:
    """Refuse what nobody can approve: somebody on the other side of an open matter.

    Raises:
        ConflictIsAbsolute.
    """
    reasons = [hit.reason for hit in find_hits(session, parties, matter=matter) if hit.absolute]
    if reasons:
        raise ConflictIsAbsolute(number, reasons)


def require_closable(session: Session, number: str, *, by: Actor, now: datetime) -> ConflictCheck:
    """Check a matter once more before it is closed; the check is kept, and what it found is for the partner."""
    return recheck_matter(session, number, trigger="closing", by=by, now=now)


def summary(hits: Sequence[Hit]) -> str:
    """Say in words what a check found, for the people who decide."""
    adverse = [hit for hit in in_order(hits) if hit.adverse]
    if not adverse:
        return "Nobody of these names stands on the other side of a matter or an open enquiry."
    lines = [f"{hit.name} ({hit.role}): {hit.reason}" for hit in adverse[:20]]
    if len(adverse) > len(lines):
        lines.append(f"... and {len(adverse) - len(lines)} more")
    return "\n".join(lines)


def _require_passed(
    session: Session,
    last: ConflictCheck,
    parties: Sequence[Named | Asked],
    number: str,
    *,
    besides: str | None = None,
) -> None:
    if last.outcome == "absolute":
        raise ConflictIsAbsolute(number, [hit["reason"] for hit in last.hits if hit["absolute"]])
    checked = {(party["role"], party["normalised"]) for party in last.snapshot["parties"]}
    for party in parties:
        written = party.name if isinstance(party, Asked) else party.written
        if (party.role, normalise(written)) not in checked:
            raise ConflictCheckOutdated(number, written)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_GATE)))
    asked = _as_checked(last) if len(parties) == len(last.snapshot["parties"]) else parties
    now_found = find_hits(session, asked, besides=besides)
    absolute = [hit.reason for hit in now_found if hit.absolute]
    if absolute:
        raise ConflictIsAbsolute(number, absolute)
    if last.outcome == "relative":
        decided = decisions_about(session, last.id)
        if not decided or decided[0].decision == "absolute":
            raise ConflictNotDecided(number, [hit["reason"] for hit in last.hits if hit["adverse"]][:20])
        if decided[0].decision == "relative":
            consent.require_up(session, decided[0], last.subject, number)


def _pairs(numbers: Mapping[str, Collection[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((kind, value) for kind in sorted(numbers) for value in sorted(numbers[kind]))


def _adverse_places(check: ConflictCheck) -> set[tuple[str, str | None, str | None, str | None]]:
    """Say what of a check has to be decided: who is asked about, as what, and where the other one stands."""
    return {
        (normalise(hit["name"]), hit["role"], hit["matter_number"] or hit["party_id"], hit["matches_role"])
        for hit in check.hits
        if hit["adverse"]
    }


def _as_checked(last: ConflictCheck) -> list[Asked]:
    """Ask again exactly as it was asked, identifiers included."""
    return [
        Asked(
            party["name"],
            party["role"],
            tuple((kind, value) for kind, value in party.get("identifiers", ())),
            contact_codes=tuple(party.get("contact_codes", ())),
        )
        for party in last.snapshot["parties"]
    ]


def _require_askable(asked: Collection[Asked]) -> None:
    if not asked:
        raise VariableMissing("parties")
    if len(asked) > MOST_PARTIES:
        raise VariableInvalid("parties", f"{len(asked)} parties")
    for place, one in enumerate(asked):
        if len(one.name) > 1_000 or not normalise(one.name):  # noqa: PLR2004 - longer is no name
            raise VariableInvalid(f"parties.{place}.name", one.name[:80])


def _question(one: Asked) -> dict[str, Any]:
    question: dict[str, Any] = {"name": one.name, "normalised": normalise(one.name), "role": one.role}
    if one.identifiers:
        question["identifiers"] = [list(pair) for pair in one.identifiers]
    if one.contacts:
        # The values themselves are sealed elsewhere; that one was asked about is enough here.
        question["contacts"] = [kind for kind, _ in one.contacts]
    if one.contact_codes:
        question["contact_codes"] = list(one.contact_codes)
    return question


def _data_version(session: Session) -> dict[str, int]:
    """Say as of which data it was: the last entry of the audit trail and of the index of names."""
    return {
        "audit_event": session.scalar(sa.select(sa.func.max(AuditEvent.id))) or 0,
        "name_entry": session.scalar(sa.select(sa.func.max(NameEntry.no))) or 0,
    }


def _extent(session: Session, enquiry: str | None) -> dict[str, Any]:
    by_state = dict(session.execute(sa.select(Matter.state, sa.func.count()).group_by(Matter.state)).all())
    enquiries = sa.select(sa.func.count()).where(Enquiry.state == "open", Enquiry.number != (enquiry or ""))
    return {
        "open_matters": by_state.get("open", 0),
        "archived_matters": by_state.get("archived", 0),
        "open_enquiries": session.scalar(enquiries) or 0,
    }
