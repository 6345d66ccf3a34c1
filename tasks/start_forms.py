"""What a start form offers to choose from, before there is an instance whose variables could tell."""

from typing import Any

from sqlalchemy.orm import Session

from practice.matters import case_types


def choices(session: Session) -> dict[str, Any]:
    """Return lists for a form's ``valuesKey`` by name: ``case_types`` with the label and value of every case type."""
    return {"case_types": [{"label": kind.name, "value": kind.key} for kind in case_types.deployed(session)]}
