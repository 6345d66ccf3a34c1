"""Recording parties and what becomes known of them. Everything a person does is checked against what they may see."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.errors import RightMissing
from engine.models.base import new_id
from practice.audit import operations as audit
from practice.errors import VariableInvalid
from practice.parties import hooks, naming, queries
from practice.parties.errors import PartyIsMerged, PartyNotFound, RelatedToItself
from practice.parties.models import (
    IDENTIFIER_KINDS,
    KINDS,
    RELATION_KINDS,
    Party,
    PartyIdentifier,
    PartyName,
    PartyRelation,
)

RIGHT: Final = "record_parties"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LONGEST_TEXT = 4_000


@dataclass(frozen=True, slots=True)
class Profile:
    """What is said of a party beside its names; None leaves a field as it is, an empty text empties it."""

    kind: str | None = None
    born_on: date | None = None
    language: str | None = None
    sensitivities: str | None = None
    is_discreet: bool | None = None


class NameGiven(NamedTuple):
    """A further name of a party."""

    written: str
    kind: str = "alias"
    transliteration: str | None = None


class IdentifierGiven(NamedTuple):
    """What an authority calls a party."""

    kind: str
    value: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class PartyGiven:
    """A party as somebody records it."""

    name: NameGiven
    profile: Profile = field(default_factory=Profile)
    names: tuple[NameGiven, ...] = ()
    identifiers: tuple[IdentifierGiven, ...] = ()


def record(session: Session, given: PartyGiven, *, by: Actor, now: datetime) -> Party:
    """Record somebody new, also when somebody of the name is known: that they may be one is proposed, not assumed.

    Raises:
        RightMissing, VariableMissing, VariableInvalid.
    """
    require_right(by)
    kept, normalised = naming.compared(given.name.written)
    party_id = new_id()
    taken = session.scalar(sa.select(Party.id).where(Party.normalised_name == normalised))
    party = Party(
        id=party_id,
        name=kept,
        normalised_name=naming.key_of_namesake(normalised, party_id) if taken else normalised,
        created_at=now,
        created_by=by.username,
    )
    _take_over(party, given.profile)
    session.add(party)
    session.flush()
    main = given.name
    naming.write(session, party, main.written, kind="main", transliteration=main.transliteration, by=by, now=now)
    for name in given.names:
        naming.write(session, party, name.written, kind=name.kind, transliteration=name.transliteration, by=by, now=now)
    for identifier in given.identifiers:
        _identify(session, party, identifier, by=by, now=now)
    naming.refresh_search_text(session, party)
    after = _facts(party) | {"names": naming.all_names(session, party_id)}
    audit.append(session, "party", party_id, "party_recorded", by=by, now=now, after=after)
    hooks.party_changed(session, party_id, "name_written", by=by, now=now)
    return party


def revise(session: Session, party_id: UUID, profile: Profile, *, by: Actor, now: datetime) -> Party:
    """Change what is said of a party; the same again changes nothing."""
    party = changeable(session, party_id, by=by)
    before = _facts(party)
    _take_over(party, profile)
    session.flush()
    after = _facts(party)
    if after != before:
        audit.append(session, "party", party.id, "party_revised", by=by, now=now, before=before, after=after)
    return party


def add_name(session: Session, party_id: UUID, given: NameGiven, *, by: Actor, now: datetime) -> PartyName:
    """Give a party another name; ``main`` replaces what it is called, and the name of before becomes a former one."""
    party = changeable(session, party_id, by=by)
    before = {"name": party.name}
    name = naming.write(
        session, party, given.written, kind=given.kind, transliteration=given.transliteration, by=by, now=now
    )
    after = {
        "name": party.name,
        "written": name.written,
        "kind": name.kind,
        "transliteration": name.transliteration,
    }
    audit.append(session, "party", party.id, "party_named", by=by, now=now, before=before, after=after)
    hooks.party_changed(session, party.id, "name_written", by=by, now=now)
    return name


def retire_name(session: Session, party_id: UUID, name_id: UUID, *, by: Actor, now: datetime) -> PartyName:
    """Say that a party no longer uses a name; it is still found by it."""
    party = changeable(session, party_id, by=by)
    name = session.scalar(sa.select(PartyName).where(PartyName.id == name_id, PartyName.party_id == party.id))
    if name is None:
        raise PartyNotFound(str(name_id))
    if name.retired_at is None:
        naming.retire(session, party, name, now=now)
        audit.append(session, "party", party.id, "name_retired", by=by, now=now, before={"name": name.written})
    return name


def identify(session: Session, party_id: UUID, given: IdentifierGiven, *, by: Actor, now: datetime) -> PartyIdentifier:
    """Record what an authority calls a party; the same again changes nothing."""
    party = changeable(session, party_id, by=by)
    row, is_new = _identify(session, party, given, by=by, now=now)
    if is_new:
        naming.refresh_search_text(session, party)
        after = {"kind": row.kind, "country": row.country, "value": row.value}
        audit.append(session, "party", party.id, "identifier_recorded", by=by, now=now, after=after)
        hooks.party_changed(session, party.id, "identifier_recorded", by=by, now=now)
    return row


def relate(
    session: Session,
    from_party_id: UUID,
    to_party_id: UUID,
    kind: str,
    *,
    since_on: date | None = None,
    until_on: date | None = None,
    note: str | None = None,
    by: Actor,
    now: datetime,
) -> PartyRelation:
    """Say that one party is the owner, relative, counsel, ... of another.

    Raises:
        RelatedToItself, PartyNotFound, PartyIsMerged, VariableInvalid, RightMissing.
    """
    if from_party_id == to_party_id:
        raise RelatedToItself("to_party_id", str(to_party_id))
    if kind not in RELATION_KINDS:
        raise VariableInvalid("kind", kind[:40])
    if since_on and until_on and until_on < since_on:
        raise VariableInvalid("until_on", until_on.isoformat())
    ends = [changeable(session, party_id, by=by) for party_id in sorted((from_party_id, to_party_id))]
    row = PartyRelation(
        from_party_id=from_party_id,
        to_party_id=to_party_id,
        kind=kind,
        since_on=since_on,
        until_on=until_on,
        note=_text("note", note, 300),
        created_at=now,
        created_by=by.username,
    )
    session.add(row)
    session.flush()
    for party in ends:
        audit.append(session, "party", party.id, "relation_recorded", by=by, now=now, after=_relation_facts(row))
        hooks.party_changed(session, party.id, "relation_recorded", by=by, now=now)
    return row


def end_relation(session: Session, relation_id: UUID, *, until_on: date, by: Actor, now: datetime) -> PartyRelation:
    """Say until when a relation lasted; it stays on record."""
    row = session.get(PartyRelation, relation_id, with_for_update=True)
    if row is None:
        raise PartyNotFound(str(relation_id))
    party = changeable(session, row.from_party_id, by=by)
    if row.since_on is not None and until_on < row.since_on:
        raise VariableInvalid("until_on", until_on.isoformat())
    before = _relation_facts(row)
    row.until_on = until_on
    session.flush()
    after = _relation_facts(row)
    audit.append(session, "party", party.id, "relation_ended", by=by, now=now, before=before, after=after)
    return row


def require_right(by: Actor) -> None:
    """Refuse people whose post does not keep the firm's records of parties."""
    if not by.may(RIGHT):
        raise RightMissing(RIGHT, by.username)


