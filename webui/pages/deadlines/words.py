"""How deadlines, the steps of their calculation and what happened to them are put into the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Flask
from flask_babel import format_date, gettext, lazy_gettext, ngettext

from practice.notices.models import Notice
from webui.pages.texts import day, spaced

STATES = {
    "proposed": lazy_gettext("To be verified"),
    "verified": lazy_gettext("Runs"),
    "met": lazy_gettext("Met"),
    "waived": lazy_gettext("Waived"),
    "superseded": lazy_gettext("Superseded"),
    "missed": lazy_gettext("Missed"),
}
SCOPES = {
    "mine": lazy_gettext("Mine"),
    "team": lazy_gettext("Of my matters"),
    "all": lazy_gettext("All that I may see"),
}
ANCHORS = {
    "served": lazy_gettext("Served on"),
    "filed": lazy_gettext("Filed on"),
    "pronounced": lazy_gettext("Pronounced on"),
    "final_form": lazy_gettext("Made in final form on"),
    "sent": lazy_gettext("Sent on"),
    "known": lazy_gettext("Known since"),
    "due": lazy_gettext("Calculated day"),
    "event": lazy_gettext("Happened on"),
    "hearing": lazy_gettext("Hearing on"),
    "notice": lazy_gettext("Notice received on"),
    "deadline": lazy_gettext("Deadline before it"),
}
CHANGES = {
    "proposed": lazy_gettext("Registered"),
    "verified": lazy_gettext("Verified"),
    "disputed": lazy_gettext("Not agreed with"),
    "met_requested": lazy_gettext("Said to be met; a second person has to confirm"),
    "waived_requested": lazy_gettext("Said to be waived; a second person has to confirm"),
    "end_refused": lazy_gettext("End refused: it counts on"),
    "met": lazy_gettext("Met"),
    "waived": lazy_gettext("Waived"),
    "superseded": lazy_gettext("Superseded"),
    "missed": lazy_gettext("Missed"),
    "warned": lazy_gettext("The team was warned"),
    "replacement_proposed": lazy_gettext("Another day was proposed; this one counts until that is verified"),
    "recompute_asked": lazy_gettext("What it was calculated from has changed; the day was entered by hand and stays"),
    "rule_gone": lazy_gettext("Its rule is no longer in the pack"),
}


def init_app(app: Flask) -> None:
    """Offer the words to templates."""
    for name, known in {
        "deadline_state": STATES,
        "deadline_scope": SCOPES,
        "deadline_anchor": ANCHORS,
        "deadline_change": CHANGES,
    }.items():
        app.add_template_filter(_teller(known), name)
    app.add_template_filter(step, "deadline_step")
    app.add_template_filter(lambda day: format_date(day, "LLLL"), "month_name")


#: Steps whose figures are in the sentence as they are.
STEPS = {
    "short_period": lazy_gettext("A period of up to %(n)s days counts working days only."),
    "deemed_served": lazy_gettext("%(method)s: deemed served on %(on)s (%(citation)s)"),
    "service_added": lazy_gettext("%(method)s adds %(n)s days: %(on)s (%(citation)s)"),
    "month_end": lazy_gettext("The month has no such day: %(on)s"),
    "year_end": lazy_gettext("It begins when the year has ended: %(on)s"),
    "least_working_days": lazy_gettext("It has to hold %(n)s working days: %(on)s"),
    "stood_still": lazy_gettext("It stood still for %(days)s days: %(on)s"),
    "stayed": lazy_gettext("The proceedings have stood still since %(first)s; it does not run."),
    "restarted": lazy_gettext("It began anew after the stay that ended on %(last)s."),
    "not_announced": lazy_gettext("The holidays of %(year)s are not announced yet: calculate again when they are."),
}


def step(said: Mapping[str, Any]) -> str:
    """Put one step of a calculation into a sentence."""
    code = str(said.get("code"))
    facts = {name: _day(value) for name, value in said.items()}
    if code == "anchor":
        return f"{_teller(ANCHORS)(str(said.get('kind')))}: {facts['on']}"
    if code == "counted":
        return gettext("%(period)s %(direction)s: %(on)s", **_counted(said))
    if code == "clear_days":
        return gettext("%(period)s %(direction)s, the last day not counted either: %(on)s", **_counted(said))
    if code == "rolled":
        because = str(said.get("because", ""))
        facts["because"] = gettext(because[:1].upper() + because[1:])
        return gettext("%(day)s is no working day (%(because)s): %(on)s", **facts)
    return str(STEPS[code]) % facts if code in STEPS else spaced(code)


def told(notice: Notice) -> str | None:
    """Put a notice about a deadline into a sentence; None for what is about something else."""
    if notice.kind not in ("deadline_nears", "deadline_missed"):
        return None
    facts: dict[str, Any] = {**notice.facts, "due_on": _day(notice.facts.get("due_on"))}
    if notice.kind == "deadline_missed":
        return gettext("%(matter)s: the deadline “%(name)s” of %(due_on)s was missed.", **facts)
    if facts.get("pre_deadline"):
        return gettext("%(matter)s: %(pre_deadline)s is due for “%(name)s”, which ends on %(due_on)s.", **facts)
    return gettext("%(matter)s: “%(name)s” ends on %(due_on)s.", **facts)


def _counted(said: Mapping[str, Any]) -> dict[str, str]:
    count, unit = int(said.get("n", 0)), str(said.get("unit"))
    periods = {
        "days": ngettext("%(num)s day", "%(num)s days", count),
        "working_days": ngettext("%(num)s working day", "%(num)s working days", count),
        "weeks": ngettext("%(num)s week", "%(num)s weeks", count),
        "months": ngettext("%(num)s month", "%(num)s months", count),
        "years": ngettext("%(num)s year", "%(num)s years", count),
    }
    direction = gettext("later") if said.get("direction") == "after" else gettext("earlier")
    return {"period": periods.get(unit, unit), "direction": direction, "on": _day(said.get("on"))}


def _day(value: Any) -> str:
    try:
        return day(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def _teller(known: Mapping[str, Any]) -> Any:
    return lambda name: str(known.get(name) or spaced(name))
