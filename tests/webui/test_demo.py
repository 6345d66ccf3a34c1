"""The demo firm: made by the real services, the same each time, and never over anything."""

import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.orm import Session

from engine import database, definitions, incidents, process_instances
from engine.actor import SYSTEM
from engine.models import Base, Incident, ProcessInstance, UserTask
from practice.conflicts.models import ConflictCheck
from practice.enquiries.models import Enquiry
from practice.matters.models import Matter
from practice.people import operations as people
from practice.people.groups import GROUPS
from tests import postgres
from webui import upgrades
from webui.cli import cli
from webui.cli.common import Refused
from webui.demo import PASSWORD, answers, firm
from webui.demo.cases import CASES
from webui.demo.cast import CAST
from webui.demo.plan import Step, Way
from webui.demo.simulation import LostTheWay

PROCESSES = Path(__file__).parents[2] / "processes" / "bpmn"
TODAY = date(2026, 9, 1)
MIDNIGHT = datetime.combine(TODAY, time(), UTC)


def folders() -> list[Path]:
    return sorted(path.parent for path in PROCESSES.glob("*/process.yaml"))


def make(url: str, *, today: date = TODAY, **options) -> tuple[sa.Engine, firm.Made]:
    upgrades.metadata()
    upgrades.import_delegates()
    definitions.forget()
    engine = database.create_engine(url)
    Base.metadata.create_all(engine)
    with database.transaction(engine) as session:
        made = firm.make(session, folders(), today=today, **options)
    return engine, made


def described(engine: sa.Engine, today: date = TODAY) -> list[tuple]:
    """Return everything that a reader of the firm sees, with days relative to today."""

    def ago(at: datetime | None):
        return at and (at - datetime.combine(today, time(), UTC))

    with Session(engine) as session:
        matters = sa.select(Matter).order_by(Matter.number)
        enquiries = sa.select(Enquiry).order_by(Enquiry.number)
        tasks = sa.select(UserTask).order_by(UserTask.created_at, UserTask.business_key, UserTask.element_id)
        return [
            *(
                (m.number, m.title, m.state, m.responsible, m.outcome, ago(m.opened_at))
                for m in session.scalars(matters)
            ),
            *(
                (e.number, e.client_name, e.state, e.received_by, ago(e.received_at))
                for e in session.scalars(enquiries)
            ),
            *(
                (t.business_key, t.element_id, t.state, t.assignee, ago(t.created_at), ago(t.due_at), ago(t.ended_at))
                for t in session.scalars(tasks)
            ),
        ]


def files(firm: list[tuple]) -> list[tuple]:
    """Return the matters and enquiries of what ``described`` told; tasks have seven columns."""
    return [told for told in firm if len(told) < 7]


@pytest.fixture(scope="module")
def demo_firm(database_url, tmp_path_factory):
    """The demo firm, once on each database."""
    is_sqlite = database_url.startswith("sqlite")
    url = f"sqlite:///{tmp_path_factory.mktemp('demo')}/demo.sqlite" if is_sqlite else postgres.new_database()
    engine, made = make(url)
    yield engine, made
    engine.dispose()
    if not is_sqlite:
        postgres.drop_database(url)


@pytest.fixture
def demo_session(demo_firm):
    with demo_firm[0].connect() as connection, connection.begin() as transaction:
        yield Session(connection, join_transaction_mode="create_savepoint")
        transaction.rollback()


def test_every_user_task_of_the_shipped_processes_has_a_recipe_and_no_recipe_is_left_over():
    models = [path.read_text(encoding="utf-8") for path in PROCESSES.glob("*/*.bpmn")]
    shipped = {element for model in models for element in re.findall(r'<bpmn:userTask id="([^"]+)"', model)}

    assert set(answers.RECIPES) == shipped


def test_a_task_without_a_recipe_is_said_by_name():
    with pytest.raises(answers.NoRecipe, match="'juggle'"):
        answers.answers("juggle", None)


def test_the_firm_stands_at_every_stage(demo_firm, demo_session):
    made = demo_firm[1]
    open_tasks = set(demo_session.scalars(sa.select(UserTask.element_id).where(UserTask.state == "created")))

    assert 25 <= made.open_matters + made.archived_matters <= 40
    assert made.archived_matters >= 4
    assert made.incidents == 1
    assert {case.way.stands_at for case in CASES if case.way.stands_at} <= open_tasks
    stages = set(demo_session.scalars(sa.select(UserTask.stage).where(UserTask.state == "created")))
    assert {"assessment", "pre_action", "filing", "pleadings", "evidence", "hearing", "decision", "closing"} <= stages


def test_there_is_work_in_time_late_and_done_and_some_is_held(demo_session):
    tasks = demo_session.scalars(sa.select(UserTask)).all()

    assert sum(1 for task in tasks if task.state == "created" and task.due_at < MIDNIGHT) >= 5
    assert sum(1 for task in tasks if task.state == "created" and task.due_at > MIDNIGHT + timedelta(days=2)) >= 8
    assert sum(1 for task in tasks if task.state == "completed") >= 200
    held = [
        task for task in tasks if task.state == "created" and task.assignee and "lawyers" not in task.candidate_groups
    ]
    assert held
    assert all(task.created_at < MIDNIGHT for task in tasks)


def test_numbers_have_no_gaps_and_follow_the_days(demo_session):
    opened = demo_session.scalars(sa.select(Matter).order_by(Matter.opened_at)).all()

    assert [matter.number for matter in opened] == [f"2026-CV-{n:04d}" for n in range(1, len(opened) + 1)]


