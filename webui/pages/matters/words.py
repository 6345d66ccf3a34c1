"""What matters, proceedings and events are called on these pages."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext

LEVELS = {
    "pre_action": lazy_gettext("Before court"),
    "first_instance": lazy_gettext("First instance"),
    "appeal": lazy_gettext("Appeal"),
    "cassation": lazy_gettext("Cassation"),
    "retrial": lazy_gettext("Retrial"),
    "arbitration": lazy_gettext("Arbitration"),
    "administrative": lazy_gettext("Administrative"),
    "investigation": lazy_gettext("Investigation"),
    "enforcement": lazy_gettext("Enforcement"),
    "other": lazy_gettext("Other proceeding"),
}
LINKS = {
    "appeal": lazy_gettext("appeal from"),
    "cassation": lazy_gettext("cassation of"),
    "remand": lazy_gettext("sent back from"),
    "retrial": lazy_gettext("retrial after"),
    "transfer": lazy_gettext("transferred from"),
    "joinder": lazy_gettext("joined with"),
    "severance": lazy_gettext("severed from"),
    "enforcement": lazy_gettext("enforcement of"),
}
PROCEEDING_STATES = {
    "open": lazy_gettext("Pending"),
    "stayed": lazy_gettext("Stayed"),
    "closed": lazy_gettext("Closed"),
}
HEARING_STATES = {
    "planned": lazy_gettext("Planned"),
    "held": lazy_gettext("Held"),
    "adjourned": lazy_gettext("Adjourned"),
    "cancelled": lazy_gettext("Cancelled"),
}
EVENT_STATES = {
    "planned": lazy_gettext("Planned"),
    "started": lazy_gettext("Begun"),
    "ended": lazy_gettext("Ended"),
    "cancelled": lazy_gettext("Cancelled"),
}
PARTY_ROLES = {
    "client": lazy_gettext("Client"),
    "opponent": lazy_gettext("Opponent"),
    "other": lazy_gettext("Also involved"),
}
SIDES = {
    "ours": lazy_gettext("our side"),
    "theirs": lazy_gettext("the other side"),
    "neutral": lazy_gettext("neither side"),
}
CONFIDENTIALITY = {
    "ordinary": lazy_gettext("Ordinary"),
    "restricted": lazy_gettext("Need to know"),
    "secret": lazy_gettext("Secret"),
}
RELATIONS = {
    "related": lazy_gettext("related"),
    "same_facts": lazy_gettext("same facts"),
    "counterclaim": lazy_gettext("counterclaim"),
    "earlier": lazy_gettext("earlier matter"),
    "joined": lazy_gettext("joined"),
}
DIRECTORIES = {
    "direction": lazy_gettext("Directions"),
    "region": lazy_gettext("Regions"),
    "court": lazy_gettext("Courts"),
    "event_kind": lazy_gettext("Kinds of event"),
    "recovery_kind": lazy_gettext("Kinds of recovery"),
    "tag": lazy_gettext("Tags"),
    "party_capacity": lazy_gettext("Capacities of parties"),
    "decision_result": lazy_gettext("Results of decisions"),
}
ALL: dict[str, Any] = {
    "levels": LEVELS,
    "links": LINKS,
    "proceeding_states": PROCEEDING_STATES,
    "hearing_states": HEARING_STATES,
    "event_states": EVENT_STATES,
    "party_roles": PARTY_ROLES,
    "sides": SIDES,
    "confidentiality": CONFIDENTIALITY,
    "relations": RELATIONS,
    "directories": DIRECTORIES,
}
