"""Who may see which process instance and user task: filters for queries, and the same for one task."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from engine.actor import Actor
from engine.errors import ProcessInstanceNotFound, UserTaskNotFound
from engine.models import ProcessInstance, UserTask, UserTaskCandidate
from engine.prepared import Prepared
from practice import access as practice_access
from practice.accesses import queries as accesses
from practice.accesses.models import BreachCase
from practice.anyone import for_anyone
from practice.enquiries import queries as enquiries
from practice.enquiries.models import Enquiry
from practice.gathering import seldom
from practice.matters import denials
from practice.matters import queries as matters
from practice.matters.denials import Denials, Reasons
from practice.matters.models import Matter
from practice.walls import queries as walls
from practice.walls.models import Wall, WallMember

_IN_FRONT_OF = Prepared(
    sa.select(
        UserTask.assignee,
        UserTask.candidate_groups,
        UserTask.business_key,
        matters.is_guarded(UserTask.business_key).label("is_guarded"),
    ).where(UserTask.id == sa.bindparam("user_task_id", type_=sa.Uuid()))
)

_IS_IT = UserTask.id == sa.bindparam("user_task_id", type_=sa.Uuid())
_AMONG = UserTask.id.in_(sa.bindparam("user_task_ids", expanding=True, type_=sa.Uuid()))

_SUBJECTS: Any = (matters, enquiries)
_IS_ANYTHING_GUARDED = Prepared(sa.select(matters.is_anything_guarded().label("is_guarded")))


def instance_visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``ProcessInstance``: started by the actor, with work for them, or of what they may see.

    Instances of a matter that the actor may not know of are left out, whatever rights they hold.
    """
    nothing_denies = sa.and_(
        none_denied(actor, ProcessInstance.business_key), _not_about_oneself(ProcessInstance.business_key, actor)
    )
    if actor.may("see_all_instances"):
        return nothing_denies
    own = aliased(ProcessInstance)
    reasons = (
        own.started_by == actor.username,
        own.business_key.in_(matters.own_numbers(actor)),
        own.business_key.in_(matters.numbers_by_rule(actor)),
        own.business_key.in_(sa.select(Enquiry.number).where(enquiries.visible_to(actor)).correlate(None)),
        own.business_key.in_(sa.select(Wall.number).where(walls.visible_to(actor)).correlate(None)),
        own.business_key.in_(sa.select(BreachCase.number).where(accesses.cases_visible_to(actor)).correlate(None)),
    )
    # One select for each reason: each is read by an index, where an OR of them reads every instance.
    ids = [sa.select(own.id).where(reason).correlate(None) for reason in reasons]
    seen = sa.union_all(*ids, practice_access.instances_with_open_work_for(actor))
    return sa.and_(ProcessInstance.id.in_(seen), nothing_denies)


def visible_instance(session: Session, actor: Actor, process_instance_id: UUID) -> ProcessInstance:
    """Return the instance; for people whom it does not concern there is none (``ProcessInstanceNotFound``)."""
    query = sa.select(ProcessInstance).where(ProcessInstance.id == process_instance_id, instance_seen_by(actor))
    instance = session.scalar(query)
    if instance is None:
        raise ProcessInstanceNotFound(process_instance_id)
    return instance


def user_task_visible_to(actor: Actor, by: Reasons | None = None, *, are_open: bool = False) -> sa.ColumnElement[bool]:
    """Filter on ``UserTask``, open or ended: in front of the actor, ended by them, or of a matter they may see.

    Tasks of a matter that the actor may not know of are left out, even in front of them; so are those of a
    breach case or a wall about the actor, but for what they themselves are to say. Asked of each row, for
    queries that look at few of them: a matter's, or one by its id; the inbox has an index of its own. ``by`` are the
    reasons that were gathered for the request, as for ``task_not_denied``; with them, ``are_open`` promises that no
    ended task is asked about: of open ones only those that are marked are asked.
    """
    not_denied = task_not_denied(actor, by=by)
    if by is not None and are_open:
        not_denied = open_work_not_denied(actor, UserTask, by)
    own = sa.or_(UserTask.assignee == actor.username, UserTask.ended_by == actor.username)
    nothing_denies = sa.and_(
        not_denied, sa.or_(_not_about_oneself(UserTask.business_key, actor), sa.func.coalesce(own, sa.false()))
    )
    if actor.may("see_all_user_tasks"):
        return nothing_denies
    offered = sa.and_(UserTaskCandidate.user_task_id == UserTask.id, UserTaskCandidate.principal.in_(actor.principals))
    reasons = sa.or_(
        sa.exists(sa.select(UserTaskCandidate.user_task_id).where(offered).correlate(UserTask)),
        UserTask.assignee == actor.username,
        UserTask.owner == actor.username,
        UserTask.ended_by == actor.username,
        _is_of_what_is_seen(UserTask.business_key, actor, is_denied_elsewhere=by is not None),
    )
    return sa.and_(reasons, nothing_denies)


