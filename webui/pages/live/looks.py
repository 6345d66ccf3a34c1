"""Who else has a task open: told by the pages themselves, kept for a moment, written down nowhere."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, jsonify
from flask_login import current_user

from tasks.inbox import queries as inbox
from webui.auth import current_actor, login_manager
from webui.db import db
from webui.live.hub import Hub
from webui.live.presence import Onlooker
from webui.pages.refusals import answers_json

bp = Blueprint("looks", __name__, url_prefix="/inbox")


@bp.before_request
def _only_read() -> Any:
    """Keep the database out of it: three hundred people saying that they are there must not queue for its writer."""
    db.session().info["reading"] = True
    return None if current_user.is_authenticated else login_manager.unauthorized()


@bp.put("/<uuid:user_task_id>/looking")
@answers_json
def look(user_task_id: UUID) -> Any:
    """Say that one has the task open; answer who else does."""
    actor = current_actor()
    inbox.visible(db.session(), actor, user_task_id)
    hub = _hub()
    others = hub.look(user_task_id, Onlooker(actor.username, current_user.full_name)) if hub else []
    return jsonify({"others": [person.full_name for person in others]})


@bp.delete("/<uuid:user_task_id>/looking")
@answers_json
def look_away(user_task_id: UUID) -> Any:
    """Say that one has it open no more."""
    hub = _hub()
    if hub:
        hub.look_away(user_task_id, current_actor().username)
    return jsonify({})


def _hub() -> Hub | None:
    """Return what the server keeps; an application without a server in front has nobody to tell."""
    return current_app.extensions.get("matterflow_live")
