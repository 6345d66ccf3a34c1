"""The page on which a person chooses language, zone and formats, and the choice of a language before the sign-in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine import clock
from practice.people import preferences
from practice.people.preferences import PreferenceInvalid, Preferences
from webui.auth import current_actor
from webui.db import db
from webui.languages import speech
from webui.pages.refusals import sentence

bp = Blueprint("preferences", __name__, url_prefix="/preferences")
#: Not behind the sign-in.
open_bp = Blueprint("language", __name__)
YEAR = timedelta(days=365)
#: Regions offered, beside the one that is chosen already: those whose formats differ and whose courts firms write to.
REGIONS = (
    "001", "AE", "AT", "AU", "CA", "CH", "CN", "CY", "CZ", "DE", "EG", "ES", "FR", "GB", "GR", "HK", "IE", "IL", "IN",
    "IT", "JP", "KR", "KZ", "MO", "MY", "NL", "NZ", "PL", "PT", "RS", "RU", "SE", "SG", "TR", "TW", "UA", "US", "ZA",
)  # fmt: skip


@bp.get("")
def index() -> Any:
    """Show what the person chose."""
    return _page(preferences.of(db.session(), current_actor().username))


@bp.post("")
def change() -> Any:
    """Keep what the person chose."""
    said = {name: request.form.get(name, "").strip() or None for name in Preferences.__slots__}
    wanted = Preferences(**said)
    by = current_actor()
    try:
        preferences.change(db.session(), by.username, wanted, by=by, now=clock.utc_now())
    except PreferenceInvalid as refused:
        return _page(wanted, {refused.field: sentence(refused)}), 422
    with speech.speaking(wanted.language):
        flash(gettext("Saved."), "good")
    return redirect(url_for("preferences.index"), 303)


@open_bp.post("/language")
def choose_language() -> Response:
    """Remember in this browser which language somebody reads who is not signed in yet."""
    tag = request.form.get("language", "")
    response = redirect(url_for("auth.sign_in", next=request.form.get("next") or None), 303)
    if tag in speech.offered():
        secure = bool(current_app.extensions["matterflow_settings"].https)
        response.set_cookie(speech.COOKIE, tag, max_age=YEAR, samesite="Lax", secure=secure, httponly=True)
    return response


def _page(chosen: Preferences, problems: dict[str, str] | None = None) -> str:
    names = speech.locale()
    regions = {code: str(names.territories.get(code, code)) for code in {*REGIONS, *filter(None, [chosen.region])}}
    return render_template(
        "preferences/index.html",
        chosen=chosen,
        problems=problems or {},
        languages=list(speech.offered().values()),
        zones=sorted(zone for zone in preferences.zones() if "/" in zone or zone == "UTC"),
        regions=sorted(regions.items(), key=lambda pair: (pair[0] != "001", pair[1])),
        firm_zone=current_app.extensions["matterflow_settings"].time_zone,
        usual_region=names.territories.get(speech.offered()[speech.tag()].region, ""),
        example=clock.utc_now(),
    )