def denied_open_tasks(actor: Actor) -> sa.Select[UUID]:
    """Select the open user tasks of matters that the actor may not know of, to leave them out of many."""
    open_task = aliased(UserTask)
    denied = open_task.business_key.in_(matters.denied_numbers(actor))
    # Written out, so that the index of open tasks by number is read: from the few that are denied, not from all.
    return sa.select(open_task.id).where(open_task.state == sa.literal_column("'created'"), denied).correlate(None)


def denied_open_work(actor: Actor, row: Any, by: Reasons) -> sa.ColumnElement[bool]:
    """Filter on ``row`` (``UserTask`` or ``UserTaskCandidate``): open work that the actor may not know of.

    The opposite of ``open_work_not_denied``, for counting it out of much: none is asked but what is marked.
    """
    is_open = [row.state == sa.literal_column("'created'")] if row is UserTask else []
    denied = denials.denied_of_marked(row.business_key, actor, by, marked=row.is_restricted)
    return sa.and_(*is_open, row.is_restricted.is_not(None), denied)


def hidden_open_tasks(actor: Actor, by: Reasons) -> list[sa.ColumnElement[bool]]:
    """Filters on ``UserTask``: open, and left out of all open work for the actor; each task comes by one of them.

    The opposite of ``not_about_oneself`` and ``open_work_not_denied``, for counting it out of everything.
    """
    is_open = UserTask.state == sa.literal_column("'created'")
    own = sa.func.coalesce(UserTask.assignee == actor.username, sa.false())
    about = sa.and_(is_open, UserTask.business_key.in_(_numbers_about(actor)), sa.not_(own))
    if not by:
        return [about]
    return [denied_open_work(actor, UserTask, by), sa.and_(about, open_work_not_denied(actor, UserTask, by))]


def task_not_denied(
    actor: Actor, business_key: Any = UserTask.business_key, by: Reasons | None = None
) -> sa.ColumnElement[bool]:
    """Filter on ``UserTask``: not of a matter that the actor may not know of; asked of each row, for a page of them.

    With ``business_key``, on the table that has this column. ``by`` are the reasons that were gathered for the request
    (``practice.matters.denials``), whose values come along; None spells them out.
    """
    if by is None:
        return sa.not_(_is_denied(business_key, actor))
    return seldom(denials.denied(business_key, actor, by))


def open_work_not_denied(actor: Actor, row: Any, by: Reasons) -> sa.ColumnElement[bool]:
    """Say the same of open work, as ``UserTask`` or ``UserTaskCandidate``: of matters only what is marked is asked."""
    return seldom(denials.denied(row.business_key, actor, by, marked=row.is_restricted))


def none_denied(actor: Actor, business_key: Any) -> sa.ColumnElement[bool]:
    """Say the same of many rows: what somebody could be denied is gathered once, and only of that each is asked."""
    if actor.may("*"):
        return sa.true()
    number = sa.func.coalesce(business_key, "")
    # As a value, not a condition: PostgreSQL keeps what is gathered in a hash then, and joins nothing.
    return sa.not_(sa.case((number.in_(matters.denied_numbers(actor)), sa.true()), else_=sa.false()))


