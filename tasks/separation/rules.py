"""The property ``notPerformedBy``: whoever did one of the steps it names does not do this one.

Who stood in for somebody did the step as much as the person they did it for, and the other way round: neither the
substitute nor who was away may then check it, and nobody checks it on behalf of either.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import work_rules
from engine.bpmn.compiled import Compiled, Element
from engine.bpmn.extensions import is_expression, split_list
from engine.bpmn.rules.separation import PROPERTY
from engine.findings import Finding
from engine.models import ProcessInstance, UserTask
from practice.people.models import Membership, User
from tasks.separation.errors import DutiesNotSeparated


def performers(session: Session, process_instance_id: UUID, element_ids: Iterable[str]) -> dict[str, str]:
    """Return who did these steps of an instance, and for whom, each with one of the steps."""
    wanted = list(element_ids)
    done = sa.select(UserTask.element_id, UserTask.ended_by, UserTask.ended_for).where(
        UserTask.process_instance_id == process_instance_id,
        UserTask.state == "completed",
        UserTask.element_id.in_(wanted),
    )
    found: dict[str, str] = {}
    for element_id, *people in session.execute(done):
        found.update({person: element_id for person in people if person is not None})
    steps = {row[0] for row in session.execute(done)}
    others = [name for name in wanted if name not in steps]
    if others:
        starter = sa.select(ProcessInstance.started_by).where(ProcessInstance.id == process_instance_id)
        found |= _of_start(session, process_instance_id, others, session.scalar(starter))
    return found


@work_rules.rule(PROPERTY)
def not_performed_by(session: Session, attempt: work_rules.Attempt) -> None:
    """Refuse who did one of the steps that the task names.

    Raises:
        DutiesNotSeparated.
    """
    work = attempt.work
    found = performers(session, work.process_instance_id, split_list(str(work.properties[PROPERTY])))
    for person in (attempt.person, attempt.on_behalf_of):
        if person is not None and person in found:
            raise DutiesNotSeparated(work.id, person, found[person])


@work_rules.deployment_rule
def two_people_are_there(session: Session, processes: Mapping[str, Compiled]) -> list[Finding]:
    """Find the steps that only one person could do who could have done the step before it, too."""
    findings: list[Finding] = []
    for process in processes.values():
        for element in process.elements.values():
            named = split_list(element.extensions.properties.get(PROPERTY))
            able = _able(session, element) if named else None
            if able is None or len(able) != 1:
                continue
            for name in named:
                earlier = process.elements.get(name)
                before = _able(session, earlier) if earlier is not None and earlier.type == "userTask" else None
                if before is not None and before <= able and before:
                    findings.append(_only_one(element, earlier or element, next(iter(able)), process))
    return findings


def _of_start(session: Session, process_instance_id: UUID, names: list[str], started_by: str | None) -> dict[str, str]:
    """Return who started the instance, when one of the names is the event it started at."""
    from engine.definitions import compiled  # noqa: PLC0415 - needed only where a start event may be meant

    definition_id = session.scalar(
        sa.select(ProcessInstance.definition_id).where(ProcessInstance.id == process_instance_id)
    )
    if started_by is None or definition_id is None:
        return {}
    elements = compiled(session, definition_id).process.elements
    starts = [name for name in names if name in elements and elements[name].type == "startEvent"]
    return {started_by: starts[0]} if starts else {}


def _able(session: Session, element: Element) -> frozenset[str] | None:
    """Return the active people who could do a step as it is drawn; None when a variable decides."""
    assignee = element.extensions.get("assignee")
    groups = element.extensions.get("candidateGroups") or element.lane
    if is_expression(assignee) or is_expression(groups):
        return None
    if assignee is not None:
        return frozenset({assignee})
    members = (
        sa.select(User.username)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.group_name.in_(split_list(groups)), User.is_active)
    )
    return frozenset(session.scalars(members))


def _only_one(element: Element, earlier: Element, person: str, process: Compiled) -> Finding:
    return Finding(
        "error",
        "four_eyes_of_one",
        element.id,
        f"'{element.name}' is for somebody else than who did '{earlier.name}', and only {person} could do either.",
        "Offer one of the two steps to a group with more people.",
        process.spec.file or None,
    )
