"""Keeps on record that somebody stood in front of a closed door.

Looked at after the answer is made and its transaction is over: what was refused stays refused and leaves nothing
behind, the attempt is written in a transaction of its own. That holds for every address there is, without its view
knowing: a refusal names the matter, the address does, or the search did.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from flask import Flask, Response, current_app, g, request
from flask_login import current_user

from config.settings import Settings
from engine import clock
from engine.errors import NotFound
from engine.models import ProcessInstance, UserTask
from practice.accesses import attempts
from practice.accesses.attempts import Door, Limits
from practice.enquiries.models import Enquiry
from practice.errors import EnquiryNotFound, MatterNotFound
from practice.matters.models import Matter
from practice.walls.errors import MatterUnknown
from webui.auth import current_actor
from webui.db import READING, reading, writing
from webui.security import is_api

log = logging.getLogger(__name__)
#: ``2026-CV-0042``, ``E-2026-0007``: what numbers look like. Anything else is no attempt at a matter.
NUMBER: Final = re.compile(r"[A-Z]{1,4}-\d{4}-\d{1,8}|\d{4}-[A-Z0-9]{1,10}-\d{1,8}")
#: Arguments of lists and searches in which somebody may name a matter.
_NAMING: Final = ("q", "business_key", "number", "matter", "matter_number")
#: Texts of a request that are looked at: nobody names more by mistake.
_MOST: Final = 8


def init_app(app: Flask, settings: Settings) -> None:
    """Look at every answer."""
    app.extensions["matterflow_access_limits"] = Limits(
        bulk=settings.access_matters,
        guesses=settings.access_guesses,
        walled=settings.access_walled,
        window=timedelta(minutes=settings.access_minutes),
    )
    app.after_request(_look)


def _look(response: Response) -> Response:
    status = response.status_code
    if request.endpoint == "static" or not (
        status in (403, 404)
        or (status == 422 and isinstance(g.get("refused"), MatterUnknown))  # noqa: PLR2004
        or (status == 200 and request.method in READING and request.args)  # noqa: PLR2004
    ):
        return response
    try:
        if current_user.is_authenticated:
            _note(status)
    except Exception:
        # The refusal stands; that it is not on record has to be seen.
        log.exception("an attempt at %s could not be kept on record", request.path)
    return response


def _note(status: int) -> None:
    named = list(dict.fromkeys(_searched() if status == 200 else _refused()))[:_MOST]  # noqa: PLR2004
    if not named:
        return
    actor, now = current_actor(), clock.utc_now()
    action = "search" if status == 200 else "view" if request.method in READING else "edit"  # noqa: PLR2004
    door = Door(action, "api" if is_api() else "page", f"{request.method} {request.path}")
    if action == "search":
        named = _existing(named)
    elif actor.may("see_all_matters"):
        named = _existing(named)  # who may see every matter learns nothing by guessing
    if not named:
        return
    limits: Limits = current_app.extensions["matterflow_access_limits"]
    with writing() as short:
        for number in named:
            attempts.note_refusal(short, number, door, by=actor, now=now, limits=limits)


def _searched() -> Iterator[str]:
    for name in _NAMING:
        for text in request.args.get(name, "")[:200].upper().split():
            if NUMBER.fullmatch(text.strip(".,;:()")):
                yield text.strip(".,;:()")


def _refused() -> Iterator[str]:
    refused = g.get("refused")
    named = [refused.number] if isinstance(refused, (MatterNotFound, EnquiryNotFound, MatterUnknown)) else []
    for text in [*named, *(value for value in (request.view_args or {}).values() if isinstance(value, str))]:
        if NUMBER.fullmatch(text.strip().upper()):
            yield text.strip()
    ids: dict[str, Any] = (request.view_args or {}) if isinstance(refused, NotFound) else {}
    for name, model in (("user_task_id", UserTask), ("process_instance_id", ProcessInstance)):
        if isinstance(ids.get(name), UUID):
            with reading() as short:
                key = short.scalar(sa.select(model.business_key).where(model.id == ids[name]))
            if key is not None and NUMBER.fullmatch(key):
                yield key


def _existing(numbers: list[str]) -> list[str]:
    with reading() as short:
        found = set(short.scalars(sa.select(Matter.number).where(Matter.number.in_(numbers))))
        found |= set(short.scalars(sa.select(Enquiry.number).where(Enquiry.number.in_(numbers))))
    return [number for number in numbers if number in found]
