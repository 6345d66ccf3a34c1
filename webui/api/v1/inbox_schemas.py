"""What the API takes and says about lists of work: what narrows them, counts, watches, snoozes and kept filters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import Schema, fields, validate

from tasks.filters.operations import CRITERIA
from tasks.inbox.filters import PRIORITIES, Filters
from tasks.inbox.queries import SCOPES, SORTS
from webui.api.v1.blueprint import PageArgs, Query
from webui.api.v1.schemas import Answer, Instant, said, text


class Several(fields.String):
    """One name or several, separated by commas."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        written: str = super()._deserialize(value, attr, data, **kwargs)
        return tuple(name for one in written.split(",") if (name := one.strip()))


class CountArgs(Query):
    """What lists and counts of open work are narrowed by; everything that is given has to hold."""

    kind = Several(load_default=None, **said("Of one of these kinds, separated by commas."))
    process_key = Several(load_default=None, **said("Of one of these processes, separated by commas."))
    business_key = text(100, load_default=None, **said("The number of a matter or an enquiry."))
    client = text(60, load_default=None, **said("The number of a client: the work of their matters."))
    tag = text(60, load_default=None, **said("The key of a tag of the matter; tags below it count."))
    priority = fields.String(
        load_default=None,
        validate=validate.OneOf(PRIORITIES),
        **said("Above (`high`), at (`normal`) or below (`low`) what is normal."),
    )
    due_from = Instant(load_default=None, **said("Due then or later."))
    due_before = Instant(load_default=None, **said("Due before."))
    undated = fields.Boolean(load_default=False, **said("Only what has no date."))
    q = text(
        200, load_default=None, **said("Words of the task's name, its number, and the names in its matter or enquiry.")
    )


class UserTaskFilters(CountArgs, PageArgs):
    """Which open user tasks to list."""

    scope = fields.String(
        load_default="mine",
        validate=validate.OneOf(SCOPES),
        **said(
            "`mine`: I hold it; `group`: nobody holds it and my groups may take it; `watched`: I keep an eye on it; "
            "`all`: everything I may see."
        ),
    )
    sort = fields.String(
        load_default="due",
        validate=validate.OneOf(SORTS),
        **said("`due`: the first due first; `urgency`: ten points of priority count like a day."),
    )
    asleep = fields.Boolean(load_default=False, **said("Only what I put aside; it is left out otherwise."))


class NewArgs(Schema):
    """Since when."""

    since = Instant(required=True)
    scope = fields.String(load_default="all", validate=validate.OneOf(SCOPES))


def filters_of(args: dict[str, Any]) -> Filters:
    """Return what arguments narrow by."""
    due_from: datetime | None = args.get("due_from")
    return Filters(
        kinds=args.get("kind") or (),
        process_keys=args.get("process_key") or (),
        business_key=args.get("business_key"),
        client=args.get("client"),
        tag=args.get("tag"),
        priority=args.get("priority"),
        due_from=due_from,
        due_before=args.get("due_before"),
        is_undated=bool(args.get("undated")),
        text=args.get("q"),
    )


class TaskCountsSchema(Answer):
    """How many open tasks there are, exactly."""

    mine = fields.Integer(required=True)
    group = fields.Integer(required=True)
    watched = fields.Integer(required=True)
    all = fields.Integer(required=True)
    overdue = fields.Integer(required=True, **said("Of `all`."))
    asleep = fields.Integer(required=True, **said("What I put aside."))


class NewTasksSchema(Answer):
    """How many tasks came."""

    count = fields.Integer(required=True)


class SnoozeSchema(Schema):
    """Until when a task is put aside."""

    until = Instant(required=True, **said("Still to come, within a year, and not after the task is due."))


class SnoozedSchema(Answer):
    """A task that is put aside."""

    user_task_id = fields.UUID(required=True)
    until = Instant(required=True)


class WatchedSchema(Answer):
    """What one keeps an eye on, the last first."""

    business_keys = fields.List(fields.String(), required=True, **said("Numbers of matters and enquiries."))
    user_task_ids = fields.List(fields.UUID(), required=True)


class TaskFilterSchema(Answer):
    """A filter of the inbox under a name."""

    id = fields.UUID(required=True)
    owner = fields.String(required=True)
    name = fields.String(required=True)
    criteria = fields.Dict(required=True, **said("As the inbox's address has them."))
    shared_with = fields.String(required=True, allow_none=True, **said("A group, `*` for everybody, null for nobody."))


class TaskFiltersSchema(Answer):
    """Filters of the inbox."""

    items = fields.List(fields.Nested(TaskFilterSchema), required=True)


_CRITERIA = said(f"Filter by name, as the inbox's address has them: {', '.join(f'`{name}`' for name in CRITERIA)}.")


class NewTaskFilterSchema(Schema):
    """A filter to keep."""

    name = text(100, required=True)
    criteria = fields.Dict(keys=fields.String(), required=True, **_CRITERIA)
    shared_with = text(100, load_default=None, allow_none=True, **said("A group of one's own, or `*` for everybody."))


class ChangedTaskFilterSchema(Schema):
    """What changes of a kept filter."""

    name = text(100)
    criteria = fields.Dict(keys=fields.String(), **_CRITERIA)
    shared_with = text(100, allow_none=True, **said("Null keeps it to oneself."))
