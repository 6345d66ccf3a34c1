"""Founding, changing and closing units, and keeping what the firm knows of its people."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.errors import RightMissing
from practice.audit import operations as audit
from practice.organisation import queries, tree
from practice.organisation.errors import (
    FactInvalid,
    LeftBeforeJoining,
    OrgTreeCyclic,
    OrgUnitClosed,
    OrgUnitCodeTaken,
    OrgUnitInUse,
)
from practice.organisation.models import KINDS, OrgUnit, StaffRecord
from practice.people import queries as people
from practice.people.models import User
from practice.rights.errors import TwoPersonsNeeded

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_CALENDAR = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,59}")
_MOST_LANGUAGES = 20
_EXPERIENCE_LONGEST = 10_000


class StaffFacts(NamedTuple):
    """What somebody's record says, apart from unit and post: those are rights, and two persons change them."""

    staff_class: str | None = None
    qualification: str | None = None
    experience: str | None = None
    languages: tuple[str, ...] = ()
    calendar: str | None = None
    phone_extension: str | None = None
    joined_on: date | None = None
    left_on: date | None = None


def found_unit(
    session: Session,
    code: str,
    name: str,
    kind: str,
    *,
    parent: str | None = None,
    calendar: str | None = None,
    by: Actor,
    now: datetime,
) -> OrgUnit:
    """Found a branch or department, under another one or at the top. Nobody works in it yet.

    Raises:
        RightMissing, FactInvalid, OrgUnitCodeTaken, OrgUnitNotFound, OrgUnitClosed.
    """
    _require_manager(by)
    if not _CODE.fullmatch(code):
        raise FactInvalid("code", code[:80])
    if kind not in KINDS:
        raise FactInvalid("kind", kind[:80])
    above = _open_unit(session, parent) if parent else None
    if queries.by_code(session, code) is not None:
        raise OrgUnitCodeTaken("code", code)
    unit = OrgUnit(
        code=code,
        name=_line("name", name, 200),
        kind=kind,
        parent_id=above.id if above else None,
        calendar=_calendar(calendar),
        created_at=now,
    )
    session.add(unit)
    session.flush()
    tree.rewrite_reach(session)
    audit.append(session, "org_unit", code, "org_unit_founded", by=by, now=now, after=_unit_facts(session, unit))
    return unit


def change_unit(
    session: Session, code: str, *, name: str, kind: str, calendar: str | None = None, by: Actor, now: datetime
) -> OrgUnit:
    """Rename a unit, say what kind it is and which calendar its people follow."""
    _require_manager(by)
    if kind not in KINDS:
        raise FactInvalid("kind", kind[:80])
    unit = _open_unit(session, code)
    before = _unit_facts(session, unit)
    unit.name, unit.kind, unit.calendar = _line("name", name, 200), kind, _calendar(calendar)
    _audit_change(session, unit, "org_unit_changed", before, by=by, now=now)
    return unit


def move_unit(session: Session, code: str, parent: str | None, *, by: Actor, now: datetime) -> OrgUnit:
    """Put a unit and what lies under it under another one, or at the top.

    It changes what people may see, so it happens through ``rights.operations`` by two persons.

    Raises:
        OrgUnitNotFound, OrgUnitClosed, OrgTreeCyclic.
    """
    _require_two_persons(by)
    above = tree.parents(session)
    unit = _open_unit(session, code)
    target = _open_unit(session, parent) if parent else None
    require_no_circle(above, unit, target)
    before = _unit_facts(session, unit)
    unit.parent_id = target.id if target else None
    session.flush()
    tree.rewrite_reach(session)
    _audit_change(session, unit, "org_unit_moved", before, by=by, now=now)
    return unit


def require_no_circle(above: Mapping[UUID, UUID | None], unit: OrgUnit, target: OrgUnit | None) -> None:
    """Refuse to put a unit under itself or under what lies under it."""
    if target is not None and tree.is_under(above, target.id, unit.id):
        raise OrgTreeCyclic("parent", unit.code, target.code)


def close_unit(session: Session, code: str, *, by: Actor, now: datetime) -> OrgUnit:
    """Close a unit in which nobody works any more; its matters stay its own.

    Raises:
        RightMissing, OrgUnitNotFound, OrgUnitInUse.
    """
    _require_manager(by)
    unit = queries.get_unit(session, code)
    if unit.closed_at is not None:
        return unit
    under = sa.select(OrgUnit.code).where(OrgUnit.parent_id == unit.id, OrgUnit.closed_at.is_(None))
    working = (
        sa.select(StaffRecord.username)
        .join(User, User.username == StaffRecord.username)
        .where(StaffRecord.org_unit_id == unit.id, User.is_active)
    )
    because_of = [*session.scalars(working.order_by(StaffRecord.username)), *session.scalars(under)]
    if because_of:
        raise OrgUnitInUse(code, because_of)
    unit.closed_at = now
    session.flush()
    audit.append(session, "org_unit", code, "org_unit_closed", by=by, now=now)
    return unit


