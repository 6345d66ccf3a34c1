"""How a matter got where it is: the history of all its process instances, for people to read.

Facts only: the sentence is made where the reader's language is known. The intake that led to a matter
belongs to its timeline.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.definitions import CompiledDefinition, compiled
from engine.form_choices import LABELS
from engine.models import HistoryEvent, ProcessDefinition, ProcessInstance, UserTask
from practice.enquiries.models import Enquiry
from practice.matters.models import Matter
from practice.people import queries as people

#: Kinds of event that tell a reader something, and which of their facts.
_TOLD: Final[dict[str, tuple[str, ...]]] = {
    "process_started": (),
    "process_completed": (),
    "process_cancelled": ("reason",),
    "process_suspended": (),
    "process_resumed": (),
    "activity_completed": (),
    "user_task_assigned": ("before", "after"),
    "user_task_delegated": ("before", "after"),
    "user_task_resolved": ("before", "after"),
    "user_task_completed": ("for",),
    "user_task_cancelled": (),
    "user_task_escalated": (),
    "reminder_ended": (),
    "reminder_waived": ("reason",),
    "timer_fired": ("due_at",),
    "message_received": ("name",),
    "incident_raised": ("message",),
    "incident_resolved": (),
}
#: What runs by itself and is worth telling; gateways and the like are not.
_TOLD_ACTIVITIES: Final = frozenset({"serviceTask", "businessRuleTask", "sendTask", "callActivity"})
#: Rows read at most; a matter's whole history is far shorter.
_MOST_ROWS: Final = 5000


@dataclass(frozen=True, slots=True)
class Answer:
    """One field of a form that was sent, as the form calls it."""

    label: str
    #: What was chosen by its label; a list where several were; True for a ticked box.
    value: Any


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened."""

    at: datetime
    #: Username or ``system``; the name is the person's, None for the system.
    actor: str
    actor_name: str | None
    #: The engine's kind of event: ``user_task_completed``, ``timer_fired``, ...
    kind: str
    #: What it happened to: the element's name in the diagram, or the process's.
    title: str
    #: ``for`` and ``for_name``: whom somebody stood in for.
    #: ``reason``, ``before`` and ``after`` (usernames), ``due_at`` (ISO 8601), ``name`` (of a message), ``message``.
    data: dict[str, Any]
    process_key: str
    process_name: str
    business_key: str
    element_id: str | None
    user_task_id: UUID | None
    answers: list[Answer] = field(default_factory=list[Answer])


def for_matter(session: Session, matter: Matter, *, limit: int = 100) -> list[TimelineEntry]:
    """Return what happened to a matter that was read with the reader's rights, the latest first."""
    return _entries(session, filter(None, (matter.number, matter.enquiry_number)), limit)


def for_enquiry(session: Session, enquiry: Enquiry, *, limit: int = 100) -> list[TimelineEntry]:
    """Return what happened to an enquiry that was read with the reader's rights, the latest first."""
    return _entries(session, [enquiry.number], limit)


def _entries(session: Session, business_keys: Iterable[str], limit: int) -> list[TimelineEntry]:
    query = (
        sa.select(HistoryEvent, ProcessInstance, ProcessDefinition.name, UserTask.form_key)
        .join(ProcessInstance, ProcessInstance.id == HistoryEvent.process_instance_id)
        .join(ProcessDefinition, ProcessDefinition.id == ProcessInstance.definition_id)
        .outerjoin(UserTask, UserTask.id == HistoryEvent.user_task_id)
        .where(ProcessInstance.business_key.in_(list(business_keys)), HistoryEvent.kind.in_(_TOLD))
        .order_by(HistoryEvent.id.desc())
        .limit(_MOST_ROWS)
    )
    rows = session.execute(query).all()
    told: list[tuple[HistoryEvent, ProcessInstance, str, str | None, CompiledDefinition]] = []
    for event, instance, name, form_key in rows:
        bundle = compiled(session, instance.definition_id)
        if event.kind != "activity_completed" or _type_of(bundle, event.element_id) in _TOLD_ACTIVITIES:
            told.append((event, instance, name, form_key, bundle))
        if len(told) == limit:
            break
    named = {event.actor for event, *_ in told} | {_facts(event).get("for") for event, *_ in told}
    names = people.display_names(session, named)
    return [_entry(*row, names=names) for row in told]


def _entry(
    event: HistoryEvent,
    instance: ProcessInstance,
    process_name: str,
    form_key: str | None,
    bundle: CompiledDefinition,
    *,
    names: dict[str, str],
) -> TimelineEntry:
    facts = event.data or {}
    element = bundle.process.elements.get(event.element_id or "")
    answered = event.kind == "user_task_completed" and form_key is not None
    data = {key: facts[key] for key in _TOLD[event.kind] if facts.get(key) is not None}
    if "for" in data:
        data["for_name"] = names.get(data["for"], data["for"])
    return TimelineEntry(
        at=event.at,
        actor=event.actor,
        actor_name=names.get(event.actor),
        kind=event.kind,
        title=element.name if element else process_name,
        data=data,
        process_key=instance.process_key,
        process_name=process_name,
        business_key=instance.business_key or "",
        element_id=event.element_id,
        user_task_id=event.user_task_id,
        answers=list(_answers(bundle.forms.get(form_key or "", {}), facts.get("answers") or {})) if answered else [],
    )


def _facts(event: HistoryEvent) -> dict[str, Any]:
    return event.data or {}


def _type_of(bundle: CompiledDefinition, element_id: str | None) -> str | None:
    element = bundle.process.elements.get(element_id or "")
    return element.type if element else None


def _answers(schema: dict[str, Any], answers: dict[str, Any]) -> Iterator[Answer]:
    for component in _fields(schema):
        value = answers.get(component["key"])
        if value in (None, "", [], False):
            continue
        offered: list[dict[str, Any]] = component.get("values") or []
        choices = {choice.get("value"): choice.get("label") for choice in offered}
        chosen: list[Any] = cast("list[Any]", value) if isinstance(value, list) else [value]
        labels = [choices.get(item, item) if isinstance(item, str) else item for item in chosen]
        shown = labels if isinstance(value, list) else labels[0]
        yield Answer(
            str(next(filter(None, map(component.get, LABELS)))),
            shown,
        )


def _fields(component: dict[str, Any]) -> Iterator[dict[str, Any]]:
    children: list[dict[str, Any]] = component.get("components") or []
    for child in children:
        if child.get("key"):
            yield child
        else:
            yield from _fields(child)
