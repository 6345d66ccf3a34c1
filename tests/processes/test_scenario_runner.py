"""A scenario that fails says what was expected, what was found and what was open."""

import pytest

from engine import scenarios

MODEL = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="letter_definitions" targetNamespace="urn:test">
  <bpmn:process id="letter" name="Letter" isExecutable="true" camunda:candidateStarterGroups="reception">
    <bpmn:startEvent id="letter_arrived"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="letter_arrived" targetRef="answer_letter"/>
    <bpmn:userTask id="answer_letter" name="Answer" camunda:candidateGroups="secretaries" camunda:dueDate="P2D">
      <bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing></bpmn:userTask>
    <bpmn:boundaryEvent id="day_passed" attachedToRef="answer_letter" cancelActivity="false">
      <bpmn:outgoing>f3</bpmn:outgoing>
      <bpmn:timerEventDefinition><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">P1D</bpmn:timeDuration>
      </bpmn:timerEventDefinition></bpmn:boundaryEvent>
    <bpmn:sequenceFlow id="f2" sourceRef="answer_letter" targetRef="which"/>
    <bpmn:exclusiveGateway id="which" default="f4"><bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f4</bpmn:outgoing>
      <bpmn:outgoing>f5</bpmn:outgoing></bpmn:exclusiveGateway>
    <bpmn:sequenceFlow id="f3" sourceRef="day_passed" targetRef="chase_letter"/>
    <bpmn:userTask id="chase_letter" name="Chase" camunda:candidateGroups="nobody" camunda:dueDate="=due"><bpmn:incoming>f3</bpmn:incoming>
      <bpmn:outgoing>f6</bpmn:outgoing></bpmn:userTask>
    <bpmn:sequenceFlow id="f4" sourceRef="which" targetRef="letter_answered"/>
    <bpmn:sequenceFlow id="f5" sourceRef="which" targetRef="letter_filed">
      <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">pages &gt; 3</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="f6" sourceRef="chase_letter" targetRef="letter_chased"/>
    <bpmn:endEvent id="letter_answered"><bpmn:incoming>f4</bpmn:incoming></bpmn:endEvent>
    <bpmn:endEvent id="letter_filed"><bpmn:incoming>f5</bpmn:incoming></bpmn:endEvent>
    <bpmn:endEvent id="letter_chased"><bpmn:incoming>f6</bpmn:incoming></bpmn:endEvent>
  </bpmn:process>
</bpmn:definitions>"""
PROCESS = b"key: letter\nname: Letter\n"


def play(text, **given):
    bundle = {"letter.bpmn": MODEL, "process.yaml": PROCESS, "scenarios/one.yaml": text.encode()}
    (story,) = scenarios.load(bundle, "letter")
    return scenarios.run_all([story], {"letter": bundle}, **given).results[0]


def story(when="[]", then="{ended: false}", given="start_by: receptionist"):
    return f"{{scenario: A letter, given: {{start: 2026-09-01T09:00:00Z, {given}}}, when: {when}, then: {then}}}"


def test_a_timer_fires_at_its_instant_while_the_story_waits():
    result = play(
        story(
            "[{wait: PT23H59M59S}, {expect: {open_user_tasks: [answer_letter]}}, {wait: PT1S}]",
            "{open_user_tasks: [answer_letter, chase_letter], user_tasks: {answer_letter: {due_at: 2026-09-03T09:00:00Z}}}",
        )
    )

    assert result.ok, str(result)
    assert [step.step for step in result.steps] == ["start letter", "wait PT23H59M59S", "expect", "wait PT1S", "then"]


def test_the_flows_that_were_walked_are_counted():
    result = play(story("[{complete: answer_letter, with: {pages: 1}}]", "{ended: true}"))

    assert result.ok, str(result)
    assert result.coverage["letter"].missing == ["f3", "f5", "f6"]
    assert result.coverage["letter"].share == 0.5


def test_whoever_is_offered_a_task_does_it_unless_somebody_is_named():
    result = play(story("[{claim: answer_letter}]", "{user_tasks: {answer_letter: {assignee: secretary}}}"))

    assert result.ok, str(result)


@pytest.mark.parametrize(
    ("when", "then", "told"),
    [
        (
            "[]",
            "{open_user_tasks: [chase_letter]}",
            "expected these open user tasks: chase_letter; found answer_letter",
        ),
        ("[]", "{state: completed}", "expected the state completed; found active"),
        ("[]", "{ended: true}", "expected it to have ended; found active"),
        ("[]", "{variables: {pages: 2}}", "expected pages = 2; found None"),
        ("[]", "{business_key: x}", "expected the business key x; found None"),
        ("[]", "{visited: [chase_letter]}", "expected a visit to chase_letter; found none"),
        ("[]", "{not_visited: [answer_letter]}", "expected no visit to answer_letter; found one"),
        ("[]", "{user_tasks: {chase_letter: {}}}", "expected the open user task chase_letter; found none"),
        ("[]", "{user_tasks: {answer_letter: {priority: 1}}}", "expected priority of answer_letter to be 1; found 50"),
        ("[]", "{process: other, ended: true}", "expected an instance of other; found none"),
        ("[{complete: chase_letter}]", "{ended: true}", "expected the open user task chase_letter; found none"),
        ("[{wait: P1D}, {complete: chase_letter}]", "{ended: true}", "may do chase_letter (nobody)"),
        ("[{complete: answer_letter, by: ghost}]", "{ended: true}", "nobody is called 'ghost'"),
        ("[{complete: answer_letter, by: lawyer}]", "{ended: true}", "refused (not_a_candidate)"),
        ("[{complete: answer_letter, refused: form_invalid}]", "{ended: true}", "found that it was accepted"),
        ("[{message: hello}]", "{ended: true}", "refused (message_unknown)"),
    ],
)
def test_a_broken_story_says_what_was_expected_found_and_open(when, then, told):
    result = play(story(when, then))

    assert not result.ok
    assert told in str(result)
    assert "open were:" in str(result) or "nobody" in told
    assert "scenarios/one.yaml" in str(result)
    assert result.as_dict()["problem"] == result.problem


def test_a_failing_step_of_the_process_is_told_with_its_incident():
    result = play(story("[{wait: P1D}]", "{ended: false}", given="start_by: receptionist, variables: {due: soon}"))

    assert not result.ok
    assert "expected incidents at none; found them at chase_letter" in str(result)
    assert "incident at chase_letter: 'soon' is not" in str(result)


def test_who_may_not_start_the_process_cannot_start_the_story():
    result = play(story(given="start_by: lawyer"))

    assert "at the start" in str(result)
    assert "not_allowed_to_start" in str(result)


def test_a_bundle_that_is_not_there_is_named():
    result = play(story(given="bundles: [civil]"))

    assert "the bundle 'civil' is not there; there are letter" in str(result)


def test_rows_that_delegates_need_are_seeded_before_the_start():
    seen = []

    play(
        story(given="people: {ana: [reception]}, start_by: ana"),
        prepare=lambda _, told: seen.append(told.people["ana"]),
    )

    assert seen == [{"reception"}]
