"""Who asks: signing in with a password, staying signed in, and bearer tokens of programs."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import UUID

from flask import Flask, Request, Response, abort, current_app, g, redirect, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from config import rights
from engine import clock
from engine.actor import Actor
from engine.errors import RightMissing
from practice.people.identity import Identity, by_id, by_token
from practice.people.models import User
from practice.people.queries import by_username
from webui import security, throttle, trail
from webui.db import READING, db, reading, writing
from webui.errors import SignInRefused, TooManySignIns

login_manager = LoginManager()
SESSION_LIFETIME = timedelta(hours=12)


class Throttle(NamedTuple):
    """Slows guessing down: so many attempts in a window for a name, four times as many failures for an address."""

    attempts: int

    def attempt(self, name: str, address: str) -> None:
        """Count an attempt for ``name`` before its password is looked at, so that attempts side by side count too.

        An address counts failures only: a whole office may share one.

        Raises:
            TooManySignIns: the name or the address has to wait.
        """
        now = clock.utc_now()
        # The request's own transaction may hold the writer lock by now: it has read who is signed in already.
        db.session.rollback()
        with writing() as short:
            failures, ends_at = throttle.seen(short, throttle.key_of("address", address), now=now)
            is_refused = failures >= 4 * self.attempts
            if not is_refused:
                tried, ends_at = throttle.hit(short, throttle.key_of("name", name), now=now)
                is_refused = tried > self.attempts
        if is_refused:
            raise TooManySignIns(max(1, int((ends_at - now).total_seconds()) + 1))

    def count_failure(self, address: str, name: str) -> None:
        """Count a failure from ``address``, and record it."""
        with writing() as short:
            trail.note_refused_sign_in(short, name, is_known=by_username(short, name) is not None)
            throttle.hit(short, throttle.key_of("address", address), now=clock.utc_now())

    def forget(self, name: str) -> None:
        """Forget the failures of ``name``: its person has come in."""
        with writing() as short:
            throttle.forget(short, throttle.key_of("name", name))


class _Sessions(SecureCookieSessionInterface):
    """Sessions in a cookie that lives on as its person goes from page to page.

    What a page asks for beside that (news, who is looking, drafts) sets the cookie only to change it: its answer may
    come late, and would bring back the session that somebody has just signed out of, or lose what the next page says.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the cookie; programs bring none, and need nothing that verifies one."""
        return super().open_session(app, request) if request.cookies else self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie where there is something to write or to take away."""
        if session or session.modified:
            super().save_session(app, session, response)
        elif session.accessed:
            response.vary.add("Cookie")

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Say whether an answer carries the cookie."""
        return session.modified or (_is_a_page() and super().should_set_cookie(app, session))


def _is_a_page() -> bool:
    # Browsers too old to say so navigate as far as we know.
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate" and "HX-Request" not in request.headers


class Person(UserMixin):
    """The person signed in, as Flask-Login wants one."""

    def __init__(self, identity: Identity) -> None:
        self.id = identity.id
        self.username = identity.username
        self.full_name = identity.full_name
        self.groups = identity.groups
        self.language = identity.language
        self.time_zone = identity.time_zone
        self.region = identity.region
        self.hour_cycle = identity.hour_cycle
        self._identity = identity

    def get_id(self) -> str:
        """Return what the session holds: not valid any more once the password changes or all sessions are ended."""
        return f"{self.id}.{_fingerprint(self._identity)}"

    def is_holder_of(self, kept: str) -> bool:
        """Say whether a session's text is this person's, with the password of today."""
        return hmac.compare_digest(kept, self.get_id())


def init_app(app: Flask, *, sign_in_attempts: int) -> None:
    """Set the login manager and the throttle up."""
    app.config.update(
        PERMANENT_SESSION_LIFETIME=SESSION_LIFETIME,
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
    )
    app.session_interface = _Sessions()
    app.extensions["matterflow_throttle"] = Throttle(sign_in_attempts)
    app.extensions["matterflow_rights"] = rights.load()
    # Tied to address and browser it signs people out on trains.
    login_manager.session_protection = None  # pyright: ignore[reportAttributeAccessIssue] - its documentation says None
    login_manager.init_app(app)


def sign_in(username: str, password: str) -> Person:
    """Sign a person in for this session, which begins anew.

    The same time is taken and the same answer given whether the name, the password or the
    account is what is wrong.

    Raises:
        TooManySignIns: too many failures for this name or from this address.
        SignInRefused: the name or the password is wrong, or the account is closed.
    """
    name = username.strip().lower()
    guard: Throttle = current_app.extensions["matterflow_throttle"]
    address = request.remote_addr or ""
    guard.attempt(name, address)
    identity = authenticate(name, password)
    if identity is None:
        guard.count_failure(address, name)
        raise SignInRefused
    guard.forget(name)
    session.clear()
    session.permanent = True
    person = Person(identity)
    login_user(person)
    g.pop("actor", None)
    return person


def sign_out() -> None:
    """End this session."""
    logout_user()
    session.clear()
    g.pop("actor", None)


def authenticate(username: str, password: str) -> Identity | None:
    """Return the person with this name and password, or nobody; constant work either way."""
    from practice.people import operations, passwords  # noqa: PLC0415 - argon2 is not needed to start

    # Hashing takes tens of milliseconds: never while holding the writer lock.
    with reading() as short:
        user = operations.verify_password(short, username, password)
    if user is None:
        return None
    if passwords.is_outdated(user.password_hash or ""):
        with writing() as short:
            operations.renew_password_hash(short, username, password)
    with reading() as short:
        return _if_here(by_id(short, user.id))


def _if_here(identity: Identity | None) -> Identity | None:
    """Return nobody for who has had their last day of work."""
    today = clock.utc_now().astimezone(clock.zone()).date()
    return None if identity is None or identity.has_left(today) else identity


def current_actor() -> Actor:
    """Return who asks, with groups and rights; for views behind a sign-in.

    Raises:
        Unauthorized: nobody is signed in.
    """
    actor: Actor | None = g.get("actor")
    if actor is None:
        if not current_user.is_authenticated:
            abort(401)
        held = current_app.extensions["matterflow_rights"].of(current_user.groups)
        actor = g.actor = Actor(current_user.username, current_user.groups, held, clock.utc_now())
    return actor


def actor_of(person: User) -> Actor:
    """Return what a colleague may do, for asking on their behalf what they see; nobody acts as them by this."""
    held = current_app.extensions["matterflow_rights"].of(person.groups)
    return Actor(person.username, person.groups, held, clock.utc_now())


def somebody_named(username: str) -> Actor | None:
    """Return a person as who asks, for what comes in their name without a sign-in; None when they do not come in."""
    session = db.session()
    user = by_username(session, username)
    identity = _if_here(by_id(session, user.id)) if user is not None else None
    if identity is None:
        return None
    held = current_app.extensions["matterflow_rights"].of(identity.groups)
    return Actor(identity.username, identity.groups, held, clock.utc_now())


def require_right(right: str) -> None:
    """Refuse whoever lacks ``right``.

    Raises:
        RightMissing: the person lacks it.
    """
    actor = current_actor()
    if not actor.may(right):
        raise RightMissing(right, actor.username)


@login_manager.user_loader
def _from_session(kept: str) -> Person | None:
    if security.has_bearer():
        return None
    try:
        identity = _if_here(by_id(db.session(), UUID(kept.partition(".")[0])))
    except ValueError:
        return None
    person = Person(identity) if identity is not None else None
    return person if person is not None and person.is_holder_of(kept) else None


@login_manager.request_loader
def _from_token(_request: Any) -> Person | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    token = token.strip()
    identity = _if_here(by_token(db.session(), token))
    if identity is None:
        return None
    _note_use(token)
    return Person(identity)


def _note_use(token: str) -> None:
    """Note when the token was last used, at most once an hour and program: it is a write."""
    from practice.people import operations  # noqa: PLC0415

    noted: dict[str, datetime] = current_app.extensions.setdefault("matterflow_token_uses", {})
    now, key = clock.utc_now(), hashlib.sha256(token.encode()).hexdigest()
    if key in noted and now - noted[key] < timedelta(hours=1):
        return
    if request.method in READING:
        with writing() as short:
            operations.note_token_use(short, token, now=now)
    else:
        operations.note_token_use(db.session(), token, now=now)
    noted[key] = now


@login_manager.unauthorized_handler
def _nobody() -> Any:
    if security.is_api():
        abort(401)
    target = request.full_path.rstrip("?") if request.method in READING else "/"
    return redirect(f"/sign-in?next={quote(target, safe='/')}")


def _fingerprint(identity: Identity) -> str:
    key = current_app.config["SECRET_KEY"].encode()
    said = identity.password_hash or ""
    # The first round is written as before there were any, so that an upgrade signs nobody out.
    said += f"#{identity.session_round}" if identity.session_round else ""
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()[:24]
