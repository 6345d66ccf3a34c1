"""The statements behind a page of the inbox, each put together once for its shape."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from engine.actor import Actor
from engine.models import UserTask, UserTaskCandidate
from engine.models.base import detached
from engine.prepared import Prepared
from practice import listed
from practice.anyone import for_anyone
from practice.gathering import asked_after, seldom
from practice.matters import denials
from practice.matters.denials import Reasons
from practice.much import Much
from practice.paging import ROWS_OF_PAGE
from tasks import access
from tasks.inbox import filters as filtering
from tasks.inbox.filters import Filters
from tasks.snoozes.models import Snooze
from tasks.watching.models import Watch

#: Up to so many rows of a person are asked one by one; for more, what is looked for is gathered first.
SHORT = 2000
#: Groups that were found to have more.
_CROWDED = Much()

#: Written out, because a database looks into the narrow indexes of open tasks only when it reads this.
IS_OPEN = UserTask.state == sa.literal_column("'created'")
_INSTANT = UserTaskCandidate.due_at.type
_ME = sa.bindparam("me", type_=sa.String())
_AT = sa.bindparam("at", type_=_INSTANT)
_NO_DATE = sa.bindparam("no_date", type_=_INSTANT)


@dataclass(frozen=True, slots=True)
class Shape:
    """Which page, but for the values."""

    scope: str
    by_urgency: bool = False
    is_later: bool = False
    #: Only what the person put aside, or everything but that.
    is_asleep: bool = False
    hides_asleep: bool = False


#: Rows of whatever is selected.
Rows = sa.Select[*tuple[Any, ...]]
Page = tuple[Rows, dict[str, Any]]
#: What is read of a task, by the names that it has there.
_READ = {attribute.key: attribute.columns[0] for attribute in sa.inspect(UserTask).column_attrs}


def page(session: Session, actor: Actor, shape: Shape, wanted: Filters) -> Page:
    """Return the statement of a page, and the values beside those that the caller has."""
    kept = denials.of(session, actor)
    if shape.scope == "watched" and not shape.is_asleep:
        narrowed = filtering.narrowing(session, wanted, is_short=True)
        asked = _watched(actor, shape, narrowed.shape, kept.reasons)
        return asked.statement, narrowed.values | kept.values | asked.values
    if reads_everything(shape, actor):
        narrowed = filtering.narrowing(session, wanted, is_short=False)
        asked = _everything(actor, shape, narrowed.shape, kept.reasons)
        return asked.statement, narrowed.values | kept.values | asked.values
    principals = principals_of(actor, "all" if shape.is_asleep else shape.scope)
    if not principals:
        return _tasks().where(sa.false()), {}
    is_short = not wanted.words or is_short_list(session, principals)
    narrowed = filtering.narrowing(session, wanted, is_short=is_short)
    values = {f"for_principal_{number}": principal for number, principal in enumerate(principals)}
    has_own = principals[0] == actor.principals[0]
    asked = _candidates(actor, shape, narrowed.shape, len(principals), kept.reasons, has_own=has_own)
    return asked.statement, values | narrowed.values | kept.values | asked.values


def as_tasks(rows: Iterable[Sequence[Any]]) -> list[UserTask]:
    """Return the tasks of a page's rows, to be read and not to be changed: they belong to no session.

    What a session loads it also watches for changes; of a page of fifty that took a fifth of the time.
    """
    return [detached(UserTask, dict(zip(_READ, row, strict=True))) for row in rows]


def _tasks() -> Rows:
    return sa.select(*_READ.values())


def reads_everything(shape: Shape, actor: Actor) -> bool:
    """Say whether the list is that of all open work, read from the tasks themselves."""
    return shape.scope == "all" and not shape.is_asleep and actor.may("see_all_user_tasks")


def principals_of(actor: Actor, scope: str) -> list[str]:
    """Return the names in front of which the tasks of a scope stand."""
    first, *groups = actor.principals
    return {"mine": [first], "group": groups}.get(scope, [first, *groups])


def is_short_list(session: Session, principals: list[str]) -> bool:
    """Say whether so few tasks stand in front of these that each may be asked about."""
    if any(_CROWDED.has(session, principal) for principal in principals):
        return False
    rows = rows_of(session, principals)
    for principal, count in rows.items():
        if count > SHORT:
            _CROWDED.note(session, principal)
    return sum(rows.values()) <= SHORT


def rows_of(session: Session, principals: Sequence[str]) -> dict[str, int]:
    """Return how many tasks stand in front of each person or group; from ``SHORT`` on, one more than that."""
    rows = _ROWS_OF.rows(session.connection(), {"principals": listed.written(principals)})
    return {row.value: row.rows for row in rows}


_PRINCIPALS = listed.texts("principals").subquery()
_SOME = sa.select(UserTaskCandidate.user_task_id).where(UserTaskCandidate.principal == _PRINCIPALS.c.value)
_COUNTED = sa.select(sa.func.count()).select_from(_SOME.limit(SHORT + 1).correlate(_PRINCIPALS).subquery())
_ROWS_OF = Prepared(sa.select(_PRINCIPALS.c.value, _COUNTED.correlate(_PRINCIPALS).scalar_subquery().label("rows")))


def put_aside(*, is_held: bool) -> Rows:
    """Select the tasks that the person (``me``) does not want to see at ``at``, held or offered."""
    held = Snooze.is_held.is_(sa.true() if is_held else sa.false())
    return sa.select(Snooze.user_task_id).where(Snooze.username == _ME, held, Snooze.until > _AT).correlate(None)


@for_anyone
def _candidates(
    actor: Actor, shape: Shape, narrowed: tuple[str, ...], principals: int, by: Reasons, *, has_own: bool
) -> Rows:
    first = UserTaskCandidate.urgency if shape.by_urgency else UserTaskCandidate.due_at
    key = (first, UserTaskCandidate.user_task_id)
    by_task = filtering.names_tasks(narrowed)
    principal = asked_after(UserTaskCandidate.principal) if by_task else UserTaskCandidate.principal
    ranges: list[sa.Select[Any]] = []
    for number in range(principals):
        is_own = has_own and number == 0
        part = sa.select(first.label("place"), UserTaskCandidate.user_task_id)
        part = part.where(principal == sa.bindparam(f"for_principal_{number}", type_=sa.String()))
        if filtering.needs_task(narrowed):
            part = part.join(UserTask, UserTask.id == UserTaskCandidate.user_task_id)
        part = part.where(*filtering.conditions(narrowed, UserTaskCandidate, in_order=True))
        if by:
            part = part.where(access.open_work_not_denied(actor, UserTaskCandidate, by))
        if shape.is_asleep:
            part = part.where(UserTaskCandidate.user_task_id.in_(put_aside(is_held=is_own)))
        elif shape.hides_asleep:
            part = part.where(seldom(UserTaskCandidate.user_task_id.in_(put_aside(is_held=is_own))))
        if shape.is_later:
            part = part.where(sa.tuple_(*key) > _place(first))
        ranges.append(sa.select(part.order_by(*key).limit(ROWS_OF_PAGE).subquery()))
    merged = sa.union_all(*ranges).subquery()
    found = (
        # A task that is offered to two of the actor's groups comes once.
        sa.select(merged.c.place, merged.c.user_task_id)
        .distinct()
        .order_by(merged.c.place, merged.c.user_task_id)
        .limit(ROWS_OF_PAGE)
        .subquery()
    )
    return _tasks().join(found, found.c.user_task_id == UserTask.id).order_by(found.c.place, found.c.user_task_id)


@for_anyone
def _everything(actor: Actor, shape: Shape, narrowed: tuple[str, ...], by: Reasons) -> Rows:
    wanted = [IS_OPEN, *filtering.conditions(narrowed, UserTask), access.not_about_oneself(actor)]
    if by:
        wanted.append(access.open_work_not_denied(actor, UserTask, by))
    if shape.by_urgency:
        parts = [_in_order(shape, wanted, UserTask.urgency)]
    else:
        dated = [*wanted, UserTask.due_at.is_not(None)]
        parts = [_in_order(shape, dated, UserTask.due_at), _undated(shape, wanted)]
    merged = sa.union_all(*(sa.select(part.subquery()) for part in parts)).subquery()
    found = sa.select(merged).order_by(merged.c.place, merged.c.id).limit(ROWS_OF_PAGE).subquery()
    return _tasks().join(found, found.c.id == UserTask.id).order_by(found.c.place, found.c.id)


def _in_order(shape: Shape, wanted: list[sa.ColumnElement[bool]], first: Any) -> Rows:
    query = sa.select(first.label("place"), UserTask.id.label("id")).where(*wanted)
    if shape.is_later:
        query = query.where(sa.tuple_(first, UserTask.id) > _place(first))
    return query.order_by(first, UserTask.id).limit(ROWS_OF_PAGE)


def _undated(shape: Shape, wanted: list[sa.ColumnElement[bool]]) -> Rows:
    """Select the range of all open tasks that have no date: they come after those that have one."""
    query = sa.select(_NO_DATE.label("place"), UserTask.id.label("id")).where(*wanted, UserTask.due_at.is_(None))
    if shape.is_later:
        after, after_id = sa.bindparam("after", type_=_INSTANT), sa.bindparam("after_id", type_=sa.Uuid())
        query = query.where(sa.or_(after < _NO_DATE, UserTask.id > after_id))
    # By the date too, which they do not have: so PostgreSQL sees that the index has them in this order.
    return query.order_by(UserTask.due_at, UserTask.id).limit(ROWS_OF_PAGE)


@for_anyone
def _watched(actor: Actor, shape: Shape, narrowed: tuple[str, ...], by: Reasons) -> Rows:
    due_at = sa.func.coalesce(UserTask.due_at, _NO_DATE)
    first = UserTask.urgency if shape.by_urgency else due_at
    query = _tasks().where(*watched(actor, by), *filtering.conditions(narrowed, UserTask))
    if shape.hides_asleep:
        query = query.where(not_put_aside())
    if shape.is_later:
        query = query.where(sa.tuple_(first, UserTask.id) > _place(first))
    return query.order_by(first, UserTask.id).limit(ROWS_OF_PAGE)


def watched(actor: Actor, by: Reasons) -> list[sa.ColumnElement[bool]]:
    """Filter on ``UserTask``: open, watched by the person (``me``) itself or by its matter, and theirs to see.

    Not to be kept for an equal actor but by ``for_anyone``: what somebody opened in an emergency ends with time, by
    ``actor.at``.
    """
    one = sa.select(Watch.user_task_id).where(Watch.username == _ME, Watch.user_task_id.is_not(None))
    task = aliased(UserTask)
    of_matter = sa.select(task.id).join(Watch, Watch.business_key == task.business_key)
    of_matter = of_matter.where(Watch.username == _ME, task.state == sa.literal_column("'created'"))
    # One list of ids for the two: over an OR every open task would be read.
    ids = sa.union_all(one.correlate(None), of_matter.correlate(None))
    return [UserTask.id.in_(ids), IS_OPEN, access.user_task_visible_to(actor, by, are_open=True)]


def not_put_aside() -> sa.ColumnElement[bool]:
    """Filter on ``UserTask``: the person did not put it aside, or it came to them in another way since."""
    aside = sa.and_(
        Snooze.user_task_id == UserTask.id,
        Snooze.username == _ME,
        Snooze.until > _AT,
        Snooze.is_held == sa.func.coalesce(UserTask.assignee == _ME, sa.false()),
    )
    return ~sa.exists(sa.select(Snooze.user_task_id).where(aside).correlate(UserTask))


def _place(first: Any) -> sa.ColumnElement[Any]:
    return sa.tuple_(sa.bindparam("after", type_=first.type), sa.bindparam("after_id", type_=sa.Uuid()))
