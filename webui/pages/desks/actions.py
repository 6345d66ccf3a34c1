"""What can be begun from a desk, and the pages one goes to; the command palette offers the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from flask import current_app, url_for
from flask_babel import lazy_gettext

from engine.actor import Actor


class Action(NamedTuple):
    """Something to do or a place to go."""

    key: str
    label: Any
    icon: str
    endpoint: str
    arguments: dict[str, Any]
    #: Offered only to who has it; None: to everybody.
    right: str | None = None
    #: The keys that go there (``g`` first), for the help sheet.
    keys: str = ""
    #: ``do`` or ``go``.
    sort: str = "go"


ACTIONS: dict[str, Action] = {
    action.key: action
    for action in (
        Action("new_enquiry", lazy_gettext("New enquiry"), "plus", "enquiries.new", {}, keys="gn", sort="do"),
        Action("start", lazy_gettext("Start a process"), "process", "processes.index", {}, keys="gs", sort="do"),
        Action(
            "register_letter",
            lazy_gettext("Register a letter"),
            "plus",
            "processes.start_form",
            {"process_key": "correspondence"},
            sort="do",
        ),
        Action("hours", lazy_gettext("Your hours"), "clock", "hours.index", {}, keys="gt"),
        Action("approvals", lazy_gettext("Approvals"), "check", "approvals.index", {}, keys="ga"),
        Action("letters", lazy_gettext("Letters"), "enquiry", "letters.index", {}, keys="gl"),
        Action("absences", lazy_gettext("Absences"), "person", "absences.index", {}),
        Action("home", lazy_gettext("Your desk"), "mark", "home", {}, keys="gh"),
        Action("inbox", lazy_gettext("Inbox"), "inbox", "inbox.index", {}, keys="gi"),
        Action("search", lazy_gettext("Search everything"), "search", "search.index", {}, keys="gf"),
        Action("matters", lazy_gettext("Matters"), "matter", "matters.index", {}, keys="gm"),
        Action("enquiries", lazy_gettext("Enquiries"), "enquiry", "enquiries.index", {}, keys="ge"),
        Action("parties", lazy_gettext("Parties"), "person", "parties.index", {}, keys="gp"),
        Action("leads", lazy_gettext("Leads"), "person", "leads.index", {}),
        Action("deadlines", lazy_gettext("Deadlines"), "clock", "deadlines.index", {}, keys="gd"),
        Action("letters", lazy_gettext("Letters"), "leaf", "letters.index", {}, keys="gl"),
        Action("hours", lazy_gettext("Hours"), "clock", "hours.index", {}, keys="gu"),
        Action("client_papers", lazy_gettext("Waiting on clients"), "check", "document_requests.index", {}),
        Action("conflict_checks", lazy_gettext("Conflict checks"), "search", "conflicts.index", {}),
        Action("notices", lazy_gettext("Notices"), "info", "notices.index", {}),
        Action("incidents", lazy_gettext("Incidents"), "alert", "incidents.index", {}, right="retry_incidents"),
        Action("access", lazy_gettext("Access and walls"), "alert", "accesses.index", {}, right="oversee_access"),
        Action("audit", lazy_gettext("Audit trail"), "check", "audit.index", {}, right="see_audit"),
        Action("directories", lazy_gettext("Directories"), "leaf", "directories.index", {}),
        Action("hearings", lazy_gettext("Hearings"), "clock", "hearings.index", {}),
        Action("people", lazy_gettext("People"), "person", "people.index", {}),
        Action("units", lazy_gettext("Units"), "process", "units.index", {}),
        Action("rights", lazy_gettext("Rights"), "check", "rights.index", {}, right="approve_rights_changes"),
        Action("import", lazy_gettext("Import"), "plus", "exchange.index", {}, right="import_data", sort="do"),
        Action("preferences", lazy_gettext("Language and formats"), "globe", "preferences.index", {}),
    )
}


def offered(actor: Actor, *, may_file_enquiry: Callable[[], bool]) -> Iterator[Action]:
    """Yield what somebody may do; a page that this installation has not is left out."""
    for action in ACTIONS.values():
        if action.endpoint not in current_app.view_functions or (action.right and not actor.may(action.right)):
            continue
        if action.key != "new_enquiry" or may_file_enquiry():
            yield action


def address(action: Action) -> str:
    """Return where an action leads."""
    return url_for(action.endpoint, **action.arguments)
