"""Importing this module makes every service task of the practice known to the engine."""

from practice.accesses import delegates as accesses
from practice.conflicts import delegates as conflicts
from practice.conflicts import reruns
from practice.correspondence import delegates as correspondence
from practice.correspondence import scans
from practice.deadlines import delegates as deadlines
from practice.deadlines import following
from practice.document_requests import delegates as document_requests
from practice.enquiries import delegates as enquiries
from practice.matters import delegates as matters
from practice.proceedings import delegates as proceedings
from practice.time import delegates as time
from practice.walls import delegates as walls

__all__ = [
    "accesses",
    "conflicts",
    "correspondence",
    "deadlines",
    "document_requests",
    "enquiries",
    "following",
    "matters",
    "proceedings",
    "reruns",
    "scans",
    "time",
    "walls",
]
