"""What waits for somebody's yes, with the facts to say it by."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final, cast

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import forms, user_tasks
from engine.actor import Actor
from engine.models import ProcessInstance, UserTask, UserTaskCandidate
from engine.models.user_task_candidate import NO_DUE_DATE
from practice.paging import Page, bounded, place
from tasks import access, facts
from tasks.approvals.rules import APPROVE, approving_answers

#: What is shown of a task's form at most.
_MOST_SHOWN: Final = 8
_LONGEST_SHOWN: Final = 300
_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_.]*)\s*\}\}")
_MARKS = re.compile(r"\*\*|__|`|^#+ ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Shown:
    """One fact that the task's form shows: a field with what is known of it, or a sentence without a label."""

    label: str | None
    value: Any
    #: The key of the field, or the sentence as it is in the form, for who says the same in other words.
    key: str


@dataclass(frozen=True, slots=True)
class Item:
    """One user task that waits for a yes."""

    task: UserTask
    subject: facts.Subject | None
    #: The matter's or enquiry's facts that a decision needs: claim value, currency, responsible, conflict check.
    about: facts.Facts | None
    shown: list[Shown] = field(default_factory=list[Shown])
    #: The answers that approve it; None when it needs more than a yes.
    answers: dict[str, Any] | None = None
    #: The data that the form is filled with.
    known: Mapping[str, Any] = field(default_factory=dict[str, Any])
    #: Changes when anything that is shown here changes, or the process moves on.
    version: str = ""


def waiting(session: Session, actor: Actor, *, limit: int = 25, cursor: str | None = None) -> Page[Item]:
    """Return the open tasks in front of the actor that a yes may complete, the first due first.

    Raises:
        CursorInvalid.
    """
    limit = bounded(limit)
    candidate = UserTaskCandidate
    first = (
        sa.select(candidate.due_at, candidate.user_task_id)
        .join(UserTask, UserTask.id == candidate.user_task_id)
        .where(
            candidate.principal.in_(actor.principals),
            sa.type_coerce(UserTask.properties, sa.Text).contains(f'"{APPROVE}":', autoescape=True),
        )
        .distinct()
        .order_by(candidate.due_at, candidate.user_task_id)
        .limit(limit + 1)
    )
    if cursor:
        key = sa.tuple_(candidate.due_at, candidate.user_task_id)
        first = first.where(key > sa.tuple_(*place(cursor), types=[candidate.due_at.type, candidate.user_task_id.type]))
    if access.is_denied_anything(session, actor):
        first = first.where(access.task_not_denied(actor))
    chosen = first.subquery()
    query = (
        sa.select(UserTask)
        .join(chosen, chosen.c.user_task_id == UserTask.id)
        .order_by(chosen.c.due_at, chosen.c.user_task_id)
    )
    page = Page.cut(list(session.scalars(query)), limit, lambda task: (task.due_at or NO_DUE_DATE, task.id))
    return Page(items(session, page.items, actor=actor), page.next_cursor)


def waiting_count(session: Session, actor: Actor) -> int:
    """Return how many tasks ``waiting`` lists."""
    query = (
        sa.select(sa.func.count(sa.distinct(UserTaskCandidate.user_task_id)))
        .join(UserTask, UserTask.id == UserTaskCandidate.user_task_id)
        .where(
            UserTaskCandidate.principal.in_(actor.principals),
            sa.type_coerce(UserTask.properties, sa.Text).contains(f'"{APPROVE}":', autoescape=True),
        )
    )
    if access.is_denied_anything(session, actor):
        query = query.where(access.task_not_denied(actor))
    return session.scalar(query) or 0


def items(session: Session, tasks: Sequence[UserTask], *, actor: Actor) -> list[Item]:
    """Return tasks that were read with the reader's rights with what a decision needs."""
    subjects = facts.subjects(session, tasks)
    revisions: dict[Any, int] = dict(
        session.execute(
            sa.select(ProcessInstance.id, ProcessInstance.revision).where(
                ProcessInstance.id.in_({task.process_instance_id for task in tasks})
            )
        ).all()
    )  # pyright: ignore[reportAssignmentType]
    made: list[Item] = []
    for task in tasks:
        form, known = user_tasks.form(session, task), user_tasks.variables(session, task)
        about = facts.for_user_task(session, task, actor=actor) if task.state == "created" else None
        shown = list(_shown(form, known))[:_MOST_SHOWN] if form else []
        answers = _answers(task, form, known)
        version = _version(task, revisions.get(task.process_instance_id), shown, about)
        made.append(Item(task, subjects.get(task.business_key or ""), about, shown, answers, known, version))
    return made


def plain(text: str, known: Mapping[str, Any]) -> str:
    """Return a text of a form with its values and without its marks; nothing when it has more than values in it."""
    sentence = _VARIABLE.sub(lambda found: str(known.get(found[1]) or ""), text)
    told = " ".join(_MARKS.sub("", sentence).split())
    return "" if "{{" in told else told[:_LONGEST_SHOWN]


def _answers(task: UserTask, form: Mapping[str, Any] | None, known: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what the form would send with a yes: what it shows already, and the answers that approve."""
    approving = approving_answers(task.properties)
    if approving is None:
        return None
    if form is None:
        return approving
    open_keys = forms.open_keys(form)
    opened = {name: value for name, value in forms.prefilled(form, known).items() if name in open_keys}
    return {name: value for name, value in opened.items() if value is not None} | approving


def _version(task: UserTask, revision: int | None, shown: list[Shown], about: facts.Facts | None) -> str:
    told: list[Any] = [
        revision,
        task.state,
        task.assignee,
        task.owner,
        _iso(task.due_at),
        [{"label": one.label, "value": one.value} for one in shown],
    ]
    told.append(asdict(about) if about else None)
    return hashlib.sha256(orjson.dumps(told, default=str, option=orjson.OPT_NON_STR_KEYS)).hexdigest()[:32]


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _shown(schema: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[Shown]:
    for component in _components(schema):
        if component.get("type") == "text":
            text = str(component.get("text") or "")
            if sentence := plain(text, known):
                yield Shown(None, sentence, text)
        elif component.get("key") and known.get(component["key"]) not in (None, "", [], False):
            value = known[component["key"]]
            offered: list[dict[str, Any]] = component.get("values") or []
            labels = {
                choice.get("value"): choice.get("label") for choice in offered if isinstance(choice.get("value"), str)
            }
            label = (
                component.get("label") or component.get("dateLabel") or component.get("timeLabel") or component["key"]
            )
            if isinstance(value, str):
                value = str(labels.get(value, value))[:_LONGEST_SHOWN]
            if isinstance(value, str | int | float | bool):
                yield Shown(str(label), value, str(component["key"]))


def _components(holder: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    children: list[Any] = holder.get("components") or []
    for child in children:
        if isinstance(child, dict):
            component = cast("dict[str, Any]", child)
            yield component
            if component.get("type") == "group":
                yield from _components(component)
