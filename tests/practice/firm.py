"""Fixtures: people of every kind, one case type, and enquiries and matters without drawing an intake."""

from datetime import datetime
from uuid import UUID

import pytest

import practice.delegates  # noqa: F401 - the service tasks of the practice
from engine import deployments
from engine.actor import SYSTEM, Actor
from engine.delegates import DelegateCall
from engine.models.base import new_id
from practice.conflicts import operations as conflicts
from practice.enquiries import operations as enquiries
from practice.matters import operations as matters
from practice.people import operations as people
from practice.walls.models import Wall, WallMember, WallScope
from tests.conftest import NOON
from tests.factories import end, model, path, start, user_task

LEA = Actor("lea", frozenset({"lawyers"}))
LEO = Actor("leo", frozenset({"lawyers"}))
PETRA = Actor("petra", frozenset({"partners"}))
RITA = Actor("rita", frozenset({"reception"}))
OTTO = Actor("otto", frozenset({"conflicts_officers"}))
CORA = Actor("cora", frozenset({"cashiers"}))
AUDITOR = Actor(
    "ada", frozenset({"auditors"}), frozenset({"see_all_matters", "see_all_instances", "see_all_user_tasks"})
)
STRANGER = Actor("nobody", frozenset({"archivists"}))

CIVIL_YAML = b"""
key: civil
case_type: {code: CV, name: Civil litigation}
stages: [{id: assess, name: Assessment}, {id: pay, name: Payment}, {id: close, name: Closing}]
"""


def stage(name: str) -> str:
    """Return the extension elements that put an element into a stage."""
    return (
        "<bpmn:extensionElements><camunda:properties>"
        f'<camunda:property name="stage" value="{name}"/>'
        "</camunda:properties></bpmn:extensionElements>"
    )


def civil() -> dict[str, bytes]:
    """Return a case type of three tasks: the responsible lawyer, the cashiers, the lawyers."""
    body = (
        start()
        + user_task("assess", attributes='camunda:assignee="=responsible" camunda:dueDate="P5D"', inner=stage("assess"))
        + user_task("pay", groups="cashiers", attributes='camunda:dueDate="P2D"', inner=stage("pay"))
        + user_task("file_away", groups="lawyers", inner=stage("close"))
        + end()
        + path("started", "assess", "pay", "file_away", "ended")
    )
    return {"civil.bpmn": model(body, key="civil"), "process.yaml": CIVIL_YAML}


@pytest.fixture
def case_type(session):
    """Deploy the case type ``civil``."""
    deployments.deploy(session, civil(), by=SYSTEM, now=NOON)


@pytest.fixture
def firm(session, case_type):
    """Let the people join."""
    people.seed_groups(session)
    for person in (LEA, LEO, PETRA, RITA, OTTO, CORA, AUDITOR, STRANGER):
        people.create_user(
            session, person.username, person.username.title(), password=None, groups=person.groups, by=SYSTEM, now=NOON
        )


@pytest.fixture
def register(session, firm):
    """Return a function that records an enquiry."""

    def make(client_name: str = "Ana Ruiz", opponent_name: str | None = "Beton AG", *, by=RITA, now=NOON, **facts):
        values = {"client_name": client_name, "opponent_name": opponent_name, "case_type": "civil", **facts}
        return enquiries.register(session, values, by=by, now=now)

    return make


@pytest.fixture
def enquiry(register):
    """Ana Ruiz against Beton AG, just received."""
    return register()


@pytest.fixture
def matter(session, register):
    """Return a function that opens a matter the proper way: enquiry, check, opening."""

    def make(
        client_name: str = "Ana Ruiz",
        opponent_name: str | None = "Beton AG",
        *,
        responsible: str = "lea",
        by=PETRA,
        now: datetime = NOON,
        **facts,
    ):
        asked = register(client_name, opponent_name, now=now, **facts)
        made, _ = conflicts.check(session, asked, by=SYSTEM, now=now)
        if made.outcome == "relative":
            conflicts.decide(session, made.id, "clear", note="A namesake.", by=OTTO, now=now)
        values = {
            "client_name": client_name,
            "opponent_name": opponent_name,
            "case_type": "civil",
            "responsible": responsible,
            **facts,
        }
        return matters.open_matter(session, asked, values, by=by, now=now)

    return make


@pytest.fixture
def wall(session):
    """Return a function that stores a wall without its process."""

    def build(*scopes, out=(), inside=(), kind="excluding", state="up"):
        sides = [(name, "out") for name in out] + [(name, "in") for name in inside]
        row = Wall(
            number=f"W-{new_id()}", name="North", kind=kind, basis="conflict", reason="Acted for them", state=state,
            requested_at=NOON, requested_by="otto", approved_by="petra", up_at=NOON,
            lift_proposed_by="petra" if state == "lifted" else None, lifted_by="otto" if state == "lifted" else None,
            lifted_at=NOON if state == "lifted" else None,
            members=[WallMember(username=name, side=side, added_at=NOON, added_by="otto") for name, side in sides],
            scopes=[WallScope(**scope) for scope in scopes],
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row

    return build


def call(
    instance_id: UUID | None = None,
    *,
    inputs: dict | None = None,
    variables: dict | None = None,
    business_key: str | None = None,
    by: Actor = PETRA,
    now: datetime = NOON,
    job_id: UUID | None = None,
) -> DelegateCall:
    """Return a call as the engine makes it."""
    return DelegateCall(
        job_id=job_id or new_id(),
        process_instance_id=instance_id or new_id(),
        process_key="intake",
        business_key=business_key,
        element_id="element",
        inputs=inputs if inputs is not None else dict(variables or {}),
        variables=dict(variables or {}),
        by=by,
        now=now,
    )
