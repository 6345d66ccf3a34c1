"""Refusals as JSON, for the few addresses that a script of ours calls."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, abort, jsonify, request
from flask_babel import gettext

from engine.errors import MatterflowError, UserTaskAlreadyClaimed, UserTaskNotOpen
from practice.people import queries as people
from webui.app_json import loads
from webui.db import db
from webui.errors import status_of


def answers_json(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a view refuse with ``{code, message, fields}`` instead of a page."""

    @wraps(view)
    def answering(*args: Any, **kwargs: Any) -> Any:
        try:
            return view(*args, **kwargs)
        except MatterflowError as refused:
            db.session.rollback()
            return refusal(refused)

    return answering


def refusal(refused: MatterflowError) -> tuple[Response, int]:
    """Say what was refused and why."""
    told = refused.details()
    fields = told.get("fields")
    if not isinstance(fields, dict):
        fields = {told["field"]: sentence(refused)} if isinstance(told.get("field"), str) else {}
    return jsonify({"code": refused.code, "message": sentence(refused), "fields": fields}), status_of(refused)


def sentence(refused: MatterflowError) -> str:
    """Return the refusal in the reader's language, naming the person who was faster."""
    if isinstance(refused, UserTaskAlreadyClaimed):
        return gettext("%(name)s is already working on this.", name=_name(refused.assignee))
    if isinstance(refused, UserTaskNotOpen):
        if refused.state == "completed" and refused.ended_by:
            return gettext("%(name)s has already completed this.", name=_name(refused.ended_by))
        return gettext("This is no longer needed: the process went on without it.")
    return gettext(refused.sentence)


def json_body() -> dict[str, Any]:
    """Return the JSON object that was sent.

    Raises:
        BadRequest: it is none.
    """
    try:
        body = loads(request.get_data())
    except ValueError:
        abort(400)
    return body if isinstance(body, dict) else abort(400)


def _name(username: str) -> str:
    return people.display_names(db.session(), [username]).get(username, username)
