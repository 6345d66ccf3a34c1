"""How one hears of things outside the product."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from engine import clock
from tasks.notifications import browsers, channels, preferences
from tasks.notifications.models import PushSubscription
from webui.api.v1 import reminder_schemas as schemas
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.schemas import NothingSchema
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint(
    "notification settings",
    __name__,
    url_prefix="/notification-settings",
    description="How one hears of things outside the product.",
)


@bp.get("")
@bp.response(200, schemas.NotificationPreferencesSchema)
@operation("get_notification_settings")
def show() -> dict[str, Any]:
    """Show how one hears of things."""
    return preferences.as_facts(preferences.of(db.session(), current_actor().username))


@bp.patch("")
@bp.arguments(schemas.NotificationPreferenceChangesSchema)
@bp.response(200, schemas.NotificationPreferencesSchema)
@operation("change_notification_settings")
def change(args: dict[str, Any]) -> dict[str, Any]:
    """Change it; what is not named stays."""
    return preferences.as_facts(preferences.change(db.session(), args, by=current_actor(), now=clock.utc_now()))


@bp.get("/browsers")
@bp.response(200, schemas.PushSubscriptionsSchema)
@operation("list_push_subscriptions")
def list_browsers() -> dict[str, Any]:
    """List the browsers in which one is told, and the key by which they know this server."""
    push = channels.current().push
    found = browsers.of(db.session(), actor=current_actor())
    return {"public_key": push.public_key if push is not None else None, "items": found}


@bp.post("/browsers")
@bp.arguments(schemas.NewPushSubscriptionSchema)
@bp.response(201, schemas.PushSubscriptionSchema)
@operation("add_push_subscription")
def subscribe(args: dict[str, Any]) -> PushSubscription:
    """Be told in a browser; only the push services of the usual browsers are called."""
    keys = args["keys"]
    return browsers.subscribe(
        db.session(),
        args["endpoint"],
        keys["p256dh"],
        keys["auth"],
        label=args["label"],
        by=current_actor(),
        now=clock.utc_now(),
    )


@bp.post("/browsers/<uuid:push_subscription_id>/remove")
@bp.arguments(NothingSchema, required=False)
@bp.response(204)
@operation("remove_push_subscription", 404)
def unsubscribe(_: dict[str, Any], push_subscription_id: UUID) -> None:
    """Be told in a browser no more."""
    browsers.unsubscribe(db.session(), push_subscription_id, by=current_actor(), now=clock.utc_now())
