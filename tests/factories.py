"""Small models and people for tests: write the elements, the flows and the rest is drawn around them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import deployments, process_instances
from engine.actor import Actor
from engine.models import ProcessInstance, UserTask

NOON = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
ANA = Actor("ana", frozenset({"lawyers"}))
BO = Actor("bo", frozenset({"lawyers"}))
PIA = Actor("pia", frozenset({"partners"}))
OUTSIDER = Actor("otto", frozenset({"reception"}))
CHIEF = Actor("chief", frozenset(), frozenset({"assign_user_tasks", "cancel_instances", "retry_incidents"}))

_OPEN = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' id="definitions" targetNamespace="https://matterflow.example">'
)


def model(body: str, *, key: str = "proc", extra: str = "", attributes: str = "", processes: str = "") -> bytes:
    """Return a model of one process; ``extra`` stands beside it (messages), ``processes`` are further ones."""
    return (
        f'{_OPEN}{extra}<bpmn:process id="{key}" name="{key}" isExecutable="true" {attributes}>{body}</bpmn:process>'
        f"{processes}</bpmn:definitions>"
    ).encode()


def start(element_id: str = "started", inner: str = "", attributes: str = "") -> str:
    """Return a start event."""
    return f'<bpmn:startEvent id="{element_id}" {attributes}>{inner}</bpmn:startEvent>'


def end(element_id: str = "ended", inner: str = "") -> str:
    """Return an end event."""
    return f'<bpmn:endEvent id="{element_id}">{inner}</bpmn:endEvent>'


def user_task(element_id: str, *, groups: str = "lawyers", attributes: str = "", inner: str = "") -> str:
    """Return a user task for some groups."""
    offered = f'camunda:candidateGroups="{groups}"' if groups else ""
    return f'<bpmn:userTask id="{element_id}" name="{element_id}" {offered} {attributes}>{inner}</bpmn:userTask>'


def service_task(element_id: str, topic: str, attributes: str = "", inner: str = "") -> str:
    """Return a service task."""
    return (
        f'<bpmn:serviceTask id="{element_id}" camunda:type="external" camunda:topic="{topic}" {attributes}>'
        f"{inner}</bpmn:serviceTask>"
    )


def script(element_id: str, feel: str, variable: str = "result") -> str:
    """Return a script task in FEEL."""
    return (
        f'<bpmn:scriptTask id="{element_id}" scriptFormat="feel" camunda:resultVariable="{variable}">'
        f"<bpmn:script>{feel}</bpmn:script></bpmn:scriptTask>"
    )


def gateway(kind: str, element_id: str, default: str = "", inner: str = "") -> str:
    """Return a gateway: ``exclusive``, ``parallel``, ``inclusive`` or ``eventBased``."""
    attribute = f'default="{default}"' if default else ""
    return f'<bpmn:{kind}Gateway id="{element_id}" {attribute}>{inner}</bpmn:{kind}Gateway>'


def timer(duration: str, kind: str = "timeDuration") -> str:
    """Return a timer's definition."""
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{duration}</bpmn:{kind}></bpmn:timerEventDefinition>"


def message(reference: str) -> str:
    """Return a message's definition."""
    return f'<bpmn:messageEventDefinition messageRef="{reference}"/>'


def boundary(element_id: str, host: str, inner: str, *, interrupting: bool = True) -> str:
    """Return a boundary event."""
    cancel = str(interrupting).lower()
    return f'<bpmn:boundaryEvent id="{element_id}" attachedToRef="{host}" cancelActivity="{cancel}">{inner}</bpmn:boundaryEvent>'


def catch(element_id: str, inner: str) -> str:
    """Return an intermediate catch event."""
    return f'<bpmn:intermediateCatchEvent id="{element_id}">{inner}</bpmn:intermediateCatchEvent>'


def properties(**values: str) -> str:
    """Return extension elements with ``camunda:property`` values."""
    items = "".join(f'<camunda:property name="{name}" value="{value}"/>' for name, value in values.items())
    return f"<bpmn:extensionElements><camunda:properties>{items}</camunda:properties></bpmn:extensionElements>"


def flow(source: str, target: str, condition: str | None = None) -> str:
    """Return a sequence flow with the id ``flow_source_target``."""
    inner = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
    return f'<bpmn:sequenceFlow id="flow_{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'


def path(*ids: str) -> str:
    """Return the flows of a straight path."""
    return "".join(flow(source, target) for source, target in pairwise(ids))


def deploy(
    session: Session, body: str | bytes, *, now: datetime = NOON, files: dict[str, bytes] | None = None, **options: Any
) -> None:
    """Deploy a model (its body, or the whole)."""
    content = body if isinstance(body, bytes) else model(body, **options)
    deployments.deploy(session, {"proc.bpmn": content, **(files or {})}, by=CHIEF, now=now)


def begin(
    session: Session, *, now: datetime = NOON, by: Actor = ANA, key: str = "proc", **options: Any
) -> ProcessInstance:
    """Start an instance."""
    return process_instances.start(session, key, by=by, now=now, **options)


def open_tasks(session: Session, process_instance_id: UUID | None = None) -> dict[str, UserTask]:
    """Return the open user tasks by element id."""
    wanted = sa.select(UserTask).where(UserTask.state == "created").execution_options(populate_existing=True)
    if process_instance_id is not None:
        wanted = wanted.where(UserTask.process_instance_id == process_instance_id)
    return {task.element_id: task for task in session.scalars(wanted)}


def later(**duration: float) -> datetime:
    """Return an instant after noon."""
    return NOON + timedelta(**duration)
