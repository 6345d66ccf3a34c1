"""Importing this module lets the engine and its worker know of what this package does beside user tasks."""

from tasks.notifications import delivery
from tasks.reminders import following, rounds

__all__ = ["delivery", "following", "rounds"]
