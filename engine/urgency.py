"""How urgent a user task is: one number that does not change while it waits, so that lists are read in its order."""

from datetime import datetime, timedelta
from typing import Final

DAY_S: Final = 86_400
#: Ten points of priority count like a day; a designer's slip does not put a task before everything for ever.
SECONDS_A_POINT: Final = DAY_S // 10
MOST_POINTS: Final = 200
NORMAL: Final = 50
#: What has no date is not forgotten: it counts as due so long after it came.
UNDATED: Final = timedelta(days=30)


def of(*, due_at: datetime | None, created_at: datetime, priority: int) -> int:
    """Return the second since 1970 at which a task counts as due, its priority taken in."""
    points = max(-MOST_POINTS, min(MOST_POINTS, priority - NORMAL))
    return int((due_at or created_at + UNDATED).timestamp()) - points * SECONDS_A_POINT
