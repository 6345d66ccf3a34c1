"""The short lists of a desk: each has a title, a template that draws it, what it shows and where the rest is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from flask_babel import lazy_gettext

from practice.correspondence import queries as letters
from practice.deadlines import queries as deadlines
from practice.matters import queries as matters
from practice.matters.queries import Criteria
from tasks.desks import queries
from webui.pages.desks.glance import DECISIONS, HEARINGS, PAYMENTS, SHOWN, Glance

VERIFY = "verify_deadlines"


class Part(NamedTuple):
    """One list: what it is called, how it is drawn, how it is read."""

    title: Any
    #: ``templates/desks/parts/<template>.html``.
    template: str
    #: Returns what the template shows; None: there is nothing of this sort for this person, show no list.
    read: Callable[[Glance], dict[str, Any] | None]
    #: Where the rest is.
    endpoint: str
    arguments: dict[str, Any]
    #: Said when the list is empty.
    empty: Any


def _work(look: Glance, *scopes: Any, filters: Any = None) -> dict[str, Any]:
    work = look.work(*scopes, filters=filters)
    return {"items": work, "subjects": look.subjects(work)}


def _late(look: Glance) -> dict[str, Any]:
    work = look.told(queries.late_work(look.session, actor=look.actor, now=look.now, limit=SHOWN))
    return {"items": work, "subjects": look.subjects(work)}


def _deadlines(look: Glance, scope: str) -> dict[str, Any]:
    return _told_deadlines(look, look.deadlines(scope))


def _second_person(look: Glance) -> dict[str, Any] | None:
    if not look.actor.may(VERIFY):
        return None
    found = deadlines.waiting_for_second_person(look.session, actor=look.actor, limit=SHOWN)
    return _told_deadlines(look, found) if found else None


def _told_deadlines(look: Glance, found: Any) -> dict[str, Any]:
    return {
        "items": found,
        "today": look.today,
        "names": look.names([deadline.responsible for deadline, _ in found]),
    }


def _matters(look: Glance) -> dict[str, Any]:
    wanted = Criteria(state="open", person=look.actor.username)
    return {"items": matters.search(look.session, actor=look.actor, criteria=wanted, limit=SHOWN).items}


def _enquiries(look: Glance) -> dict[str, Any]:
    found = queries.newest_enquiries(look.session, actor=look.actor, limit=SHOWN)
    return {"items": found, "names": look.names([enquiry.received_by for enquiry in found])}


def _incidents(look: Glance) -> dict[str, Any] | None:
    return {"items": look.incidents[0]} if look.actor.may(queries.MENDS) else None


def _load(look: Glance) -> dict[str, Any] | None:
    if not look.actor.may(queries.GIVES_WORK):
        return None
    found = queries.load_of(look.session, actor=look.actor, now=look.now, limit=10)
    return {"items": found, "most": max((one.open for one in found), default=0)}


def _letters(look: Glance) -> dict[str, Any]:
    found: list[Any] = []
    for scope in ("hung", "mine", "department"):
        page = letters.search(look.session, actor=look.actor, scope=scope, now=look.now, limit=SHOWN)
        known = {row.letter.id for row in found}
        found.extend(row for row in page.items if row.letter.id not in known)
    return {"items": found[:SHOWN]}


PARTS: dict[str, Part] = {
    "my_work": Part(
        lazy_gettext("On your desk"),
        "work",
        lambda look: _work(look, "mine"),
        "inbox.index",
        {"scope": "mine"},
        lazy_gettext("Nobody waits for you."),
    ),
    "group_work": Part(
        lazy_gettext("To take"),
        "work",
        lambda look: _work(look, "group"),
        "inbox.index",
        {"scope": "group"},
        lazy_gettext("Everything has found somebody."),
    ),
    "decisions": Part(
        lazy_gettext("To decide"),
        "work",
        lambda look: _work(look, "mine", "group", filters=DECISIONS),
        "inbox.index",
        {"scope": "group", "kind": list(DECISIONS.kinds)},
        lazy_gettext("No decision waits for you."),
    ),
    "hearings": Part(
        lazy_gettext("Hearings"),
        "work",
        lambda look: _work(look, "mine", "group", filters=HEARINGS),
        "inbox.index",
        {"scope": "group", "kind": list(HEARINGS.kinds)},
        lazy_gettext("No hearing waits for you."),
    ),
    "payments": Part(
        lazy_gettext("To pay"),
        "work",
        lambda look: _work(look, "mine", "group", filters=PAYMENTS),
        "inbox.index",
        {"scope": "group", "kind": list(PAYMENTS.kinds)},
        lazy_gettext("Nothing is to be paid."),
    ),
    "late_work": Part(
        lazy_gettext("Overdue, whoever has it"),
        "work",
        _late,
        "inbox.index",
        {"scope": "all"},
        lazy_gettext("Nothing that you may see is late."),
    ),
    "my_deadlines": Part(
        lazy_gettext("Your deadlines of the week"),
        "deadlines",
        lambda look: _deadlines(look, "mine"),
        "deadlines.index",
        {"scope": "mine"},
        lazy_gettext("No deadline of yours within a week."),
    ),
    "team_deadlines": Part(
        lazy_gettext("Your teams’ deadlines of the week"),
        "deadlines",
        lambda look: _deadlines(look, "team"),
        "deadlines.index",
        {"scope": "team"},
        lazy_gettext("No deadline within a week."),
    ),
    "firm_deadlines": Part(
        lazy_gettext("Deadlines of the week"),
        "deadlines",
        lambda look: _deadlines(look, "all"),
        "deadlines.index",
        {"scope": "all"},
        lazy_gettext("No deadline within a week."),
    ),
    "second_person": Part(
        lazy_gettext("Waiting for you as the second person"),
        "deadlines",
        _second_person,
        "deadlines.index",
        {"scope": "all", "state": "proposed"},
        "",
    ),
    "my_matters": Part(
        lazy_gettext("Your newest matters"),
        "matters",
        _matters,
        "matters.index",
        {"state": "open", "person": "me"},
        lazy_gettext("You are on no open matter."),
    ),
    "enquiries": Part(
        lazy_gettext("Enquiries being decided"),
        "enquiries",
        _enquiries,
        "enquiries.index",
        {"state": "open"},
        lazy_gettext("Every enquiry is decided."),
    ),
    "incidents": Part(
        lazy_gettext("What stands still"),
        "incidents",
        _incidents,
        "incidents.index",
        {},
        lazy_gettext("Everything moves."),
    ),
    "load": Part(
        lazy_gettext("Who has how much"),
        "load",
        _load,
        "inbox.index",
        {"scope": "all"},
        lazy_gettext("Nobody has anything."),
    ),
    "letters": Part(
        lazy_gettext("Letters, those that hang first"),
        "letters",
        _letters,
        "letters.index",
        {},
        lazy_gettext("No letter lies with you."),
    ),
}
