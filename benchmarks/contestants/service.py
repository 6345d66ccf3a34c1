"""Our service layer: the product's own functions, each call in the transaction that a request would give it."""

import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from benchmarks.contest import reserve, serve
from engine import bundles, clock, database, deployments, process_instances, user_tasks
from engine.actor import SYSTEM, Actor
from engine.models import HistoryEvent, ProcessInstance, UserTask
from tasks.inbox import queries as inbox
from webui import upgrades

BUNDLE = Path(__file__).parents[1] / "bundles" / "approval"
ANA = Actor("ana", groups=frozenset({"lawyers"}))
#: Instances whose data is read back at the end; their state is restored for it, so not all of them.
READ_BACK = 100


class Service:
    """The engine and the inbox on SQLite, or on the database that ``BENCH_DATABASE_URL`` names."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="bench-service-")
        self._url = os.environ.get("BENCH_DATABASE_URL") or f"sqlite:///{self._folder.name}/service.db"
        self._engine = database.create_engine(self._url)
        self._reader = database.read_only(self._engine)
        self._nodes: ProcessPoolExecutor | None = None
        upgrades.metadata().create_all(self._engine)
        with database.transaction(self._engine) as session:
            deployments.deploy(session, bundles.read(BUNDLE), by=SYSTEM, now=clock.utc_now())

    def start(self, number: int) -> UUID:
        """Start an instance; its business key is its number."""
        with database.transaction(self._engine) as session:
            key = f"bench-{number}"
            return process_instances.start(session, "approval", business_key=key, by=ANA, now=clock.utc_now()).id

    def inbox(self) -> int:
        """Read a page of 25 of what the person's groups may take."""
        with database.transaction(self._reader) as session:
            return len(inbox.page(session, ANA, scope="group", limit=25).items)

    def user_task(self, instance: UUID) -> UUID:
        """Find the one open user task of an instance."""
        wanted = sa.select(UserTask.id).where(UserTask.process_instance_id == instance, UserTask.state == "created")
        with database.transaction(self._reader) as session:
            return session.scalars(wanted).one()

    def complete(self, user_task: UUID, answers: dict[str, Any]) -> None:
        """Claim and complete a user task with its form's answers, and move the instance on."""
        _complete(self._engine, user_task, answers)

    def colleague(self) -> "Service | Colleague":
        """Return somebody who works beside others: on PostgreSQL on one of as many nodes as there are cores.

        On SQLite there is one node: the service itself, for every call has a transaction of its own.
        """
        if self._engine.dialect.name == "sqlite":
            return self
        if self._nodes is None:
            url = self._engine.url.render_as_string(hide_password=False)
            self._nodes = ProcessPoolExecutor(
                os.cpu_count(), mp_context=get_context("spawn"), initializer=_start_node, initargs=(url,)
            )
        return Colleague(self._nodes)

    def facts(self) -> dict[str, Any]:
        """Say what was measured and how durable a commit is."""
        name = f"Matterflow's service layer, SQLAlchemy {version('SQLAlchemy')}"
        with self._engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                asked = {pragma: connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() for pragma in self._PRAGMAS}
                return {"name": f"{name}, SQLite", **asked}
            asked = {setting: connection.exec_driver_sql(f"SHOW {setting}").scalar() for setting in self._SETTINGS}
            return {"name": f"{name}, PostgreSQL", **asked}

    _PRAGMAS = ("journal_mode", "synchronous")
    _SETTINGS = ("server_version", "fsync", "synchronous_commit")

    def verify(self) -> dict[str, int]:
        """Compare instances, user tasks, history and the last instances' data."""
        with database.transaction(self._reader) as session:
            states = dict(
                session.execute(sa.select(ProcessInstance.state, sa.func.count()).group_by(ProcessInstance.state)).all()
            )
            started = sum(states.values())
            done = session.scalar(
                sa.select(sa.func.count()).where(UserTask.state == "completed", UserTask.ended_by == "ana")
            )
            told = session.scalar(sa.select(sa.func.count()).where(HistoryEvent.kind == "user_task_completed"))
            last = session.execute(
                sa.select(ProcessInstance.id, ProcessInstance.business_key)
                .order_by(ProcessInstance.id.desc())
                .limit(READ_BACK)
            ).all()
            wrong = sum(
                process_instances.variables(session, instance).get("reserve") != reserve(int(key.partition("-")[2]))
                for instance, key in last
            )
            wrong += abs(2 * started - (done or 0)) + abs(2 * started - (told or 0))
            size = session.scalar(sa.select(sa.func.max(sa.func.length(ProcessInstance.state_blob))))
        return {"started": started, "completed": states.get("completed", 0), "wrong": wrong, "state_bytes": size or 0}

    def close(self) -> None:
        """Throw the database away."""
        if self._nodes is not None:
            self._nodes.shutdown()
        self._engine.dispose()
        self._folder.cleanup()


class Colleague:
    """A client whose calls are carried out by whichever node is free."""

    def __init__(self, nodes: ProcessPoolExecutor) -> None:
        self._nodes = nodes

    def complete(self, user_task: UUID, answers: dict[str, Any]) -> None:
        """Claim and complete a user task on a node."""
        self._nodes.submit(_complete_on_node, user_task, answers).result()


def _complete(engine: sa.Engine, user_task: UUID, answers: dict[str, Any]) -> None:
    with database.transaction(engine) as session:
        user_tasks.complete(session, user_task, answers, by=ANA, now=clock.utc_now())


_NODE: list[sa.Engine] = []


def _start_node(url: str) -> None:
    _NODE.append(database.create_engine(url))


def _complete_on_node(user_task: UUID, answers: dict[str, Any]) -> None:
    _complete(_NODE[0], user_task, answers)


if __name__ == "__main__":
    serve(Service)
