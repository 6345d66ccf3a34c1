"""Saying yes: to one of many, and by a link in a mail."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import user_tasks
from engine.actor import Actor
from engine.errors import FormInvalid, UserTaskAlreadyClaimed, UserTaskNotFound, UserTaskNotOpen
from engine.models import ProcessInstance, UserTask, UserTaskCandidate
from practice.audit import operations as audit
from tasks import access
from tasks.approvals import queries
from tasks.approvals.errors import ApprovalLinkDead, ChangedSinceShown, InputNeeded
from tasks.approvals.models import ApprovalLink
from tasks.drafts import operations as drafts

#: A link that nobody used by then is dead.
LINK_LIVES: Final = timedelta(days=3)


def approve(session: Session, user_task_id: UUID, version: str | None, *, by: Actor, now: datetime) -> UserTask:
    """Complete one task with the answers that its model names as a yes, if it is as it was shown.

    Approving again what one has approved changes nothing, so a list that is sent twice is answered alike.

    Raises:
        UserTaskNotFound, UserTaskNotOpen, UserTaskAlreadyClaimed, NotACandidate, ProcessInstanceNotActive.
        ChangedSinceShown: ``version`` is not what ``queries.items`` says now.
        InputNeeded: the form asks for more.
        DutiesNotSeparated, AuthorityExceeded: a rule of the model refuses.
    """
    access.require_user_task(session, by, user_task_id)
    task = session.get(UserTask, user_task_id, populate_existing=True)
    if task is None:
        raise UserTaskNotFound(user_task_id)
    if task.state != "created":
        if task.state == "completed" and task.ended_by == by.username:
            return task
        raise UserTaskNotOpen(user_task_id, task.state, task.ended_by)
    # What is looked at here stays so until it is completed.
    session.scalar(
        sa.select(ProcessInstance.revision)
        .where(ProcessInstance.id == task.process_instance_id)
        .with_for_update(key_share=True)
    )
    session.refresh(task)
    item = queries.items(session, [task], actor=by)[0]
    if version is not None and version != item.version:
        if task.assignee is not None and not _is_in_front_of(session, task, by):
            raise UserTaskAlreadyClaimed(user_task_id, task.assignee)
        raise ChangedSinceShown(user_task_id)
    if item.answers is None:
        raise InputNeeded(user_task_id, {})
    try:
        done = user_tasks.complete(session, user_task_id, item.answers, by=by, now=now)
    except FormInvalid as refused:
        raise InputNeeded(user_task_id, refused.fields) from refused
    drafts.discard(session, by, user_task_id=user_task_id)
    return done


def issue_link(session: Session, user_task_id: UUID, *, to: Actor, by: Actor, now: datetime) -> str:
    """Make a link by which one person approves one task once; return its secret part, which is stored nowhere.

    Links made before for the same person and task are dead from now on.

    Raises:
        UserTaskNotFound, UserTaskNotOpen, InputNeeded.
    """
    access.require_user_task(session, to, user_task_id)
    task = user_tasks.get(session, user_task_id)
    if task.state != "created":
        raise UserTaskNotOpen(user_task_id, task.state, task.ended_by)
    item = queries.items(session, [task], actor=to)[0]
    if item.answers is None:
        raise InputNeeded(user_task_id, {})
    session.execute(
        sa.update(ApprovalLink)
        .where(
            ApprovalLink.user_task_id == user_task_id,
            ApprovalLink.username == to.username,
            ApprovalLink.used_at.is_(None),
        )
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    token = secrets.token_urlsafe(32)
    link = ApprovalLink(
        token_hash=hashed(token),
        user_task_id=user_task_id,
        username=to.username,
        holder=task.assignee,
        version=item.version,
        created_at=now,
        expires_at=now + LINK_LIVES,
    )
    session.add(link)
    session.flush()
    audit.append(
        session,
        "user_task",
        user_task_id,
        "approval_link_issued",
        by=by,
        now=now,
        after={"to": to.username, "expires_at": link.expires_at.isoformat()},
        matter=task.business_key,
    )
    return token


def addressee(session: Session, token: str, *, now: datetime) -> str:
    """Return whose link it is, if it still works; looking at it changes nothing.

    Raises:
        ApprovalLinkDead: used, expired, completed, given to somebody else, or there never was one.
    """
    return _alive(session, token, now=now).username


def behind_link(session: Session, token: str, *, by: Actor, now: datetime) -> queries.Item:
    """Return what a link that still works is about; looking at it changes nothing.

    Raises:
        ApprovalLinkDead.
    """
    link = _alive(session, token, now=now)
    return queries.items(session, [_task(session, link, by)], actor=by)[0]


def approve_by_link(session: Session, token: str, *, by: Actor, now: datetime) -> UserTask:
    """Approve what a link is about and use it up; ``by`` is the person whose link it is.

    Raises:
        ApprovalLinkDead.
        ChangedSinceShown, InputNeeded, DutiesNotSeparated, AuthorityExceeded and others: as ``approve``.
    """
    link = _alive(session, token, now=now)
    task = _task(session, link, by)
    # Two clicks at once: one of them finds it used.
    used = session.execute(
        sa.update(ApprovalLink)
        .where(ApprovalLink.id == link.id, ApprovalLink.used_at.is_(None))
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise ApprovalLinkDead
    audit.append(
        session,
        "user_task",
        task.id,
        "approved_by_link",
        by=by,
        now=now,
        after={"element_id": task.element_id, "process_key": task.process_key},
        matter=task.business_key,
    )
    return approve(session, task.id, link.version, by=by, now=now)


def _alive(session: Session, token: str, *, now: datetime) -> ApprovalLink:
    link = session.scalar(
        sa.select(ApprovalLink)
        .join(UserTask, UserTask.id == ApprovalLink.user_task_id)
        .where(
            ApprovalLink.token_hash == hashed(token),
            ApprovalLink.used_at.is_(None),
            ApprovalLink.expires_at > now,
            UserTask.state == "created",
            UserTask.assignee.is_not_distinct_from(ApprovalLink.holder),
        )
    )
    if link is None:
        raise ApprovalLinkDead
    return link


def _task(session: Session, link: ApprovalLink, by: Actor) -> UserTask:
    if by.username != link.username:
        raise ApprovalLinkDead
    try:
        return access.visible_user_task(session, by, link.user_task_id)
    except UserTaskNotFound as hidden:
        raise ApprovalLinkDead from hidden


def _is_in_front_of(session: Session, task: UserTask, actor: Actor) -> bool:
    candidate = UserTaskCandidate
    found = sa.select(sa.literal(1)).where(candidate.user_task_id == task.id, candidate.principal.in_(actor.principals))
    return session.scalar(found.limit(1)) is not None


def hashed(token: str) -> str:
    """Return what is stored of a link."""
    return hashlib.sha256(token.encode()).hexdigest()
