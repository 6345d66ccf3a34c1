"""Refusals as JSON, for the few addresses that a script of ours calls."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from flask import Response, abort, g, jsonify, request
from flask_babel import gettext
from marshmallow import Schema, ValidationError

from engine.errors import MatterflowError, UserTaskAlreadyClaimed, UserTaskNotOpen
from practice.conflicts.errors import ConsentWallNotUp, WallHoldsConflict
from practice.people import queries as people
from webui.app_json import loads
from webui.db import db
from webui.errors import FieldsInvalid, fields_of, status_of
from webui.languages import sentences
from webui.pages.schemas import AnswersSchema, DraftSchema


def answers_json(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a view refuse with ``{code, message, fields}`` instead of a page."""

    @wraps(view)
    def answering(*args: Any, **kwargs: Any) -> Any:
        try:
            return view(*args, **kwargs)
        except MatterflowError as refused:
            g.refused = refused
            db.session.rollback()
            return refusal(refused)

    return answering


def refusal(refused: MatterflowError) -> tuple[Response, int]:
    """Say what was refused and why."""
    told = refused.details()
    fields = told.get("fields")
    if not isinstance(fields, dict):
        fields = {told["field"]: sentence(refused)} if isinstance(told.get("field"), str) else {}
    said = {name: sentences.say(str(text)) for name, text in fields.items()}
    return jsonify({"code": refused.code, "message": sentence(refused), "fields": said}), status_of(refused)


def sentence(refused: MatterflowError) -> str:
    """Return the refusal in the reader's language, naming the person who was faster."""
    if isinstance(refused, UserTaskAlreadyClaimed):
        return gettext("%(name)s is already working on this.", name=_name(refused.assignee))
    if isinstance(refused, UserTaskNotOpen):
        if refused.state == "completed" and refused.ended_by:
            return gettext("%(name)s has already completed this.", name=_name(refused.ended_by))
        return gettext("This is no longer needed: the process went on without it.")
    if isinstance(refused, ConsentWallNotUp):
        return gettext("%(wall)s, the wall with which the conflict was approved, is not up.", wall=refused.wall)
    if isinstance(refused, WallHoldsConflict) and refused.matters:
        return f"{gettext(refused.sentence)} ({', '.join(refused.matters)})"
    return gettext(refused.sentence)


def sent_answers() -> dict[str, Any]:
    """Return the form's answers that were sent as ``{"variables": {...}}``.

    Raises:
        BadRequest: it is no JSON.
        FieldsInvalid: it is something else.
    """
    return sent_form()[0]


def sent_form() -> tuple[dict[str, Any], str | None]:
    """Return the form's answers as ``sent_answers``, and the digest of the form that was shown.

    Raises:
        BadRequest, FieldsInvalid.
    """
    said = _sent(AnswersSchema())
    return said["variables"], said["form_digest"]


def sent_draft() -> dict[str, Any]:
    """Return the half-filled form that was sent: its ``values``, the ``version`` that it follows, its ``form_digest``.

    Raises:
        BadRequest: it is no JSON.
        FieldsInvalid: it is something else.
    """
    return _sent(DraftSchema())


def _sent(schema: Schema) -> dict[str, Any]:
    try:
        body = loads(request.get_data())
    except ValueError:
        abort(400)
    try:
        return cast(dict[str, Any], schema.load(body))
    except ValidationError as wrong:
        raise FieldsInvalid(fields_of({"json": wrong.normalized_messages()})) from wrong


def _name(username: str) -> str:
    return people.display_names(db.session(), [username]).get(username, username)
