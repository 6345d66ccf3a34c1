"""Activities that are done several times; every instance is stored and restored around each thing that happens."""

import pytest

from engine import deployments
from engine.bpmn import loops
from tests.factories import (
    boundary,
    end,
    flow,
    gateway,
    message,
    model,
    path,
    script,
    service_task,
    start,
    timer,
    user_task,
)
from tests.instances import StoredInstance

PARALLEL, SEQUENTIAL = False, True
MESSAGE = '<bpmn:message id="m" name="enough"/>'
CALLED = f'<bpmn:process id="child" isExecutable="true">{start("c1") + user_task("called") + end("c2") + path("c1", "called", "c2")}</bpmn:process>'


def each(sequential, *, collection="parties", item="party", cardinality="", until="", output="", result=""):
    inner = f"<bpmn:loopCardinality>{cardinality}</bpmn:loopCardinality>" if cardinality else ""
    if output:
        inner += f"<bpmn:loopDataOutputRef>{output}</bpmn:loopDataOutputRef>"
    if result:
        inner += f'<bpmn:outputDataItem id="out" name="{result}"/>'
    if until:
        inner += f"<bpmn:completionCondition>{until}</bpmn:completionCondition>"
    over = "" if cardinality else f'camunda:collection="{collection}" camunda:elementVariable="{item}"'
    return f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}" {over}>{inner}</bpmn:multiInstanceLoopCharacteristics>'


def rounds(condition="", maximum="", before=False):
    attributes = (f'loopMaximum="{maximum}" ' if maximum else "") + ('testBefore="true"' if before else "")
    inner = f"<bpmn:loopCondition>{condition}</bpmn:loopCondition>" if condition else ""
    return f"<bpmn:standardLoopCharacteristics {attributes}>{inner}</bpmn:standardLoopCharacteristics>"


def around(element, *more, name="work", extra=""):
    return (
        start() + element + user_task("after") + end() + "".join(more) + path("started", name, "after", "ended") + extra
    )


def errors(body, **options):
    found = deployments.check({"proc.bpmn": model(body, **options)})
    return {(finding.rule, finding.element_id) for finding in found if finding.severity == "error"}


def subprocess_(element_id, loop, inner=None):
    inner = inner or start("s1") + user_task("inside") + end("s2") + path("s1", "inside", "s2")
    return f'<bpmn:subProcess id="{element_id}">{loop}{inner}</bpmn:subProcess>'


PARTIES = {"parties": ["A", "B", "C"]}


@pytest.mark.bpmn("parallel multi-instance", "executes")
def test_parallel_items_are_all_there_at_once_and_end_in_any_order():
    instance = StoredInstance(model(around(user_task("work", inner=each(PARALLEL)))), PARTIES)
    assert sorted(instance.sees("work", which)["party"] for which in range(3)) == ["A", "B", "C"]

    for which in (2, 0, 0):
        assert "after" not in instance.tasks()
        instance.complete("work", which=which)

    assert instance.tasks() == ["after"]
    assert instance.sees("after") == PARTIES


@pytest.mark.bpmn("sequential multi-instance", "executes")
def test_sequential_items_come_one_after_the_other():
    instance = StoredInstance(model(around(user_task("work", inner=each(SEQUENTIAL)))), PARTIES)

    for number, party in enumerate("ABC"):
        assert instance.tasks() == ["work"]
        seen = instance.sees("work")
        assert (seen["party"], seen["loopCounter"]) == (party, number)
        instance.complete("work")

    assert instance.tasks() == ["after"]
    assert instance.sees("after") == PARTIES


@pytest.mark.parametrize("sequential", [PARALLEL, SEQUENTIAL])
def test_a_cardinality_is_counted(sequential):
    instance = StoredInstance(model(around(user_task("work", inner=each(sequential, cardinality="n + 1")))), {"n": 2})

    for _ in range(3):
        instance.complete("work")

    assert instance.tasks() == ["after"]


