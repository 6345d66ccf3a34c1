"""Hazard 11 and the security paragraph: several threads, and models whose author is not to be trusted."""

import threading

import pytest
from SpiffWorkflow.bpmn import BpmnWorkflow

from engine import deployments
from engine.bpmn.compiled import compile_process
from engine.bpmn.runtime import Run
from engine.feel import expressions
from engine.feel.errors import FeelError
from tests.engine.hazards import library
from tests.factories import NOON, end, flow, gateway, model, path, script, start, user_task

FORK = model(
    start() + gateway("parallel", "fork") + "".join(user_task(f"t{i}") for i in range(4)) + gateway("parallel", "join")
    + user_task("after") + end() + flow("started", "fork")
    + "".join(flow("fork", f"t{i}") + flow(f"t{i}", "join") for i in range(4)) + path("join", "after", "ended")
)  # fmt: skip


def test_hazard_11_two_threads_at_one_instance_of_the_library_both_complete_the_same_task():
    workflow = library.start(FORK)
    task = workflow.get_next_task(spec_name="t0")

    first = task.run()
    second = task.run()  # what a second thread does that found the task open a moment ago

    assert first is True
    assert second is True, "the library takes the second completion as well"


def test_hazard_11_ours_takes_one(session):
    from engine import user_tasks
    from engine.errors import UserTaskNotOpen
    from tests.factories import ANA, begin, deploy, open_tasks

    deploy(session, FORK)
    begin(session)
    task = open_tasks(session)["t0"]
    user_tasks.complete(session, task.id, {}, by=ANA, now=NOON)

    with pytest.raises(UserTaskNotOpen):
        user_tasks.complete(session, task.id, {}, by=ANA, now=NOON)


def test_hazard_11_one_definition_serves_many_threads():
    compiled = compile_process("proc", {"proc.bpmn": FORK}, {})
    wrong = []

    def live():
        run = Run.start(compiled, {}, NOON)
        run.advance(lambda call: None)
        while not run.is_finished:
            waiting = next(iter(run.waiting().values()))
            run.complete_user_task(waiting.spiff_task_id, {})
            run.advance(lambda call: None)
            run = Run.restore(run.dump(), compiled, NOON)
        if len(run.completed) and run.waiting():
            wrong.append(run)

    threads = [threading.Thread(target=live) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert not wrong
    assert not any(thread.is_alive() for thread in threads)


def a_script(code, language=""):
    return model(
        start() + f'<bpmn:scriptTask id="x" {language}><bpmn:script>{code}</bpmn:script></bpmn:scriptTask>' + user_task("after")
        + end() + path("started", "x", "after", "ended")
    )  # fmt: skip


ESCAPE = "().__class__.__base__.__subclasses__()"


def test_the_library_runs_a_models_python():
    workflow = library.start(a_script("import os; found = os.getpid()"))

    assert workflow.get_next_task(spec_name="after").data["found"] > 0


def test_the_library_recommends_a_fence_that_has_a_hole():
    from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment

    fenced = PythonScriptEngine(TaskDataEnvironment({"__builtins__": {}}))
    workflow = BpmnWorkflow(*library.specs(a_script(f"found = {ESCAPE}[0].__name__")), script_engine=fenced)
    workflow.do_engine_steps()

    assert workflow.get_next_task(spec_name="after").data["found"] == "type"


@pytest.mark.parametrize("language", ["", 'scriptFormat="python"', 'scriptFormat="javascript"'])
def test_ours_refuses_a_script_that_is_not_feel(language):
    findings = deployments.check({"proc.bpmn": a_script("import os", language)})

    assert ("script_language", "x") in {(finding.rule, finding.element_id) for finding in findings}


@pytest.mark.parametrize(
    "text",
    [
        ESCAPE,
        '__import__("os").getpid()',
        'open("/etc/passwd").read()',
        'this.constructor.constructor("return process")()',
        "globalThis",
        "toString.constructor",
        "constructor",
        "__proto__",
        'get value({}, "constructor")',
        'get value({}, "__proto__")',
    ],
)
def test_feel_reaches_nothing_outside_its_variables(text):
    try:
        value = expressions.evaluate(text, {}, now=NOON)
    except FeelError:  # refused is as good as null
        value = None
    assert value is None


@pytest.mark.parametrize(
    "text", ["count(for i in 1..1000000000 return i)", "some i in 1..1000000000 satisfies i &lt; 0"]
)
def test_an_endless_expression_is_an_incident_within_its_time(text):
    content = model(start() + user_task("a") + script("x", text) + end() + path("started", "a", "x", "ended"))
    run = Run.start(compile_process("proc", {"proc.bpmn": content}, {}), {}, NOON)
    run.advance(lambda call: None)
    (waiting,) = run.waiting().values()

    run.complete_user_task(waiting.spiff_task_id, {})
    run.advance(lambda call: None)

    assert run.is_stuck
    assert [failure.element_id for failure in run.failures] == ["x"]


ENTITIES = b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + a_script("1").replace(b"after", b"after&b;", 1)


def test_the_library_expands_internal_entities():
    spec, _ = library.specs(ENTITIES.replace(b'id="after&b;"', b'id="after"').replace(b'name="after"', b'name="&b;"'))

    assert spec.task_specs["after"].bpmn_name == "a" * 12


def test_ours_refuses_a_document_type():
    assert {f.rule for f in deployments.check({"proc.bpmn": ENTITIES}) if f.severity == "error"} == {"xml_doctype"}
