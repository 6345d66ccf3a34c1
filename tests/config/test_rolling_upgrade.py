"""A firm is upgraded node by node: the release before goes on working on the new schema, and nothing is lost."""

import base64
import json
import subprocess
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.orm import Session

from engine import clock, database, definitions
from engine.bpmn.runtime import Run
from engine.models import HistoryEvent, Job, ProcessInstance
from engine.models.base import UtcDateTime
from tests import postgres
from tests.engine import states
from tests.engine.states.stories import compiled
from tests.factories import NOON
from tests.installation import MATTERFLOW, ROOT, Installation
from webui import upgrades

STORED = Path(states.__file__).parent
FIRST = "0001"
#: Changes that the release before survives although they look as if it might not, and why.
HARMLESS: set[tuple[str, str]] = set()


@pytest.fixture
def empty_url(database_url, tmp_path):
    url = f"sqlite:///{tmp_path / 'rolling.db'}" if database_url.startswith("sqlite") else postgres.new_database()
    yield url
    if not url.startswith("sqlite"):
        postgres.drop_database(url)


@pytest.fixture
def empty(empty_url):
    engine = database.create_engine(empty_url)
    yield engine
    engine.dispose()


def revisions():
    """Every revision, the oldest first."""
    scripts = ScriptDirectory.from_config(Config(upgrades.CONFIG_DIR / "alembic.ini"))
    return [script.revision for script in scripts.walk_revisions()][::-1]


def tables(engine):
    """The tables as they are, not as this release thinks of them."""
    found = sa.MetaData()
    found.reflect(engine)
    found.remove(found.tables["alembic_version"])
    return found.tables


def test_every_migration_leaves_the_release_before_a_schema_to_work_on(empty):
    chain = revisions()
    upgrades.upgrade(empty, chain[0])
    before = tables(empty)
    broken = []
    for revision in chain[1:]:
        upgrades.upgrade(empty, revision)
        after = tables(empty)
        broken += [
            f"{revision}: {table}.{column} {reason}"
            for table, column, reason in _what_breaks(before, after)
            if (table, column) not in HARMLESS
        ]
        before = after

    assert broken == []
    assert len(chain) > 2


def _what_breaks(before, after):
    for name, old in before.items():
        if name not in after:
            yield name, "", "is gone"
            continue
        new = after[name]
        for column in old.columns:
            if column.name not in new.columns:
                yield name, column.name, "is gone"
                continue
            now = new.columns[column.name]
            if column.nullable and not now.nullable:
                yield name, column.name, "may not be empty any more"
            longest, longest_now = (getattr(found.type, "length", None) for found in (column, now))
            if longest_now is not None and (longest is None or longest_now < longest):
                yield name, column.name, "holds less"
        for column in new.columns:
            if column.name not in old.columns and not column.nullable and column.server_default is None:
                yield name, column.name, "has to be written, and the release before does not know it"
        for kind, columns in _rules(new) - _rules(old):
            # A rule about a new column is kept by leaving that empty.
            if not any(column not in old.columns and new.columns[column].nullable for column in columns):
                yield name, f"{kind} {columns}", "is a rule that the release before does not know"


def _rules(table):
    return {
        (type(rule).__name__, tuple(sorted(column.name for column in rule.columns)))
        for rule in table.constraints
        if isinstance(rule, sa.UniqueConstraint | sa.ForeignKeyConstraint)
    } | {("unique", tuple(sorted(c.name for c in index.columns))) for index in table.indexes if index.unique}


def old_release(engine):
    """What the first release knows of each table: its statements name these columns and no others."""
    upgrades.upgrade(engine, FIRST)
    return tables(engine)


def write_waiting_instance(connection, known):
    """An instance as the first release left it, waiting at two timers; return its id."""
    content = (STORED / "first_timer.bpmn").read_bytes()
    state = base64.b64decode(json.loads((STORED / "first_timer.v1.json").read_text())[0]["state"])
    deployment, definition, instance = uuid4(), uuid4(), uuid4()
    at = clock.utc_now() - timedelta(days=60)
    rows = {
        "deployment": {"id": deployment, "deployed_at": at, "deployed_by": "ana", "name": "first_timer"},
        "deployment_resource": {"id": uuid4(), "deployment_id": deployment, "name": "x.bpmn", "content": content},
        "process_definition": {
            "id": definition, "deployment_id": deployment, "key": "proc", "version": 1, "name": "proc", "resource_name": "x.bpmn", "properties": "{}", "deployed_at": at,
        },
        "process_instance": {
            "id": instance, "definition_id": definition, "process_key": "proc", "version": 1, "state": "active",
            "started_by": "ana", "started_at": at, "last_progress_at": at, "revision": 0, "state_blob": state,
        },
    }  # fmt: skip
    for name, row in rows.items():
        insert(connection, known[name], row)
    waiting = [item for item in Run.restore(state, compiled(content), NOON).waiting().values() if item.kind == "timer"]
    for item in waiting:
        insert(
            connection,
            known["job"],
            {
                "id": uuid4(), "kind": "timer", "process_instance_id": instance, "element_id": item.element.id,
                "spiff_task_id": item.spiff_task_id, "event_index": item.index, "by": "ana", "attempts": 0, "max_attempts": 5,
                "due_at": at + timedelta(days=1 + item.index), "created_at": at,
            },
        )  # fmt: skip
    assert waiting
    return instance


