"""The server is killed in the middle of its work: what it acknowledged is there, nothing is half done or doubled."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import sqlalchemy as sa

from engine import clock, database, deployments, process_instances
from engine.actor import SYSTEM, Actor
from engine.models import HistoryEvent, ProcessInstance, UserTask
from practice.people import operations as people
from tests import postgres
from tests.factories import end, model, path, start, user_task
from tests.webui.test_cli import Shell, served
from webui import upgrades

pytestmark = pytest.mark.slow

INSTANCES = 100
CLIENTS = 4
#: Completions that are acknowledged before the server dies: the middle of 200.
ENOUGH = 90
TWO_TASKS = model(
    start() + user_task("draft") + user_task("sign") + end() + path("started", "draft", "sign", "ended"),
    key="two_tasks",
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def firm(request, tmp_path):
    """A firm with 100 instances of two tasks each: the shell, its engine, its variables and a token."""
    shell = Shell(tmp_path)
    shell.data.mkdir()
    url = f"sqlite:///{shell.data / 'matterflow.db'}" if request.param == "sqlite" else postgres.new_database()
    engine = database.create_engine(url)
    upgrades.upgrade(engine)
    with database.transaction(engine) as session:
        people.seed_groups(session)
        people.create_user(session, "lu", "Lu", password=None, groups={"lawyers"}, by=SYSTEM, now=clock.utc_now())
        token = people.issue_token(session, "lu", "tests", by=SYSTEM, now=clock.utc_now())
        deployments.deploy(session, {"two.bpmn": TWO_TASKS}, by=SYSTEM, now=clock.utc_now())
        for _ in range(INSTANCES):
            process_instances.start(session, "two_tasks", by=Actor("lu", frozenset({"lawyers"})), now=clock.utc_now())
    yield shell, engine, {"MATTERFLOW_DATABASE_URL": url}, {"Authorization": f"Bearer {token}"}
    engine.dispose()
    if request.param == "postgresql":
        postgres.drop_database(url)


def open_ids(client, headers):
    found, cursor = [], ""
    while True:
        page = client.get(f"/api/v1/user-tasks?scope=all&limit=200{cursor}", headers=headers).json()
        found += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def test_what_was_acknowledged_survives_a_kill_and_nothing_is_half_done(firm):
    shell, engine, variables, headers = firm
    acknowledged: list[str] = []
    enough = threading.Event()

    def complete(client, ids):
        for user_task_id in ids:
            try:
                answer = client.post(f"/api/v1/user-tasks/{user_task_id}/complete", json={}, headers=headers)
            except httpx.TransportError:
                return
            if answer.status_code == 200:
                acknowledged.append(user_task_id)
                if len(acknowledged) >= ENOUGH:
                    enough.set()

    server = served(shell, **variables)
    with server as client, ThreadPoolExecutor(CLIENTS) as pool:
        ids = open_ids(client, headers)
        assert len(ids) == INSTANCES
        done = [pool.submit(complete, client, ids[number::CLIENTS]) for number in range(CLIENTS)]
        assert enough.wait(60)
        server.process.kill()
        for future in done:
            future.result(60)
        server.process.wait(10)

    with served(shell, **variables) as client:
        check_nothing_is_half_done(engine, acknowledged)
        while left := open_ids(client, headers):
            complete(client, left)

    check_nothing_is_half_done(engine, acknowledged)
    with engine.connect() as connection:
        states = sa.select(ProcessInstance.state, sa.func.count()).group_by(ProcessInstance.state)
        assert [tuple(row) for row in connection.execute(states)] == [("completed", INSTANCES)]


def check_nothing_is_half_done(engine, acknowledged):
    with database.transaction(engine) as session:
        tasks = list(session.scalars(sa.select(UserTask)))
        told = session.execute(
            sa.select(HistoryEvent.user_task_id, sa.func.count())
            .where(HistoryEvent.kind == "user_task_completed")
            .group_by(HistoryEvent.user_task_id)
        )
        completions = {str(user_task_id): count for user_task_id, count in told}
        instances = {row.id: row for row in session.scalars(sa.select(ProcessInstance))}

        assert set(acknowledged) <= completions.keys()
        assert set(completions.values()) <= {1}
        assert {str(task.id) for task in tasks if task.state == "completed"} == completions.keys()
        for instance in instances.values():
            mine = {task.element_id: task.state for task in tasks if task.process_instance_id == instance.id}
            expected = {
                "active": ({"draft": "created"}, {"draft": "completed", "sign": "created"}),
                "completed": ({"draft": "completed", "sign": "completed"},),
            }
            assert mine in expected[instance.state]
            standing = process_instances.activities(session, instance.id)["active"]
            assert standing == [element for element, state in mine.items() if state == "created"]