def not_about_oneself(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``UserTask``: not of a breach case or a wall about the actor, but for what they hold themselves."""
    own = sa.func.coalesce(UserTask.assignee == actor.username, sa.false())
    return sa.or_(_not_about_oneself(UserTask.business_key, actor), own)


def is_denied_anything(session: Session, actor: Actor) -> bool:
    """Say whether there may be matters that the actor may not know of: where there are none, nothing is filtered.

    It asks whether anybody at all is kept from anything, which is one prepared statement for everybody: where
    a single matter is restricted, almost everybody is denied something.
    """
    return not actor.may("*") and bool(_IS_ANYTHING_GUARDED.rows(session.connection(), {})[0].is_guarded)


def visible_user_task(session: Session, actor: Actor, user_task_id: UUID) -> UserTask:
    """Return the task; for people whom it does not concern there is none (``UserTaskNotFound``).

    A task that was offered to one of the actor's groups stays visible to them after a colleague took
    or completed it, so that who comes late is told who was faster.
    """
    task = session.get(UserTask, user_task_id)
    if task is not None and not actor.groups.isdisjoint(task.candidate_groups):
        _require_not_denied(session, actor, user_task_id, task.business_key)
        return task
    kept = denials.of(session, actor)
    seen = _seen(actor, kept.reasons)
    values = seen.values | kept.values | {"user_task_id": user_task_id}
    if task is None or session.scalar(seen.statement, values) is None:
        raise UserTaskNotFound(user_task_id)
    return task


def visible_user_tasks(session: Session, actor: Actor, user_task_ids: Sequence[UUID]) -> list[UserTask]:
    """Return those of the tasks, open or ended, that ``visible_user_task`` would return; two queries for all."""
    if not user_task_ids:
        return []
    wanted = sa.select(UserTask).where(UserTask.id.in_(user_task_ids))
    # A task that was offered to a group of theirs stays theirs to read; groups are in a column that is read whole.
    not_denied = session.scalars(wanted.where(task_not_denied(actor)).execution_options(populate_existing=True)).all()
    offered = [task for task in not_denied if not actor.groups.isdisjoint(task.candidate_groups)]
    others = [task.id for task in not_denied if actor.groups.isdisjoint(task.candidate_groups)]
    if not others:
        return offered
    return [*offered, *session.scalars(wanted.where(UserTask.id.in_(others), user_task_visible_to(actor)))]


@dataclass(frozen=True, slots=True)
class KnownTask:
    """A task, and whether there is anybody who may not know of what it is about."""

    task: UserTask
    is_guarded: bool


def denied_among(session: Session, actor: Actor, user_task_ids: Sequence[UUID], kept: Denials) -> list[UUID]:
    """Return those of a few tasks that are of a matter that the actor may not know of."""
    if not user_task_ids or not kept:
        return []
    denied = _denied_among(actor, kept.reasons)
    return list(session.scalars(denied.statement, denied.values | kept.values | {"user_task_ids": user_task_ids}))


@for_anyone
def _denied_among(actor: Actor, by: Reasons) -> sa.Select[UUID]:
    return sa.select(UserTask.id).where(_AMONG, sa.not_(task_not_denied(actor, by=by)))


def known_user_tasks(session: Session, user_task_ids: Sequence[UUID]) -> dict[UUID, KnownTask]:
    """Return tasks for ``seen_among``, whoever asks: one query for all of them and everybody."""
    if not user_task_ids:
        return {}
    query = sa.select(UserTask, matters.is_guarded(UserTask.business_key)).where(UserTask.id.in_(user_task_ids))
    rows = session.execute(query.execution_options(populate_existing=True))
    return {task.id: KnownTask(task, is_guarded=bool(is_guarded)) for task, is_guarded in rows}


def seen_among(session: Session, actor: Actor, known: Sequence[KnownTask]) -> list[UserTask]:
    """Return those that ``visible_user_task`` would return; asks the database only about the actor where it matters."""
    plain = [one.task for one in known if not one.is_guarded and _is_in_front_of(one.task, actor)]
    in_doubt = [one.task.id for one in known if one.is_guarded or not _is_in_front_of(one.task, actor)]
    return [*plain, *visible_user_tasks(session, actor, in_doubt)]


def _is_in_front_of(task: UserTask, actor: Actor) -> bool:
    return task.assignee == actor.username or not actor.groups.isdisjoint(task.candidate_groups)


def require_user_task(session: Session, actor: Actor, user_task_id: UUID) -> None:
    """Refuse like ``visible_user_task``, for commands that load the task themselves: one prepared statement."""
    row = _IN_FRONT_OF.one_or_none(session.connection(), {"user_task_id": user_task_id})
    if row is not None and (row.assignee == actor.username or not actor.groups.isdisjoint(row.candidate_groups)):
        if row.is_guarded:
            _require_not_denied(session, actor, user_task_id, row.business_key)
        return
    visible_user_task(session, actor, user_task_id)


def may_know_of(session: Session, actor: Actor, user_task_id: UUID) -> bool:
    """Say whether nothing keeps somebody from a task: for bringing people in who have no part in it yet."""
    nothing_denies = sa.and_(task_not_denied(actor), _not_about_oneself(UserTask.business_key, actor))
    return session.scalar(sa.select(UserTask.id).where(UserTask.id == user_task_id, nothing_denies)) is not None


def visible_business_keys(actor: Actor) -> sa.CompoundSelect[str]:
    """Select the numbers of the matters, enquiries, walls and breach cases that the actor may see."""
    return sa.union_all(
        sa.select(Matter.number).where(matters.visible_to(actor)),
        sa.select(Enquiry.number).where(enquiries.visible_to(actor)),
        sa.select(Wall.number).where(walls.visible_to(actor)),
        sa.select(BreachCase.number).where(accesses.cases_visible_to(actor)),
    )


def _not_about_oneself(business_key: sa.SQLColumnExpression[str | None], actor: Actor) -> sa.ColumnElement[bool]:
    """Leave out the breach cases about the actor and the walls that keep them out by name, whatever their rights."""
    if actor.may("*"):
        return sa.true()
    return sa.or_(business_key.is_(None), business_key.not_in(_numbers_about(actor)))


def _numbers_about(actor: Actor) -> sa.CompoundSelect[str]:
    return sa.union_all(
        sa.select(BreachCase.number).where(BreachCase.username == actor.username),
        sa.select(Wall.number)
        .join(WallMember, WallMember.wall_id == Wall.id)
        .where(WallMember.username == actor.username, WallMember.side == "out"),
    )


def instance_seen_by(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``ProcessInstance``: the same as ``instance_visible_to``, asked of each row."""
    nothing_denies = sa.and_(
        sa.not_(_is_denied(ProcessInstance.business_key, actor)),
        _not_about_oneself(ProcessInstance.business_key, actor),
    )
    if actor.may("see_all_instances"):
        return nothing_denies
    with_work = (
        sa.select(UserTask.id)
        .join(UserTaskCandidate, UserTaskCandidate.user_task_id == UserTask.id)
        .where(UserTask.process_instance_id == ProcessInstance.id, UserTaskCandidate.principal.in_(actor.principals))
        .correlate(ProcessInstance)
    )
    reasons = sa.or_(
        ProcessInstance.started_by == actor.username,
        sa.exists(with_work),
        _is_of_what_is_seen(ProcessInstance.business_key, actor),
    )
    return sa.and_(reasons, nothing_denies)


def _is_of_what_is_seen(
    business_key: Any, actor: Actor, *, is_denied_elsewhere: bool = False
) -> sa.ColumnElement[bool]:
    # What denies the matter or the enquiry is said of the row itself where that was gathered, and once is enough.
    of_matter, of_enquiry = (module.has_reason if is_denied_elsewhere else module.seen_by for module in _SUBJECTS)
    matter = sa.select(Matter.id).where(Matter.number == business_key, of_matter(actor))
    enquiry = sa.select(Enquiry.id).where(Enquiry.number == business_key, of_enquiry(actor))
    wall = sa.select(Wall.id).where(Wall.number == business_key, walls.visible_to(actor))
    case = sa.select(BreachCase.id).where(BreachCase.number == business_key, accesses.cases_visible_to(actor))
    outer = business_key.class_
    return sa.or_(*(sa.exists(seen.correlate(outer)) for seen in (matter, enquiry, wall, case)))


def _is_denied(business_key: Any, actor: Actor) -> sa.ColumnElement[bool]:
    """Say of each row whether it is of a matter or an enquiry that the actor may not know of; never NULL."""
    if actor.may("*"):
        return sa.false()
    denied = sa.select(Matter.id).where(matters.denied_to(actor)).correlate(business_key.class_)
    enquiries_around = walls.enquiry_numbers_walled_off(actor)
    return sa.or_(
        # One each: over an OR of the two numbers SQLite reads the denied matters for every row.
        sa.exists(denied.where(Matter.number == business_key)),
        sa.exists(denied.where(Matter.enquiry_number == business_key)),
        sa.func.coalesce(business_key, "").in_(enquiries_around),
    )


def _require_not_denied(session: Session, actor: Actor, user_task_id: UUID, business_key: str | None) -> None:
    kept = Denials() if business_key is None else denials.of(session, actor)
    if denied_among(session, actor, [user_task_id], kept):
        raise UserTaskNotFound(user_task_id)


@for_anyone
def _seen(actor: Actor, by: Reasons) -> sa.Select[UUID]:
    return sa.select(UserTask.id).where(_IS_IT, user_task_visible_to(actor, by))
