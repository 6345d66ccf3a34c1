"""``matterflow instance``: what an operator does at the command line."""

import json
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from engine import clock, database, process_instances, user_tasks
from engine.actor import SYSTEM
from engine.models import UserTask
from tests.factories import ANA, end, gateway, model, path, start, user_task
from tests.webui.test_cli import Shell

pytestmark = pytest.mark.slow

STEPS = (
    start()
    + user_task("draft")
    + user_task("review")
    + user_task("sign")
    + end()
    + path("started", "draft", "review", "sign", "ended")
)
CHOICE = start() + gateway("exclusive", "choose") + user_task("a") + user_task("b") + end() + path("started", "choose") + "".join(
    f'<bpmn:sequenceFlow id="to_{name}" sourceRef="choose" targetRef="{name}"><bpmn:conditionExpression>=kind = {kind}'
    f"</bpmn:conditionExpression></bpmn:sequenceFlow>" + path(name, "ended") for name, kind in (("a", 1), ("b", 2))
)  # fmt: skip


class Desk(Shell):
    """The command line, and beside it the engine that starts what it operates on."""

    def engine(self):
        return database.create_engine(f"sqlite:///{self.data / 'matterflow.db'}")

    def start(self, key="letter", version=None, variables=None):
        engine = self.engine()
        with database.transaction(engine) as session:
            instance = process_instances.start(
                session, key, version=version, variables=variables, by=SYSTEM, now=clock.utc_now()
            )
        engine.dispose()
        return str(instance.id)

    def complete(self, instance, element_id):
        engine = self.engine()
        with database.transaction(engine) as session:
            task_id = session.scalars(
                sa.select(UserTask.id).where(
                    UserTask.process_instance_id == UUID(instance),
                    UserTask.element_id == element_id,
                    UserTask.state == "created",
                )
            ).one()
            user_tasks.complete(session, task_id, {}, by=ANA, now=clock.utc_now())
        engine.dispose()

    def show(self, instance):
        return json.loads(self("instance", "show", instance, "--json"))


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """An installation with a letter's process in two versions."""
    desk = Desk(tmp_path_factory.mktemp("desk"))
    desk("db", "upgrade")
    for name, body in (("letter", STEPS), ("letter", STEPS.replace('"sign"', '"seal"')), ("choice", CHOICE)):
        file = desk.folder / f"{name}.bpmn"
        file.write_bytes(model(body, key=name))
        desk("process", "deploy", file)
    return desk


def test_a_token_is_moved_and_that_is_undone(desk):
    instance = desk.start(version=1)
    token = desk.show(instance)["tokens"][0]
    assert (token["element_id"], token["state"]) == ("draft", "ready")

    said = desk(
        "instance",
        "modify",
        instance,
        "--move",
        f"draft:{token['token_id']}",
        "sign",
        "--set",
        "n=2",
        "--set",
        "who=Ana",
        "--reason",
        "In a hurry",
    )
    told = json.loads(desk("instance", "undo", instance, "--json"))

    assert "stands at sign" in said
    assert (told["state"], told["active"]) == ("active", ["draft"])
    assert "can be undone" in desk("instance", "undo", instance, fails=1)
    assert token["token_id"] in desk("instance", "show", instance)


def test_tokens_are_added_removed_and_skipped(desk):
    instance = desk.start(version=1)

    told = json.loads(
        desk(
            "instance",
            "modify",
            instance,
            "--skip",
            "draft",
            "--add",
            "sign",
            "--remove",
            "review",
            "--reason",
            "x",
            "--json",
        )
    )

    assert told["active"] == ["sign"]


def test_what_is_impossible_is_one_sentence(desk):
    instance = desk.start(version=1)

    assert "nowhere" in desk("instance", "modify", instance, "--move", "draft", "nowhere", "--reason", "x", fails=1)
    assert "is not --set NAME=JSON" in desk("instance", "modify", instance, "--set", "n", "--reason", "x", fails=1)
    assert "no token's id" in desk("instance", "modify", instance, "--skip", "draft:7", "--reason", "x", fails=1)
    assert "no instruction" in desk("instance", "modify", instance, "--reason", "x", fails=1)
    assert "no such process instance" in desk("instance", "undo", uuid4(), fails=1)
    assert desk.show(instance)["activities"]["active"] == ["draft"]