@pytest.mark.parametrize("sequential", [PARALLEL, SEQUENTIAL])
@pytest.mark.parametrize("variables", [{"parties": []}, {"parties": [], "party": "mine"}])
def test_nothing_to_do_is_done_at_once(sequential, variables):
    instance = StoredInstance(model(around(user_task("work", inner=each(sequential)))), variables)

    assert instance.tasks() == ["after"]
    assert instance.sees("after") == variables


@pytest.mark.parametrize("sequential", [PARALLEL, SEQUENTIAL])
def test_an_item_may_have_the_name_of_a_variable_and_does_not_change_it(sequential):
    instance = StoredInstance(model(around(user_task("work", inner=each(sequential)))), PARTIES | {"party": "mine"})

    for _ in range(3):
        instance.complete("work", {"party": "changed"})

    assert instance.sees("after") == PARTIES | {"party": "mine"}


@pytest.mark.parametrize("first", [PARALLEL, SEQUENTIAL])
@pytest.mark.parametrize("second", [PARALLEL, SEQUENTIAL])
def test_two_in_a_row_may_use_the_same_item_name(first, second):
    body = (
        start() + user_task("one", inner=each(first)) + user_task("two", inner=each(second)) + user_task("after") + end()
        + path("started", "one", "two", "after", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body), PARTIES)

    for name in ("one", "two"):
        for _ in range(3):
            instance.complete(name)

    assert instance.tasks() == ["after"]


def test_parallel_instances_keep_what_the_others_changed():
    instance = StoredInstance(
        model(around(user_task("work", inner=each(PARALLEL)))), PARTIES | {"x": 0, "y": [1], "z": 0}
    )

    instance.complete("work", {"x": 1})
    instance.complete("work", {"y": [2]})
    instance.complete("work", {"new": True})

    assert instance.sees("after") == PARTIES | {"x": 1, "y": [2], "z": 0, "new": True}


def test_sequential_instances_see_what_the_one_before_changed():
    instance = StoredInstance(model(around(user_task("work", inner=each(SEQUENTIAL)))), PARTIES | {"x": 0})

    instance.complete("work", {"x": 1, "parties": []})
    assert instance.sees("work")["x"] == 1
    instance.complete("work", {"x": 0})
    assert instance.sees("work")["party"] == "C"
    instance.complete("work")

    assert instance.sees("after") == {"parties": [], "x": 0}


@pytest.mark.bpmn("multi-instance output collection", "executes")
@pytest.mark.parametrize("sequential", [PARALLEL, SEQUENTIAL])
def test_results_stand_in_the_order_of_the_items(sequential):
    loop = each(sequential, output="verdicts", result="verdict")
    instance = StoredInstance(model(around(user_task("work", inner=loop))), PARTIES | {"verdicts": ["old"]})

    for which in (2, 0, 0) if sequential is PARALLEL else (0, 0, 0):
        party = instance.sees("work", which)["party"]
        instance.complete("work", {"verdict": party.lower(), "aside": 1}, which=which)

    assert instance.sees("after") == PARTIES | {"verdicts": ["a", "b", "c"]}


@pytest.mark.parametrize("sequential", [PARALLEL, SEQUENTIAL])
def test_results_may_replace_the_collection(sequential):
    loop = each(sequential, output="parties", result="party")
    instance = StoredInstance(model(around(user_task("work", inner=loop))), PARTIES)

    for number in range(3):
        instance.complete("work", {"party": number})

    assert instance.sees("after") == {"parties": [0, 1, 2]}


@pytest.mark.bpmn("multi-instance completion condition", "executes")
@pytest.mark.parametrize("sequential", [PARALLEL, SEQUENTIAL])
def test_the_rest_is_called_off_when_enough_is_done(sequential):
    loop = each(sequential, until="nrOfCompletedInstances / nrOfInstances &gt;= 0.5 or refused")
    counted = StoredInstance(model(around(user_task("work", inner=loop))), PARTIES | {"refused": False})
    counted.complete("work")
    assert "after" not in counted.tasks()
    counted.complete("work")
    assert counted.tasks() == ["after"]

    answered = StoredInstance(model(around(user_task("work", inner=loop))), PARTIES | {"refused": False})
    answered.complete("work", {"refused": True})
    assert answered.tasks() == ["after"]
    answered.complete("after")
    assert answered.is_finished


