"""Days and hours as people type them: in the zone in which they read them."""

from __future__ import annotations

from datetime import UTC, datetime

from flask_babel import to_user_timezone, to_utc

from practice.errors import VariableInvalid
from webui.pages.parties import forms


def moment(field: str) -> datetime | None:
    """Return the instant that a field of day and hour names where its reader is; None when it is empty."""
    said = forms.text(field)
    if said is None:
        return None
    try:
        at = datetime.fromisoformat(said)
        # Not ``replace``: a zone of pytz has to be asked which of its offsets held on that day.
        return to_utc(at).replace(tzinfo=UTC)
    except (ValueError, OverflowError) as broken:
        raise VariableInvalid(field, said[:80]) from broken


def local_input(at: datetime | None) -> str:
    """Write an instant as a field of day and hour wants it, where its reader is."""
    return to_user_timezone(at).strftime("%Y-%m-%dT%H:%M") if at else ""
