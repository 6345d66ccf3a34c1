"""Who is signed in, and signing in again from a page that is open: what was typed there stays."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, jsonify, request
from flask_babel import gettext
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from webui import auth
from webui.errors import SignInRefused, TooManySignIns

bp = Blueprint("session", __name__, url_prefix="/session")


@bp.get("")
def show() -> Any:
    """Say who is signed in, with the token that goes with what they send; 401 with a token when nobody is."""
    return _answer() if current_user.is_authenticated else (_answer(), 401)


@bp.post("")
def enter() -> Any:
    """Sign in as the person whose page it is."""
    sent = request.get_json(silent=True)
    given: dict[str, Any] = sent if isinstance(sent, dict) else {}
    try:
        auth.sign_in(str(given.get("username") or ""), str(given.get("password") or ""))
    except SignInRefused:
        return {"message": gettext("The name or the password is wrong, or the account is closed.")}, 422
    except TooManySignIns as refused:
        minutes = max(1, -(-refused.retry_after_s // 60))
        wait = gettext("Too many failed attempts. Try again in %(minutes)s minutes.", minutes=minutes)
        return {"message": wait}, 429, {"Retry-After": str(refused.retry_after_s)}
    # The session began anew, and so does its token.
    g.pop("csrf_token", None)
    return _answer()


def _answer() -> Any:
    who = current_user.username if current_user.is_authenticated else None
    return jsonify({"username": who, "csrf_token": generate_csrf()})
