"""Signing in and out, and how the pages look to a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from config.settings import Settings
from webui import auth
from webui.errors import SignInRefused, TooManySignIns
from webui.pages.auth import cast

bp = Blueprint("auth", __name__)
YEAR = timedelta(days=365)


@bp.get("/sign-in")
def sign_in() -> Any:
    """Ask who is there."""
    if current_user.is_authenticated:
        return redirect(_target())
    return _page()


@bp.post("/sign-in")
def enter() -> Any:
    """Check name and password."""
    username = request.form.get("username", "")
    return _enter(username, request.form.get("password", ""))


@bp.post("/sign-in/demo")
def enter_demo() -> Any:
    """Sign in as one of the demo firm's people; only a demo has this."""
    person = next((p for p in cast.people(_settings()) if p.username == request.form.get("username")), None)
    return _enter(person.username, cast.password()) if person else abort(404)


@bp.post("/sign-out")
def leave() -> Response:
    """End the session."""
    auth.sign_out()
    return redirect(url_for("auth.sign_in"), 303)


@bp.post("/theme")
def choose_theme() -> Response:
    """Remember light, dark or what the device says."""
    theme = request.form.get("theme", "")
    response = redirect(_target(request.form.get("next")), 303)
    if theme in ("light", "dark"):
        response.set_cookie("theme", theme, max_age=YEAR, samesite="Lax", secure=_settings().https)
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


def _enter(username: str, password: str) -> Any:
    try:
        auth.sign_in(username, password)
    except SignInRefused:
        wrong = gettext("The name or the password is wrong, or the account is closed.")
        return make_response(_page(username, wrong), 422)
    except TooManySignIns as refused:
        minutes = max(1, -(-refused.retry_after_s // 60))
        wait = gettext("Too many failed attempts. Try again in %(minutes)s minutes.", minutes=minutes)
        response = make_response(_page(username, wait), 429)
        response.headers["Retry-After"] = str(refused.retry_after_s)
        return response
    return redirect(_target(), 303)


def _page(username: str = "", problem: str | None = None) -> str:
    return render_template(
        "auth/sign_in.html", username=username, problem=problem, next=_next(), people=cast.people(_settings())
    )


def _next() -> str | None:
    return request.args.get("next") or request.form.get("next")


def _target(given: str | None = None) -> str:
    """Return where to go: an address of ours, never another host's."""
    target = given or _next() or ""
    parts = urlsplit(target)
    is_ours = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return target if is_ours and not parts.path.startswith("/sign-") else url_for("home")


def _settings() -> Settings:
    return current_app.extensions["matterflow_settings"]