@pytest.mark.parametrize("sequential", [PARALLEL, SEQUENTIAL])
def test_a_completion_condition_sees_an_answer_that_only_the_output_collects(sequential):
    loop = each(sequential, until="verdict = &quot;no&quot;", output="verdicts", result="verdict")
    instance = StoredInstance(model(around(user_task("work", inner=loop))), PARTIES)

    instance.complete("work", {"verdict": "yes"})
    instance.complete("work", {"verdict": "no"})

    assert instance.sees("after") == PARTIES | {"verdicts": ["yes", "no"]}


@pytest.mark.parametrize("sequential", [PARALLEL, SEQUENTIAL])
def test_a_completion_condition_that_fails_sticks_the_activity_and_a_retry_looks_again(sequential):
    loop = each(sequential, until="if party = &quot;A&quot; then answer else false", output="seen", result="party")
    instance = StoredInstance(model(around(user_task("work", inner=loop))), PARTIES)

    instance.complete("work", {"answer": "yes"})

    assert [element for element, _ in instance.failures] == ["work"]
    assert instance.tasks() == ([] if sequential else ["work", "work"])
    instance.retry()
    assert [element for element, _ in instance.failures] == ["work", "work"]
    run = instance.run()
    host = next(token for token in run.workflow.all_tokens() if "unchecked" in token.internal_data)
    host.internal_data["unchecked"]["answer"] = False
    instance.blob = run.dump()
    instance.retry()
    for _ in range(2):
        instance.complete("work")
    assert instance.sees("after")["seen"] == ["A", "B", "C"]


@pytest.mark.parametrize("sequential", [PARALLEL, SEQUENTIAL])
@pytest.mark.parametrize(
    ("loop", "words"),
    [
        ({"collection": "nothing"}, "no list"),
        ({"cardinality": "-1"}, "no whole number"),
        ({"cardinality": "10000000"}, "allowed"),
    ],
)
def test_what_is_no_collection_is_an_incident_that_names_the_activity(sequential, loop, words):
    instance = StoredInstance(model(around(user_task("work", inner=each(sequential, **loop)))))

    (failure,) = instance.failures

    assert failure[0] == "work"
    assert words in failure[1]
    assert instance.tasks() == []


@pytest.mark.bpmn("multi-instance service task as a job", "executes")
@pytest.mark.parametrize("sequential", [PARALLEL, SEQUENTIAL])
def test_service_tasks_are_repeated_as_jobs_and_at_once(sequential):
    content = model(
        around(service_task("work", "tests.write", inner=each(sequential, output="letters", result="letter")))
    )
    as_jobs = StoredInstance(content, PARTIES)
    for _ in range(3):
        as_jobs.work("work", {"letter": "sent"})
    assert as_jobs.sees("after")["letters"] == ["sent"] * 3

    write = {"tests.write": lambda call: {"letter": call.variables["party"].lower()}}
    at_once = StoredInstance(content, PARTIES, answers=write)

    assert at_once.sees("after")["letters"] == ["a", "b", "c"]


@pytest.mark.bpmn("multi-instance subprocess", "executes")
@pytest.mark.parametrize("sequential", [PARALLEL, SEQUENTIAL])
def test_subprocesses_are_repeated(sequential):
    inner = (
        start("s1") + user_task("first") + boundary("late", "first", timer("P1D"), interrupting=False) + end("nagged")
        + script("second", 'party + "!"', "shout") + end("s2") + path("s1", "first", "second", "s2") + flow("late", "nagged")
    )  # fmt: skip
    instance = StoredInstance(
        model(around(subprocess_("work", each(sequential, output="shouts", result="shout"), inner))), PARTIES
    )

    instance.ring("late")
    for _ in range(3):
        instance.complete("first")

    assert instance.sees("after") == PARTIES | {"shouts": ["A!", "B!", "C!"]}


