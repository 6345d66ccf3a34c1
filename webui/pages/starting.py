"""Whether the person who asks may start what the frame offers by name."""

from __future__ import annotations

from flask_login import current_user

from engine import deployments
from engine.errors import ProcessDefinitionNotFound
from webui.auth import current_actor
from webui.db import db

#: The process that turns somebody's call into a matter.
INTAKE = "intake"


def may_file_enquiry() -> bool:
    """Say whether the person may start the intake."""
    if not current_user.is_authenticated:
        return False
    session = db.session()
    try:
        return deployments.may_start(session, deployments.latest(session, INTAKE), current_actor())
    except ProcessDefinitionNotFound:
        return False
