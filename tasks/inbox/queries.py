"""The inbox: the open user tasks of one person, read by key from the narrow candidate table.

A page is a union of one key range for each principal (the person and each of their groups), each
already in the order of the index, so its cost follows the page and not the open work of the firm.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.models import UserTask, UserTaskCandidate
from engine.models.user_task_candidate import NO_DUE_DATE
from practice.enquiries.models import Enquiry
from practice.matters.models import Matter
from practice.paging import Page, bounded, place
from practice.parties.names import fold
from tasks import access
from tasks.errors import FilterInvalid

Scope = Literal["mine", "group", "all"]

_NOW = sa.bindparam("now", type_=UserTaskCandidate.due_at.type)


def _tasks_where(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count(sa.distinct(sa.case((condition, UserTaskCandidate.user_task_id))))


#: One pass over the rows of a person and their groups.
_COUNTS = sa.select(
    _tasks_where(UserTaskCandidate.principal == sa.bindparam("me")),
    _tasks_where(UserTaskCandidate.principal != sa.bindparam("me")),
    _tasks_where(UserTaskCandidate.due_at < _NOW),
).where(UserTaskCandidate.principal.in_(sa.bindparam("principals", expanding=True)))
_COUNTS_OF_ALL = sa.select(
    sa.func.count(), sa.func.coalesce(sa.func.sum(sa.case((UserTask.due_at < _NOW, 1), else_=0)), 0)
).where(UserTask.state == "created")


def page(
    session: Session,
    actor: Actor,
    *,
    scope: Scope = "all",
    process_key: str | None = None,
    business_key: str | None = None,
    q: str | None = None,
    due_before: datetime | None = None,
    overdue_at: datetime | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[UserTask]:
    """Return open user tasks by due date, those without one last.

    ``mine`` are those that the actor holds, ``group`` those that nobody holds and the actor may claim,
    ``all`` both, or every open task for who may see them all. ``q`` is looked for word by word in the
    task's name and number and in the names of its matter or enquiry; ``overdue_at`` leaves the tasks
    that were due before that instant.

    Raises:
        FilterInvalid, CursorInvalid.
    """
    limit = bounded(limit)
    wanted = _filters(process_key=process_key, business_key=business_key, q=q)
    is_everything = scope == "all" and actor.may("see_all_user_tasks")
    if access.is_denied_anything(session, actor):
        not_denied = UserTask.id.not_in(access.denied_open_tasks(actor))
        wanted.append(not_denied if is_everything else access.task_not_denied(actor))
    due = [bound for bound in (due_before, overdue_at) if bound is not None]
    after = place(cursor) if cursor else None
    if is_everything:
        query = _everything(wanted, due=due, after=after, count=limit + 1)
    else:
        query = _candidates(_principals(actor, scope), wanted, due=due, after=after, count=limit + 1)
    rows = list(session.scalars(query))
    return Page.cut(rows, limit, lambda task: (task.due_at or NO_DUE_DATE, task.id))


def counts(session: Session, actor: Actor, *, now: datetime) -> dict[str, int]:
    """Return how many tasks ``page`` has by scope, and how many of ``all`` are ``overdue`` at ``now``."""
    first, *_ = actor.principals
    values = {"me": first, "principals": actor.principals, "now": now}
    counted, all_counted = _COUNTS, _COUNTS_OF_ALL
    if access.is_denied_anything(session, actor):
        left_out = access.denied_open_tasks(actor)
        counted = _COUNTS.where(UserTaskCandidate.user_task_id.not_in(left_out))
        all_counted = _COUNTS_OF_ALL.where(UserTask.id.not_in(left_out))
    mine, group, late = session.connection().execute(counted, values).one()
    if not actor.may("see_all_user_tasks"):
        return {"mine": mine, "group": group, "all": mine + group, "overdue": late}
    total, late = session.connection().execute(all_counted, {"now": now}).one()
    return {"mine": mine, "group": group, "all": total, "overdue": late}


def visible(session: Session, actor: Actor, user_task_id: UUID) -> UserTask:
    """Return one task, open or ended; for people whom it does not concern ``UserTaskNotFound``."""
    return access.visible_user_task(session, actor, user_task_id)


def _principals(actor: Actor, scope: str) -> list[str]:
    if scope not in ("mine", "group", "all"):
        raise FilterInvalid("scope", scope[:40])
    first, *groups = actor.principals
    return {"mine": [first], "group": groups, "all": [first, *groups]}[scope]


def _candidates(
    principals: Sequence[str],
    wanted: Sequence[sa.ColumnElement[bool]],
    *,
    due: Sequence[datetime],
    after: tuple[datetime, UUID] | None,
    count: int,
) -> sa.Select[UserTask]:
    if not principals:
        return sa.select(UserTask).where(sa.false())
    build = _plain_union if not wanted else _union
    query = build(len(principals), len(due), after is not None, count, *wanted)
    values: dict[str, Any] = {f"for_principal_{n}": principal for n, principal in enumerate(principals)}
    values |= {f"due_{n}": bound for n, bound in enumerate(due)}
    if after:
        values |= {"after_due_at": after[0], "after_id": after[1]}
    return query.params(values)


def _union(
    principals: int, bounds: int, is_later_page: bool, count: int, *wanted: sa.ColumnElement[bool]
) -> sa.Select[UserTask]:
    columns = (UserTaskCandidate.due_at, UserTaskCandidate.user_task_id)
    ranges: list[sa.Select[Any]] = []
    for number in range(principals):
        part = sa.select(*columns).where(UserTaskCandidate.principal == sa.bindparam(f"for_principal_{number}"))
        if wanted:
            part = part.join(UserTask, UserTask.id == UserTaskCandidate.user_task_id).where(*wanted)
        if is_later_page:
            after = (
                sa.bindparam("after_due_at", type_=columns[0].type),
                sa.bindparam("after_id", type_=columns[1].type),
            )
            part = part.where(sa.tuple_(*columns) > sa.tuple_(*after))
        for bound in range(bounds):
            part = part.where(columns[0] < sa.bindparam(f"due_{bound}", type_=columns[0].type))
        ranges.append(sa.select(part.order_by(*columns).limit(count).subquery()))
    merged = sa.union_all(*ranges).subquery()
    first = (
        # A task that is offered to two of the actor's groups comes once.
        sa.select(merged.c.due_at, merged.c.user_task_id)
        .distinct()
        .order_by(merged.c.due_at, merged.c.user_task_id)
        .limit(count)
        .subquery()
    )
    return (
        sa.select(UserTask)
        .join(first, first.c.user_task_id == UserTask.id)
        .order_by(first.c.due_at, first.c.user_task_id)
    )


#: Putting the statement together takes longer than running it; without filters there are few of them.
_plain_union = lru_cache(256)(_union)


def _everything(
    wanted: Sequence[sa.ColumnElement[bool]],
    *,
    due: Sequence[datetime],
    after: tuple[datetime, UUID] | None,
    count: int,
) -> sa.Select[UserTask]:
    due_at = sa.func.coalesce(UserTask.due_at, sa.literal(NO_DUE_DATE, UserTask.due_at.type))
    query = sa.select(UserTask).where(UserTask.state == "created", *wanted)
    if after:
        query = query.where(sa.tuple_(due_at, UserTask.id) > _key(after))
    query = query.where(*(UserTask.due_at < bound for bound in due))
    return query.order_by(due_at, UserTask.id).limit(count)


def _key(after: tuple[datetime, UUID]) -> sa.ColumnElement[Any]:
    return sa.tuple_(*after, types=[UserTaskCandidate.due_at.type, UserTaskCandidate.user_task_id.type])


def _filters(*, process_key: str | None, business_key: str | None, q: str | None) -> list[sa.ColumnElement[bool]]:
    filters: list[sa.ColumnElement[bool]] = []
    if process_key:
        filters.append(UserTask.process_key == process_key)
    if business_key:
        filters.append(UserTask.business_key == business_key)
    for word in (q or "").split()[:8]:
        filters += [_mentions(word)]
    return filters


def _mentions(word: str) -> sa.ColumnElement[bool]:
    """Match what a reader sees: task and number as they are written, parties in folded form."""
    folded = fold(word)
    written = [
        sa.func.lower(UserTask.name).contains(word.lower(), autoescape=True),
        sa.func.lower(UserTask.business_key).contains(word.lower(), autoescape=True),
    ]
    if not folded:
        return sa.or_(*written)
    matters = sa.select(Matter.number).where(Matter.search_text.contains(folded, autoescape=True))
    enquiries = sa.select(Enquiry.number).where(Enquiry.search_text.contains(folded, autoescape=True))
    return sa.or_(*written, UserTask.business_key.in_(matters), UserTask.business_key.in_(enquiries))
