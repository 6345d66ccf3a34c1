"""Which branch or department works on a matter: named at the opening, else that of the lawyer who answers for it."""

from uuid import UUID

from sqlalchemy.orm import Session

from practice.errors import VariableInvalid
from practice.organisation import queries as organisation
from practice.organisation.models import OrgUnit


def named(session: Session, code: str | None) -> UUID | None:
    """Return the unit that a field ``org_unit`` names, None when it names none.

    Raises:
        VariableInvalid: there is no such unit, or it is closed.
    """
    if code is None:
        return None
    unit = organisation.by_code(session, code)
    if unit is None or unit.closed_at is not None:
        raise VariableInvalid("org_unit", code[:80])
    return unit.id


def of_lawyer(session: Session, username: str) -> UUID | None:
    """Return the unit in which a lawyer works, None when it is closed or there is none."""
    unit = organisation.unit_of(session, username)
    return unit.id if unit is not None and unit.closed_at is None else None


def code_of(session: Session, unit_id: UUID | None) -> str | None:
    """Return the short name of a matter's unit."""
    unit = session.get(OrgUnit, unit_id) if unit_id else None
    return unit.code if unit else None


def offered(session: Session) -> list[dict[str, str]]:
    """Return the open units as a form's select offers them, as the tree is read."""
    return [
        {"label": "– " * place.depth + place.unit.name, "value": place.unit.code}
        for place in organisation.units(session)
    ]
