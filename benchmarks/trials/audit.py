"""What the chain costs: a commit of one row with and without a seal, alone and eight side by side; and verifying."""

import os
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks.trials import answer, database_url
from engine import clock, database
from engine.actor import Actor
from engine.models import Base
from engine.models.base import new_id
from practice.audit import operations as audit
from practice.audit import verification
from practice.parties.models import Party
from webui import upgrades

ALONE, TOGETHER, SIDE_BY_SIDE = 300, 60, 8


def trial() -> tuple[dict[str, Any], dict[str, list[float]]]:
    """Commit in turns."""
    with tempfile.TemporaryDirectory(prefix="bench-audit-") as folder:
        engine = database.create_engine(database_url(folder))
        upgrades.metadata()
        Base.metadata.create_all(engine)
        where = f"audit.{engine.dialect.name}"
        samples: dict[str, list[float]] = {}
        for name, write in (("warm", _chained), ("plain", _plain), ("chained", _chained)):
            times = [_timed(engine, write) for _ in range(ALONE)]
            if name != "warm":
                samples[f"{where}.{name}"] = times
                samples[f"{where}.{name}_crowd_per_s"] = [_crowd(engine, write)]
        with Session(database.read_only(engine)) as session:
            began = time.perf_counter()
            report = verification.verify(session)
            samples[f"{where}.verified_per_s"] = [report.checked / (time.perf_counter() - began)]
        if not report.holds:
            raise AssertionError(report.findings)
        engine.dispose()
    return {"name": f"commits of one row, {os.cpu_count()} cores", "verified": report.checked}, samples


def _plain(session: Session) -> None:
    """Write one row of another table, as wide."""
    row_id = new_id()
    values = {"id": row_id, "kind": "person", "name": "Ana", "normalised_name": str(row_id), "search_text": "ana"}
    session.execute(sa.insert(Party).values(**values, created_at=clock.utc_now(), created_by="bench"))


def _chained(session: Session) -> None:
    audit.append(session, "thing", 1, "changed", by=Actor("bench"), now=clock.utc_now(), after={"title": "another"})


def _timed(engine: sa.Engine, write: Callable[[Session], None]) -> float:
    began = time.perf_counter()
    with database.transaction(engine) as session:
        write(session)
    return (time.perf_counter() - began) * 1000


def _crowd(engine: sa.Engine, write: Callable[[Session], None]) -> float:
    def work() -> None:
        for _ in range(TOGETHER):
            _timed(engine, write)

    threads = [threading.Thread(target=work) for _ in range(SIDE_BY_SIDE)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return TOGETHER * SIDE_BY_SIDE / (time.perf_counter() - began)


if __name__ == "__main__":
    answer(trial)
