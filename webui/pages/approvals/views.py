"""What waits for a yes: many at once with their facts, and one by the link in a mail."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from flask import Blueprint, abort, g, make_response, render_template, request
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine import clock
from engine.actor import Actor
from engine.errors import MatterflowError, UserTaskNotFound
from engine.models import UserTask
from practice.people import queries as people
from tasks import access, facts
from tasks.approvals import operations, queries
from tasks.approvals.errors import ApprovalLinkDead, InputNeeded
from tasks.separation.errors import DutiesNotSeparated
from webui import bulk
from webui.auth import current_actor, somebody_named
from webui.db import db
from webui.pages import reading
from webui.pages.refusals import sentence

bp = Blueprint("approvals", __name__, url_prefix="/approvals")
#: Comes in without being signed in: the link is who it is for.
links = Blueprint("approval_links", __name__, url_prefix="/approve")
PAGE_SIZE = 25


class Dropped(NamedTuple):
    """What was ticked and is not approved; without a task when the reader may no longer know of it."""

    task: UserTask | None
    why: str


class Results(NamedTuple):
    """What became of what was ticked."""

    approved: int
    dropped: list[Dropped]
    #: By number.
    subjects: dict[str, facts.Subject]


@bp.get("")
def index() -> str:
    """List what waits for the reader's yes."""
    return _page()


@bp.post("")
def approve() -> str:
    """Approve what was ticked, each by itself, and tell what became of each."""
    actor, now = current_actor(), clock.utc_now()
    asked = list(dict.fromkeys(filter(None, (_asked(said) for said in request.form.getlist("item")))))
    told = bulk.one_by_one(
        asked[:200], lambda session, one: operations.approve(session, one[0], one[1], by=actor, now=now)
    )
    session = db.session()
    dropped: list[Dropped] = []
    for (user_task_id, _), refused in told:
        if refused is not None:
            dropped.append(Dropped(_if_visible(session, actor, user_task_id), why(refused)))
    subjects = facts.subjects(session, [one.task for one in dropped if one.task])
    return _page(Results(len(told) - len(dropped), dropped, subjects))


@links.get("/<token>")
def look(token: str) -> Response:
    """Show what the link is about and ask; looking decides nothing, whoever or whatever looks."""
    now = clock.utc_now()
    try:
        actor = _addressee(token)
        item = operations.behind_link(db.session(), token, by=actor, now=now)
    except ApprovalLinkDead as dead:
        return _alone("approvals/dead.html", 404, why=sentence(dead))
    names = people.display_names(db.session(), [actor.username])
    return _alone("approvals/link.html", 200, item=item, token=token, name=names.get(actor.username, actor.username))


@links.post("/<token>")
def use(token: str) -> Response:
    """Approve what the link is about, and use it up."""
    try:
        actor = _addressee(token)
        task = operations.approve_by_link(db.session(), token, by=actor, now=clock.utc_now())
    except ApprovalLinkDead as dead:
        return _alone("approvals/dead.html", 404, why=sentence(dead))
    except MatterflowError as refused:
        g.refused = refused
        db.session.rollback()
        return _alone("approvals/dead.html", 409, why=why(refused))
    return _alone("approvals/done.html", 200, task=task)


def why(refused: MatterflowError) -> str:
    """Say why something drops out, with what is missing or which step stands in the way."""
    told = sentence(refused)
    if isinstance(refused, InputNeeded) and refused.fields:
        return gettext("%(sentence)s Missing: %(fields)s.", sentence=told, fields=", ".join(refused.fields))
    if isinstance(refused, DutiesNotSeparated):
        names = people.display_names(db.session(), [refused.username])
        return gettext("%(sentence)s (%(name)s)", sentence=told, name=names.get(refused.username, refused.username))
    return told


def _page(results: Results | None = None) -> str:
    session, actor = db.session(), current_actor()
    cursor = request.args.get("cursor") or None
    page = queries.waiting(session, actor, limit=PAGE_SIZE, cursor=cursor)
    return render_template(
        "approvals/index.html",
        page=page,
        total=queries.waiting_count(session, actor),
        results=results,
        names=people.display_names(session, [item.task.assignee for item in page.items]),
        processes=reading.process_names(session),
    )


def _if_visible(session: Session, actor: Actor, user_task_id: UUID) -> UserTask | None:
    try:
        return access.visible_user_task(session, actor, user_task_id)
    except UserTaskNotFound:
        return None


def _asked(said: str) -> tuple[UUID, str] | None:
    user_task_id, _, version = said.partition(":")
    try:
        return UUID(user_task_id), version[:64]
    except ValueError:
        return None


def _addressee(token: str) -> Actor:
    if not 20 <= len(token) <= 100:  # noqa: PLR2004 - what such tokens are
        raise ApprovalLinkDead
    actor = somebody_named(operations.addressee(db.session(), token, now=clock.utc_now()))
    if actor is None:
        raise ApprovalLinkDead
    return actor


def _alone(template: str, status: int, **shown: Any) -> Response:
    if request.method not in ("GET", "HEAD", "POST"):
        abort(405)
    answer = make_response(render_template(template, **shown), status)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
