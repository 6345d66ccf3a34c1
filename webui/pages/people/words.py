"""How units, rules and proposals about rights are put into the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext

from practice.rights.models import RightRule, RightsChange
from webui.pages.texts import group_title

UNIT_KINDS = {"branch": lazy_gettext("Branch"), "department": lazy_gettext("Department")}
EFFECTS = {"allow": lazy_gettext("Allowed"), "deny": lazy_gettext("Denied")}
ACTIONS = {
    "read": lazy_gettext("read"),
    "create": lazy_gettext("create"),
    "change": lazy_gettext("change"),
    "export": lazy_gettext("take out as a file"),
}
CHANGE_KINDS = {
    "groups": lazy_gettext("Groups"),
    "place": lazy_gettext("Unit and post"),
    "add_rule": lazy_gettext("New rule"),
    "remove_rule": lazy_gettext("Rule taken away"),
    "move_unit": lazy_gettext("Unit moved"),
}
CHANGE_STATES = {
    "proposed": lazy_gettext("Waits for a second person"),
    "applied": lazy_gettext("In force"),
    "rejected": lazy_gettext("Refused"),
    "withdrawn": lazy_gettext("Taken back"),
}
ALL: dict[str, Any] = {
    "unit_kinds": UNIT_KINDS,
    "effects": EFFECTS,
    "actions": ACTIONS,
    "change_kinds": CHANGE_KINDS,
    "change_states": CHANGE_STATES,
}
#: Whose names a page knows: people by username, units by code and by id, clients and kinds of event by id and key.
Known = Mapping[str, Mapping[Any, str]]


def subject(change: RightsChange, known: Known) -> str:
    """Say whose rights a proposal is about."""
    if change.kind == "move_unit":
        return known["units"].get(change.subject, change.subject)
    return gettext("everybody") if change.subject == "*" else known["people"].get(change.subject, change.subject)


def told(change: RightsChange, known: Known) -> list[tuple[str, str]]:
    """Put what a proposal changes into pairs of before and after."""
    before, after = change.before, change.after
    if change.kind == "groups":
        return [(_groups(before), _groups(after))]
    if change.kind == "place":
        return [(_place(before, known), _place(after, known))]
    if change.kind == "move_unit":
        return [(_above(before, known), _above(after, known))]
    return [(rule(before, known), "")] if change.kind == "remove_rule" else [("", rule(after, known))]


def facts_of(row: RightRule) -> dict[str, Any]:
    """Return what ``rule`` puts into words."""
    names = ("effect", "action", "username", "group_name", "org_unit_id", "post", "client_party_id", "event_kind")
    return {name: None if (value := getattr(row, name)) is None else str(value) for name in names}


def rule(said: Mapping[str, Any], known: Known) -> str:
    """Put a rule into one sentence: for whom, about what, allowed or denied."""
    whom = [
        known["people"].get(said.get("username"), said.get("username")),
        group_title(said["group_name"]) if said.get("group_name") else None,
        known["units"].get(said.get("org_unit_id") or said.get("org_unit"), said.get("org_unit")),
        said.get("post"),
    ]
    what = [
        known["clients"].get(said.get("client_party_id"), said.get("client_party_id") and gettext("a client")),
        known["event_kinds"].get(said.get("event_kind"), said.get("event_kind")),
    ]
    facts = {
        "whom": ", ".join(str(part) for part in whom if part) or gettext("everybody"),
        "action": str(ACTIONS.get(str(said.get("action")), "")),
        "what": ", ".join(str(part) for part in what if part),
    }
    if said.get("effect") == "deny":
        return gettext("%(whom)s may not %(action)s: %(what)s", **facts)
    return gettext("%(whom)s may %(action)s: %(what)s", **facts)


def _groups(said: Mapping[str, Any]) -> str:
    return ", ".join(group_title(name) for name in said.get("groups", ())) or gettext("no group")


def _place(said: Mapping[str, Any], known: Known) -> str:
    unit = said.get("unit")
    parts = [known["units"].get(unit, unit), said.get("post")]
    return ", ".join(str(part) for part in parts if part) or gettext("no unit")


def _above(said: Mapping[str, Any], known: Known) -> str:
    parent = said.get("parent")
    return known["units"].get(parent, parent) if parent else gettext("at the top")
