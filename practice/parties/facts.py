"""Names as they were written together with the form under which they are compared."""

from typing import Literal, NamedTuple, cast

from practice.errors import SamePartyTwice, VariableInvalid
from practice.parties.names import normalise
from practice.variables import Variables, long_text, needed_text, text

Role = Literal["client", "opponent", "other"]

_WIDEST = 600
_MOST_OTHERS = 50


class Named(NamedTuple):
    """One party as an enquiry names it."""

    written: str
    normalised: str
    role: Role


def named(variables: Variables) -> list[Named]:
    """Return who is named: ``client_name`` first, then ``opponent_name``, then the lines of ``other_parties``.

    The latter two may be missing. Who is named twice among the others, or is client or opponent, too,
    comes once.

    Raises:
        VariableMissing, VariableInvalid: nothing to compare by is left of a name, or there are too many.
        SamePartyTwice: nobody is their own opponent.
    """
    client = _named(needed_text(variables, "client_name"), "client", "client_name")
    found = {client.normalised: client}
    against = text(variables, "opponent_name")
    if against:
        opponent = _named(against, "opponent", "opponent_name")
        if opponent.normalised in found:
            raise SamePartyTwice("opponent_name", opponent.written)
        found[opponent.normalised] = opponent
    lines = [" ".join(line.split()) for line in (long_text(variables, "other_parties") or "").splitlines()]
    for line in filter(None, lines):
        other = _named(line, "other", "other_parties")
        found.setdefault(other.normalised, other)
    if len(found) > _MOST_OTHERS:
        raise VariableInvalid("other_parties", f"{len(found)} names")
    return list(found.values())


def one_named(written: str, role: str, field: str) -> Named:
    """Return one name with its compared form.

    Raises:
        VariableInvalid: nothing to compare by is left of it, or it is too long.
    """
    return _named(" ".join(written.split()), cast("Role", role), field)


def name_of(parties: list[Named], role: Role) -> str | None:
    """Return the first name in a role as it was written."""
    return next((party.written for party in parties if party.role == role), None)


def _named(written: str, role: Role, field: str) -> Named:
    normalised = normalise(written)
    if not normalised or len(written) > 300 or len(normalised) > _WIDEST:  # noqa: PLR2004 - the columns' widths
        raise VariableInvalid(field, written[:80])
    return Named(written, normalised, role)
