"""Importing this module lets the engine ask who may do which user task."""

from tasks.absences import rules as absences
from tasks.approvals import mailing
from tasks.approvals import rules as approvals
from tasks.routing import rules as routing
from tasks.separation import rules as separation

__all__ = ["absences", "approvals", "mailing", "routing", "separation"]
