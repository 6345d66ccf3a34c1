"""Timers that repeat: how often, from when and until when; stored and restored around every ring."""

from datetime import UTC, datetime, timedelta

import pytest

from engine import deployments
from engine.bpmn import timers
from tests.factories import NOON, boundary, catch, end, flow, gateway, model, path, start, timer, user_task
from tests.instances import StoredInstance


def nagging(text, **options):
    return (
        start() + user_task("work") + boundary("nag", "work", timer(text, "timeCycle"), **{"interrupting": False, **options})
        + user_task("remind") + end() + path("started", "work", "ended") + path("nag", "remind", "ended")
    )  # fmt: skip


def rings(text, most=6, **variables):
    """The instants at which the timer goes off, in hours after noon."""
    instance = StoredInstance(model(nagging(text)), variables)
    hours = []
    while "nag" in instance.waits("timer") and len(hours) < most:
        hours.append((instance.due("nag") - NOON) / timedelta(hours=1))
        instance.ring("nag")
    assert instance.tasks() == ["remind"] * len(hours) + ["work"]
    return hours


def errors(body):
    found = deployments.check({"proc.bpmn": model(body)})
    return {(finding.rule, finding.element_id) for finding in found if finding.severity == "error"}


@pytest.mark.bpmn("non-interrupting timer boundary event", "executes")
@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("R3/PT1H", [1, 2, 3]),
        ("R/PT1H", [1, 2, 3, 4, 5, 6]),
        ("R3/2026-09-01T13:30:00Z/PT1H", [1.5, 2.5, 3.5]),
        ("R/2026-09-01T12:30:00Z/P1D", [0.5, 24.5, 48.5, 72.5, 96.5, 120.5]),
        ("R5/2026-09-01T09:30:00Z/PT1H", [0.5, 1.5]),
        ("R2/2026-09-01T09:30:00Z/PT1H", []),
        ("R/PT1H/2026-09-01T14:00:00Z", [1, 2]),
        ("R3/PT1H/2026-09-01T23:00:00Z", [1, 2, 3]),
        ("R/PT1H/2026-08-01T14:00:00Z", []),
        ("R/2000-01-01T00:00:00Z/PT1S", [(n + 1) / 3600 for n in range(6)]),
        ("R2/2026-06-30T12:00:00Z/P1M", []),
        ("R4/2026-06-30T12:00:00Z/P1M", [29 * 24]),
        ('="R" + string(times) + "/PT2H"', [2, 4]),
    ],
)
def test_a_repeating_timer_rings_when_it_says(text, hours):
    assert rings(text.replace('"', "&quot;"), times=2) == pytest.approx(hours)


def test_a_repetition_ends_with_its_activity():
    instance = StoredInstance(model(nagging("R/P1D")))
    instance.ring("nag")
    instance.ring("nag")

    instance.complete("work")

    assert instance.waits() == ["remind", "remind"]


def test_a_computed_text_that_is_no_repetition_is_an_incident():
    instance = StoredInstance(model(nagging("=&quot;PT1H&quot;")))

    assert instance.is_stuck
    assert "repetition" in instance.failures[0][1]


def test_a_repetition_stored_before_it_could_end_goes_on():
    instance = StoredInstance(model(nagging("R3/PT1H")))
    run = instance.run()
    token = next(token for token in run.workflow.all_tokens() if "cycle" in token.internal_data)
    token.internal_data["cycle"] = token.internal_data["cycle"][:2]
    instance.blob = run.dump()

    for _ in range(3):
        instance.ring("nag")

    assert instance.waits("timer") == []


@pytest.mark.bpmn("repeating timer where a token goes on once", "refused")
@pytest.mark.parametrize(
    ("body", "element"),
    [
        (nagging("R3/PT1H", interrupting=True), "nag"),
        (start() + catch("waited", timer("R3/PT1H", "timeCycle")) + end() + path("started", "waited", "ended"), "waited"),
        (
            start() + gateway("eventBased", "first") + catch("late", timer("R/PT1H", "timeCycle")) + catch("later", timer("PT9H")) + end()
            + flow("started", "first") + path("first", "late", "ended") + path("first", "later", "ended"),
            "late",
        ),
        (
            start() + user_task("work") + end() + path("started", "work", "ended")
            + f'<bpmn:subProcess id="handler" triggeredByEvent="true">{start("h1", timer("R/PT1H", "timeCycle")) + end("h2") + path("h1", "h2")}</bpmn:subProcess>',
            "h1",
        ),
    ],
    ids=["interrupting boundary", "catch", "behind a gateway", "interrupting event subprocess"],
)  # fmt: skip
def test_a_timer_repeats_only_where_it_can(body, element):
    assert ("timer_cycle", element) in errors(body)


@pytest.mark.parametrize(
    "text", ["R0/PT1H", "R/PT0S", "R/-PT1H", "PT1H", "R", "R/", "Rx/PT1H", "R/2026-09-01", "R/soon/PT1H", "R/PT1H/PT2H"]
)
def test_what_is_no_repetition_is_refused(text):
    assert ("timer", "nag") in errors(nagging(text))


def test_rounds_of_a_start_in_the_past_are_over():
    at = datetime(2026, 9, 1, 12, tzinfo=UTC)

    assert timers.first_of(timers.parse_cycle("R4/2026-09-01T09:30:00Z/PT1H"), at) == (1, at + timedelta(minutes=30))
    assert timers.first_of(timers.parse_cycle("R3/2026-09-01T09:30:00Z/PT1H"), at) is None
