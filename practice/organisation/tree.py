"""The tree of units as rows: who lies under whom, kept beside the tree so that queries need no recursion."""

from collections.abc import Iterator, Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from practice.organisation.models import OrgUnit, OrgUnitReach


def parents(session: Session) -> dict[UUID, UUID | None]:
    """Lock the tree and return the unit above each unit, None above the roots."""
    query = sa.select(OrgUnit.id, OrgUnit.parent_id).order_by(OrgUnit.id).with_for_update()
    return dict(session.execute(query).all())


def upwards(above: Mapping[UUID, UUID | None], unit_id: UUID) -> Iterator[UUID]:
    """Yield a unit and then each unit above it, up to the root; a circle is walked once."""
    seen: set[UUID] = set()
    at: UUID | None = unit_id
    while at is not None and at not in seen:
        seen.add(at)
        yield at
        at = above.get(at)


def is_under(above: Mapping[UUID, UUID | None], unit_id: UUID, other_id: UUID) -> bool:
    """Say whether a unit is another one or lies under it."""
    return other_id in upwards(above, unit_id)


def rewrite_reach(session: Session) -> None:
    """Write down anew which units lie under which; a firm has a few hundred units at most."""
    above = parents(session)
    rows = [{"ancestor_id": ancestor, "unit_id": unit} for unit in above for ancestor in upwards(above, unit)]
    session.execute(sa.delete(OrgUnitReach))
    if rows:
        session.execute(sa.insert(OrgUnitReach), rows)
