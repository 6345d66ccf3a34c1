"""What is refused about notifications, and what goes wrong on their way."""

from dataclasses import dataclass
from uuid import UUID

from engine.errors import Invalid, NotFound


@dataclass(eq=False, repr=False)
class NotificationPreferenceInvalid(Invalid):
    """This wish cannot be kept."""

    code = "notification_preference_invalid"
    field: str
    value: str


@dataclass(eq=False, repr=False)
class PushSubscriptionInvalid(Invalid):
    """This is no subscription of a browser's push service that is trusted here."""

    code = "push_subscription_invalid"
    field: str


@dataclass(eq=False, repr=False)
class PushSubscriptionNotFound(NotFound):
    """There is no such browser among yours."""

    code = "push_subscription_not_found"
    push_subscription_id: UUID


class AddressRefused(Exception):
    """The mail server refuses this address for good."""


class ChannelFailed(Exception):
    """A server that takes messages did not take this one; it may later."""
