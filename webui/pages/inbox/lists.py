"""The list of the inbox: its lines, parts, counts and chips, as an address asks for them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple

from flask import session as browser_session
from flask_babel import gettext, to_user_timezone, to_utc
from sqlalchemy.orm import Session

from engine import clock
from engine.actor import Actor
from engine.models import UserTask
from engine.models.user_task_candidate import NO_DUE_DATE
from practice.clients import queries as clients
from practice.directories import queries as directories
from practice.paging import Page, cursor
from practice.people import queries as people
from tasks import facts
from tasks.filters import queries as kept_filters
from tasks.inbox import queries as inbox
from tasks.inbox.filters import Filters
from tasks.snoozes import queries as snoozes
from webui.auth import current_actor
from webui.db import db
from webui.languages.entry_words import called
from webui.languages.model_texts import model_text
from webui.pages import reading
from webui.pages.colleagues.choices import meant
from webui.pages.inbox.schemas import BUCKETS, InboxArgs
from webui.pages.texts import bucket_name, due
from webui.pages.vocabulary import work_kind

PAGE_SIZE = 40
#: Days that "in the next seven days" spans, today included.
_WEEK = 7
#: Clients offered when a name fits several.
_CLIENTS_SHOWN = 8


class Row(NamedTuple):
    """One line of the list."""

    task: UserTask
    subject: facts.Subject | None
    bucket: str
    due_text: str
    holder: str | None
    starts_bucket: bool
    #: Until when the reader put it aside.
    asleep_until: datetime | None


class Chip(NamedTuple):
    """One filter that is set, and the address's arguments without it."""

    text: str
    without: dict[str, str]


class ClientChoice(NamedTuple):
    """A client that a word may mean."""

    number: str
    name: str


def shown(args: InboxArgs) -> dict[str, Any]:
    """Return what the template of the list needs."""
    session, actor, now = db.session(), current_actor(), clock.utc_now()
    is_known, filters, choices = _filters(session, actor, args, now)
    scope: Any = args.scope or browser_session.get("scope")
    if scope not in inbox.SCOPES:
        # Where nothing is narrowed, the list's own counts say which scope comes first.
        scope = None if filters == Filters() else _first_scope(session, actor, now)
    if args.scope and browser_session.get("scope") != args.scope:
        browser_session["scope"] = args.scope
    counted = inbox.counts_of_list(
        session, actor, scope=scope, now=now, bounds=_bounds(now), filters=filters, asleep="asleep" in args.narrowed
    )
    args = args.with_scope(counted.scope)
    nothing: Page[UserTask] = Page([], None)
    page = _page(session, actor, args, filters, now, cursor_=args.cursor) if is_known else nothing
    return {
        "args": args,
        "scope": counted.scope,
        "counts": counted.by_scope,
        "parts": dict(zip(BUCKETS, counted.parts, strict=True)) | {"all": counted.total},
        "rows": _rows(session, actor, page, now, args),
        "next_cursor": page.next_cursor,
        "chips": _chips(session, actor, args),
        "client_choices": choices,
        "kept_filters": kept_filters.of(session, actor=actor),
        "now": now,
    }


def next_after(task: UserTask, args: InboxArgs) -> UserTask | None:
    """Return the task that follows a completed one on the reader's list, or else the first one there."""
    session, actor, now = db.session(), current_actor(), clock.utc_now()
    scope: Any = args.scope or browser_session.get("scope")
    is_known, filters, _ = _filters(session, actor, args, now)
    if scope not in inbox.SCOPES or not is_known:
        return None
    args = args.with_scope(scope)
    if args.sort == "due":
        place = cursor(task.due_at or NO_DUE_DATE, task.id)
        following = _page(session, actor, args, filters, now, cursor_=place, limit=1).items
        if following:
            return following[0]
    first = _page(session, actor, args, filters, now, limit=1).items
    return first[0] if first else None


def arrived(args: InboxArgs, since: datetime) -> int:
    """Return how many tasks came to the reader's list after an instant."""
    scope: Any = args.scope or browser_session.get("scope") or "all"
    return inbox.arrived(db.session(), current_actor(), since=since, scope=scope, now=clock.utc_now())


def _page(
    session: Session,
    actor: Actor,
    args: InboxArgs,
    filters: Filters,
    now: datetime,
    *,
    cursor_: str | None = None,
    limit: int = PAGE_SIZE,
) -> Page[UserTask]:
    scope: Any = args.scope
    sort: Any = args.sort
    return inbox.page(
        session,
        actor,
        scope=scope,
        sort=sort,
        filters=filters,
        asleep="asleep" in args.narrowed,
        now=now,
        limit=limit,
        cursor=cursor_,
    )


