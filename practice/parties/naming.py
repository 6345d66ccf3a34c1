"""The one way in which names of parties are written, so that whoever keeps an index of them misses none."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.errors import VariableInvalid, VariableMissing
from practice.parties import hooks
from practice.parties.errors import MainNameNeeded, NameWithoutLetters
from practice.parties.models import NAME_KINDS, Party, PartyIdentifier, PartyName
from practice.parties.names import fold, normalise
from practice.parties.scripts import script_of

LONGEST = 300
_WIDEST = 600
#: Every name was moved away from a party that was merged; that is not what is looked for.
_UNNAMED = sa.and_(Party.merged_into_id.is_(None), ~sa.exists().where(PartyName.party_id == Party.id))


def compared(written: str, *, field: str = "name") -> tuple[str, str]:
    """Return a name as it is kept and as it is compared.

    Raises:
        VariableMissing, VariableInvalid: it is empty, or too long.
        NameWithoutLetters: nothing to compare by is left of it.
    """
    kept = " ".join(written.split())
    if not kept:
        raise VariableMissing(field)
    normalised = normalise(kept)
    if not normalised:
        raise NameWithoutLetters(field, kept[:80])
    if len(kept) > LONGEST or len(normalised) > _WIDEST or "\0" in kept:
        raise VariableInvalid(field, kept[:80])
    return kept, normalised


def key_of_namesake(normalised: str, party_id: UUID) -> str:
    """Return what ``Party.normalised_name`` holds for somebody whose name leads to another party already.

    No name is compared by it: ``normalise`` leaves no tilde.
    """
    return f"{normalised[:560]} ~{party_id.hex}"


def write(
    session: Session,
    party: Party,
    written: str,
    *,
    kind: str = "alias",
    transliteration: str | None = None,
    field: str = "name",
    by: Actor,
    now: datetime,
) -> PartyName:
    """Give a party a name; one that it has already is spelt anew, and used again if it was retired.

    A new main name makes the main name of before a former one.

    Raises:
        VariableMissing, VariableInvalid: it is no name, or the kind or the transliteration is not possible.
    """
    kept, normalised = compared(written, field=field)
    if kind not in NAME_KINDS:
        raise VariableInvalid("kind", kind[:80])
    latin = " ".join((transliteration or "").split()) or None
    if latin is not None and (len(latin) > LONGEST or not normalise(latin)):
        raise VariableInvalid("transliteration", latin[:80])
    names = {name.normalised: name for name in of(session, party.id)}
    if kind == "main":
        for other in names.values():
            if other.kind == "main" and other.normalised != normalised:
                other.kind = "former"
        party.name = kept
    name = names.get(normalised)
    if name is None:
        name = PartyName(party_id=party.id, normalised=normalised, created_at=now, created_by=by.username)
        session.add(name)
    elif name.kind == "main":
        kind = "main"
        party.name = kept
    name.kind, name.written, name.script, name.retired_at = kind, kept, script_of(kept), None
    name.transliteration = latin or name.transliteration
    _told(session, party)
    return name


def retire(session: Session, party: Party, name: PartyName, *, now: datetime) -> PartyName:
    """Say that a name is no longer used; it is still found. Doing it again changes nothing.

    Raises:
        MainNameNeeded: it is the main name.
    """
    if name.kind == "main":
        raise MainNameNeeded(name.written)
    if name.retired_at is None:
        name.retired_at = now
        _told(session, party)
    return name


def move(session: Session, from_party: Party, to_party: Party, *, now: datetime) -> list[PartyName]:
    """Give one party's names to another; a name that the other has already stays behind, retired."""
    known = {name.normalised for name in of(session, to_party.id)}
    moved: list[PartyName] = []
    for name in of(session, from_party.id):
        if name.normalised in known:
            name.retired_at = name.retired_at or now
        else:
            name.party_id = to_party.id
            name.kind = "alias" if name.kind == "main" else name.kind
            moved.append(name)
    session.flush()
    hooks.names_changed(session, from_party.id, [])
    _told(session, to_party)
    session.expire(from_party, ["names"])
    return moved


def of(session: Session, party_id: UUID) -> list[PartyName]:
    """Return every name of a party in the order in which they became known, retired ones included."""
    return list(session.scalars(sa.select(PartyName).where(PartyName.party_id == party_id).order_by(PartyName.id)))


def refresh_search_text(session: Session, party: Party) -> None:
    """Write down anew what a party is found by."""
    identifiers = session.scalars(sa.select(PartyIdentifier.value).where(PartyIdentifier.party_id == party.id))
    party.search_text = fold(" ".join([*all_names(session, party.id), *identifiers]))
    session.flush()


def all_names(session: Session, party_id: UUID) -> list[str]:
    """Return everything a party is called, in every script."""
    return [part for name in of(session, party_id) for part in (name.written, name.transliteration) if part]


def some_are_unnamed(session: Session) -> bool:
    """Say whether the release before wrote parties on this schema."""
    return session.scalar(sa.select(Party.id).where(_UNNAMED).limit(1)) is not None


def name_the_unnamed(session: Session, *, by: Actor, now: datetime) -> int:
    """Give a name row to every party that the release before wrote on this schema; return how many there were."""
    unnamed = sa.select(Party).where(_UNNAMED).order_by(Party.id).limit(500)
    count = 0
    while found := list(session.scalars(unnamed)):
        for party in found:
            write(session, party, party.name, kind="main", by=by, now=now)
        count += len(found)
    return count


def _told(session: Session, party: Party) -> None:
    """Write what changed and tell everybody who keeps names: the last act of every change of one."""
    session.flush()
    session.expire(party, ["names"])
    refresh_search_text(session, party)
    hooks.names_changed(session, party.id, all_names(session, party.id))
