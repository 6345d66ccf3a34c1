"""What is asked about and what is found, and how a hit is said in words."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any, Final, NamedTuple

from practice.names import POSSIBLE, SAME, Match
from practice.parties.facts import Named

_ROLE_IN_WORDS: Final = {"client": "our client", "opponent": "the opponent", "other": "named"}
_SCRIPT_IN_WORDS: Final = {
    "latin": "Latin letters",
    "cyrillic": "Cyrillic",
    "greek": "Greek",
    "arabic": "Arabic",
    "hangul": "Hangul",
    "han": "Chinese characters",
    "kana": "Japanese kana",
    "other": "another script",
}
_WHY_IN_WORDS: Final = {
    "same_name": "same name",
    "same_characters": "same name in traditional and simplified characters",
    "other_spelling": "same name in another spelling or order",
    "initials": "same name with initials",
    "translation": "same name in translation",
    "sounds_alike": "sounds the same in other characters",
    "similar": "similar name",
    "identifier": "same registration or identity number",
    "contact": "same telephone number or address",
}


class Asked(NamedTuple):
    """One party that a check is about."""

    name: str
    role: str
    #: Kind and value: ``registration_number``, ``tax_number``, ``passport``, ...
    identifiers: tuple[tuple[str, str], ...] = ()
    #: Kind and value: ``phone``, ``email``; looked up by their digests.
    contacts: tuple[tuple[str, str], ...] = ()
    #: What stands for contact values that are sealed already (``practice.contacts.entrusted``).
    contact_codes: tuple[str, ...] = ()
    #: The party's own id when the firm keeps it already: it does not meet itself as a namesake.
    party_id: str | None = None

    @classmethod
    def of(cls, named: Named) -> "Asked":
        """Ask about a name alone."""
        return cls(named.written, named.role)


@dataclass(frozen=True, slots=True)
class Hit:
    """A party of the check that the firm knows from somewhere else."""

    #: As written in the check, and its role there.
    name: str
    role: str
    #: The party that was found, if it is one, and its name as written there.
    party_id: str | None
    matches: str
    #: Number of the matter, the other enquiry or the lead, what it is, its state, and the role there.
    matter_number: str | None
    found_in: str
    state: str
    matches_role: str | None
    #: The role there is another than here: somebody has to decide.
    adverse: bool
    #: Nobody can decide in favour of it.
    absolute: bool
    #: 0 to 1: how sure it is that both are one person; ``why`` says by what.
    score: float
    why: str
    script: str | None
    #: In a related matter, or by way of a related party: in words.
    through: str | None
    reason: str

    @property
    def counts(self) -> bool:
        """Alike enough that somebody has to look at it."""
        return self.score >= POSSIBLE

    def as_dict(self) -> dict[str, Any]:
        """The hit for the variables of a process and for the stored check."""
        return {name: getattr(self, name) for name in _FIELDS}


_FIELDS: Final = tuple(field.name for field in fields(Hit))


def how(match: Match, scripts: Collection[str]) -> str:
    """Say by what a name was found."""
    if match.reason == "other_script" and scripts:
        return f"same name in {_SCRIPT_IN_WORDS.get(next(iter(sorted(scripts))), 'another script')}"
    words = _WHY_IN_WORDS.get(match.reason, match.reason)
    return f"{words} ({round(match.score * 100)} of 100)" if match.score < SAME else words


def where(found_in: str, state: str, role: str | None, number: str | None) -> str:
    """Say where somebody stands."""
    if found_in == "client":
        return f"is a client of the firm ({number})" if number else "is a client of the firm"
    if found_in == "lead":
        return f"asked the firm for help ({number})"
    if found_in == "interest":
        return f"{number} of the firm declared an interest ({state})"
    if found_in == "party" or role is None:
        return "is on record without a matter"
    what = f"enquiry {number}" if found_in == "enquiry" else f"{number}"
    verb = "would be" if found_in == "enquiry" else "is" if state == "open" else "was"
    return f"{verb} {_ROLE_IN_WORDS[role]} in {what} ({state})"


def outcome_of(hits: Collection[Hit]) -> str:
    """Say what a check with these hits comes to: ``clear``, ``relative`` or ``absolute``."""
    if any(hit.absolute for hit in hits):
        return "absolute"
    return "relative" if any(hit.adverse for hit in hits) else "clear"


def in_order(hits: Collection[Hit]) -> list[Hit]:
    """Put the worst first, and of what is equally bad the most alike."""
    return sorted(
        hits,
        key=lambda hit: (
            not hit.absolute, not hit.adverse, -hit.score, hit.state != "open", hit.matter_number or "~", hit.matches,
        ),
    )  # fmt: skip
