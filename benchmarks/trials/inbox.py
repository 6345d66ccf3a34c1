"""Any page of an inbox with 100,000 open and 2 million finished tasks, 300 people and walls: the service layer.

``BENCH_FIRM_SHARE`` makes the firm smaller, ``BENCH_INBOX_SHARE`` its work, for a first look.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks import kept
from benchmarks.firm.generation import stage as firm_stage
from benchmarks.firm.plan import TODAY, groups_of, username
from benchmarks.firm.plan import Plan as FirmPlan
from benchmarks.inbox.generation import Plan
from benchmarks.inbox.generation import stage as work_stage
from benchmarks.trials import answer
from config import rights
from engine import database
from engine.actor import Actor
from practice.paging import cursor
from tasks import facts
from tasks.inbox import queries as inbox
from tasks.inbox.filters import Filters
from tests.installation import ROOT, Installation
from webui import upgrades

NOW = TODAY + timedelta(hours=1)
BOUNDS = (NOW, NOW + timedelta(hours=7), NOW + timedelta(days=7))
#: Rounds in which everybody asks everything once.
ROUNDS = int(os.environ.get("BENCH_INBOX_ROUNDS", "4"))
#: Not counted: a statement is put together when it is asked for the first time, once in a process's life.
FIRST = 2
#: Every so manieth person asks: all posts are among them.
STEP = int(os.environ.get("BENCH_INBOX_STEP", "4"))


def trial() -> tuple[dict[str, Any], dict[str, list[float]]]:
    """Generate the firm and its work, and let people look at their lists; milliseconds."""
    url = os.environ.get("BENCH_DATABASE_URL", "")
    where = "postgresql" if url else "sqlite"
    firm_share, share = (float(os.environ.get(f"BENCH_{name}_SHARE", "1")) for name in ("FIRM", "INBOX"))
    with tempfile.TemporaryDirectory(prefix="bench-inbox-") as folder:
        office = Installation(Path(folder), processes=ROOT / "processes" / "bpmn", database_url=url)
        office.command("db", "upgrade")
        upgrades.metadata()
        plan = FirmPlan() if firm_share == 1 else FirmPlan().scaled(firm_share)
        work = Plan() if share == 1 else Plan().scaled(share)
        seconds = kept.fill(office.database_url, [firm_stage(plan), work_stage(work)])
        engine = database.create_engine(office.database_url)
        samples = _look(engine, where, plan.people)
        engine.dispose()
    made = ", ".join(f"{name} in {took_s:.0f} s" for name, took_s in seconds.items()) or "nothing"
    told = {"name": f"the inbox's service layer, {where}", "generated": made, "share": share}
    return told, samples


def _look(engine: sa.Engine, where: str, people: int) -> dict[str, list[float]]:
    known, random = rights.load(), Random(3)
    samples: dict[str, list[float]] = {}
    reader = database.read_only(engine)
    drawn = _drawn(reader, random)
    for number in range(ROUNDS):
        for person in range(0, people, STEP):
            groups = frozenset(groups_of(person))
            actor = Actor(username(person), groups, known.of(groups), NOW)
            for name, ask in _asked(actor, random, drawn).items():
                with database.transaction(reader) as session:
                    began = time.perf_counter()
                    ask(session)
                    took_ms = (time.perf_counter() - began) * 1000
                if number >= min(FIRST, ROUNDS - 1):
                    samples.setdefault(name, []).append(took_ms)
    pages = [one for name, times in samples.items() if name.startswith("page.") for one in times]
    samples |= {"page": pages, "page.p95": [_p95(pages)], "counted.p95": [_p95(samples["counted"])]}
    reader.dispose()
    return {f"inbox.{where}.{name}": times for name, times in samples.items()}


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _drawn(engine: sa.Engine, random: Random) -> dict[str, list[Any]]:
    queries = {
        "matter": "SELECT DISTINCT business_key FROM user_task WHERE state = 'created'",
        "client": "SELECT number FROM client",
        "name": "SELECT client_name FROM matter",
    }
    with engine.connect() as connection:
        found = {name: list(connection.scalars(sa.text(query))) for name, query in queries.items()}
    return {name: random.sample(values, min(300, len(values))) for name, values in found.items()}


def _asked(actor: Actor, random: Random, drawn: dict[str, list[Any]]) -> dict[str, Callable[[Session], Any]]:
    word = random.choice(drawn["name"]).split()[-1][:5]

    def page(scope: Any = "group", **more: Any) -> Callable[[Session], Any]:
        filters = Filters(**more.pop("filters", {}))
        return lambda session: inbox.page(session, actor, scope=scope, filters=filters, now=NOW, limit=40, **more)

    def narrowed(**filters: Any) -> Callable[[Session], Any]:
        return page(random.choice(("mine", "group", "all")), filters=filters)

    def counted(session: Session) -> None:
        scope: Any = random.choice(("mine", "group", "all"))
        filters = Filters(**random.choice(({}, {}, {"kinds": ("approval",)}, {"priority": "high"})))
        inbox.page(session, actor, scope=scope, filters=filters, now=NOW, limit=40)
        inbox.counts_of_list(session, actor, scope=scope, now=NOW, bounds=BOUNDS, filters=filters)

    def opened(session: Session) -> None:
        for task in inbox.page(session, actor, scope="all", limit=1, now=NOW).items:
            facts.for_user_task(session, inbox.visible(session, actor, task.id), actor=actor)

    far = cursor(NOW + timedelta(days=30), UUID(int=random.getrandbits(128)))
    return {
        "page.mine": page("mine"),
        "page.group": page(),
        "page.all": page("all"),
        "page.watched": page("watched"),
        "page.deep": page(random.choice(("group", "all")), cursor=far),
        "page.urgency": page(random.choice(("mine", "group", "all")), sort="urgency"),
        "page.kind": narrowed(kinds=("approval",)),
        "page.process": narrowed(process_keys=(random.choice(("civil", "intake")),)),
        "page.priority": narrowed(priority="high"),
        "page.week": narrowed(due_from=NOW, due_before=BOUNDS[-1]),
        "page.matter": narrowed(business_key=random.choice(drawn["matter"])),
        "page.client": narrowed(client=random.choice(drawn["client"])),
        "page.tag": narrowed(tag="bench"),
        "page.text": narrowed(text=word),
        "page.asleep": page("all", asleep=True),
        "page.several": narrowed(
            kinds=("approval", "letter"), process_keys=("civil",), priority="high", due_from=NOW, tag="bench", text=word
        ),
        "counted": counted,
        "new": lambda session: inbox.arrived(session, actor, since=NOW - timedelta(hours=2), scope="group", now=NOW),
        "open": opened,
    }


if __name__ == "__main__":
    answer(trial)