def _first_scope(session: Session, actor: Actor, now: datetime) -> str:
    counts = inbox.counts(session, actor, now=now)
    return "mine" if counts["mine"] or not counts["group"] else "group"


def _bounds(now: datetime) -> tuple[datetime, datetime, datetime]:
    """Return now, the end of today and the end of the week in the reader's time zone."""
    return now, midnight(now, 1), midnight(now, _WEEK)


def midnight(now: datetime, days: int, *, hour: int = 0) -> datetime:
    """Return the instant at which a day of the reader begins, or an hour of it, so many days after today."""
    on = to_user_timezone(now).date() + timedelta(days=days)
    return to_utc(datetime.combine(on, time(hour))).replace(tzinfo=UTC)


def _filters(
    session: Session, actor: Actor, args: InboxArgs, now: datetime
) -> tuple[bool, Filters, list[ClientChoice]]:
    """Return whether the filters mean anything, what they mean, and the clients that one of them may mean."""
    said = args.narrowed
    parts = {"late": (None, 0), "today": (0, 1), "week": (1, 2), "later": (2, None)}
    bounds, due_from, due_before = _bounds(now), None, None
    if said.get("due") in parts:
        first, last = parts[said["due"]]
        due_from = None if first is None else bounds[first]
        due_before = (NO_DUE_DATE if said["due"] == "later" else None) if last is None else bounds[last]
    choices = _clients(session, actor, said["client"]) if "client" in said else []
    tag = said.get("tag")
    is_known = ("client" not in said or len(choices) == 1) and (not tag or directories.by_key(session, "tag", tag))
    priority: Any = said.get("priority")
    filters = Filters(
        kinds=_names(said.get("kind")),
        process_keys=_names(said.get("process")),
        business_key=said.get("matter"),
        client=choices[0].number if len(choices) == 1 else said.get("client"),
        assignee=meant(session, said.get("person")),
        tag=tag if is_known else None,
        priority=priority,
        due_from=due_from,
        due_before=due_before,
        is_undated=said.get("due") == "none",
        text=args.q or None,
    )
    return bool(is_known), filters, choices if len(choices) != 1 else []


def _names(written: str | None) -> tuple[str, ...]:
    return tuple(name for one in (written or "").split(",") if (name := one.strip()))[:30]


def _clients(session: Session, actor: Actor, written: str) -> list[ClientChoice]:
    """Return the clients that a number or some words of a name may mean, of those whom the reader may see."""
    found = clients.search(session, actor=actor, text=written, limit=_CLIENTS_SHOWN).items
    exact = [(client, party) for client, party in found if client.number == written.strip().upper()]
    return [ClientChoice(client.number, party.name) for client, party in exact or found]


def _rows(session: Session, actor: Actor, page: Page[UserTask], now: datetime, args: InboxArgs) -> list[Row]:
    subjects = facts.subjects(session, page.items)
    names = people.display_names(session, [task.assignee for task in page.items])
    asleep = snoozes.until(session, page.items, actor=actor, now=now)
    rows: list[Row] = []
    previous, sort = args.after, args.sort
    for task in page.items:
        bucket, text = due(task.due_at, now)
        holder = names.get(task.assignee, task.assignee) if task.assignee else None
        subject = subjects.get(task.business_key or "")
        # By urgency there is one part alone, whose lines say themselves when they are due.
        part = bucket if sort == "due" else "all"
        rows.append(Row(task, subject, bucket, text, holder, part != previous, asleep.get(task.id)))
        previous = part
    return rows


def _chips(session: Session, actor: Actor, args: InboxArgs) -> list[Chip]:
    made: list[Chip] = []
    for name, value in args.narrowed.items():
        made.append(Chip(_words(session, actor, name, value), args.without(name)))
    if args.q:
        made.append(Chip(f"“{args.q}”", args.without("q")))
    return made


def _words(session: Session, actor: Actor, name: str, value: str) -> str:
    if name == "due":
        return bucket_name(value)
    if name == "priority":
        return priority_name(value)
    if name == "asleep":
        return gettext("Put aside for later")
    if name == "process":
        known = reading.process_names(session)
        return ", ".join(model_text(one, known.get(one, one)) for one in _names(value))
    if name == "kind":
        return ", ".join(work_kind(one) for one in _names(value))
    if name == "tag":
        entry = directories.by_key(session, "tag", value)
        return called(entry) if entry else value
    if name == "person":
        username = meant(session, value) or value
        return people.display_names(session, [username]).get(username, username)
    if name == "client":
        found = _clients(session, actor, value)
        return found[0].name if len(found) == 1 else gettext("Client: %(name)s", name=value)
    return value


def priority_name(value: str) -> str:
    """Name a band of priorities."""
    return {
        "high": gettext("More urgent than usual"),
        "normal": gettext("As urgent as usual"),
        "low": gettext("Less urgent than usual"),
    }[value]
