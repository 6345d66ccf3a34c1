"""Importing this module makes every service task of the practice known to the engine."""

from practice.conflicts import delegates as conflicts
from practice.deadlines import delegates as deadlines
from practice.enquiries import delegates as enquiries
from practice.matters import delegates as matters

__all__ = ["conflicts", "deadlines", "enquiries", "matters"]
