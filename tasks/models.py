"""Importing this module makes every table of the package known to the metadata."""

import tasks.absences.standing  # pyright: ignore[reportUnusedImport] - its trigger comes with the tables
import tasks.helpers.standing  # noqa: F401  # pyright: ignore[reportUnusedImport] - as above
from tasks.absences.models import Absence, AbsenceSubstitute, AbsenceTaking
from tasks.approvals.models import ApprovalLink
from tasks.comments.models import TaskComment
from tasks.drafts.models import Draft, DraftCopy
from tasks.filters.models import TaskFilter
from tasks.helpers.models import TaskHelper
from tasks.notifications.models import Notification, NotificationPreference, PushSubscription
from tasks.questions.models import TaskQuestion
from tasks.reminders.models import Reminder, ReminderAside
from tasks.snoozes.models import Snooze
from tasks.watching.models import Watch

__all__ = [
    "Absence",
    "AbsenceSubstitute",
    "AbsenceTaking",
    "ApprovalLink",
    "Draft",
    "DraftCopy",
    "Notification",
    "NotificationPreference",
    "PushSubscription",
    "Reminder",
    "ReminderAside",
    "Snooze",
    "TaskComment",
    "TaskFilter",
    "TaskHelper",
    "TaskQuestion",
    "Watch",
]
