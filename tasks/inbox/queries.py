"""The inbox: the open user tasks of one person, read by key from the narrow candidate table.

A page is a union of one key range for each principal (the person and each of their groups), each
already in the order of the index, so its cost follows the page and not the open work of the firm.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal, TypedDict, Unpack
from uuid import UUID

from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.database import planned_for_anyone
from engine.models import UserTask
from engine.models.user_task_candidate import NO_DUE_DATE
from practice.paging import Page, bounded, place, size
from tasks import access
from tasks.errors import FilterInvalid
from tasks.inbox import counting, statements
from tasks.inbox.counting import Choices, Counts
from tasks.inbox.filters import Filters

Scope = Literal["mine", "group", "watched", "all"]
Sort = Literal["due", "urgency"]


class Short(TypedDict, total=False):
    """Filters for who needs one or two of them."""

    process_key: str | None
    business_key: str | None
    q: str | None
    due_before: datetime | None
    #: The same: what was overdue then.
    overdue_at: datetime | None


SCOPES = ("mine", "group", "watched", "all")
SORTS = ("due", "urgency")
_NOTHING = Filters()
_EARLIEST, _LATEST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


def page(
    session: Session,
    actor: Actor,
    *,
    scope: Scope = "all",
    filters: Filters = _NOTHING,
    sort: Sort = "due",
    asleep: bool = False,
    now: datetime | None = None,
    limit: int = 50,
    cursor: str | None = None,
    **short: Unpack[Short],
) -> Page[UserTask]:
    """Return open user tasks by due date, those without one last; or by urgency.

    ``mine`` are those that stand in front of the actor in person, ``group`` those that nobody holds and the
    actor may claim, ``watched`` those that they keep an eye on and may see, ``all`` the first two, or every open
    task for who may see them all. ``filters`` narrow (``short`` names one or two of them without any).

    At ``now``, or else when the actor asks, what they put aside is left out of every scope but ``all``;
    ``asleep`` leaves nothing else.

    Raises:
        FilterInvalid, CursorInvalid.
    """
    limit, at = bounded(limit), now or actor.at
    _require(scope, sort)
    wanted = _merged(filters, short) if short else filters
    shape = statements.Shape(
        scope=scope,
        by_urgency=sort == "urgency",
        is_later=bool(cursor),
        is_asleep=asleep,
        hides_asleep=at is not None and scope != "all" and not asleep,
    )
    values: dict[str, Any] = {"at": at or _EARLIEST, "me": actor.username, "no_date": NO_DUE_DATE}
    values["rows_of_page"] = size(limit)
    if cursor:
        values |= _after(*place(cursor), by_urgency=shape.by_urgency)
    statement, parameters = statements.page(session, actor, shape, wanted)
    # There are many shapes of these, and PostgreSQL plans each of them five times for longer than it runs.
    with planned_for_anyone(session) if wanted.words or wanted.tag else nullcontext():
        rows = statements.as_tasks(session.execute(statement, values | parameters))
    return Page.cut(rows, limit, _key_by_urgency if shape.by_urgency else _key_by_due)


def counts(
    session: Session,
    actor: Actor,
    *,
    now: datetime,
    filters: Filters = _NOTHING,
) -> dict[str, int]:
    """Return how many tasks ``page`` has by scope, and how many of ``all`` are ``overdue`` at ``now``."""
    return counting.by_scope(session, actor, now=now, filters=filters)


def counts_of_list(
    session: Session,
    actor: Actor,
    *,
    scope: Scope | None,
    now: datetime,
    bounds: Sequence[datetime],
    filters: Filters = _NOTHING,
    asleep: bool = False,
) -> Counts:
    """Return how many tasks each scope has, and how many of ``scope``'s lie before, between and after ``bounds``.

    None is ``mine``, or ``group`` where only that has any.
    """
    _require(scope or "mine", "due")
    with planned_for_anyone(session):
        return counting.of_list(session, actor, scope=scope, now=now, bounds=bounds, filters=filters, asleep=asleep)


def arrived(session: Session, actor: Actor, *, since: datetime, scope: Scope = "all", now: datetime) -> int:
    """Return how many tasks of a scope came in front of the actor after ``since``."""
    _require(scope, "due")
    return counting.arrived(session, actor, since=since, scope=scope, now=now)


def choices(session: Session, actor: Actor) -> Choices:
    """Return the kinds and processes of the open tasks that the actor may see, to choose from."""
    return counting.choices(session, actor)


def visible(session: Session, actor: Actor, user_task_id: UUID) -> UserTask:
    """Return one task, open or ended; for people whom it does not concern ``UserTaskNotFound``."""
    return access.visible_user_task(session, actor, user_task_id)


def _require(scope: str, sort: str) -> None:
    if scope not in SCOPES:
        raise FilterInvalid("scope", scope[:40])
    if sort not in SORTS:
        raise FilterInvalid("sort", sort[:40])


def _merged(filters: Filters, short: Short) -> Filters:
    bounds = [bound for bound in (filters.due_before, short.get("due_before"), short.get("overdue_at")) if bound]
    process_key = short.get("process_key")
    return replace(
        filters,
        process_keys=(process_key,) if process_key else filters.process_keys,
        business_key=short.get("business_key") or filters.business_key,
        due_before=min(bounds) if bounds else None,
        text=short.get("q") or filters.text,
    )


def _after(at: datetime, task_id: UUID, *, by_urgency: bool) -> dict[str, Any]:
    return {"after": int(at.timestamp()) if by_urgency else at, "after_id": task_id}


def _key_by_due(task: UserTask) -> tuple[datetime, UUID]:
    return task.due_at or NO_DUE_DATE, task.id


def _key_by_urgency(task: UserTask) -> tuple[datetime, UUID]:
    second = task.urgency or 0
    bounded_second = max(int(_EARLIEST.timestamp()), min(int(_LATEST.timestamp()), second))
    return datetime.fromtimestamp(bounded_second, UTC), task.id
