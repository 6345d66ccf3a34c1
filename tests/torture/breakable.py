"""The program ``matterflow`` as the torture runs it: the same commands, in a process that dies where it is told to.

``TORTURE_DIES`` is ``before:7`` or ``after:7``: the process kills itself, as ``kill -9`` does, right before or right
after its seventh commit of something written reaches the database. ``TORTURE_COMMITS`` names a file that grows by a
byte with each commit, so that they can be counted. Besides, it knows a delegate, ``stamp``, which
puts a line into the table ``torture_stamp`` and no more, so that a stamp that is given twice can be counted.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.orm import Session

from engine.delegates import DelegateCall, delegate

STAMPS = sa.Table(
    "torture_stamp",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("job_id", sa.Uuid, nullable=False),
    sa.Column("process_instance_id", sa.Uuid, nullable=False),
)


def stamp(session: Session, call: DelegateCall) -> dict[str, Any]:
    """Leave a trace of having been called."""
    values = {"job_id": call.job_id, "process_instance_id": call.process_instance_id}
    session.execute(sa.insert(STAMPS).values(values))
    return {"stamped": True}


def die_at(order: str) -> None:
    """Arrange for this process to end at a commit: ``before:N`` or ``after:N``."""
    when, _, number = order.partition(":")
    commits = itertools.count(1)
    plain = DefaultDialect.do_commit

    def do_commit(self: DefaultDialect, dbapi_connection: Any) -> None:
        # On SQLite a transaction that only reads is committed too; it holds nothing that could get lost.
        is_last = next(commits) == int(number)
        if is_last and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        plain(self, dbapi_connection)
        if is_last:
            os.kill(os.getpid(), signal.SIGKILL)

    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]


def count_commits(path: str) -> None:
    """Note every commit of this process in a file."""
    plain = DefaultDialect.do_commit
    noted = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def do_commit(self: DefaultDialect, dbapi_connection: Any) -> None:
        plain(self, dbapi_connection)
        os.write(noted, b".")

    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]


def main() -> None:
    """Run the command of the command line."""
    if os.environ.get("TORTURE_COMMITS"):
        count_commits(os.environ["TORTURE_COMMITS"])
    if os.environ.get("TORTURE_DIES"):
        die_at(os.environ["TORTURE_DIES"])
    delegate("stamp")(stamp)
    from webui.cli import main as matterflow

    matterflow()


if __name__ == "__main__":
    sys.argv[0] = "matterflow"
    main()
