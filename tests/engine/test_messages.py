"""Messages: they start instances, wake the one that waits, and have their effect once."""

import pytest

from engine import history, messages, process_instances, user_tasks
from engine.errors import MessageUnknown, VariablesInvalid
from engine.models import MessageSubscription
from tests.factories import (
    ANA,
    NOON,
    begin,
    boundary,
    catch,
    deploy,
    end,
    flow,
    gateway,
    message,
    model,
    open_tasks,
    path,
    properties,
    start,
    timer,
    user_task,
)

PAID = '<bpmn:message id="paid" name="payment_received"/><bpmn:message id="letter" name="letter_received"/>'


def send(session, name, key, **options):
    return messages.correlate(session, name, key, by=ANA, now=NOON, **options)


@pytest.mark.bpmn("message catch event", "executes")
def test_a_message_wakes_the_instance_with_its_business_key(session):
    deploy(
        session,
        start()
        + catch("was_paid", message("paid"))
        + user_task("book")
        + end()
        + path("started", "was_paid", "book", "ended"),
        extra=PAID,
    )
    first, second = begin(session, business_key="M-1"), begin(session, business_key="M-2")

    outcome = send(session, "payment_received", "M-2", variables={"sum": 300})

    assert outcome.process_instance_id == second.id
    assert open_tasks(session, first.id) == {}
    assert user_tasks.variables(session, open_tasks(session, second.id)["book"]) == {"sum": 300}
    assert session.query(MessageSubscription).count() == 1


def test_a_correlation_key_may_be_computed(session):
    waiting = f'<bpmn:intermediateCatchEvent id="was_paid">{properties(correlationKey="invoice.number")}{message("paid")}</bpmn:intermediateCatchEvent>'  # fmt: skip
    deploy(
        session,
        start() + waiting + user_task("book") + end() + path("started", "was_paid", "book", "ended"),
        extra=PAID,
    )
    instance = begin(session, business_key="M-1", variables={"invoice": {"number": "I-77"}})

    other = send(session, "payment_received", "M-1", time_to_live="PT0S")
    send(session, "payment_received", "I-77")

    assert other.process_instance_id is None
    assert set(open_tasks(session, instance.id)) == {"book"}


@pytest.mark.bpmn("receive task", "executes")
def test_a_receive_task_takes_its_message(session):
    deploy(
        session,
        start()
        + '<bpmn:receiveTask id="wait" messageRef="paid"/>'
        + user_task("book")
        + end()
        + path("started", "wait", "book", "ended"),
        extra=PAID,
    )
    begin(session, business_key="M-1")

    send(session, "payment_received", "M-1")

    assert set(open_tasks(session)) == {"book"}


@pytest.mark.bpmn("interrupting message boundary event", "executes")
def test_a_message_on_the_border_takes_the_task_away(session):
    deploy(
        session,
        start() + user_task("dun") + boundary("was_paid", "dun", message("paid")) + user_task("book") + end()
        + path("started", "dun", "ended") + path("was_paid", "book", "ended"),
        extra=PAID,
    )  # fmt: skip
    begin(session, business_key="M-1")

    send(session, "payment_received", "M-1")

    assert set(open_tasks(session)) == {"book"}


@pytest.mark.bpmn("event-based gateway", "executes")
def test_the_first_event_behind_a_gateway_wins_and_the_others_are_forgotten(session):
    deploy(
        session,
        start() + gateway("eventBased", "first") + catch("was_paid", message("paid")) + catch("silence", timer("P14D"))
        + user_task("book") + user_task("sue") + end() + flow("started", "first") + flow("first", "was_paid")
        + flow("first", "silence") + path("was_paid", "book", "ended") + path("silence", "sue", "ended"),
        extra=PAID,
    )  # fmt: skip
    begin(session, business_key="M-1")

    send(session, "payment_received", "M-1", variables={"sum": 5})

    assert user_tasks.variables(session, open_tasks(session)["book"]) == {"sum": 5}
    assert send(session, "payment_received", "M-1", time_to_live="PT0S").waiting == 0


@pytest.mark.bpmn("message start event", "executes")
def test_a_message_starts_the_process_that_begins_with_it(session):
    deploy(
        session,
        start(inner=message("letter")) + user_task("read") + end() + path("started", "read", "ended"),
        extra=PAID,
    )

    outcome = send(session, "letter_received", "L-1", variables={"from": "the court"})

    assert outcome.started
    assert process_instances.get(session, outcome.process_instance_id).business_key == "L-1"
    assert user_tasks.variables(session, open_tasks(session)["read"]) == {"from": "the court"}


def test_a_process_that_starts_on_a_message_is_not_started_by_hand(session):
    deploy(session, start(inner=message("letter")) + end() + path("started", "ended"), extra=PAID)

    with pytest.raises(VariablesInvalid) as refusal:
        begin(session)

    assert "letter_received" in refusal.value.fields["process_key"]


def test_a_repeated_message_id_changes_nothing(session):
    deploy(
        session,
        start(inner=message("letter")) + user_task("read") + end() + path("started", "read", "ended"),
        extra=PAID,
    )

    first = send(session, "letter_received", "L-1", message_id="mail-1")
    again = send(session, "letter_received", "L-1", message_id="mail-1")

    assert (first.started, again.duplicate, again.process_instance_id) == (True, True, None)
    assert len(open_tasks(session)) == 1


def test_a_name_that_no_process_knows_is_refused(session):
    with pytest.raises(MessageUnknown) as refusal:
        send(session, "no_such_message", "M-1")

    assert refusal.value.name == "no_such_message"


def test_an_instance_sends_a_message_to_another(session):
    sender = start("s") + '<bpmn:sendTask id="tell" messageRef="paid"/>' + end("e") + path("s", "tell", "e")
    deploy(session, model(sender, key="sender", extra=PAID))
    deploy(session, start() + catch("was_paid", message("paid")) + user_task("book") + end() + path("started", "was_paid", "book", "ended"), extra=PAID)  # fmt: skip
    waiting = begin(session, business_key="M-1")

    telling = begin(session, key="sender", business_key="M-1", variables={"sum": 9})

    assert user_tasks.variables(session, open_tasks(session, waiting.id)["book"]) == {"sum": 9}
    event = next(e for e in history.for_instance(session, telling.id) if e.kind == "message_thrown")
    assert (event.element_id, event.data["taken_by"], event.data["waiting"]) == ("tell", str(waiting.id), 1)
