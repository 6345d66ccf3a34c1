"""The one place where a refusal becomes a status code.

Programs (everything under ``/api``) get RFC 9457 problem documents with a ``code`` that never
changes; people get a page. Nobody gets a traceback: what is not a refusal is logged under the
request's id, and the id is all that is told.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app, g, json, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from jinja2 import TemplateNotFound
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError

from engine.errors import Conflict, Forbidden, Invalid, MatterflowError, NotFound
from webui import trail
from webui.languages import sentences
from webui.security import is_api

log = logging.getLogger(__name__)


class SignInRefused(Invalid):
    """The name or the password is wrong, or the account is closed."""

    code = "sign_in_refused"


@dataclass(eq=False)
class TooManySignIns(MatterflowError):
    """Too many failed sign-ins; wait before the next one."""

    code = "too_many_sign_ins"
    retry_after_s: int


@dataclass(eq=False)
class FieldsInvalid(Invalid):
    """What was sent cannot be accepted."""

    code = "fields_invalid"
    fields: dict[str, str]


PROBLEM_JSON = "application/problem+json"
STATUS_BY_KIND: tuple[tuple[type[MatterflowError], int], ...] = (
    (NotFound, 404),
    (Conflict, 409),
    (Forbidden, 403),
    (Invalid, 422),
    (TooManySignIns, 429),
)
#: Status -> (code, sentence) of what the web itself refuses.
WEB_REFUSALS = {
    400: ("malformed_request", "The request cannot be read."),
    401: ("not_signed_in", "Sign in first, or send a bearer token that is valid."),
    403: ("forbidden", "The person who asks may not do this."),
    404: ("no_such_address", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not answer this method."),
    406: ("not_acceptable", "This address does not answer in the format asked for."),
    408: ("request_timeout", "The request took too long to arrive."),
    409: ("conflict", "Somebody or something was faster."),
    411: ("length_required", "The request must say how long it is."),
    413: ("too_large", "The request is larger than what is read here."),
    414: ("address_too_long", "The address is too long."),
    415: ("unsupported_media_type", "The request's content type is not read here."),
    422: ("fields_invalid", "What was sent cannot be accepted."),
    429: ("too_many_attempts", "Too many attempts; wait before the next one."),
    431: ("headers_too_large", "The request's headers are too large."),
    500: ("internal_error", "Something went wrong here; nothing was stored."),
    503: ("unavailable", "The database does not answer now; try again soon."),
}
_RESERVED = frozenset({"type", "title", "status", "detail", "instance", "code"})


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.extensions["matterflow_refusals"] = trail.Refusals()
    app.register_error_handler(MatterflowError, _refused)
    app.register_error_handler(CSRFError, _csrf_missing)
    app.register_error_handler(HTTPException, _http_refused)
    for failure in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(failure, _database_unavailable)
    app.register_error_handler(Exception, _failed)


def status_of(error: MatterflowError) -> int:
    """Return the status code of a refusal."""
    return next((status for kind, status in STATUS_BY_KIND if isinstance(error, kind)), 422)


def problem(
    status: int,
    code: str,
    title: str,
    detail: str | None = None,
    *,
    extra: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Make a problem document."""
    body: dict[str, Any] = {
        "type": f"urn:matterflow:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "code": code,
        "instance": f"urn:matterflow:request:{g.get('request_id', '')}",
    }
    body.update({name: value for name, value in (extra or {}).items() if name not in _RESERVED})
    return Response(json.dumps(body), status, headers, content_type=PROBLEM_JSON)


