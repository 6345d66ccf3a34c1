"""Attempts, cases, walls and notices in the reader's words."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import gettext, lazy_gettext

from practice.notices.models import Notice
from webui.pages.deadlines import words as deadline_words
from webui.pages.notices import words as notice_words
from webui.pages.work import words as work_words

BECAUSE = {
    "outsider": lazy_gettext("An outsider at a closed door"),
    "bulk": lazy_gettext("Many at once"),
    "walled": lazy_gettext("Behind a wall"),
    "repeated": lazy_gettext("Found in breach before"),
    "emergency": lazy_gettext("Opened in an emergency"),
}
FINDINGS = {
    "justified": lazy_gettext("Justified"),
    "mistake": lazy_gettext("A mistake"),
    "breach": lazy_gettext("A breach"),
}
ACTIONS = {
    "view": lazy_gettext("wanted to see"),
    "edit": lazy_gettext("wanted to change"),
    "search": lazy_gettext("searched for"),
}
CHANNELS = {"page": lazy_gettext("in the browser"), "api": lazy_gettext("by a program")}
WALL_STATES = {
    "requested": lazy_gettext("Being decided"),
    "up": lazy_gettext("Up"),
    "refused": lazy_gettext("Refused"),
    "lifted": lazy_gettext("Lifted"),
}
WALL_KINDS = {
    "excluding": lazy_gettext("Keeps named people out"),
    "enclosing": lazy_gettext("Lets only named people in"),
}
BASES = {
    "conflict": lazy_gettext("Conflict of interest"),
    "consent": lazy_gettext("A client’s consent asks for it"),
    "former_employer": lazy_gettext("Worked for the other side before"),
    "insider_information": lazy_gettext("Inside information"),
    "personal_interest": lazy_gettext("Personal interest or family"),
    "court_order": lazy_gettext("Order of a court or authority"),
    "other": lazy_gettext("Another reason"),
}
AROUND = {
    "matter": lazy_gettext("Matter"),
    "client": lazy_gettext("Every matter of"),
    "enquiry": lazy_gettext("Enquiry"),
}
POLICIES = {
    "deny": lazy_gettext("Closed: nobody outside gets in"),
    "break_glass": lazy_gettext("Opens in an emergency, with a reason"),
}


def init_app(app: Flask) -> None:
    """Offer the words to templates."""
    words = {
        "because_name": BECAUSE,
        "finding_name": FINDINGS,
        "attempt_action": ACTIONS,
        "channel_name": CHANNELS,
        "wall_state": WALL_STATES,
        "wall_kind": WALL_KINDS,
        "wall_basis": BASES,
        "around_name": AROUND,
        "policy_name": POLICIES,
    }
    for name, known in words.items():
        app.add_template_filter(_teller(known), name)
    app.add_template_filter(told, "told")


def told(notice: Notice) -> str:
    """Put a notice into a sentence."""
    for words in (deadline_words, notice_words, work_words):
        said = words.told(notice)
        if said is not None:
            return said
    facts: dict[str, Any] = {name: value or "" for name, value in notice.facts.items()}
    if notice.kind == "access_attempted" and facts.get("because") == "emergency":
        return gettext("%(person)s opened %(subject)s in an emergency; case %(case)s looks into it.", **facts)
    if notice.kind == "access_attempted":
        return gettext("%(person)s, who does not belong to it, tried to open %(subject)s (case %(case)s).", **facts)
    if notice.kind == "breach_case_closed":
        finding = str(FINDINGS.get(facts["finding"], facts["finding"]))
        return gettext("Case %(case)s is decided: %(finding)s.", case=facts["case"], finding=finding)
    if notice.kind == "conflict_found":
        return gettext("%(matter)s: what is now known of its parties may be a conflict of interest.", **facts)
    if notice.kind == "wall_put_up":
        return gettext("The wall %(name)s (%(wall)s) keeps you away from a matter.", **facts)
    if notice.kind == "wall_lifted":
        return gettext("The wall %(name)s (%(wall)s) is lifted.", **facts)
    if notice.kind == "wall_refused":
        return gettext("The wall %(name)s (%(wall)s) was refused: %(reason)s", **facts)
    return notice.kind.replace("_", " ").capitalize()


def _teller(known: dict[str, Any]) -> Any:
    return lambda name: known.get(name, name)
