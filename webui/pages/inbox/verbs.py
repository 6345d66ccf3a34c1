"""What one does with one's list: narrow it, keep what narrows it, watch, put aside, and hear what is new."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, to_user_timezone, to_utc
from werkzeug.wrappers import Response

from engine import clock
from engine.errors import MatterflowError
from engine.models import UserTask
from practice.directories import queries as directories
from tasks.filters import operations as filters
from tasks.filters import queries as kept
from tasks.inbox import queries as inbox
from tasks.inbox.filters import PRIORITIES
from tasks.snoozes import operations as snoozes
from tasks.snoozes import queries as asleep
from tasks.watching import operations as watching
from tasks.watching import queries as watched
from webui.auth import current_actor
from webui.db import db
from webui.languages.entry_words import called
from webui.languages.model_texts import model_text
from webui.pages import reading
from webui.pages.inbox import lists
from webui.pages.inbox.schemas import BUCKETS, InboxArgs
from webui.pages.refusals import sentence
from webui.pages.texts import bucket_name, moment
from webui.pages.vocabulary import work_kind

bp = Blueprint("inbox_verbs", __name__, url_prefix="/inbox")
#: The hour of a day at which what was put aside comes back.
MORNING = 8
_MONDAY = 7


class SnoozeChoice(NamedTuple):
    """A time until which something may be put aside."""

    value: str
    text: str


class Eye(NamedTuple):
    """How the reader looks at a task."""

    is_watched: bool
    #: Through its matter.
    is_matter_watched: bool
    asleep_until: datetime | None
    choices: list[SnoozeChoice]
    #: The last day until which it may be put aside; None where any will do.
    last_on: date | None


def init_app(app: Flask) -> None:
    """Offer templates how the reader looks at things."""
    app.add_template_global(eye_of)
    app.add_template_global(is_matter_watched)


@bp.get("/narrow")
def narrow() -> str:
    """Show what the list can be narrowed by, and the filters that are kept."""
    session, actor, args = db.session(), current_actor(), InboxArgs.read(request.args)
    known, names = inbox.choices(session, actor), reading.process_names(session)
    template = "_narrow.html" if request.headers.get("HX-Target") == "narrow" else "narrow.html"
    return render_template(
        f"inbox/{template}",
        args=args,
        kinds={kind: work_kind(kind) for kind in known.kinds},
        processes={key: model_text(key, names.get(key, key)) for key in known.process_keys},
        tags={
            one.key: f"{'– ' * (one.path.count('/') - 1)}{called(one)}"
            for one in directories.entries(session, "tag", active_only=True)
        },
        buckets={bucket: bucket_name(bucket) for bucket in BUCKETS},
        mine=[one for one in kept.of(session, actor=actor) if one.owner == actor.username],
        priorities={value: lists.priority_name(value) for value in PRIORITIES},
    )


@bp.get("/new")
def new() -> str:
    """Say in a pill how many tasks came since the list was shown; say nothing where none did."""
    args = InboxArgs.read(request.args)
    try:
        since = datetime.fromisoformat(request.args.get("since", ""))
    except ValueError:
        abort(400)
    since = since.replace(tzinfo=UTC) if since.tzinfo is None else since
    count = lists.arrived(args, since)
    return render_template("inbox/_new.html", args=args, count=count)


@bp.post("/filters")
def keep() -> Response:
    """Keep what the list is narrowed by under a name."""
    args = InboxArgs.read(request.args)
    facts = {
        "name": request.form.get("name", ""),
        "criteria": args.kept(),
        "shared_with": request.form.get("shared_with") or None,
    }
    return _done(
        lambda: filters.save(db.session(), facts, by=current_actor(), now=clock.utc_now()),
        lambda row: gettext("The filter “%(name)s” is kept.", name=row.name),
        url_for("inbox.index", **_plain(args.kept())),
    )


@bp.post("/filters/<uuid:filter_id>/forget")
def forget(filter_id: UUID) -> Response:
    """Forget a filter of one's own."""
    return _done(
        lambda: filters.forget(db.session(), filter_id, by=current_actor(), now=clock.utc_now()),
        lambda _: gettext("The filter is forgotten."),
        url_for("inbox.index"),
    )


