"""A scenario that nobody can mean is refused with the file and the key."""

from datetime import UTC, datetime

import pytest

from engine import scenarios

GOOD = """
scenario: Somebody waits
given: {start: 2026-09-01T09:00:00Z, business_key: 2026-CV-0001, variables: {answer: no, at: 09:30, day: 2026-09-01, n: 7, x: 1.5}}
when: [{complete: write_letter, with: {sent: true}, by: lawyer}, {wait: P14DT1S}]
then: {open_user_tasks: [chase, chase]}
"""


def load(text, **others):
    files = {"scenarios/one.yaml": text.encode(), "README.md": b"", "civil.bpmn": b""}
    return scenarios.load(
        files | {f"scenarios/given/{name}.yaml": base.encode() for name, base in others.items()}, "civil"
    )


def refusal(text, **others):
    with pytest.raises(scenarios.ScenarioInvalid) as refused:
        load(text, **others)
    return refused.value


def test_a_scenario_is_read_as_written():
    (story,) = load(GOOD)

    assert (story.name, story.file, story.process, story.started_process) == (
        "Somebody waits",
        "scenarios/one.yaml",
        "civil",
        "civil",
    )
    assert story.start == datetime(2026, 9, 1, 9, tzinfo=UTC)
    assert [str(step) for step in story.steps] == ["complete write_letter by lawyer", "wait P14DT1S"]
    assert story.then.open_user_tasks == ["chase", "chase"]
    assert story.people["partner"] == {"partners", "lawyers"}


def test_what_looks_like_a_text_stays_one():
    (story,) = load(GOOD)

    assert story.variables == {"answer": "no", "at": "09:30", "day": "2026-09-01", "n": 7, "x": 1.5}


def test_a_scenario_takes_over_what_was_given_elsewhere():
    (story,) = load(
        "{scenario: A, given: {as_in: second, variables: {b: 2}}, then: {ended: true}}",
        second="{as_in: first, variables: {a: 9}, steps: [{wait: P2D}]}",
        first="{start: 2026-09-01T09:00:00Z, process: intake, variables: {a: 1, c: 3}, steps: [{wait: P1D}]}",
    )

    assert story.variables == {"a": 9, "b": 2, "c": 3}
    assert [step.target for step in story.given_steps] == ["P1D", "P2D"]
    assert (story.process, story.started_process) == ("civil", "intake")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[1, 2]", ""),
        ("scenario: [", ""),
        ("{scenario: A, scenario: B}", ""),
        ("{given: {}, then: {}}", "scenario"),
        ("{scenario: A, given: {}, then: {ended: true}}", "given.start"),
        ("{scenario: A, given: {start: tomorrow}, then: {ended: true}}", "given.start"),
        ("{scenario: A, given: {start: 2026-09-01, begin: 1}, then: {ended: true}}", "given.begin"),
        ("{scenario: A, given: {start: 2026-09-01, people: {ana: partners}}, then: {ended: true}}", "given.people.ana"),
        ("{scenario: A, given: {start: 2026-09-01, as_in: nowhere}, then: {ended: true}}", "given.as_in"),
        ("{scenario: A, given: {start: 2026-09-01}, then: {}}", "then"),
        ("{scenario: A, given: {start: 2026-09-01}, then: {open_tasks: [a]}}", "then.open_tasks"),
        ("{scenario: A, given: {start: 2026-09-01}, then: {ended: maybe}}", "then.ended"),
        ("{scenario: A, given: {start: 2026-09-01}, then: {user_tasks: {a: {who: ana}}}}", "then.user_tasks.a.who"),
        ("{scenario: A, given: {start: 2026-09-01}, when: {wait: P1D}, then: {ended: true}}", "when"),
        ("{scenario: A, given: {start: 2026-09-01}, when: [{wait: two days}], then: {ended: true}}", "when[0].wait"),
        ("{scenario: A, given: {start: 2026-09-01}, when: [{wait: 2026-09-02}], then: {ended: true}}", "when[0].wait"),
        ("{scenario: A, given: {start: 2026-09-01}, when: [{wait: P1D, complete: a}], then: {ended: true}}", "when[0]"),
        (
            "{scenario: A, given: {start: 2026-09-01}, when: [{complete: a, variables: {}}], then: {ended: true}}",
            "when[0].variables",
        ),
        (
            "{scenario: A, given: {start: 2026-09-01}, when: [{complete: a, with: [1]}], then: {ended: true}}",
            "when[0].with",
        ),
        (
            "{scenario: A, given: {start: 2026-09-01}, when: [{expect: {state: {}}}], then: {ended: true}}",
            "when[0].expect.state",
        ),
    ],
)
def test_what_nobody_could_mean_is_refused_with_its_place(text, key):
    refused = refusal(text)

    assert (refused.code, refused.file, refused.key) == ("scenario_invalid", "scenarios/one.yaml", key)
    assert refused.problem


def test_a_mistake_in_a_file_that_is_taken_over_names_that_file():
    refused = refusal("{scenario: A, given: {as_in: base}, then: {ended: true}}", base="{steps: [{wait: soon}]}")

    assert (refused.file, refused.key) == ("scenarios/given/base.yaml", "steps[0].wait")


def test_files_that_take_each_other_over_are_refused():
    refused = refusal(
        "{scenario: A, given: {as_in: a}, then: {ended: true}}", a="{as_in: b}", b="{as_in: a, start: 2026-09-01}"
    )

    assert "take each other over" in refused.problem