def insert(connection, table, row):
    """Write a row as the first release would: its own columns, and empty JSON where it had some."""
    values = {}
    for column in table.columns:
        if column.name in row:
            values[column.name] = row[column.name]
        elif not column.nullable and not (column.primary_key and column.autoincrement is True):
            is_text = isinstance(column.type, sa.String)
            values[column.name] = "[]" if is_text else 0
    for column in table.columns:
        if isinstance(column.type, sa.DateTime):
            column.type = UtcDateTime()
        elif isinstance(column.type, sa.CHAR):
            column.type = sa.Uuid()
    connection.execute(sa.insert(table).values(values))


def test_the_first_releases_statements_work_on_todays_schema(empty):
    known = old_release(empty)
    upgrades.upgrade(empty)

    with empty.begin() as connection:
        instance = write_waiting_instance(connection, known)
        job = known["job"]
        due = sa.select(*job.columns).where(job.c.due_at <= clock.utc_now()).order_by(job.c.due_at, job.c.id)
        taken = connection.execute(due.limit(1)).one()
        connection.execute(sa.update(job).where(job.c.id == taken.id).values(attempts=job.c.attempts + 1))
        connection.execute(sa.delete(job).where(job.c.id == taken.id))
        for table in known.values():
            connection.execute(sa.select(*table.columns).limit(1)).all()
        shown = known["process_instance"]
        assert connection.scalar(sa.select(shown.c.state).where(shown.c.id == instance)) == "active"


def test_a_job_of_the_release_before_is_carried_out_by_this_one_and_one_taken_here_is_left_alone_there(empty):
    known = old_release(empty)
    upgrades.upgrade(empty)
    definitions.forget()
    with empty.begin() as connection:
        instance = write_waiting_instance(connection, known)
    from engine import job_table, jobs

    with database.transaction(empty) as session:
        taken = job_table.take(session, worker="new", now=clock.utc_now(), limit=1)
    job = known["job"]
    with empty.connect() as connection:
        seen_by_the_old = connection.execute(
            sa.select(job.c.id).where(job.c.due_at <= clock.utc_now(), job.c.id == taken[0].job_ids[0])
        ).all()
    jobs.carry_out(lambda: database.transaction(empty), taken[0].job_ids, worker="new", now=clock.utc_now)

    assert seen_by_the_old == []
    with Session(empty) as session:
        fired = sa.select(HistoryEvent.kind).where(HistoryEvent.process_instance_id == instance)
        assert "timer_fired" in session.scalars(fired).all()


@pytest.mark.slow
def test_serve_upgrade_brings_an_older_database_up_and_its_work_goes_on(empty, empty_url, tmp_path):
    known = old_release(empty)
    with empty.begin() as connection:
        instance_id = write_waiting_instance(connection, known)
    empty.dispose()
    folder = tmp_path / "bundles"
    folder.mkdir()
    place = Installation(tmp_path, processes=folder, database_url=empty_url)

    refused = subprocess.run(
        [MATTERFLOW, "serve"], cwd=ROOT, env=place.environment, capture_output=True, text=True, check=False, timeout=60
    )
    place.serve("--upgrade")
    try:
        wait_until_fired(empty, instance_id)
    finally:
        place.stop()

    assert refused.returncode == 1
    assert "matterflow serve --upgrade" in refused.stderr
    with Session(empty) as session:
        assert session.scalar(sa.select(ProcessInstance.process_key).where(ProcessInstance.id == instance_id)) == "proc"
        assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 0
        assert upgrades.current_revision(session.connection()) == upgrades.head_revision()


def wait_until_fired(engine, instance_id):
    import time

    ends = time.monotonic() + 30
    while True:
        with engine.connect() as connection:
            kinds = connection.scalars(
                sa.select(HistoryEvent.kind).where(HistoryEvent.process_instance_id == instance_id)
            ).all()
        if "timer_fired" in kinds:
            return
        assert time.monotonic() < ends, kinds
        time.sleep(0.1)
