"""What was generated once is copied for the next trial, unless anything that makes it is another."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks import kept
from benchmarks.firm.plan import Plan as FirmPlan
from benchmarks.firm.plan import username
from benchmarks.inbox.generation import Plan, Work
from benchmarks.kept import Stage, fill
from config import directories as shipped_directories
from engine import database
from engine.actor import SYSTEM
from engine.models import Base, UserTask, UserTaskCandidate
from practice.directories import operations as directories
from practice.people import operations as people
from tests import postgres
from tests.conftest import NOON

SMALL = FirmPlan().scaled(0.001)


@pytest.fixture
def new_url(database_url, schema, tmp_path):
    """Make as many empty databases as are asked for."""
    kind, made = database_url.partition("+")[0].partition(":")[0], []

    def make():
        made.append(schema.copy(kind, tmp_path / f"{len(made)}.sqlite"))
        return made[-1]

    yield make
    if kind == "postgresql":
        for url in made:
            postgres.drop_database(url)


def stages(made, *, groups=("first", "second"), plan="one", is_kept=True):
    def stage(name):
        def make(engine):
            made.append(name)
            with engine.begin() as connection:
                connection.execute(sa.text("INSERT INTO user_group (name, title) VALUES (:name, '')"), {"name": name})

        return Stage(name, plan, ("firm",), make, is_kept=is_kept or name == groups[0])

    return [stage(name) for name in groups]


def groups_in(url):
    engine = database.create_engine(url)
    with engine.connect() as connection:
        found = sorted(connection.scalars(sa.text("SELECT name FROM user_group")))
    engine.dispose()
    return found


def test_what_a_run_made_is_copied_and_gone_after_the_run(new_url, monkeypatch):
    made = []
    monkeypatch.delenv(kept.KEEP, raising=False)
    with kept.for_a_run() as folder:
        monkeypatch.setenv(kept.KEEP, folder)
        assert list(fill(new_url(), stages(made)[:1])) == ["first"]
        assert list(fill(new_url(), stages(made, is_kept=False))) == ["second"]
        assert list(fill(last := new_url(), stages(made, is_kept=False))) == ["second"]
        monkeypatch.delenv(kept.KEEP)

    assert made == ["first", "second", "second"]
    assert groups_in(last) == ["first", "second"]
    with kept.for_a_run() as folder:
        monkeypatch.setenv(kept.KEEP, folder)
        assert list(fill(new_url(), stages(made))) == ["first", "second"]
        assert fill(last := new_url(), stages(made)) == {}
        monkeypatch.delenv(kept.KEEP)
    assert groups_in(last) == ["first", "second"]


def test_nothing_stale_is_used(new_url, monkeypatch):
    made = []
    monkeypatch.delenv(kept.KEEP, raising=False)
    with kept.for_a_run() as folder:
        monkeypatch.setenv(kept.KEEP, folder)
        fill(new_url(), stages(made))
        assert list(fill(new_url(), stages(made, plan="other"))) == ["first", "second"]
        monkeypatch.setattr(kept.upgrades, "head_revision", lambda: "newer")
        assert list(fill(new_url(), stages(made))) == ["first", "second"]
        monkeypatch.delenv(kept.KEEP)


def test_without_the_variable_nothing_is_kept(new_url, monkeypatch):
    made = []
    monkeypatch.delenv(kept.KEEP, raising=False)

    fill(new_url(), stages(made))
    fill(url := new_url(), stages(made))

    assert made == ["first", "second"] * 2
    assert groups_in(url) == ["first", "second"]


def test_the_work_is_as_much_as_was_planned_and_of_the_firm(fresh_engine):
    from benchmarks.firm.generation import Firm

    plan = Plan(open=1000, finished=3000)
    with Session(fresh_engine) as session:
        people.seed_groups(session)
        directories.seed(session, shipped_directories.load(), by=SYSTEM, now=NOON)
        session.commit()
    Firm(fresh_engine, SMALL, lambda _what, _count: None).generate()
    Work(fresh_engine, plan).generate()

    with Session(fresh_engine) as session:
        states = dict(session.execute(sa.select(UserTask.state, sa.func.count()).group_by(UserTask.state)).all())
        held = sa.select(sa.func.count()).where(
            UserTaskCandidate.principal.in_([f"user:{username(n)}" for n in range(300)])
        )
        instances = Base.metadata.tables["process_instance"]
        strays = sa.select(sa.func.count()).where(UserTask.process_instance_id.not_in(sa.select(instances.c.id)))
        varied = sa.select(
            *(
                sa.func.count(sa.distinct(column))
                for column in (UserTask.business_key, UserTask.ended_by, UserTask.created_at)
            )
        ).where(UserTask.state == "completed")
        matters, who, instants = session.execute(varied).one()

        assert states == {"created": 1000, "completed": 3000}
        assert 500 < session.scalar(held) < 700
        assert session.scalar(strays) == 0
        assert (matters, who) == (SMALL.matters, 200)
        assert instants == 3000
        if fresh_engine.dialect.name == "sqlite":
            assert session.execute(sa.text("PRAGMA foreign_key_check")).all() == []
    wanted = {index.name for index in Base.metadata.tables["user_task"].indexes}
    assert wanted <= {index["name"] for index in sa.inspect(fresh_engine).get_indexes("user_task")}
