"""After a start: deadlines that an older version of a pack calculated are calculated anew, by the worker.

Reading all packs takes half a second: too long for a server that people wait for.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import job_kinds, job_table
from engine.actor import SYSTEM
from engine.job_kinds import DueJob
from practice.deadlines import recomputation
from practice.deadlines.models import Deadline

KIND = "deadline_packs"


def promise(session: Session, *, now: datetime) -> bool:
    """Promise to follow the packs of this release, where a deadline runs by a rule; say whether there was need."""
    runs = sa.select(Deadline.id).where(Deadline.ended_at.is_(None), Deadline.pack.is_not(None)).limit(1)
    if session.scalar(runs) is None:
        return False
    job_table.promise(session, KIND, due_at=now, by=SYSTEM.username, now=now)
    return True


@job_kinds.handles(KIND)
def follow(session: Session, _job: DueJob, now: datetime) -> None:
    """Calculate anew; doing it again changes nothing."""
    recomputation.follow_packs(session, by=SYSTEM, now=now)