def keep_staff_facts(session: Session, username: str, facts: StaffFacts, *, by: Actor, now: datetime) -> StaffRecord:
    """Keep what the firm knows of a person; all facts at once, what is absent is forgotten.

    Raises:
        RightMissing, UserNotFound, FactInvalid, LeftBeforeJoining.
    """
    if not by.may("manage_users"):
        raise RightMissing("manage_users", by.username)
    checked = _checked(facts)
    record = _record(session, username)
    before = _staff_facts(session, record)
    for name, value in checked.items():
        setattr(record, name, value)
    _audit_staff(session, record, "staff_record_changed", before, by=by, now=now)
    return record


def place(
    session: Session, username: str, unit: str | None, post: str | None, *, by: Actor, now: datetime
) -> StaffRecord:
    """Say in which unit a person works and as what.

    It changes what the person may see, so it happens through ``rights.operations`` by two persons.

    Raises:
        UserNotFound, OrgUnitNotFound, OrgUnitClosed, FactInvalid.
    """
    _require_two_persons(by)
    record = _record(session, username)
    before = _staff_facts(session, record)
    record.org_unit_id = _open_unit(session, unit).id if unit else None
    record.post = _optional_line("post", post, 120)
    _audit_staff(session, record, "staff_placed", before, by=by, now=now)
    return record


def _record(session: Session, username: str) -> StaffRecord:
    user = people.get(session, username)
    record = session.get(StaffRecord, user.username, with_for_update=True)
    if record is None:
        record = StaffRecord(username=user.username, languages=[])
        session.add(record)
        session.flush()
    return record


def _open_unit(session: Session, code: str) -> OrgUnit:
    unit = queries.get_unit(session, code)
    if unit.closed_at is not None:
        raise OrgUnitClosed(code)
    return unit


def _checked(facts: StaffFacts) -> dict[str, Any]:
    if facts.joined_on and facts.left_on and facts.left_on < facts.joined_on:
        raise LeftBeforeJoining("left_on", facts.joined_on.isoformat(), facts.left_on.isoformat())
    if len(facts.languages) > _MOST_LANGUAGES:
        raise FactInvalid("languages", f"{len(facts.languages)} languages")
    for language in facts.languages:
        if not _LANGUAGE.fullmatch(language):
            raise FactInvalid("languages", language[:80])
    experience = (facts.experience or "").strip() or None
    if experience and len(experience) > _EXPERIENCE_LONGEST:
        raise FactInvalid("experience", f"{len(experience)} characters")
    return {
        "staff_class": _optional_line("staff_class", facts.staff_class, 60),
        "qualification": _optional_line("qualification", facts.qualification, 300),
        "experience": experience,
        "languages": list(dict.fromkeys(facts.languages)),
        "calendar": _calendar(facts.calendar),
        "phone_extension": _optional_line("phone_extension", facts.phone_extension, 20),
        "joined_on": facts.joined_on,
        "left_on": facts.left_on,
    }


def _calendar(key: str | None) -> str | None:
    if key and not _CALENDAR.fullmatch(key):
        raise FactInvalid("calendar", key[:80])
    return key or None


def _line(field: str, value: str, longest: int) -> str:
    line = " ".join(value.split())
    if not 1 <= len(line) <= longest:
        raise FactInvalid(field, line[:80])
    return line


def _optional_line(field: str, value: str | None, longest: int) -> str | None:
    return _line(field, value, longest) if (value or "").strip() and value else None


def _unit_facts(session: Session, unit: OrgUnit) -> dict[str, Any]:
    parent = session.get(OrgUnit, unit.parent_id) if unit.parent_id else None
    return {"name": unit.name, "kind": unit.kind, "calendar": unit.calendar, "parent": parent and parent.code}


def _staff_facts(session: Session, record: StaffRecord) -> dict[str, Any]:
    unit = session.get(OrgUnit, record.org_unit_id) if record.org_unit_id else None
    dates = {name: getattr(record, name) for name in ("joined_on", "left_on")}
    names = ("post", "staff_class", "qualification", "experience", "calendar", "phone_extension")
    return {
        "org_unit": unit and unit.code,
        "languages": list(record.languages),
        **{name: getattr(record, name) for name in names},
        **{name: value and value.isoformat() for name, value in dates.items()},
    }


def _audit_change(
    session: Session, unit: OrgUnit, kind: str, before: dict[str, Any], *, by: Actor, now: datetime
) -> None:
    session.flush()
    after = _unit_facts(session, unit)
    if after != before:
        audit.append(session, "org_unit", unit.code, kind, by=by, now=now, before=before, after=after)


def _audit_staff(
    session: Session, record: StaffRecord, kind: str, before: dict[str, Any], *, by: Actor, now: datetime
) -> None:
    session.flush()
    after = _staff_facts(session, record)
    if after != before:
        audit.append(session, "user", record.username, kind, by=by, now=now, before=before, after=after)


def _require_manager(by: Actor) -> None:
    if not by.may("manage_organisation"):
        raise RightMissing("manage_organisation", by.username)


def _require_two_persons(by: Actor) -> None:
    if not by.may("*"):
        raise TwoPersonsNeeded("place")
