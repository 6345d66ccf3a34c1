"""Making a conflict check and keeping it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.conflicts.models import ConflictCheck
from practice.conflicts.queries import Hit, find_hits, last_check, outcome_of
from practice.enquiries.models import Enquiry
from practice.enquiries.operations import require_open
from practice.errors import ConflictCheckMissing, ConflictCheckOutdated, ConflictIsAbsolute
from practice.matters.models import Matter
from practice.parties.facts import Named
from practice.parties.names import RULES_VERSION


def check(session: Session, enquiry: Enquiry, *, by: Actor, now: datetime) -> tuple[ConflictCheck, list[Hit]]:
    """Compare the names of an open enquiry with everybody known, and keep question and answer for ever."""
    require_open(enquiry)
    asked = _asked(enquiry)
    hits = find_hits(session, asked, besides=enquiry.number)
    row = ConflictCheck(
        subject=enquiry.number,
        run_at=now,
        run_by=by.username,
        snapshot={
            "parties": [{"name": one.written, "normalised": one.normalised, "role": one.role} for one in asked],
            "rules_version": RULES_VERSION,
            "compared_with": _extent(session, enquiry),
        },
        hits=[hit.as_dict() for hit in hits],
        outcome=outcome_of(hits),
    )
    session.add(row)
    session.flush()
    return row, hits


def require_cleared(session: Session, enquiry: Enquiry, parties: Sequence[Named]) -> None:
    """Refuse to go on unless all these names were checked and neither then nor now conflict absolutely.

    What a person decided about a relative conflict is in the history of the intake. The caller holds
    the parties' rows locked, so that what is found now stays true until the matter is there.

    Raises:
        ConflictCheckMissing, ConflictCheckOutdated, ConflictIsAbsolute.
    """
    last = last_check(session, enquiry.number)
    if last is None:
        raise ConflictCheckMissing(enquiry.number)
    if last.outcome == "absolute":
        raise ConflictIsAbsolute(enquiry.number, [hit["reason"] for hit in last.hits if hit["absolute"]])
    checked = {(party["role"], party["normalised"]) for party in last.snapshot["parties"]}
    for party in parties:
        if (party.role, party.normalised) not in checked:
            raise ConflictCheckOutdated(enquiry.number, party.written)
    meanwhile = [hit for hit in find_hits(session, parties, besides=enquiry.number) if hit.absolute]
    if meanwhile:
        raise ConflictIsAbsolute(enquiry.number, [hit.reason for hit in meanwhile])


def summary(hits: Sequence[Hit]) -> str:
    """Say in words what a check found, for the people who decide."""
    adverse = [hit for hit in hits if hit.adverse]
    if not adverse:
        return "Nobody of these names stands on the other side of a matter or an open enquiry."
    lines = [f"{hit.name} ({hit.role}): {hit.reason}" for hit in adverse[:20]]
    if len(adverse) > len(lines):
        lines.append(f"... and {len(adverse) - len(lines)} more")
    return "\n".join(lines)


def _asked(enquiry: Enquiry) -> list[Named]:
    return [Named(party.name, party.normalised_name, party.role) for party in enquiry.parties]  # pyright: ignore[reportArgumentType]


def _extent(session: Session, enquiry: Enquiry) -> dict[str, Any]:
    by_state = dict(session.execute(sa.select(Matter.state, sa.func.count()).group_by(Matter.state)).all())
    enquiries = sa.select(sa.func.count()).where(Enquiry.state == "open", Enquiry.id != enquiry.id)
    return {
        "open_matters": by_state.get("open", 0),
        "archived_matters": by_state.get("archived", 0),
        "open_enquiries": session.scalar(enquiries) or 0,
    }


@event.listens_for(ConflictCheck, "before_update")
@event.listens_for(ConflictCheck, "before_delete")
def _refuse(_mapper: object, _connection: object, row: ConflictCheck) -> None:
    """A check is kept as it was made."""
    raise TypeError(f"conflict check {row.id} cannot be changed")