@pytest.mark.bpmn("multi-instance call activity", "executes")
@pytest.mark.parametrize("sequential", [PARALLEL, SEQUENTIAL])
def test_called_processes_are_repeated(sequential):
    call = f'<bpmn:callActivity id="work" calledElement="child">{each(sequential)}</bpmn:callActivity>'
    instance = StoredInstance(model(around(call), processes=CALLED), PARTIES)

    for number in range(3):
        assert instance.sees("called")["party"] in PARTIES["parties"]
        instance.complete("called", {f"done_{number}": True})

    assert instance.sees("after") == PARTIES | {f"done_{number}": True for number in range(3)}


@pytest.mark.parametrize("outer", [PARALLEL, SEQUENTIAL])
@pytest.mark.parametrize("nested", [PARALLEL, SEQUENTIAL])
def test_repetitions_nest(outer, nested):
    inner = (
        start("s1")
        + user_task("inside", inner=each(nested, collection="party.claims", item="claim", output="paid", result="sum"))
        + end("s2")
        + path("s1", "inside", "s2")
    )
    instance = StoredInstance(
        model(around(subprocess_("work", each(outer, output="all", result="paid"), inner))),
        {"parties": [{"claims": [1, 2]}, {"claims": [3]}, {"claims": []}]},
    )

    for _ in range(3):
        claim = instance.sees("inside")["claim"]
        instance.complete("inside", {"sum": claim * 10})

    assert instance.sees("after")["all"] == [[10, 20], [30], []]


@pytest.mark.parametrize("sequential", [PARALLEL, SEQUENTIAL])
@pytest.mark.parametrize("element", ["task", "subprocess", "call"])
def test_an_interrupting_event_takes_the_whole_repetition_away(sequential, element):
    loop = each(sequential)
    made = {
        "task": user_task("work", inner=loop),
        "subprocess": subprocess_("work", loop),
        "call": f'<bpmn:callActivity id="work" calledElement="child">{loop}</bpmn:callActivity>',
    }[element]
    at_work = {"task": "work", "subprocess": "inside", "call": "called"}[element]
    body = around(
        made, boundary("stopped", "work", message("m")) + user_task("instead") + path("stopped", "instead", "ended")
    )
    instance = StoredInstance(model(body, extra=MESSAGE, processes=CALLED), PARTIES)
    instance.complete(at_work)

    instance.tell("stopped")

    assert instance.waits() == ["instead"]
    instance.complete("instead")
    assert instance.is_finished


@pytest.mark.parametrize("sequential", [PARALLEL, SEQUENTIAL])
def test_a_timer_that_does_not_interrupt_leaves_the_repetition_as_it_is(sequential):
    body = around(
        user_task("work", inner=each(sequential)),
        boundary("late", "work", timer("P1D"), interrupting=False)
        + user_task("chase")
        + path("late", "chase", "ended"),
    )
    instance = StoredInstance(model(body), PARTIES)
    instance.complete("work")

    instance.ring("late")
    instance.complete("chase")
    for _ in range(2):
        instance.complete("work")

    assert instance.tasks() == ["after"]


@pytest.mark.parametrize("sequential", [PARALLEL, SEQUENTIAL])
def test_a_repetition_in_a_loop_begins_afresh_each_time(sequential):
    body = (
        start() + user_task("work", inner=each(sequential, output="seen", result="party")) + gateway("exclusive", "again", default="flow_again_ended")
        + end() + path("started", "work", "again") + flow("again", "work", "more") + flow("again", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body), {"parties": ["A", "B"], "more": True})

    for number in range(1, 5):
        instance.complete("work")
        if number == 2:
            run = instance.run()
            for token in run.workflow.all_tokens():
                if token.data.get("more"):
                    token.data = {**token.data, "more": False}
            instance.blob = run.dump()

    assert instance.is_finished
    assert instance.variables["seen"] == ["A", "B"]