def test_an_instance_goes_back_to_the_last_task_at_an_element(desk):
    instance = desk.start(version=1)
    desk.complete(instance, "draft")
    history = desk.show(instance)["history"]
    task = next(event["user_task_id"] for event in history if event["kind"] == "user_task_completed")

    first = desk("instance", "reset", instance, "--to", "draft", "--reason", "Wrong")
    desk.complete(instance, "draft")
    second = json.loads(desk("instance", "reset", instance, "--to", task, "--reason", "Wrong again", "--json"))

    assert "stands at draft" in first
    assert second["active"] == ["draft"]
    assert "was completed at sign" in desk("instance", "reset", instance, "--to", "sign", "--reason", "x", fails=1)


def test_many_are_suspended_resumed_and_cancelled_each_for_itself(desk):
    one, two = desk.start(version=1), desk.start(version=1)

    assert "2 process instance(s) suspended" in desk("instance", "suspend", one, two, "--reason", "A holiday")
    assert desk.show(one)["state"] == "suspended"
    desk("instance", "resume", one, "--reason", "Back")
    refused = desk("instance", "resume", one, two, "--reason", "Back", fails=1)
    assert refused.startswith("1 of 2 refused")
    assert desk.show(two)["state"] == "active"
    told = json.loads(desk("instance", "cancel", one, two, "--reason", "Settled", "--json"))

    assert [(item["id"], item["done"]) for item in told] == [(one, True), (two, True)]


def test_a_failed_step_runs_again_with_a_corrected_variable(desk):
    instance = desk.start("choice", variables={"kind": 3})

    assert "failed again at choose" in desk("instance", "retry", instance, "--set", "kind=4", fails=1)
    said = desk("instance", "retry", instance, "--set", "kind=2")

    assert "1 step(s) tried again" in said
    assert desk.show(instance)["activities"]["active"] == ["b"]
    assert "no open incident" in desk("instance", "retry", instance, fails=1)


def test_instances_are_moved_to_another_version_in_batches(desk):
    going = [desk.start(version=1) for _ in range(3)]
    staying = desk.start(version=1)
    desk("instance", "modify", staying, "--move", "draft", "sign", "--reason", "x")
    only = [part for one in (*going, staying) for part in ("--instance", one)]

    tried, refused = said_and_refused(desk, "--dry-run", "--json", *only)
    assert "would stay" in refused
    assert {desk.show(one)["version"] for one in (*going, staying)} == {1}
    done, refused = said_and_refused(desk, "--json", "--batch", "2", *only)
    assert "sign" in refused

    assert {item["id"]: item["done"] for item in json.loads(done)["items"]} == {
        **dict.fromkeys(going, True),
        staying: False,
    }
    assert json.loads(tried)["items"] == json.loads(done)["items"]
    assert {desk.show(one)["version"] for one in going} == {2}
    said = desk(
        "instance", "migrate", "letter", "--from", "1", "--to", "2", "--map", "sign=seal", "--instance", staying
    )
    assert "1 process instance(s) moved to version 2" in said
    assert desk.show(staying)["activities"]["active"] == ["seal"]


def said_and_refused(desk, *options):
    code, said, complained = desk.run("instance", "migrate", "letter", "--from", "1", "--to", "2", *options)
    assert code == 1
    assert len(complained.strip().splitlines()) == 1
    return said, complained


def test_a_plan_that_cannot_be_is_one_sentence(desk):
    assert "nowhere" in desk(
        "instance", "migrate", "letter", "--from", "1", "--to", "2", "--map", "sign=nowhere", fails=1
    )
    assert "No such process" in desk("instance", "migrate", "letter", "--from", "1", "--to", "9", fails=1)
    assert "OLD=NEW" in desk("instance", "migrate", "letter", "--from", "1", "--to", "2", "--map", "sign", fails=1)
