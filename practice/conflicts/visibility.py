"""What a person may read of a check: that there is a conflict is everybody's to know, with whom and where is not."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.conflicts.errors import ConflictCheckNotFound
from practice.conflicts.hits import Hit
from practice.conflicts.models import ConflictCheck
from practice.enquiries import queries as enquiries
from practice.enquiries.models import Enquiry
from practice.matters import colleagues
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.paging import Page, bounded, place
from practice.parties import queries as parties
from practice.parties.models import Party

#: What stands for the reason of a hit whose matter or party the reader may not see.
NOT_TO_BE_SEEN = "somebody with whom the firm has to do elsewhere; ask the conflicts officers"
_CHUNK = 500


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``ConflictCheck``: one's own, those of visible enquiries and matters, the rest for who decides."""
    return sa.or_(
        ConflictCheck.run_by == actor.username,
        ConflictCheck.subject.in_(sa.select(Enquiry.number).where(enquiries.visible_to(actor))),
        ConflictCheck.subject.in_(sa.select(Matter.number).where(matters.visible_to(actor))),
        sa.and_(
            sa.true() if actor.may("see_all_matters") or actor.may("decide_conflicts") else sa.false(),
            ConflictCheck.subject.not_in(sa.select(Enquiry.number)),
            ConflictCheck.subject.not_in(sa.select(Matter.number)),
        ),
    )


def get(session: Session, check_id: UUID, *, actor: Actor) -> ConflictCheck:
    """Return a check; for people whom it does not concern there is none (``ConflictCheckNotFound``)."""
    check = session.scalar(sa.select(ConflictCheck).where(ConflictCheck.id == check_id, visible_to(actor)))
    if check is None:
        raise ConflictCheckNotFound(str(check_id))
    return check


def matter_number(session: Session, number: str, *, actor: Actor) -> str:
    """Return the number of a matter that the actor may see, or raise ``MatterNotFound``."""
    return matters.get_by_number(session, number, actor=actor).number


def recent(
    session: Session, *, actor: Actor, person: str | None = None, limit: int = 50, cursor: str | None = None
) -> Page[ConflictCheck]:
    """Return the checks the actor may see, the newest first; with ``person`` theirs and those of their matters."""
    limit = bounded(limit)
    query = sa.select(ConflictCheck).where(visible_to(actor))
    if person:
        of_their_matters = ConflictCheck.subject.in_(colleagues.business_keys(person, actor=actor))
        query = query.where(sa.or_(ConflictCheck.run_by == person, of_their_matters))
    if cursor:
        key: Any = sa.tuple_(ConflictCheck.run_at, ConflictCheck.id)
        query = query.where(key < sa.tuple_(*place(cursor), types=[ConflictCheck.run_at.type, ConflictCheck.id.type]))
    query = query.order_by(ConflictCheck.run_at.desc(), ConflictCheck.id.desc()).limit(limit + 1)
    return Page.cut(list(session.scalars(query)), limit, lambda row: (row.run_at, row.id))


def shown(session: Session, hits: Sequence[Hit | dict[str, Any]], *, actor: Actor) -> list[dict[str, Any]]:
    """Return hits as the actor may read them.

    A hit that counts stays, without a word on who and where, when its matter or party is hidden; of what is only
    a little alike nothing is left then.
    """
    rows = [hit.as_dict() if isinstance(hit, Hit) else dict(hit) for hit in hits]
    numbers = {row["matter_number"] for row in rows if row["matter_number"]}
    seen = _numbers(session, Matter.number, numbers, matters.visible_to(actor))
    seen |= _numbers(session, Enquiry.number, numbers - seen, enquiries.visible_to(actor))
    party_ids = {UUID(row["party_id"]) for row in rows if row["party_id"]}
    known = {str(one) for one in _numbers(session, Party.id, party_ids, parties.seen_by(actor))}
    result: list[dict[str, Any]] = []
    for row in rows:
        hidden_place = row["found_in"] in ("matter", "enquiry") and row["matter_number"] not in seen
        hidden_party = row["party_id"] is not None and row["party_id"] not in known
        # What ties a colleague has is between them and those who decide.
        hidden_tie = row["found_in"] == "interest" and not actor.may("decide_conflicts")
        if not hidden_place and not hidden_party and not hidden_tie:
            result.append({**row, "hidden": False})
        elif row["adverse"]:
            result.append(
                {
                    **row,
                    "hidden": True,
                    "party_id": None,
                    "matches": row["name"],
                    "matter_number": None,
                    "matches_role": None,
                    "script": None,
                    "through": None,
                    "state": "",
                    "reason": NOT_TO_BE_SEEN,
                }
            )
    return result


def _numbers(session: Session, column: Any, wanted: set[Any], visible: sa.ColumnElement[bool]) -> set[Any]:
    found: set[Any] = set()
    in_order = sorted(wanted)
    for start in range(0, len(in_order), _CHUNK):
        found |= set(session.scalars(sa.select(column).where(column.in_(in_order[start : start + _CHUNK]), visible)))
    return found
