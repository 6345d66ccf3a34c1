"""Pieces of models with errors, escalations and event subprocesses, and the steps that tests take through them."""

from contextlib import contextmanager

import sqlalchemy as sa

from engine import deployments, history, jobs, process_instances, user_tasks
from engine.models import Job, MessageSubscription, UserTask
from tests.factories import ANA, NOON, end, model, open_tasks, path, start, user_task

ERRORS = (
    '<bpmn:error id="error_conflict" name="A conflict was found" errorCode="CONFLICT"/>'
    '<bpmn:error id="error_fee" name="The fee is missing" errorCode="FEE"/>'
    '<bpmn:error id="error_any" name="Whatever it is"/>'
)
ESCALATIONS = (
    '<bpmn:escalation id="escalation_late" name="It takes long" escalationCode="LATE"/>'
    '<bpmn:escalation id="escalation_costs" name="It costs more" escalationCode="COSTS"/>'
)
MESSAGES = '<bpmn:message id="message_stop" name="stop"/><bpmn:message id="message_ask" name="ask"/>'
VARIABLES = 'camunda:errorCodeVariable="code" camunda:errorMessageVariable="reason"'


def error(reference="error_conflict", attributes=""):
    named = f'errorRef="{reference}"' if reference else ""
    return f"<bpmn:errorEventDefinition {named} {attributes}/>"


def escalation(reference="escalation_late", attributes=""):
    named = f'escalationRef="{reference}"' if reference else ""
    return f"<bpmn:escalationEventDefinition {named} {attributes}/>"


def throw(element_id, definition):
    return f'<bpmn:intermediateThrowEvent id="{element_id}">{definition}</bpmn:intermediateThrowEvent>'


def subprocess(element_id, body, attributes=""):
    return f'<bpmn:subProcess id="{element_id}" {attributes}>{body}</bpmn:subProcess>'


def called(body, key="checking"):
    """A process that others call."""
    return f'<bpmn:process id="{key}" isExecutable="true">{body}</bpmn:process>'


def call(element_id="call", key="checking"):
    return f'<bpmn:callActivity id="{element_id}" calledElement="{key}"/>'


def straight(element_id, *tasks, prefix=""):
    """A subprocess of user tasks one behind the other."""
    ids = (f"{element_id}_started", *tasks, f"{element_id}_ended")
    return subprocess(
        element_id, start(ids[0]) + "".join(user_task(task) for task in tasks) + end(ids[-1]) + path(*ids) + prefix
    )


def event_subprocess(element_id, definition, *tasks, interrupting=True, ending="", inner=""):
    """An event subprocess: its start (``<id>_started``), user tasks and its end (``<id>_ended``)."""
    ids = (f"{element_id}_started", *tasks, f"{element_id}_ended")
    mode = "" if interrupting else 'isInterrupting="false"'
    body = (
        start(ids[0], definition, mode) + "".join(user_task(task) for task in tasks) + end(ids[-1], ending) + path(*ids)
    )
    return subprocess(element_id, body + inner, 'triggeredByEvent="true"')


def throwing(element_id="check", thrown="error_conflict", before="look"):
    """A subprocess with one user task behind which it throws."""
    return subprocess(
        element_id,
        start(f"{element_id}_started") + user_task(before) + end(f"{element_id}_failed", error(thrown))
        + path(f"{element_id}_started", before, f"{element_id}_failed"),
    )  # fmt: skip


def finish(session, element_id, variables=None, now=NOON):
    return user_tasks.complete(session, open_tasks(session)[element_id].id, variables or {}, by=ANA, now=now)


def open_now(session):
    """The element ids of the open user tasks, as often as they are open."""
    wanted = sa.select(UserTask.element_id).where(UserTask.state == "created")
    return sorted(session.scalars(wanted))


def run_jobs(session, now):
    @contextmanager
    def same_transaction():
        yield session

    return jobs.run_due(same_transaction, now=lambda: now)


def waits(session):
    """What is stored as promised or awaited: (kind or message name, element id)."""
    promised = session.execute(sa.select(Job.kind, Job.element_id))
    awaited = session.execute(sa.select(MessageSubscription.name, MessageSubscription.element_id))
    return sorted([tuple(row) for row in (*promised, *awaited)])


def state(session, instance):
    return process_instances.get(session, instance.id).state


def variables(session, instance):
    return process_instances.variables(session, instance.id)


def told(session, instance, kind):
    return [event for event in history.for_instance(session, instance.id) if event.kind == kind]


def refusals(body, **options):
    findings = deployments.check({"proc.bpmn": model(body, **options)})
    return {(finding.rule, finding.element_id) for finding in findings if finding.severity == "error"}
