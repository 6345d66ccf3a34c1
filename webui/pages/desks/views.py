"""``/``: the desk of who asks, and its pieces one by one, to be read anew when something has changed."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask import session as browser_session
from flask_login import current_user
from werkzeug.wrappers import Response

from config import desks
from config.desks import Desk
from engine import clock
from webui.auth import current_actor, login_manager
from webui.db import db
from webui.pages.desks.actions import ACTIONS, address, offered
from webui.pages.desks.glance import Glance
from webui.pages.desks.numbers import NUMBERS
from webui.pages.desks.parts import PARTS
from webui.pages.desks.words import TITLES
from webui.pages.starting import may_file_enquiry

bp = Blueprint("desks", __name__, url_prefix="/desk")


def home() -> Any:
    """Show the desk of the person's post; of several posts the one chosen last."""
    if not current_user.is_authenticated:
        return login_manager.unauthorized()
    mine = desks.of(current_actor().groups)
    chosen = request.args.get("desk") or browser_session.get("desk")
    desk = next((one for one in mine if one.key == chosen), mine[0])
    if request.args.get("desk") == desk.key and browser_session.get("desk") != desk.key:
        browser_session["desk"] = desk.key
    look = _look()
    return render_template(
        "desks/index.html",
        desk=desk,
        title=TITLES[desk.key],
        posts=[(one.key, TITLES[one.key]) for one in mine] if len(mine) > 1 else [],
        numbers=_numbers(desk, look),
        parts=[shown for name in desk.parts if (shown := _part(name, look)) is not None],
        actions=_actions(desk),
        today=look.now,
    )


@bp.get("/<key>/numbers")
def numbers(key: str) -> str:
    """Show the numbers of a desk anew."""
    desk = _own(key)
    return render_template("desks/_numbers.html", desk=desk, numbers=_numbers(desk, _look()))


@bp.get("/<key>/parts/<name>")
def part(key: str, name: str) -> Any:
    """Show one list of a desk anew."""
    desk = _own(key)
    shown = _part(name, _look()) if name in desk.parts else abort(404)
    return render_template("desks/_part.html", desk=desk, part=shown) if shown else Response("")


def _own(key: str) -> Desk:
    found = next((desk for desk in desks.of(current_actor().groups) if desk.key == key), None)
    return found or abort(404)


def _look() -> Glance:
    now = clock.utc_now()
    today = now.astimezone(clock.zone()).date()
    midnight = datetime.combine(today, time(), clock.zone())
    return Glance(db.session(), current_actor(), now=now, today=today, midnight=midnight)


def _numbers(desk: Desk, look: Glance) -> list[dict[str, Any]]:
    shown = [NUMBERS[name] for name in desk.numbers]
    return [
        {
            "count": number.count(look),
            "label": number.label,
            "is_late": number.is_late,
            "address": url_for(number.endpoint, **_arguments(number.arguments)),
        }
        for number in shown
        if number.right is None or look.actor.may(number.right)
    ]


def _part(name: str, look: Glance) -> dict[str, Any] | None:
    known = PARTS[name]
    content = known.read(look)
    if content is None:
        return None
    return {
        "name": name,
        "title": known.title,
        "template": f"desks/parts/{known.template}.html",
        "address": url_for(known.endpoint, **_arguments(known.arguments)),
        "empty": known.empty,
        **content,
    }


def _actions(desk: Desk) -> list[dict[str, Any]]:
    allowed = {action.key for action in offered(current_actor(), may_file_enquiry=may_file_enquiry)}
    shown = [ACTIONS[name] for name in desk.actions if name in allowed]
    return [{"label": one.label, "icon": one.icon, "address": address(one), "sort": one.sort} for one in shown]


def _arguments(said: dict[str, Any]) -> dict[str, Any]:
    return {name: current_actor().username if value == "me" else value for name, value in said.items()}
