"""What the tests of messages, signals and start events share."""

from contextlib import contextmanager

from engine import jobs, user_tasks
from tests.factories import ANA, NOON, open_tasks

EVENTS = (
    '<bpmn:message id="paid" name="payment_received"/><bpmn:message id="letter" name="letter_received"/>'
    '<bpmn:signal id="closing" name="office_closes"/><bpmn:signal id="storm" name="storm"/>'
)


def signal(reference="closing"):
    return f'<bpmn:signalEventDefinition signalRef="{reference}"/>'


def throw(element_id, inner):
    return f'<bpmn:intermediateThrowEvent id="{element_id}">{inner}</bpmn:intermediateThrowEvent>'


def mapping(inputs=None, outputs=None):
    texts = "".join(
        f'<camunda:inputParameter name="{n}">{t}</camunda:inputParameter>' for n, t in (inputs or {}).items()
    )
    texts += "".join(
        f'<camunda:outputParameter name="{n}">{t}</camunda:outputParameter>' for n, t in (outputs or {}).items()
    )
    return f"<bpmn:extensionElements><camunda:inputOutput>{texts}</camunda:inputOutput></bpmn:extensionElements>"


def run_jobs(session, now=NOON, limit=1000):
    """Carry out what is due, each job in a part of the test's transaction."""

    @contextmanager
    def part():
        with session.begin_nested():
            yield session

    return jobs.run_due(part, now=lambda: now, limit=limit)


def complete(session, element_id, instance=None, now=NOON, **answers):
    task = open_tasks(session, instance.id if instance else None)[element_id]
    return user_tasks.complete(session, task.id, answers, by=ANA, now=now)
