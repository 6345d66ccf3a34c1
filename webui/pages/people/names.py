"""The names that sentences about rights need, so far as the reader may know them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.directories import queries as directories
from practice.organisation import queries as organisation
from practice.parties import queries as parties
from practice.people import queries as people
from practice.rights.models import RightRule, RightsChange
from webui.languages.entry_words import called


def for_sentences(
    session: Session, *, actor: Actor, changes: Iterable[RightsChange] = (), rules: Iterable[RightRule] = ()
) -> dict[str, dict[Any, str]]:
    """Return names of people, units, clients and kinds of event; a client that the reader may not see has none."""
    said = [facts for change in changes for facts in (change.before, change.after)]
    usernames = {change.subject for change in changes} | {rule.username for rule in rules}
    usernames |= {name for change in changes for name in (change.proposed_by, change.decided_by)}
    clients = {rule.client_party_id for rule in rules if rule.client_party_id}
    clients |= {UUID(facts["client_party_id"]) for facts in said if facts.get("client_party_id")}
    units = [place.unit for place in organisation.visible_units(session, actor=actor, with_closed=True)]
    return {
        "people": people.display_names(session, usernames),
        "units": {key: unit.name for unit in units for key in (unit.code, str(unit.id))},
        "clients": {str(key): party.name for key, party in parties.by_ids(session, clients, actor=actor).items()},
        "event_kinds": {entry.key: called(entry) for entry in directories.entries(session, "event_kind")},
    }
