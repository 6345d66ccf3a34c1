"""A firm on PostgreSQL is backed up while it works and brought back elsewhere, with the work that waited."""

import os
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from config.settings import from_environment
from engine import clock, database, definitions, job_table, jobs
from engine.database import transaction
from engine.models import HistoryEvent, Job, ProcessInstance, UserTask
from tests import postgres
from tests.factories import begin, deploy
from tests.webui.test_worker import WAITS
from webui import backups, installation, upgrades
from webui.backups import BackupRefused


@pytest.fixture
def programs(monkeypatch, tmp_path):
    """PostgreSQL's client programs on the path: those that came with the tests' server, or the machine's own."""
    found = postgres._binaries(tmp_path / "programs-of-postgres")
    if not (found / "pg_dump").exists():
        pytest.skip("no pg_dump here")
    monkeypatch.setenv("PATH", f"{found}{os.pathsep}{os.environ['PATH']}")
    version = subprocess.run(["pg_dump", "--version"], capture_output=True, text=True, check=False)
    assert version.returncode == 0, version.stderr


@pytest.fixture
def places(tmp_path):
    urls = [postgres.new_database() for _ in range(2)]
    yield [
        from_environment({"MATTERFLOW_DATABASE_URL": url, "MATTERFLOW_DATA_DIR": str(tmp_path / f"place{n}")})
        for n, url in enumerate(urls)
    ]
    for url in urls:
        postgres.drop_database(url)


def opened(settings):
    definitions.forget()
    return database.create_engine(settings.database_url)


def contents(engine):
    """Every row of every table."""
    with engine.connect() as connection:
        return {
            table.name: sorted(str(tuple(row)) for row in connection.execute(sa.select(table)))
            for table in upgrades.metadata().sorted_tables
        }


def test_a_backup_brings_a_firm_on_postgresql_back_elsewhere_and_its_timers_fire_there(
    programs, places, tmp_path: Path
):
    here, there = places
    engine = opened(here)
    installation.prepare(engine, here)
    with transaction(engine) as session:
        deploy(session, WAITS)
        instance_id = begin(session, key="waits", now=clock.utc_now()).id
    (here.data_dir / "letters").mkdir()
    (here.data_dir / "letters" / "demand.txt").write_text("Pay.")
    key = here.secret_key()

    made = backups.backup(here, tmp_path / "firm.zip")
    before = contents(engine)
    backups.restore(there, tmp_path / "firm.zip")

    assert made["schema"] == upgrades.head_revision()
    engine.dispose()
    engine = opened(there)
    assert contents(engine) == before
    assert (there.data_dir / "letters" / "demand.txt").read_text() == "Pay."
    assert there.secret_key() == key
    jobs.run_due(lambda: transaction(engine), now=lambda: clock.utc_now() + timedelta(days=15))
    with transaction(engine) as session:
        assert session.scalars(sa.select(UserTask.element_id)).all() == ["look"]
        assert session.scalar(sa.select(ProcessInstance.state).where(ProcessInstance.id == instance_id)) == "active"
        # Numbers go on where they stopped, and history is as immutable as it was.
        assert session.scalar(sa.select(sa.func.max(HistoryEvent.id))) > len(before["history_event"])
        # The evening's question about hours, which the shipped processes ask by the calendar, is all that waits.
        assert set(job_table.counts(session, now=clock.utc_now())) == {("timer_start", "waiting")}
        assert session.scalars(sa.select(Job.kind)).all() == ["timer_start"]
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError):
        connection.execute(sa.text("UPDATE history_event SET actor = 'nobody'"))
    engine.dispose()


def test_a_damaged_backup_of_postgresql_leaves_the_database_empty(programs, places, tmp_path: Path):
    here, there = places
    engine = opened(here)
    installation.prepare(engine, here)
    engine.dispose()
    backups.backup(here, tmp_path / "firm.zip")
    content = bytearray((tmp_path / "firm.zip").read_bytes())
    content[len(content) // 2] ^= 0xFF
    (tmp_path / "broken.zip").write_bytes(content)

    with pytest.raises(BackupRefused):
        backups.restore(there, tmp_path / "broken.zip")

    engine = opened(there)
    with engine.connect() as connection:
        assert upgrades.is_empty(connection)
    engine.dispose()
