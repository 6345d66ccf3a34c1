"""The forms on a person's card; each leads back to the card."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine import clock
from practice.accesses import by_hand
from practice.authority import operations as authority
from practice.organisation import operations as organisation
from practice.organisation.operations import StaffFacts
from practice.people import operations, sessions
from practice.rights import operations as rights
from practice.skills import operations as skills
from webui.auth import current_actor
from webui.auth import sign_out as end_session
from webui.db import db
from webui.pages.parties import forms

bp = Blueprint("people_changes", __name__, url_prefix="/people")
#: What the form for a limit of authority says.
_LIMIT = ("kind", "limit", "currency", "matter", "client_of", "valid_from", "valid_until")


@bp.post("")
@forms.back_on_refusal
def join() -> Response:
    """Let somebody join; they belong to no group until two persons say so."""
    user = operations.create_user(
        db.session(),
        (forms.text("username") or "").lower(),
        forms.text("full_name") or "",
        password=request.form.get("password") or None,
        groups=(),
        email=forms.text("email"),
        language=forms.text("language"),
        **_by(),
    )
    flash(gettext("%(name)s has an account now. Groups are proposed on this page.", name=user.full_name), "good")
    return _card(user.username)


@bp.post("/<username>/record")
@forms.back_on_refusal
def keep_record(username: str) -> Response:
    """Keep what the firm knows of somebody."""
    facts = StaffFacts(
        **{name: forms.text(name) for name in ("staff_class", "qualification", "experience", "calendar")},
        languages=tuple((forms.text("languages") or "").replace(",", " ").split()),
        phone_extension=forms.text("phone_extension"),
        joined_on=forms.day("joined_on"),
        left_on=forms.day("left_on"),
    )
    organisation.keep_staff_facts(db.session(), username, facts, **_by())
    return _card(username, "record")


@bp.post("/<username>/skills")
@forms.back_on_refusal
def keep_skills(username: str) -> Response:
    """Say what somebody is good at."""
    wanted = [line for line in (forms.text("skills") or "").replace(",", "\n").splitlines() if line.strip()]
    skills.keep(db.session(), username, wanted, **_by())
    return _card(username, "skills")


@bp.post("/<username>/leave")
@forms.back_on_refusal
def leave(username: str) -> Response:
    """Let somebody leave the firm."""
    operations.deactivate_user(db.session(), username, **_by())
    return _card(username, "account")


@bp.post("/<username>/return")
@forms.back_on_refusal
def come_back(username: str) -> Response:
    """Let somebody come back."""
    operations.reactivate_user(db.session(), username, **_by())
    return _card(username, "account")


@bp.post("/<username>/lock")
@forms.back_on_refusal
def lock(username: str) -> Response:
    """Let nobody in with this account."""
    by_hand.lock(db.session(), username, forms.text("reason"), **_by())
    return _card(username, "account")


@bp.post("/<username>/unlock")
@forms.back_on_refusal
def unlock(username: str) -> Response:
    """Open an account again."""
    by_hand.unlock(db.session(), username, forms.text("reason"), **_by())
    return _card(username, "account")


@bp.post("/<username>/sign-out")
@forms.back_on_refusal
def sign_out(username: str) -> Response:
    """End every session under this name; who ends their own is asked to sign in."""
    actor = current_actor()
    user = sessions.sign_out_everywhere(db.session(), username, **_by())
    if user.username == actor.username:
        end_session()
        return redirect(url_for("auth.sign_in"), 303)
    flash(gettext("Whoever was signed in under this name is signed out."), "good")
    return _card(username, "account")


@bp.post("/<username>/password")
@forms.back_on_refusal
def change_password(username: str) -> Response:
    """Set a password, which ends every session under this name."""
    operations.change_password(db.session(), username, request.form.get("password", ""), **_by())
    flash(gettext("The password is changed; whoever was signed in under this name is signed out."), "good")
    return _card(username, "account")


@bp.post("/<username>/tokens")
@forms.back_on_refusal
def issue_token(username: str) -> Response:
    """Make a token for a program, shown once and kept in no history."""
    made = operations.issue_token(db.session(), username, forms.needed("name"), **_by())
    answer = make_response(render_template("people/token.html", username=username, made=made))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/<username>/tokens/<uuid:api_token_id>/revoke")
@forms.back_on_refusal
def revoke_token(username: str, api_token_id: UUID) -> Response:
    """End a token."""
    operations.revoke_token(db.session(), api_token_id, **_by())
    return _card(username, "account")


@bp.post("/<username>/groups")
@forms.back_on_refusal
def propose_groups(username: str) -> Response:
    """Propose to which groups somebody belongs."""
    wanted = request.form.getlist("groups")
    rights.propose_groups(db.session(), username, wanted, forms.text("reason") or "", **_by())
    return _proposed(username)


@bp.post("/<username>/place")
@forms.back_on_refusal
def propose_place(username: str) -> Response:
    """Propose where somebody works and as what."""
    unit, post = forms.text("unit"), forms.text("post")
    rights.propose_place(db.session(), username, unit, post, forms.text("reason") or "", **_by())
    return _proposed(username)


@bp.post("/<username>/limits")
@forms.back_on_refusal
def grant(username: str) -> Response:
    """Say up to how much somebody may approve."""
    facts: dict[str, Any] = {name: forms.text(name) for name in _LIMIT}
    authority.grant(db.session(), {**facts, "username": username}, **_by())
    return _card(username, "limits")


@bp.post("/<username>/limits/<uuid:authority_limit_id>/revoke")
@forms.back_on_refusal
def revoke(username: str, authority_limit_id: UUID) -> Response:
    """Take authority back."""
    authority.revoke(db.session(), authority_limit_id, **_by())
    return _card(username, "limits")


def _by() -> dict[str, Any]:
    return {"by": current_actor(), "now": clock.utc_now()}


def _proposed(username: str) -> Response:
    flash(gettext("Proposed. It comes true when a second person agrees."), "good")
    return _card(username, "rights")


def _card(username: str, where: str = "main") -> Response:
    return redirect(url_for("people.show", username=username) + f"#{where}", 303)