def answer(
    status: int,
    code: str,
    title: str,
    detail: str | None = None,
    *,
    extra: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Tell a program or a person, whichever asks."""
    if is_api():
        return problem(status, code, title, detail, extra=extra, headers=headers)
    return _page(status, code, title, detail or title, extra or {}, headers)


def _page(
    status: int, code: str, title: str, detail: str, extra: dict[str, Any], headers: dict[str, str] | None
) -> Response:
    told = {
        "status": status,
        "code": code,
        "title": title,
        "detail": detail,
        "extra": extra,
        "request_id": g.get("request_id", ""),
    }
    try:
        for template in (f"errors/{status}.html", "errors/error.html"):
            try:
                return Response(render_template(template, **told), status, headers, mimetype="text/html")
            except TemplateNotFound as missing:
                if missing.name != template:
                    raise
    except Exception:
        log.exception("the error page itself failed")
    text = f"{status} {title}\n\n{detail}\n" if detail != title else f"{status} {title}\n"
    return Response(text, status, headers, mimetype="text/plain")


def _refused(error: MatterflowError) -> Response:
    g.refused = error
    if isinstance(error, Forbidden):
        current_app.extensions["matterflow_refusals"].note(error)
    details = error.details()
    fields = details.get("fields")
    detail = _in_words(fields) if isinstance(fields, dict) and fields else str(error)
    return answer(
        status_of(error), error.code, gettext(error.sentence), detail, extra=details, headers=_retry_after(details)
    )


def _in_words(fields: dict[str, str]) -> str:
    said = {name: sentences.say(str(text)) for name, text in fields.items()}
    return "; ".join(f"{name}: {text}" if name else text for name, text in said.items())


def _retry_after(details: dict[str, Any]) -> dict[str, str] | None:
    wait_s = details.get("retry_after_s")
    return {"Retry-After": str(wait_s)} if wait_s is not None else None


def _csrf_missing(error: CSRFError) -> Response:
    return answer(
        400,
        "csrf_missing",
        gettext("The form has expired; load the page again and send it once more."),
        error.description,
    )


def _http_refused(error: HTTPException) -> Response:
    if error.response is not None and isinstance(error.response, Response):
        return error.response
    status = error.code or 500
    if status < 400:  # noqa: PLR2004 - a redirect raised by routing
        return error.get_response()  # type: ignore[return-value]
    code, title = WEB_REFUSALS.get(status, (f"http_{status}", error.name))
    title = gettext(title)
    headers = {name: value for name, value in error.get_headers() if name.lower() in ("allow", "retry-after")}
    if status == 401:  # noqa: PLR2004
        headers["WWW-Authenticate"] = "Bearer"
    data: dict[str, Any] = getattr(error, "data", None) or {}
    messages = data.get("messages")
    if isinstance(messages, dict):
        fields = fields_of(messages)
        return answer(status, code, title, _in_words(fields), extra={"fields": fields}, headers=headers)
    own_text = error.description if error.description != type(error).description else None
    return answer(status, code, title, None if isinstance(error, InternalServerError) else own_text, headers=headers)


def fields_of(messages: dict[str, Any]) -> dict[str, str]:
    """Flatten marshmallow's messages by location and field into ``{"variables.amount": "..."}``."""
    flat: dict[str, str] = {}
    for below in messages.values():
        _flatten("", below, flat)
    return flat


def _flatten(name: str, told: Any, flat: dict[str, str]) -> None:
    if isinstance(told, dict):
        for key, below in told.items():
            _flatten(name if key == "_schema" else f"{name}.{key}" if name else str(key), below, flat)
    else:
        flat[name] = " ".join(told) if isinstance(told, list) else str(told)


def _database_unavailable(error: Exception) -> Response:
    log.error("the database does not answer: %s", error)
    code, title = WEB_REFUSALS[503]
    return answer(503, code, gettext(title), headers={"Retry-After": "2"})


def _failed(error: Exception) -> Response:
    if current_app.propagate_unexpected:  # type: ignore[attr-defined]
        raise error
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    code, title = WEB_REFUSALS[500]
    detail = gettext(
        "%(sentence)s It is on record as %(request_id)s.", sentence=gettext(title), request_id=g.get("request_id", "")
    )
    return answer(500, code, gettext(title), detail)
