"""The property ``approveByMail``: who is asked to approve gets a mail with a link that approves once.

A job sends each mail, so a step never waits for a mail server. Who is given the task later gets a link of their own;
the one that was sent before is dead by then. Of matters that anybody is kept from a mail names nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import followers, job_kinds, job_table
from engine.actor import SYSTEM, Actor
from engine.errors import MatterflowError
from engine.job_kinds import DueJob, Policy
from engine.models import UserTask
from practice.people.models import Membership, User
from tasks.approvals import operations
from tasks.notifications import channels, preferences
from tasks.notifications.channels import Mail, Person
from tasks.notifications.errors import AddressRefused
from tasks.notifications.operations import is_guarded

if TYPE_CHECKING:
    from engine.steps import Step

KIND: Final = "approval_mail"
PROPERTY: Final = "approveByMail"


class Writer(Protocol):
    """Words the mail in the reader's language."""

    def asking(self, person: Person, *, task: str | None, number: str | None, token: str, until: datetime) -> Mail:
        """Ask for a yes; ``task`` and ``number`` are None where a mail may not name them."""
        ...


_writer: list[Writer] = []


def use(writer: Writer) -> None:
    """Say who words these mails."""
    _writer[:] = [writer]


class Mailing:
    """Follows the tasks that may be approved by mail."""

    def came(self, step: Step, rows: Sequence[Mapping[str, Any]]) -> None:
        """Promise to ask whom they stand in front of."""
        jobs = [
            job_table.values(
                KIND, due_at=step.now, by=SYSTEM.username, now=step.now, payload={"user_task_id": str(row["id"])}
            )
            for row in rows
            if row["properties"].get(PROPERTY) == "true"
        ]
        if jobs:
            step.later(*job_table.promising(jobs))
            job_table.note_due(step.session, jobs, step.now)

    def given(self, session: Session, task: UserTask, verb: str, *, by: Actor, now: datetime) -> None:
        """Promise to ask who was given the task by somebody else."""
        if task.properties.get(PROPERTY) == "true" and task.assignee not in (None, by.username):
            payload = {"user_task_id": str(task.id), "username": task.assignee}
            job_table.promise(session, KIND, due_at=now, by=SYSTEM.username, now=now, payload=payload)

    def require_completable(self, session: Session, user_task_id: UUID) -> None:
        """Refuse nothing."""

    def ended(self, step: Step, user_task_ids: Sequence[UUID]) -> None:
        """Do nothing: a link to what has ended is dead."""


def _flaw(text: str) -> str | None:
    return None if text in ("true", "false") else "it is either true or false"


followers.follow(PROPERTY, Mailing(), check=_flaw)


@job_kinds.handles(KIND, Policy(attempts=8, pause_s=30, factor=3, longest_pause_s=3600, shares_transaction=False))
def send(session: Session, job: DueJob, now: datetime) -> None:
    """Ask one person, or promise to ask each of those in front of whom the task stands."""
    payload = job.payload or {}
    task = session.get(UserTask, UUID(str(payload["user_task_id"])), populate_existing=True)
    if task is None or task.state != "created" or not _writer or "email" not in channels.current().known:
        return
    username = payload.get("username")
    if username is None:
        rows = [
            job_table.values(
                KIND,
                due_at=now,
                by=SYSTEM.username,
                now=now,
                payload={"user_task_id": str(task.id), "username": name},
            )
            for name in _addressees(session, task)
        ]
        job_table.promise_all(session, rows, now=now)
        return
    _ask(session, task, str(username), now)


def _ask(session: Session, task: UserTask, username: str, now: datetime) -> None:
    user = session.scalar(sa.select(User).where(User.username == username, User.is_active))
    email = channels.current().email
    if user is None or user.email is None or email is None or preferences.of(session, username).email == "off":
        return
    if task.assignee not in (None, username):
        return
    person = Person(user.username, user.full_name, user.email, user.language, user.time_zone)
    try:
        token = operations.issue_link(session, task.id, to=Actor(username, user.groups, at=now), by=SYSTEM, now=now)
    except MatterflowError:  # not for them, or more than a yes: the inbox tells them
        return
    guarded = is_guarded(session, task.business_key)
    mail = _writer[0].asking(
        person,
        task=None if guarded else task.name,
        number=None if guarded else task.business_key,
        token=token,
        until=now + operations.LINK_LIVES,
    )
    try:
        email.send(person, mail, message_id=operations.hashed(token)[:40], now=now)
    except AddressRefused:
        return


def _addressees(session: Session, task: UserTask) -> list[str]:
    if task.assignee is not None:
        return [task.assignee]
    members = (
        sa.select(User.username)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.group_name.in_(task.candidate_groups), User.is_active, User.email.is_not(None))
        .distinct()
        .order_by(User.username)
    )
    return list(session.scalars(members))
