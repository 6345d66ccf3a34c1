"""Who works in the firm: the list, and everything the firm keeps of one person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, render_template, request
from sqlalchemy.orm import Session

from engine import clock
from engine.actor import Actor
from practice import money
from practice.accesses import by_hand
from practice.authority import queries as authority
from practice.errors import UserNotFound
from practice.organisation import queries
from practice.organisation.queries import Colleague
from practice.people import queries as people
from practice.rights import queries as rights
from practice.skills import queries as skills
from tasks.absences import queries as absences
from webui.auth import current_actor
from webui.db import db
from webui.pages.people import names, words

bp = Blueprint("people", __name__, url_prefix="/people")
MANAGE = "manage_users"
PROPOSE = "propose_rights_changes"
#: Whom the list shows.
STATES = ("here", "gone")
#: Days back that absences on the card reach.
_ABSENCES_SHOWN = timedelta(days=90)
_PROPOSALS_SHOWN = 20


@bp.get("")
def index() -> str:
    """List colleagues by name, unit, group and skill."""
    session, actor, args = db.session(), current_actor(), request.args
    asked = {name: args.get(name, "").strip() for name in ("q", "unit", "group", "skill", "state")}
    kept = {name: value for name, value in asked.items() if value}
    tree = queries.visible_units(session, actor=actor)
    # An address with a unit that is closed by now shows nobody instead of an error.
    is_known = not kept.get("unit") or kept["unit"] in {place.unit.code for place in tree}
    found: list[Colleague] = []
    if is_known:
        found = queries.colleagues(
            session,
            actor=actor,
            text=kept.get("q"),
            unit=kept.get("unit"),
            group=kept.get("group"),
            skill=kept.get("skill"),
            active=kept.get("state") != "gone",
        )
    away = absences.search(session, actor=actor, on=_today(), states=("active",), limit=500)
    return render_template(
        "people/index.html",
        people=found,
        kept=kept,
        tree=tree,
        groups=people.groups(session),
        known_skills=skills.known(session, actor=actor),
        skills=skills.of_people(session, [one.user.username for one in found]),
        away={absence.username: absence.last_on for absence in away},
        may_manage=actor.may(MANAGE),
    )


@bp.get("/new")
def new() -> str:
    """Ask who joins."""
    if not current_actor().may(MANAGE):
        abort(403)
    return render_template("people/new.html")


@bp.get("/<username>")
def show(username: str) -> str:
    """Show one person: post, groups, skills, record, limits, absences, tokens, proposals about them."""
    session, actor = db.session(), current_actor()
    found = queries.colleague_for(session, username, actor=actor)
    if found is None:
        raise UserNotFound(username[:80])
    return render_template(
        "people/show.html",
        one=found,
        skills=skills.of(session, found.user.username),
        away=absences.search(session, actor=actor, username=username, since=_today() - _ABSENCES_SHOWN),
        money_of=lambda limit: money.from_minor(limit.limit_minor, limit.currency),
        words=words,
        **_of_manager(session, found, actor),
        **_of_rights(session, found, actor),
    )


def _of_manager(session: Session, found: Colleague, actor: Actor) -> dict[str, Any]:
    """Return what the person themselves and who manages people see of an account."""
    user, may_manage = found.user, actor.may(MANAGE)
    is_own = user.username == actor.username
    may_limit = actor.may(authority.MANAGE) and not is_own and user.is_active
    sees_limits = is_own or actor.may(authority.MANAGE) or actor.may("see_audit")
    return {
        "may_manage": may_manage,
        "is_own": is_own,
        "tokens": people.tokens_of(session, user) if is_own or may_manage else [],
        "case": by_hand.case_that_locks(session, user.username) if may_manage and user.locked_at else None,
        "limits": authority.limits_of(session, user, actor=actor) if sees_limits else [],
        "sees_limits": sees_limits,
        "may_limit": may_limit,
    }


def _of_rights(session: Session, found: Colleague, actor: Actor) -> dict[str, Any]:
    """Return the proposals about a person that the reader may see, and what the forms for one choose from."""
    may_propose = actor.may(PROPOSE) and found.user.is_active
    changes = rights.changes(session, actor=actor, subject=found.user.username, limit=_PROPOSALS_SHOWN)
    return {
        "may_propose": may_propose,
        "changes": changes,
        "known": names.for_sentences(session, actor=actor, changes=changes) if changes else {},
        "groups": people.groups(session) if may_propose else [],
        "tree": queries.visible_units(session, actor=actor) if may_propose else [],
    }


def _today() -> Any:
    return clock.utc_now().astimezone(clock.zone()).date()
