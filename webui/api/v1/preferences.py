"""How the person who asks wants to read."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from engine import clock
from practice.people import preferences
from practice.people.preferences import HOUR_CYCLES, Preferences
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.schemas import Answer
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint("preferences", __name__, url_prefix="/me/preferences", description="How one wants to read.")


class PreferencesSchema(Answer):
    """Language, zone and formats; null is the browser's language, the firm's zone, the language's usual formats."""

    language = fields.String(required=True, allow_none=True, metadata={"description": "IETF tag."})
    time_zone = fields.String(required=True, allow_none=True, metadata={"description": "IANA name."})
    region = fields.String(
        required=True, allow_none=True, metadata={"description": "ISO 3166 in capitals, or 001 for the world."}
    )
    hour_cycle = fields.String(required=True, allow_none=True, validate=validate.OneOf(HOUR_CYCLES))


class PreferencesBody(Schema):
    """The same, sent: all of it, what is left out is null."""

    language = fields.String(load_default=None, allow_none=True)
    time_zone = fields.String(load_default=None, allow_none=True)
    region = fields.String(load_default=None, allow_none=True)
    hour_cycle = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(HOUR_CYCLES))


@bp.get("")
@bp.response(200, PreferencesSchema)
@operation("get_my_preferences")
def show() -> Preferences:
    """Tell what one chose."""
    return preferences.of(db.session(), current_actor().username)


@bp.put("")
@bp.arguments(PreferencesBody)
@bp.response(200, PreferencesSchema)
@operation("put_my_preferences")
def change(said: dict[str, Any]) -> Preferences:
    """Choose language, zone and formats."""
    by = current_actor()
    return preferences.change(db.session(), by.username, Preferences(**said), by=by, now=clock.utc_now())