def test_one_absolute_conflict_waits_and_a_declined_one_never_became_a_matter(demo_session):
    absolute = select_subjects(demo_session, "absolute")
    waiting = set(
        demo_session.scalars(
            sa.select(UserTask.business_key).where(
                UserTask.element_id == "decide_conflict", UserTask.state == "created"
            )
        )
    )
    accepted = set(demo_session.scalars(sa.select(Matter.enquiry_number)))

    assert len(absolute) == 2
    assert len(absolute & waiting) == 1
    assert not absolute & accepted
    assert select_subjects(demo_session, "relative") & accepted


def select_subjects(session: Session, outcome: str) -> set[str]:
    return set(session.scalars(sa.select(ConflictCheck.subject).where(ConflictCheck.outcome == outcome)))


def test_everybody_signs_in_with_the_password_that_is_printed(demo_session):
    assert all(people.verify_password(demo_session, member.username, PASSWORD) for member in CAST[:2])
    # Those who are not of the firm do not sign in yet.
    outside = {"clients", "co_counsels", "experts"}
    assert {group for member in CAST for group in member.groups} == set(GROUPS) - outside


def test_the_incident_says_why_and_goes_away_when_its_cause_does(demo_session):
    (incident,) = demo_session.scalars(sa.select(Incident)).all()
    assert "open user tasks" in incident.message
    matter = demo_session.scalars(
        sa.select(Matter).where(Matter.process_instance_id == incident.process_instance_id)
    ).one()
    besides = demo_session.scalars(
        sa.select(ProcessInstance.id).where(
            ProcessInstance.business_key == matter.number,
            ProcessInstance.id != matter.process_instance_id,
            ProcessInstance.state == "active",
        )
    ).all()
    assert besides

    for other in besides:
        process_instances.cancel(demo_session, other, reason="Not needed", by=SYSTEM, now=MIDNIGHT)
    incidents.retry(demo_session, incident.id, by=SYSTEM, now=MIDNIGHT)

    demo_session.expire_all()
    assert (matter.state, process_instances.get(demo_session, incident.process_instance_id).state) == (
        "archived",
        "completed",
    )


@pytest.fixture
def small(monkeypatch, tmp_path):
    """Describes a firm of a few of the cases, made on a database of its own kind."""
    monkeypatch.setattr(firm, "CASES", CASES[::6])

    def small(url: str = "", *, today: date = TODAY, **options) -> list[tuple]:
        engine, _ = make(url or f"sqlite:///{tmp_path}/{today}-{len(options)}.sqlite", today=today, **options)
        try:
            return described(engine, today)
        finally:
            engine.dispose()

    return small


@pytest.mark.slow
def test_the_same_seed_and_day_make_the_same_firm_and_another_seed_another(schema, database_url, small, tmp_path):
    kind = database_url.partition("+")[0].partition(":")[0]

    first = small(schema.copy(kind, tmp_path / "first.sqlite"))

    assert small() == first
    assert small(seed=7) != first


@pytest.mark.slow
def test_the_same_seed_makes_the_same_matters_and_enquiries_on_any_day(small):
    """Tasks differ: on another day other working days count, and so other deadlines."""
    later = small(today=TODAY + timedelta(days=9))

    assert files(later) == files(small())


def test_a_changed_process_stops_the_demo_with_a_sentence(tmp_path, monkeypatch):
    changed = [case for case in CASES if case.way.stands_at == "answer_question"]
    monkeypatch.setattr(firm, "CASES", changed)
    monkeypatch.setattr(Way, "steps", lambda *_: [Step("write_poem", 1)])

    with pytest.raises(LostTheWay, match="'write_poem' open and has decide_enquiry"):
        make(f"sqlite:///{tmp_path}/changed.sqlite")


def test_a_way_that_never_comes_to_its_end_is_refused():
    with pytest.raises(ValueError, match="never comes to"):
        Way("file_appeal", response="paid").steps(1)


@pytest.fixture
def data_dir(tmp_path, monkeypatch):
    monkeypatch.setenv("MATTERFLOW_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("MATTERFLOW_DATABASE_URL", raising=False)
    monkeypatch.setattr(firm, "CASES", CASES[-1:])
    return tmp_path / "data"


def test_the_command_makes_the_firm_once_and_prints_who_can_sign_in(data_dir):
    made = CliRunner().invoke(cli, ["demo"])
    before = (data_dir / "matterflow.db").read_bytes()

    again = CliRunner().invoke(cli, ["demo"])
    quiet = CliRunner().invoke(cli, ["demo", "--if-missing"])

    assert made.exit_code == 0
    assert PASSWORD in made.output
    assert all(member.username in made.output for member in CAST)
    assert isinstance(again.exception, Refused)
    assert "There is a database already" in str(again.exception)
    assert (quiet.exit_code, quiet.output) == (0, "")
    assert (data_dir / "matterflow.db").read_bytes() == before


def test_tables_of_somebody_else_are_not_touched_either(data_dir):
    data_dir.mkdir()
    engine = database.create_engine(f"sqlite:///{data_dir}/matterflow.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE cookbook (recipe TEXT)")
    engine.dispose()

    refused = CliRunner().invoke(cli, ["demo"])

    assert isinstance(refused.exception, Refused)


def test_a_demo_that_was_interrupted_can_be_made_again(data_dir, monkeypatch):
    monkeypatch.setattr(firm, "_told", lambda _session: 1 / 0)
    assert isinstance(CliRunner().invoke(cli, ["demo"]).exception, ZeroDivisionError)
    monkeypatch.undo()
    monkeypatch.setenv("MATTERFLOW_DATA_DIR", str(data_dir))
    monkeypatch.setattr(firm, "CASES", CASES[-1:])

    assert CliRunner().invoke(cli, ["demo"]).exit_code == 0
