"""The port through which due jobs reach whoever carries them out; ``webui`` has an adapter for each kind of queue.

Promises that are not due yet never enter a queue: they wait in the ``job`` table, where hundreds of thousands cost
nothing. The pump moves what is due, so a queue holds due work only.
"""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session


class JobQueue(Protocol):
    """Brings due jobs to workers."""

    def enqueue(self, session: Session, job_ids: Sequence[UUID]) -> None:
        """Hand over jobs that are due at once, in the session's transaction: rolling it back takes them back."""
        ...

    def pump(self) -> int:
        """Move what is due by now from the table to the queue; return how many jobs that were.

        Any number of pumps, on any number of nodes, may work at once: each job is moved by one of them.
        """
        ...

    def start(self) -> None:
        """Begin to carry out what is queued."""
        ...

    def stop(self) -> None:
        """Carry out nothing more, once the jobs at work have ended; what is not begun is given back."""
        ...