def changeable(session: Session, party_id: UUID, *, by: Actor) -> Party:
    """Return the party, locked, if the person may see and change it.

    Raises:
        RightMissing, PartyNotFound.
        PartyIsMerged: it turned out to be another.
    """
    require_right(by)
    queries.get(session, party_id, actor=by)
    party = session.get_one(Party, party_id, with_for_update=True, populate_existing=True)
    if party.merged_into_id is not None:
        raise PartyIsMerged(str(party_id), str(party.merged_into_id))
    return party


def normalised_identifier(value: str) -> str:
    """Return an identifier as it is compared: letters and digits alone, in capitals."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", value).upper() if sign.isalnum())


def _identify(
    session: Session, party: Party, given: IdentifierGiven, *, by: Actor, now: datetime
) -> tuple[PartyIdentifier, bool]:
    value, country = " ".join(given.value.split()), given.country.strip().upper()
    normalised = normalised_identifier(value)
    if given.kind not in IDENTIFIER_KINDS:
        raise VariableInvalid("kind", given.kind[:40])
    if not normalised or len(value) > 100 or len(normalised) > 100 or "\0" in value:  # noqa: PLR2004 - widths
        raise VariableInvalid("value", value[:80])
    if country and not re.fullmatch(r"[A-Z]{2}", country):
        raise VariableInvalid("country", country[:10])
    known = session.scalar(
        sa.select(PartyIdentifier).where(
            PartyIdentifier.party_id == party.id,
            PartyIdentifier.kind == given.kind,
            PartyIdentifier.country == country,
            PartyIdentifier.normalised == normalised,
        )
    )
    if known is not None:
        return known, False
    row = PartyIdentifier(
        party_id=party.id,
        kind=given.kind,
        country=country,
        value=value,
        normalised=normalised,
        created_at=now,
        created_by=by.username,
    )
    session.add(row)
    session.flush()
    session.expire(party, ["identifiers"])
    return row, True


def _take_over(party: Party, profile: Profile) -> None:
    if profile.kind is not None:
        if profile.kind not in KINDS:
            raise VariableInvalid("kind", profile.kind[:40])
        party.kind = profile.kind
    if profile.born_on is not None:
        party.born_on = profile.born_on
    if profile.language is not None:
        if profile.language and not (len(profile.language) <= 35 and _LANGUAGE.fullmatch(profile.language)):  # noqa: PLR2004
            raise VariableInvalid("language", profile.language[:40])
        party.language = profile.language or None
    if profile.sensitivities is not None:
        party.sensitivities = _text("sensitivities", profile.sensitivities, _LONGEST_TEXT)
    if profile.is_discreet is not None:
        party.is_discreet = profile.is_discreet


def _text(name: str, value: str | None, longest: int) -> str | None:
    kept = (value or "").strip()
    if len(kept) > longest or "\0" in kept:
        raise VariableInvalid(name, kept[:80])
    return kept or None


def _facts(party: Party) -> dict[str, Any]:
    return {
        "kind": party.kind,
        "name": party.name,
        "born_on": None if party.born_on is None else party.born_on.isoformat(),
        "language": party.language,
        "sensitivities": party.sensitivities,
        "is_discreet": party.is_discreet,
    }


def _relation_facts(row: PartyRelation) -> dict[str, Any]:
    return {
        "from_party_id": str(row.from_party_id),
        "to_party_id": str(row.to_party_id),
        "kind": row.kind,
        "since_on": None if row.since_on is None else row.since_on.isoformat(),
        "until_on": None if row.until_on is None else row.until_on.isoformat(),
    }