@bp.post("/<uuid:user_task_id>/watch")
def watch(user_task_id: UUID) -> Response:
    """Keep an eye on a task, or stop."""
    session, actor, now = db.session(), current_actor(), clock.utc_now()
    stop = request.form.get("stop") == "yes"
    verb = watching.unwatch_task if stop else watching.watch_task
    said = gettext("You do not watch it any more.") if stop else gettext("You find it under Watched from now on.")
    return _done(lambda: verb(session, user_task_id, by=actor, now=now), lambda _: said, _task(user_task_id))


@bp.post("/watched/<string:number>")
def watch_matter(number: str) -> Response:
    """Keep an eye on all the work of a matter or an enquiry, or stop."""
    session, actor, now = db.session(), current_actor(), clock.utc_now()
    stop = request.form.get("stop") == "yes"
    verb = watching.unwatch_matter if stop else watching.watch_matter
    said = (
        gettext("You do not watch %(number)s any more.", number=number)
        if stop
        else gettext("You find all the work of %(number)s under Watched from now on.", number=number)
    )
    is_enquiry = number.startswith("E-")
    address = url_for("enquiries.show", number=number) if is_enquiry else url_for("matters.show", number=number)
    return _done(lambda: verb(session, number, by=actor, now=now), lambda _: said, address)


@bp.post("/<uuid:user_task_id>/snooze")
def snooze(user_task_id: UUID) -> Response:
    """Put a task aside until a day, or take it back."""
    session, actor, now = db.session(), current_actor(), clock.utc_now()
    carried = _plain(InboxArgs.read(request.args).kept())
    if request.form.get("until") == "now":
        return _done(
            lambda: snoozes.wake(session, user_task_id, by=actor, now=now),
            lambda _: gettext("It is back on your list."),
            _task(user_task_id),
        )
    until = _instant(request.form.get("on") or request.form.get("until", ""), now)
    return _done(
        lambda: snoozes.put_aside(session, user_task_id, until=until, by=actor, now=now),
        lambda row: gettext("Put aside until %(time)s. Nobody else’s list changes.", time=moment(row.until)),
        url_for("inbox.index", **carried),
        refused=_task(user_task_id),
    )


def eye_of(task: UserTask) -> Eye:
    """Return how the reader looks at a task, and until when they may put it aside."""
    session, actor, now = db.session(), current_actor(), clock.utc_now()
    key = task.business_key
    return Eye(
        is_watched=watched.is_watched(session, actor, user_task_id=task.id),
        is_matter_watched=key is not None and watched.is_watched(session, actor, business_key=key),
        asleep_until=asleep.until(session, [task], actor=actor, now=now).get(task.id),
        choices=[
            SnoozeChoice(value, text)
            for value, text in _offered().items()
            if task.due_at is None or task.due_at <= now or _instant(value, now) <= task.due_at
        ],
        last_on=to_user_timezone(task.due_at).date() if task.due_at and task.due_at > now else None,
    )


def is_matter_watched(number: str) -> bool:
    """Say whether the reader watches a matter or an enquiry."""
    return watched.is_watched(db.session(), current_actor(), business_key=number)


def _offered() -> dict[str, str]:
    return {
        "later": gettext("In three hours"),
        "tomorrow": gettext("Tomorrow morning"),
        "monday": gettext("Monday morning"),
        "week": gettext("In a week"),
        "month": gettext("In four weeks"),
    }


def _instant(said: str, now: datetime) -> datetime:
    """Return the instant that a choice or a date means: the morning of a day; what means nothing is now."""
    today = to_user_timezone(now).date()
    days = {"tomorrow": 1, "monday": _MONDAY - today.weekday(), "week": 7, "month": 28}
    if said == "later":
        return now + timedelta(hours=3)
    if said in days:
        return lists.midnight(now, days[said], hour=MORNING)
    try:
        on = date.fromisoformat(said)
    except ValueError:
        return now
    return to_utc(datetime.combine(on, time(MORNING))).replace(tzinfo=UTC)


def _task(user_task_id: UUID) -> str:
    return url_for("inbox.show", user_task_id=user_task_id, **_plain(InboxArgs.read(request.args).kept()))


def _plain(carried: dict[str, str]) -> dict[str, Any]:
    return dict(carried)


def _done(do: Any, say: Any, address: str, *, refused: str | None = None) -> Response:
    try:
        made = do()
    except MatterflowError as refusal:
        flash(sentence(refusal), "late")
        return redirect(refused or address, 303)
    flash(say(made), "good")
    return redirect(address, 303)
