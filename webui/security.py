"""What every answer carries to keep browsers from harm, and what no request may carry."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import uuid4

from flask import Flask, Response, abort, g, request
from flask_wtf.csrf import CSRFProtect

from config.logging import request_id

csrf = CSRFProtect()

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
#: Pages with an editor that sets style attributes (modeler, form editor, decision tables), and only those.
EDITOR_POLICY = CONTENT_SECURITY_POLICY.replace(
    "style-src 'self'",
    "style-src 'self'; style-src-elem 'self'; style-src-attr 'unsafe-inline'",
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
#: Vite names its output after its content: such a file never changes.
_HASHED = re.compile(r"-[A-Za-z0-9_-]{8,}\.\w+$")
_WELL_FORMED_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def editor_page(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a page view that shows an editor: style attributes are allowed there."""

    @wraps(view)
    def relaxed(*args: Any, **kwargs: Any) -> Any:
        g.content_security_policy = EDITOR_POLICY
        return view(*args, **kwargs)

    return relaxed


def is_api() -> bool:
    """Say whether a program asks (and wants problem documents) and not a browser."""
    return request.path.startswith("/api/") or request.path == "/api"


def has_bearer() -> bool:
    """Say whether the request brings an Authorization header; its cookies then count for nothing."""
    return "Authorization" in request.headers


def init_app(app: Flask, *, https: bool) -> None:
    """Set cookies, CSRF protection and headers up."""
    app.config.update(
        SESSION_COOKIE_NAME="matterflow_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session, so that a form left open overnight can be sent
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_SSL_STRICT=https,
    )
    csrf.init_app(app)
    app.before_request(_begin)
    app.before_request(_refuse_nul)
    app.before_request(_protect_sessions)
    app.after_request(_add_headers)
    app.config["MATTERFLOW_HTTPS"] = https


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _WELL_FORMED_ID.fullmatch(given) else uuid4().hex
    request_id.set(g.request_id)
    if request.mimetype == "multipart/form-data":
        # Read whole before the database is asked for anything: on SQLite a slow upload would keep all others waiting.
        request.files  # noqa: B018 - reads the body


def _refuse_nul() -> None:
    if "\0" in request.path or "%00" in request.query_string.decode("latin-1"):
        abort(400, "A NUL character is never part of an address.")


def _protect_sessions() -> None:
    """Ask for the CSRF token of whoever writes with a session cookie; a bearer token is its own proof."""
    if request.method in ("GET", "HEAD", "OPTIONS", "TRACE") or has_bearer():
        return
    if is_api() and "_user_id" not in _session():
        return  # nobody is signed in: the answer is 401, not a complaint about a missing token
    csrf.protect()


def _session() -> Any:
    from flask import session  # noqa: PLC0415 - the name is taken by the database everywhere else

    return session


def _add_headers(response: Response) -> Response:
    headers = response.headers
    # Looked through once: asking Werkzeug's headers for each name takes a tenth of a millisecond in all.
    present = {name.lower() for name, _ in headers}
    wanted = [*HEADERS.items(), ("Content-Security-Policy", g.get("content_security_policy", CONTENT_SECURITY_POLICY))]
    wanted.append(("X-Request-Id", g.get("request_id", "")))
    if request.is_secure:
        wanted.append(("Strict-Transport-Security", "max-age=31536000"))
    if request.endpoint != "static":
        wanted.append(("Cache-Control", "no-store"))
    for name, value in wanted:
        if name.lower() not in present:
            headers.add(name, value)
    if request.endpoint == "static" and response.status_code == 200 and _HASHED.search(request.path):  # noqa: PLR2004
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
