"""How somebody hears of things outside the product."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from engine import clock
from practice.people import queries as people
from tasks.notifications import browsers, channels, preferences
from tasks.notifications.errors import NotificationPreferenceInvalid
from webui.auth import current_actor
from webui.db import db
from webui.pages.notices.words import KINDS
from webui.pages.refusals import answers_json, sentence

bp = Blueprint("notification_settings", __name__, url_prefix="/notices/settings")


@bp.get("")
def index() -> Any:
    """Show what the person wishes."""
    return _page(preferences.as_facts(preferences.of(db.session(), current_actor().username)))


@bp.post("")
def change() -> Any:
    """Keep what the person wishes."""
    said = request.form
    is_quiet = "quiet" in said
    facts: dict[str, Any] = {
        "email": said.get("email", ""),
        "digest_at": said.get("digest_at", ""),
        "push": "push" in said,
        "quiet_from": said.get("quiet_from") or None if is_quiet else None,
        "quiet_to": said.get("quiet_to") or None if is_quiet else None,
        "quiet_days_off": "quiet_days_off" in said,
        "muted": [kind for kind in KINDS if kind not in said.getlist("kinds")],
    }
    try:
        preferences.change(db.session(), facts, by=current_actor(), now=clock.utc_now())
    except NotificationPreferenceInvalid as refused:
        return _page(facts, {refused.field: sentence(refused)}), 422
    flash(gettext("Saved."), "good")
    return redirect(url_for("notification_settings.index"), 303)


@bp.post("/browsers")
@answers_json
def subscribe() -> Any:
    """Tell the person in this browser from now on."""
    said: Any = request.get_json(silent=True)
    said = said if isinstance(said, dict) else {}
    keys: Any = said.get("keys") if isinstance(said.get("keys"), dict) else {}
    label = f"{request.user_agent.browser or ''} {request.user_agent.platform or ''}".strip()
    browsers.subscribe(
        db.session(),
        str(said.get("endpoint") or ""),
        str(keys.get("p256dh") or ""),
        str(keys.get("auth") or ""),
        label=label or _browser(request.user_agent.string),
        by=current_actor(),
        now=clock.utc_now(),
    )
    return {"ok": True}


@bp.post("/browsers/<uuid:push_subscription_id>/forget")
def unsubscribe(push_subscription_id: UUID) -> Response:
    """Tell the person in that browser no more."""
    browsers.unsubscribe(db.session(), push_subscription_id, by=current_actor(), now=clock.utc_now())
    flash(gettext("That browser is told no more."), "good")
    return redirect(url_for("notification_settings.index"), 303)


def _page(wishes: dict[str, Any], problems: dict[str, str] | None = None) -> str:
    by, session = channels.current(), db.session()
    user = people.get(session, current_user.username)
    return render_template(
        "notices/settings.html",
        wishes=wishes,
        problems=problems or {},
        kinds=KINDS,
        email=user.email,
        has_mail=by.email is not None,
        push_key=by.push.public_key if by.push is not None else None,
        browsers=browsers.of(session, actor=current_actor()),
    )


def _browser(agent: str) -> str:
    for name in ("Firefox", "Edg", "Chrome", "Safari"):
        if name in agent:
            return "Edge" if name == "Edg" else name
    return gettext("A browser")