@pytest.mark.parametrize("sequential", [PARALLEL, SEQUENTIAL])
def test_a_repetition_in_one_of_two_branches_joins(sequential):
    body = (
        start() + gateway("parallel", "fork") + user_task("work", inner=each(sequential)) + user_task("other")
        + gateway("parallel", "join") + user_task("after") + end() + flow("started", "fork") + path("fork", "work", "join")
        + path("fork", "other", "join") + path("join", "after", "ended")
    )  # fmt: skip
    instance = StoredInstance(model(body), PARTIES)

    instance.complete("work", {"x": 1})
    instance.complete("other", {"y": 1})
    for _ in range(2):
        instance.complete("work")

    assert instance.sees("after") == PARTIES | {"x": 1, "y": 1}


@pytest.mark.bpmn("standard loop", "executes")
def test_a_loop_goes_round_while_its_condition_holds():
    instance = StoredInstance(model(around(user_task("work", inner=rounds("not(enough)")))))

    for number in range(3):
        assert instance.sees("work")["loopCounter"] == number
        instance.complete("work", {"enough": number == 2})

    assert instance.tasks() == ["after"]
    assert instance.sees("after") == {"enough": True}


@pytest.mark.bpmn("standard loop with a maximum", "executes")
def test_a_loop_stops_at_its_maximum():
    instance = StoredInstance(model(around(user_task("work", inner=rounds("true", maximum="2")))))

    instance.complete("work")
    instance.complete("work")

    assert instance.tasks() == ["after"]


@pytest.mark.bpmn("standard loop that tests before", "executes")
def test_a_loop_that_tests_first_may_not_happen_at_all():
    content = model(around(user_task("work", inner=rounds("wanted", before=True))))

    assert StoredInstance(content, {"wanted": False}).tasks() == ["after"]
    instance = StoredInstance(content, {"wanted": True})
    instance.complete("work", {"wanted": False})
    assert instance.tasks() == ["after"]


def test_a_loop_condition_may_count():
    instance = StoredInstance(model(around(subprocess_("work", rounds("loopCounter &lt; 3")))))

    for _ in range(3):
        instance.complete("inside")

    assert instance.tasks() == ["after"]


def test_a_loop_condition_that_fails_is_an_incident_of_the_activity_and_a_retry_looks_again():
    instance = StoredInstance(model(around(user_task("work", inner=rounds("more")))))

    instance.complete("work", {"more": "yes"})

    assert [element for element, _ in instance.failures] == ["work"]
    run = instance.run()
    host = next(token for token in run.workflow.all_tokens() if "unchecked" in token.internal_data)
    host.data = {"more": True}
    instance.blob = run.dump()
    instance.retry()
    assert instance.tasks() == ["work"]


def test_a_loop_of_scripts_that_never_ends_is_an_incident():
    instance = StoredInstance(
        model(around(script("work", "1", "n").replace("<bpmn:script>", rounds("true") + "<bpmn:script>")))
    )

    assert "without waiting" in instance.failures[0][1]


@pytest.mark.parametrize("sequential", [PARALLEL, SEQUENTIAL])
def test_the_bookkeeping_of_many_items_stays_small(sequential):
    instance = StoredInstance(model(around(user_task("work", inner=each(sequential, cardinality="60")))))

    for _ in range(59):
        instance.complete("work")
    size = len(instance.blob)
    instance.complete("work")

    assert size < 1_000
    assert instance.tasks() == ["after"]
    assert loops.MAX_INSTANCES == 10_000


@pytest.mark.bpmn("multi-instance without collection or cardinality", "refused")
def test_a_repetition_says_how_often():
    body = around(user_task("work", inner="<bpmn:multiInstanceLoopCharacteristics/>"))

    assert ("repetition", "work") in errors(body)


@pytest.mark.parametrize(
    "loop",
    [rounds(), rounds("more", maximum="often"), rounds("more", maximum="-1"), each(PARALLEL, collection="=if"), each(PARALLEL, cardinality="1 +")],
    ids=["no condition", "no number", "negative", "collection", "cardinality"],
)  # fmt: skip
def test_a_repetition_that_cannot_be_read_is_refused(loop):
    assert {"work"} == {element for _, element in errors(around(user_task("work", inner=loop)))}
