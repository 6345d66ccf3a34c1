"""The numbers on top of a desk: what waits, how much of it, and where it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext

from practice.matters.queries import Criteria
from tasks.desks import queries
from webui.pages.desks.glance import DECISIONS, HEARINGS, PAYMENTS, Glance


@dataclass(frozen=True, slots=True)
class Number:
    """One number: how to count it, what it is called, where it leads, and when it is bad news."""

    count: Callable[[Glance], int]
    label: Any
    endpoint: str
    #: Of the address.
    arguments: dict[str, Any]
    is_late: bool = False
    #: Shown only to who has it; None: to everybody.
    right: str | None = None


NUMBERS: dict[str, Number] = {
    "mine": Number(lambda look: look.counts["mine"], lazy_gettext("on your desk"), "inbox.index", {"scope": "mine"}),
    "to_take": Number(
        lambda look: look.counts["group"], lazy_gettext("for your groups to take"), "inbox.index", {"scope": "group"}
    ),
    "overdue": Number(
        lambda look: look.counts["overdue"], lazy_gettext("overdue"), "inbox.index", {"scope": "all"}, is_late=True
    ),
    "firm_overdue": Number(
        lambda look: look.counts["overdue"],
        lazy_gettext("overdue in the firm"),
        "inbox.index",
        {"scope": "all"},
        is_late=True,
        right="see_all_user_tasks",
    ),
    "decisions": Number(
        lambda look: look.count_work(DECISIONS),
        lazy_gettext("decisions to take"),
        "approvals.index",
        {},
    ),
    "hearings": Number(
        lambda look: look.count_work(HEARINGS),
        lazy_gettext("hearings to prepare or report"),
        "inbox.index",
        {"scope": "group", "kind": list(HEARINGS.kinds)},
    ),
    "payments": Number(
        lambda look: look.count_work(PAYMENTS),
        lazy_gettext("payments to make"),
        "inbox.index",
        {"scope": "group", "kind": list(PAYMENTS.kinds)},
    ),
    "my_deadlines": Number(
        lambda look: look.count_deadlines("mine"),
        lazy_gettext("deadlines of yours within a week"),
        "deadlines.index",
        {"scope": "mine", "period": 7},
    ),
    "team_deadlines": Number(
        lambda look: look.count_deadlines("team"),
        lazy_gettext("deadlines of your teams within a week"),
        "deadlines.index",
        {"scope": "team", "period": 7},
    ),
    "firm_deadlines": Number(
        lambda look: look.count_deadlines("all"),
        lazy_gettext("deadlines within a week"),
        "deadlines.index",
        {"scope": "all", "period": 7},
    ),
    "my_matters": Number(
        lambda look: queries.count_matters(
            look.session, actor=look.actor, criteria=Criteria(state="open", person=look.actor.username)
        ),
        lazy_gettext("open matters of yours"),
        "matters.index",
        {"state": "open", "person": "me"},
    ),
    "open_matters": Number(
        lambda look: queries.count_matters(look.session, actor=look.actor, criteria=Criteria(state="open")),
        lazy_gettext("open matters"),
        "matters.index",
        {"state": "open"},
    ),
    "open_enquiries": Number(
        lambda look: queries.count_enquiries(look.session, actor=look.actor, state="open"),
        lazy_gettext("enquiries being decided"),
        "enquiries.index",
        {"state": "open"},
    ),
    "enquiries_today": Number(
        lambda look: queries.count_enquiries(look.session, actor=look.actor, received_from=look.midnight),
        lazy_gettext("enquiries received today"),
        "enquiries.index",
        {},
    ),
    "incidents": Number(
        lambda look: look.incidents[1],
        lazy_gettext("steps that stand still"),
        "incidents.index",
        {},
        is_late=True,
        right=queries.MENDS,
    ),
    "my_letters": Number(
        lambda look: look.letters["mine"] + look.letters["department"],
        lazy_gettext("letters with you or your department"),
        "letters.index",
        {"scope": "mine"},
    ),
    "hung_letters": Number(
        lambda look: look.letters["hung"],
        lazy_gettext("letters that hang"),
        "letters.index",
        {"scope": "hung"},
        is_late=True,
    ),
}
