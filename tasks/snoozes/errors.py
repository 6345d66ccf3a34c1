"""What putting work aside refuses."""

from dataclasses import dataclass
from datetime import datetime

from engine.errors import Invalid


@dataclass(eq=False, repr=False)
class SnoozeInvalid(Invalid):
    """Work is put aside until an instant that is still to come, within a year, and before it is due."""

    code = "snooze_invalid"
    field: str
    until: datetime
