"""Importing this module makes every table of the package known to the metadata."""

from tasks.drafts.models import Draft
from tasks.notifications.models import Notification, NotificationPreference, PushSubscription
from tasks.reminders.models import Reminder, ReminderAside

__all__ = ["Draft", "Notification", "NotificationPreference", "PushSubscription", "Reminder", "ReminderAside"]
