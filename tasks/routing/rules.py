"""The property ``route``: to whom new work goes by itself.

``route`` holds criteria, the most important first, each of which leaves only those of the task's candidate groups who
meet it, unless nobody would be left:

- ``matter_team``: they are on the team of the matter;
- ``skill:maritime``: they have the skill;
- ``language`` (the variable ``language``) or ``language:zh``: they speak it;
- ``branch``: they work in the matter's unit or under it, else in the unit of whoever led here;
- ``load``: of those left, the one who holds the fewest open tasks.

Without ``load`` only a single person who is left gets the task; several go on sharing it as a group. Who is away, has
left, is kept out by a wall, has no need to know a restricted matter or did a step that this one checks gets nothing.
"""

from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import clock, work_rules
from engine.bpmn.extensions import split_list
from engine.bpmn.rules.separation import PROPERTY as NOT_PERFORMED_BY
from engine.models import UserTask, UserTaskCandidate
from practice.matters.models import Matter, MatterMember
from practice.organisation.models import OrgUnitReach, StaffRecord
from practice.people.models import Membership, User
from practice.skills.models import StaffSkill
from practice.walls import queries as walls
from tasks.absences import queries as absences
from tasks.separation.rules import performers

Criterion = Callable[[Session, work_rules.NewWork, str, Matter | None, list[str]], list[str]]


@work_rules.router("route")
def route(session: Session, new: work_rules.NewWork) -> str | None:
    """Return who gets a new task, None when its groups share it."""
    matter = session.scalar(sa.select(Matter).where(Matter.number == new.work.business_key))
    people = _able(session, new, matter)
    by_load = False
    for said in split_list(str(new.work.properties["route"])):
        name, _, value = said.partition(":")
        if name == "load":
            by_load = True
        elif name in _CRITERIA:
            people = _CRITERIA[name](session, new, value.strip(), matter, people) or people
    if len(people) > 1 and by_load:
        people = _least_loaded(session, people)
    return people[0] if len(people) == 1 or (people and by_load) else None


def _able(session: Session, new: work_rules.NewWork, matter: Matter | None) -> list[str]:
    """Return the active people of the candidate groups who are here today and may do it, by username."""
    today = new.now.astimezone(clock.zone()).date()
    query = (
        sa.select(User.username)
        .join(Membership, Membership.user_id == User.id)
        .outerjoin(StaffRecord, StaffRecord.username == User.username)
        .where(
            Membership.group_name.in_(new.work.candidate_groups),
            User.is_active,
            sa.or_(StaffRecord.left_on.is_(None), StaffRecord.left_on >= today),
            User.username.not_in(absences.away(today, today)),
        )
        .distinct()
    )
    if new.work.business_key is not None:
        query = query.where(sa.not_(walls.kept_out_of(new.work.business_key)))
    if matter is not None and matter.confidentiality != "ordinary":
        query = query.where(User.username.in_(_team(matter)))
    found = list(session.scalars(query.order_by(User.username)))
    separated = split_list(str(new.work.properties.get(NOT_PERFORMED_BY, "")))
    if separated:
        # What led here is written together with this task: its doer is known by being the one who asks.
        done = performers(session, new.work.process_instance_id, separated).keys() | {new.by.username}
        found = [username for username in found if username not in done]
    return found


def _matter_team(
    session: Session, _new: work_rules.NewWork, _value: str, matter: Matter | None, people: list[str]
) -> list[str]:
    if matter is None:
        return []
    return _those(session, people, _team(matter))


def _skill(
    session: Session, new: work_rules.NewWork, value: str, _matter: Matter | None, people: list[str]
) -> list[str]:
    wanted = (value or str(new.data.get("skill") or "")).lower()
    return _those(session, people, sa.select(StaffSkill.username).where(StaffSkill.skill == wanted))


def _language(
    session: Session, new: work_rules.NewWork, value: str, _matter: Matter | None, people: list[str]
) -> list[str]:
    wanted = (value or str(new.data.get("language") or "")).lower()
    records = session.execute(
        sa.select(StaffRecord.username, StaffRecord.languages).where(StaffRecord.username.in_(people))
    )
    speakers = {name for name, tags in records if wanted and any(_is_language(tag, wanted) for tag in tags)}
    return [name for name in people if name in speakers]


def _is_language(tag: str, wanted: str) -> bool:
    """Say whether somebody who speaks ``tag`` speaks what is wanted: ``zh-Hant`` is a ``zh``."""
    return tag.lower() == wanted or tag.lower().startswith(f"{wanted}-")


def _branch(
    session: Session, new: work_rules.NewWork, _value: str, matter: Matter | None, people: list[str]
) -> list[str]:
    unit = matter.org_unit_id if matter is not None else None
    if unit is None:
        unit = session.scalar(sa.select(StaffRecord.org_unit_id).where(StaffRecord.username == new.by.username))
    if unit is None:
        return []
    under = sa.select(OrgUnitReach.unit_id).where(OrgUnitReach.ancestor_id == unit)
    return _those(session, people, sa.select(StaffRecord.username).where(StaffRecord.org_unit_id.in_(under)))


_CRITERIA: Final[dict[str, Criterion]] = {
    "matter_team": _matter_team,
    "skill": _skill,
    "language": _language,
    "branch": _branch,
}


def _least_loaded(session: Session, people: list[str]) -> list[str]:
    """Return those who hold the fewest open tasks, by username."""
    principals = [f"user:{name}" for name in people]
    held: dict[str, int] = dict(
        session.execute(
            sa.select(UserTask.assignee, sa.func.count())
            .join(UserTaskCandidate, UserTaskCandidate.user_task_id == UserTask.id)
            .where(
                UserTaskCandidate.principal.in_(principals),
                UserTaskCandidate.principal == sa.literal("user:") + UserTask.assignee,
            )
            .group_by(UserTask.assignee)
        ).all()
    )  # pyright: ignore[reportAssignmentType]
    fewest = min(held.get(name, 0) for name in people)
    return [name for name in people if held.get(name, 0) == fewest]


def _team(matter: Matter) -> sa.Select[Any]:
    return sa.select(MatterMember.username).where(MatterMember.matter_id == matter.id, MatterMember.until.is_(None))


def _those(session: Session, people: list[str], wanted: sa.Select[Any]) -> list[str]:
    found = set(session.scalars(sa.select(User.username).where(User.username.in_(people), User.username.in_(wanted))))
    return [name for name in people if name in found]
