"""Messages that come before anybody waits, that name several keys, that come twice, or for which many wait."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine import history, messages, process_instances, user_tasks
from engine.database import transaction
from engine.errors import DeploymentRefused, VariablesInvalid
from engine.models import BufferedMessage, BufferedMessageKey, MessageReceipt, MessageSubscription
from tests.engine.crossing import EVENTS, complete, mapping, run_jobs
from tests.factories import (
    ANA,
    CHIEF,
    NOON,
    begin,
    boundary,
    catch,
    deploy,
    end,
    later,
    message,
    model,
    open_tasks,
    path,
    start,
    user_task,
)

PAYMENT = start() + user_task("prepare") + catch("was_paid", message("paid")) + user_task("book") + end() + path("started", "prepare", "was_paid", "book", "ended")  # fmt: skip


def keyed(**keys):
    items = "".join(f'<camunda:property name="{name}" value="{text}"/>' for name, text in keys.items())
    extensions = f"<bpmn:extensionElements><camunda:properties>{items}</camunda:properties></bpmn:extensionElements>"
    return extensions.replace("correlationKey_", "correlationKey.")


def waiting_for(**keys):
    event = f'<bpmn:intermediateCatchEvent id="was_paid">{keyed(**keys)}{message("paid")}</bpmn:intermediateCatchEvent>'
    return start() + event + user_task("book") + end() + path("started", "was_paid", "book", "ended")


def send(session, key, now=NOON, **options):
    return messages.correlate(session, "payment_received", key, by=ANA, now=now, **options)


def count(session, table=BufferedMessage):
    return session.scalar(sa.select(sa.func.count()).select_from(table))


def told(session, instance, kind):
    return [event for event in history.for_instance(session, instance.id) if event.kind == kind]


def test_a_message_that_comes_too_early_is_kept_and_taken_by_the_first_that_begins_to_wait(session):
    deploy(session, PAYMENT, extra=EVENTS)
    instance = begin(session, business_key="M-1")

    outcome = send(session, "M-1", variables={"sum": 300}, message_id="p-1")
    run_jobs(session)
    complete(session, "prepare", now=later(hours=1))

    assert (outcome.delivered_to, outcome.buffered_until) == (None, NOON + timedelta(days=7))
    assert user_tasks.variables(session, open_tasks(session)["book"])["sum"] == 300
    taken = told(session, instance, "message_received")[0].data
    assert (taken["message_id"], taken["kept_since"], taken["waiting"]) == ("p-1", NOON.isoformat(), 1)
    assert count(session) == count(session, BufferedMessageKey) == count(session, MessageSubscription) == 0


def test_kept_messages_are_taken_in_the_order_in_which_they_came(session):
    twice = start() + user_task("prepare") + catch("one", message("paid")) + user_task("first") + catch("two", message("paid")) + user_task("second") + end()  # fmt: skip
    deploy(session, twice + path("started", "prepare", "one", "first", "two", "second", "ended"), extra=EVENTS)
    begin(session, business_key="M-1")
    for number in (1, 2):
        send(session, "M-1", variables={"number": number})

    complete(session, "prepare")
    first = user_tasks.variables(session, open_tasks(session)["first"])["number"]
    complete(session, "first")

    assert first == 1
    assert user_tasks.variables(session, open_tasks(session)["second"])["number"] == 2


def test_a_kept_message_expires_when_its_time_is_over(session):
    deploy(session, PAYMENT, extra=EVENTS)
    begin(session, business_key="M-1")
    send(session, "M-1", time_to_live="PT2H", message_id="p-1")

    complete(session, "prepare", now=later(hours=2))
    swept = messages.sweep(session, now=later(hours=2))
    again = send(session, "M-1", now=later(hours=3), message_id="p-1")

    assert "book" not in open_tasks(session)
    assert (swept, count(session), again.duplicate) == (1, 0, True)


@pytest.mark.parametrize("text", ["tomorrow", "2026-10-01", "-PT1H", "P20Y", "P"])
def test_a_time_to_live_is_a_duration_of_reasonable_length(session, text):
    with pytest.raises(VariablesInvalid) as refusal:
        send(session, "M-1", time_to_live=text)

    assert set(refusal.value.fields) == {"time_to_live"}


def test_what_nobody_took_and_nobody_keeps_leaves_its_id_free(session):
    deploy(session, PAYMENT, extra=EVENTS)
    instance = begin(session, business_key="M-1")

    nobody = send(session, "M-1", time_to_live="PT0S", message_id="p-1")
    complete(session, "prepare")
    again = send(session, "M-1", time_to_live="PT0S", message_id="p-1")

    assert (nobody.delivered_to, nobody.buffered_until, nobody.duplicate) == (None, None, False)
    assert again.delivered_to == instance.id


def test_all_the_keys_of_the_element_have_to_match_and_the_message_may_carry_more(session):
    deploy(session, waiting_for(correlationKey_court="court", correlationKey_number="number"), extra=EVENTS)
    instance = begin(session, variables={"court": "Berlin", "number": 7})
    options = {"time_to_live": "PT0S"}

    one = send(session, {"court": "Berlin"}, **options)
    wrong = send(session, {"court": "Berlin", "number": "8"}, **options)
    plain = send(session, "Berlin", **options)
    both = send(session, {"number": 7, "court": "Berlin", "clerk": "Kim"}, **options)

    assert [item.delivered_to for item in (one, wrong, plain)] == [None, None, None]
    assert both.delivered_to == instance.id


def test_a_kept_message_with_more_keys_meets_a_later_need_for_some_of_them(session):
    deploy(session, waiting_for(correlationKey_court="court"), extra=EVENTS)
    send(session, {"court": "Berlin", "number": 7}, variables={"sum": 1})

    other = begin(session, variables={"court": "Bonn"})
    instance = begin(session, variables={"court": "Berlin"})

    assert open_tasks(session, other.id) == {}
    assert set(open_tasks(session, instance.id)) == {"book"}


@pytest.mark.parametrize("keys", [{str(n): "x" for n in range(6)}, {"a": ""}, {"a": [1]}, {"": "x"}, {"a": "x" * 201}])
def test_keys_that_cannot_be_compared_are_refused(session, keys):
    with pytest.raises(VariablesInvalid) as refusal:
        send(session, keys)

    assert set(refusal.value.fields) == {"correlation_key"}


def test_of_several_that_wait_the_one_that_has_waited_longest_takes_it_and_the_answer_says_so(session):
    deploy(session, PAYMENT, extra=EVENTS)
    older, newer = begin(session, business_key="M-1"), begin(session, business_key="M-1")
    complete(session, "prepare", newer)
    complete(session, "prepare", older)

    outcome = send(session, "M-1")

    assert (outcome.delivered_to, outcome.waiting) == (newer.id, 2)
    assert told(session, newer, "message_received")[0].data["waiting"] == 2
    assert set(open_tasks(session, older.id)) == set()


def test_a_message_to_a_suspended_instance_waits_until_it_is_resumed(session):
    deploy(session, PAYMENT, extra=EVENTS)
    instance = begin(session, business_key="M-1")
    complete(session, "prepare")
    process_instances.suspend(session, instance.id, by=CHIEF, now=NOON)

    outcome = send(session, "M-1")
    run_jobs(session)
    kept = count(session)
    process_instances.resume(session, instance.id, by=CHIEF, now=NOON)
    run_jobs(session)

    assert (outcome.waiting, outcome.delivered_to, kept) == (0, None, 1)
    assert set(open_tasks(session)) == {"book"}


def test_a_message_finds_the_instance_under_its_new_business_key(session):
    deploy(session, PAYMENT, extra=EVENTS)
    instance = begin(session, business_key="E-1")
    complete(session, "prepare")
    send(session, "M-1")
    run_jobs(session)

    process_instances.set_business_key(session, instance.id, "M-1", by=ANA, now=NOON)
    run_jobs(session)

    assert set(open_tasks(session)) == {"book"}


def test_a_message_in_an_instance_reaches_no_token_of_it_with_another_key(session):
    deploy(
        session,
        start() + f'<bpmn:sendTask id="tell" messageRef="paid">{keyed(correlationKey="other")}</bpmn:sendTask>' + user_task("work")
        + boundary("was_paid", "work", message("paid")) + end() + end("e2") + path("started", "work", "tell", "ended") + path("was_paid", "e2"),
        extra=EVENTS,
    )  # fmt: skip
    sender = begin(session, business_key="M-1", variables={"other": "M-2"})
    receiver = begin(session, business_key="M-2", variables={"other": "M-3"})
    bystander = begin(session, business_key="M-1", variables={"other": "M-3"})

    complete(session, "work", sender)

    states = [process_instances.get(session, item.id).state for item in (sender, receiver, bystander)]
    assert states == ["completed", "completed", "active"]
    assert told(session, sender, "message_thrown")[0].data["taken_by"] == str(receiver.id)


def test_a_thrown_message_that_nobody_waits_for_is_kept_as_long_as_its_element_says(session):
    thrower = (
        start("s")
        + f'<bpmn:endEvent id="e">{keyed(timeToLive="PT1H")}{message("paid")}</bpmn:endEvent>'
        + path("s", "e")
    )
    deploy(session, model(thrower, key="thrower", extra=EVENTS))
    deploy(session, PAYMENT, extra=EVENTS)

    sender = begin(session, key="thrower", business_key="M-1")
    run_jobs(session)
    until = session.scalar(sa.select(BufferedMessage.expires_at))
    messages.sweep(session, now=later(hours=1))

    assert until == later(hours=1)
    assert [event.data["name"] for event in told(session, sender, "message_expired")] == ["payment_received"]


def test_input_and_output_parameters_say_what_goes_and_where_it_arrives(session):
    thrower = (
        start("s")
        + f'<bpmn:endEvent id="e">{mapping({"sum": "= net + tax"})}{message("paid")}</bpmn:endEvent>'
        + path("s", "e")
    )
    deploy(session, model(thrower, key="thrower", extra=EVENTS))
    taking = f'<bpmn:intermediateCatchEvent id="was_paid">{mapping(outputs={"paid": "= sum"})}{message("paid")}</bpmn:intermediateCatchEvent>'
    deploy(
        session,
        start() + taking + user_task("book") + end() + path("started", "was_paid", "book", "ended"),
        extra=EVENTS,
    )
    begin(session, business_key="M-1")

    begin(session, key="thrower", business_key="M-1", variables={"net": 100, "tax": 19})

    assert user_tasks.variables(session, open_tasks(session)["book"]) == {"paid": 119}


def test_two_that_answer_each_other_for_ever_do_so_in_steps_of_their_own(session):
    body = start("s", message("paid")) + f'<bpmn:endEvent id="e">{message("paid")}</bpmn:endEvent>' + path("s", "e")
    deploy(session, model(body, key="echo", extra=EVENTS))

    send(session, "M-1")
    before = session.scalar(sa.select(sa.func.count()).select_from(process_instances.ProcessInstance))
    ran = run_jobs(session, limit=1)

    assert (before, ran) == (messages.DEEPEST + 1, 1)


@pytest.mark.parametrize("name", ["due", "stuck", "key", "payload", "event_fired", "winner"])
def test_a_message_may_have_any_name_and_bring_variables_of_any_name(session, name):
    event = message("m")
    deploy(
        session,
        start() + catch("c", event) + user_task("a") + end() + path("started", "c", "a", "ended"),
        extra=f'<bpmn:message id="m" name="{name}"/>',
    )
    begin(session, business_key="M-1")

    messages.correlate(session, name, "M-1", variables={"self": 1, name: 2}, by=ANA, now=NOON)

    assert user_tasks.variables(session, open_tasks(session)["a"]) == {"self": 1, name: 2}


@pytest.mark.parametrize(
    ("event", "rule"),
    [
        (f'<bpmn:intermediateCatchEvent id="x">{keyed(correlationKey_a="1 +")}{message("paid")}</bpmn:intermediateCatchEvent>', "expression"),
        (f'<bpmn:intermediateCatchEvent id="x">{keyed(**{f"correlationKey_{n}": "1" for n in range(6)})}{message("paid")}</bpmn:intermediateCatchEvent>', "correlation_key"),
        (f'<bpmn:userTask id="x" camunda:candidateGroups="lawyers">{keyed(correlationKey="1")}</bpmn:userTask>', "correlation_key"),
        (f'<bpmn:intermediateCatchEvent id="x">{keyed(timeToLive="P1D")}{message("paid")}</bpmn:intermediateCatchEvent>', "time_to_live"),
        (f'<bpmn:sendTask id="x" messageRef="paid">{keyed(timeToLive="soon")}</bpmn:sendTask>', "time_to_live"),
        ('<bpmn:receiveTask id="x"/>', "message_missing"),
        ('<bpmn:intermediateCatchEvent id="x"><bpmn:messageEventDefinition/></bpmn:intermediateCatchEvent>', "message_missing"),
    ],
)  # fmt: skip
def test_what_would_reach_nobody_is_refused_with_its_element(session, event, rule):
    with pytest.raises(DeploymentRefused) as refusal:
        deploy(session, start() + event + end() + path("started", "x", "ended"), extra=EVENTS)

    assert {(found.rule, found.element_id) for found in refusal.value.findings if found.severity == "error"} == {
        (rule, "x")
    }


def test_a_key_without_a_value_is_an_incident_and_not_a_match_with_everything(session):
    deploy(session, waiting_for(correlationKey_court="court"), extra=EVENTS)

    instance = begin(session, business_key="M-1")

    assert process_instances.get(session, instance.id).state == "incident"
    assert count(session, MessageSubscription) == 0


def test_two_identical_messages_at_the_same_moment_have_one_effect(fresh_engine):
    body = start("s", message("letter")) + user_task("read") + end() + path("s", "read", "ended")
    with transaction(fresh_engine) as session:
        deploy(session, model(body, key="letters", extra=EVENTS))
    outcomes, both = [], threading.Barrier(2)

    def deliver():
        both.wait()
        with transaction(fresh_engine) as session:
            outcomes.append(
                messages.correlate(session, "letter_received", "L-1", message_id="mail-1", by=ANA, now=NOON)
            )

    threads = [threading.Thread(target=deliver) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join(30) for thread in threads]

    with transaction(fresh_engine) as session:
        assert (len(open_tasks(session)), count(session, MessageReceipt)) == (1, 1)
    assert sorted((item.started, item.duplicate) for item in outcomes) == [(False, True), (True, False)]


def test_nobody_is_missed_when_one_begins_to_wait_while_the_message_is_put_away(fresh_engine):
    """The two transactions overlap; whoever commits last finds the other, or the message's job does."""
    with transaction(fresh_engine) as session:
        deploy(session, PAYMENT, extra=EVENTS)
        begin(session, business_key="M-1")
    if fresh_engine.dialect.name == "sqlite":
        pytest.skip("one transaction writes at a time")

    with transaction(fresh_engine) as waits:
        complete(waits, "prepare")
        with transaction(fresh_engine) as sends:
            outcome = send(sends, "M-1")
    from functools import partial

    from engine import jobs

    jobs.run_due(partial(transaction, fresh_engine), now=lambda: NOON)

    with transaction(fresh_engine) as session:
        assert outcome.buffered_until is not None
        assert set(open_tasks(session)) == {"book"}
        assert count(session) == 0
