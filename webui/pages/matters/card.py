"""What the card of a matter shows beside its process: parties, proceedings, money, events, its filing."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.directories import queries as directories
from practice.events import queries as events
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.organisation import queries as organisation
from practice.organisation.models import OrgUnit
from practice.people import queries as people
from practice.proceedings import queries as proceedings
from practice.rights import decisions
from webui.pages.matters import words

EVENTS_SHOWN = 30


def of(session: Session, matter: Matter, *, actor: Actor) -> dict[str, Any]:
    """Read the card of a matter that was read with the reader's rights."""
    found = proceedings.of_read_matter(session, matter)
    ids = [row.id for row in found]
    happenings = events.of_read_matter(session, matter, actor=actor, limit=EVENTS_SHOWN)
    hearings = proceedings.hearings_of(session, ids)
    decided = proceedings.decisions_of(session, ids)
    entries = directories.of_ids(
        session,
        [
            matter.direction_id,
            matter.region_id,
            *(event.kind_id for event in happenings),
            *(one.result_id for some in decided.values() for one in some),
            *(line.recovery_kind_id for some in decided.values() for one in some for line in one.lines),
        ],
    )
    team = matters.team_of(session, matter)
    may_change = decisions.may(session, actor, "change", matter)
    return {
        "words": words.ALL,
        "parties": matters.parties_of(session, matter),
        "proceedings": found,
        "number_of": {row.id: row.number for row in found},
        "hearings": hearings,
        "decisions": decided,
        "entries": entries,
        "totals": proceedings.totals_of_read_matter(session, matter),
        "events": happenings,
        "related": matters.related(session, matter, actor=actor),
        "tags": matters.tags_of(session, matter),
        "team": [member for member in team if member.until is None],
        "former": [member for member in team if member.until is not None],
        "may_change": may_change,
        "names": people.display_names(
            session,
            [
                *(member.username for member in team),
                *(row.username for event in happenings for row in event.responsible),
                *(one.representative for some in hearings.values() for one in some),
            ],
        ),
        "unit": session.get(OrgUnit, matter.org_unit_id) if matter.org_unit_id else None,
        "choices": _choices(session) if may_change else {},
    }


def _choices(session: Session) -> dict[str, Any]:
    """Offer what the small forms of the card choose from."""
    names = ("event_kind", "direction", "tag", "region", "court", "decision_result")
    lists = directories.entries_of(session, names, active_only=True)
    return {
        **lists,
        "units": organisation.units(session),
        # What lies on the top level of the kinds of event are groups, unless nothing lies below them.
        "event_kind": [one for one in lists["event_kind"] if directories.level_of(one) > 0] or lists["event_kind"],
    }
