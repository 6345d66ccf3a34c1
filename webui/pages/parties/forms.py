"""What the forms of these pages send, and where a refusal leads: back to the form, with the sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any
from uuid import UUID

from flask import flash, g, redirect, request
from werkzeug.wrappers import Response

from engine.errors import Conflict, Forbidden, Invalid, MatterflowError
from practice.errors import VariableInvalid, VariableMissing
from webui.db import db
from webui.pages.refusals import sentence


def back_on_refusal(view: Callable[..., Response]) -> Callable[..., Response]:
    """Let a form that is refused lead back to its page, which says why; nothing half done stays."""

    @wraps(view)
    def going_back(*args: Any, **kwargs: Any) -> Response:
        try:
            return view(*args, **kwargs)
        except (Invalid, Conflict, Forbidden) as refused:
            g.refused = refused
            db.session.rollback()
            flash(told(refused), "late")
            return redirect(page_of_form(), 303)

    return going_back


def told(refused: MatterflowError) -> str:
    """Return the refusal with the field that it is about, never with what was typed."""
    field = refused.details().get("field")
    return f"{sentence(refused)} ({str(field).replace('_', ' ')})" if field else sentence(refused)


def text(field: str) -> str | None:
    """Return what was typed, None when it is empty."""
    return request.form.get(field, "").strip() or None


def needed(field: str) -> str:
    """Return what was typed, or raise ``VariableMissing``."""
    value = text(field)
    if value is None:
        raise VariableMissing(field)
    return value


def day(field: str) -> date | None:
    """Return a date, None when none was given."""
    value = text(field)
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError as broken:
        raise VariableInvalid(field, (value or "")[:40]) from broken


def party(field: str) -> UUID:
    """Return the party that was picked."""
    value = needed(field)
    try:
        return UUID(value)
    except ValueError as broken:
        raise VariableInvalid(field, value[:40]) from broken


def page_of_form() -> str:
    """Return the address that the form named as its own page: one of ours."""
    target = request.form.get("back", "")
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else request.path
