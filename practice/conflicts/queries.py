"""Who of an enquiry is already known, and on which side (read side)."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from practice.conflicts.models import ConflictCheck
from practice.enquiries.models import Enquiry, EnquiryParty
from practice.matters.models import Matter, MatterParty
from practice.parties.facts import Named
from practice.parties.models import Party
from practice.parties.names import normalise

__all__ = ["Hit", "checks_of", "find_hits", "last_check", "normalise", "outcome_of"]

_ROLE_IN_WORDS: Final = {"client": "our client", "opponent": "the opponent", "other": "named"}


@dataclass(frozen=True, slots=True)
class Hit:
    """A name of the enquiry that the firm knows from somewhere else."""

    #: As written in the enquiry that is checked, and its role there.
    name: str
    role: str
    #: As written where it was found.
    matches: str
    #: Number of the matter or of the other enquiry, what it is, its state, and the role there.
    matter_number: str
    found_in: str
    state: str
    matches_role: str
    #: The role there is another than here: somebody has to decide.
    adverse: bool
    #: Nobody can decide in favour of it.
    absolute: bool
    reason: str

    def as_dict(self) -> dict[str, Any]:
        """The hit for the variables of a process and for the stored check."""
        return asdict(self)


def find_hits(session: Session, parties: Collection[Named], *, besides: str | None = None) -> list[Hit]:
    """Return where the names occur in matters and open enquiries, the worst first.

    ``besides`` is the number of the enquiry that is asked about; it does not meet itself. No person's
    rights are asked: a check has to see matters that the person who runs it may not.
    """
    asked = {party.normalised: party for party in parties}
    found = [*_in_matters(session, asked), *_in_enquiries(session, asked, besides)]
    return sorted(found, key=lambda hit: (not hit.absolute, not hit.adverse, hit.state != "open", hit.matter_number))


def outcome_of(hits: Collection[Hit]) -> str:
    """Say what a check with these hits comes to: ``clear``, ``relative`` or ``absolute``."""
    if any(hit.absolute for hit in hits):
        return "absolute"
    return "relative" if any(hit.adverse for hit in hits) else "clear"


def checks_of(session: Session, subject: str) -> list[ConflictCheck]:
    """Return every check made of one enquiry, the first one first."""
    query = sa.select(ConflictCheck).where(ConflictCheck.subject == subject)
    return list(session.scalars(query.order_by(ConflictCheck.run_at, ConflictCheck.id)))


def last_check(session: Session, subject: str) -> ConflictCheck | None:
    """Return the latest check of one enquiry."""
    query = sa.select(ConflictCheck).where(ConflictCheck.subject == subject)
    return session.scalar(query.order_by(ConflictCheck.run_at.desc(), ConflictCheck.id.desc()).limit(1))


def _in_matters(session: Session, asked: dict[str, Named]) -> list[Hit]:
    query = (
        sa.select(Party.normalised_name, Party.name, MatterParty.role, Matter.number, Matter.state)
        .join(MatterParty, MatterParty.party_id == Party.id)
        .join(Matter, Matter.id == MatterParty.matter_id)
        .where(Party.normalised_name.in_(asked))
        .order_by(Matter.number, MatterParty.role)
    )
    return [
        _hit(asked[normalised], matches=name, number=number, found_in="matter", state=state, role=role)
        for normalised, name, role, number, state in session.execute(query)
    ]


def _in_enquiries(session: Session, asked: dict[str, Named], besides: str | None) -> list[Hit]:
    query = (
        sa.select(EnquiryParty.normalised_name, EnquiryParty.name, EnquiryParty.role, Enquiry.number)
        .join(Enquiry, Enquiry.id == EnquiryParty.enquiry_id)
        .where(
            Enquiry.state == "open",
            Enquiry.number != (besides or ""),
            EnquiryParty.normalised_name.in_(asked),
        )
        .order_by(Enquiry.number, EnquiryParty.role)
    )
    return [
        _hit(asked[normalised], matches=name, number=number, found_in="enquiry", state="open", role=role)
        for normalised, name, role, number in session.execute(query)
    ]


def _hit(asked: Named, *, matches: str, number: str, found_in: str, state: str, role: str) -> Hit:
    adverse = role != asked.role
    # An enquiry is not yet a client, so acting against somebody who only enquired can still be decided.
    absolute = found_in == "matter" and state == "open" and {asked.role, role} == {"client", "opponent"}
    what = number if found_in == "matter" else f"enquiry {number}"
    verb = "would be" if found_in == "enquiry" else "is" if state == "open" else "was"
    return Hit(
        name=asked.written,
        role=asked.role,
        matches=matches,
        matter_number=number,
        found_in=found_in,
        state=state,
        matches_role=role,
        adverse=adverse,
        absolute=absolute,
        reason=f"same name; {verb} {_ROLE_IN_WORDS[role]} in {what} ({state})",
    )
