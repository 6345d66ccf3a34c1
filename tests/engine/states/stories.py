"""What happens in each stored model, action by action; and who plays it."""

from dataclasses import dataclass, field
from typing import Any

from engine import correlation
from engine.bpmn.compiled import Compiled, compile_process
from engine.bpmn.runtime import Run
from engine.bpmn.tokens import ServiceCall
from tests.factories import (
    NOON,
    boundary,
    catch,
    end,
    flow,
    gateway,
    message,
    model,
    path,
    properties,
    script,
    service_task,
    start,
    timer,
    user_task,
)

#: What an instance waits for, in a form that can be written down and compared.
Waits = list[list[Any]]


@dataclass(frozen=True, slots=True)
class Story:
    """A model, what an instance of it starts with, and what happens to it until it ends."""

    model: bytes
    actions: list[list[Any]]
    variables: dict[str, Any] = field(default_factory=dict[str, Any])
    #: False for a story that ends with work that nobody mended.
    ends: bool = True
    #: The first version of the codec that could tell it.
    since: int = 1


def _items(loop: str = "", collection: str = "parties") -> str:
    return f'<bpmn:multiInstanceLoopCharacteristics {loop} camunda:collection="{collection}" camunda:elementVariable="party"/>'


def _sub(element_id: str, body: str, inner: str = "") -> str:
    return f'<bpmn:subProcess id="{element_id}" name="{element_id}">{inner}{body}</bpmn:subProcess>'


_REPLY = '<bpmn:message id="m_reply" name="reply"/><bpmn:message id="m_call" name="call"/>'

STORIES = {
    "user_tasks": Story(
        model(
            start() + user_task("one") + script("sum", "a + 1", "b") + user_task("two") + gateway("exclusive", "again", default="flow_again_ended")
            + end() + path("started", "one", "sum", "two", "again") + flow("again", "one", "more") + flow("again", "ended")
        ),
        [
            ["complete", "one", {"a": 1}], ["complete", "two", {"more": True}],
            ["complete", "one", {"a": 5, "中文": [1, {"z": None}]}], ["complete", "two", {"more": False}],
        ],
        {"client": "Ana", "typename": "x", "big": list(range(50))},
    ),
    "parallel": Story(
        model(
            start() + gateway("parallel", "fork") + user_task("one") + user_task("two") + user_task("three")
            + gateway("parallel", "join") + user_task("after") + end() + flow("started", "fork")
            + "".join(flow("fork", name) + flow(name, "join") for name in ("one", "two", "three")) + path("join", "after", "ended")
        ),
        [["complete", "two", {"x": 2}], ["complete", "one", {"y": 1}], ["complete", "three", {}], ["complete", "after", {"z": 3}]],
        {"x": 1, "y": 0},
    ),
    "parallel_loop": Story(
        model(
            start() + user_task("work") + gateway("parallel", "fork") + user_task("left") + user_task("right")
            + gateway("parallel", "join") + gateway("exclusive", "again", default="flow_again_ended") + end()
            + path("started", "work", "fork") + flow("fork", "left") + flow("fork", "right") + flow("left", "join")
            + flow("right", "join") + flow("join", "again") + flow("again", "work", "n &lt; 2") + flow("again", "ended")
        ),
        [
            ["complete", "work", {"n": 1}], ["complete", "left", {"l": 1}], ["complete", "right", {"r": 1}],
            ["complete", "work", {"n": 2}], ["complete", "right", {"r": 2}], ["complete", "left", {"l": 2}],
        ],
    ),
    "inclusive": Story(
        model(
            start() + gateway("inclusive", "fork", default="flow_fork_three") + user_task("one") + user_task("two")
            + user_task("three") + gateway("inclusive", "join") + user_task("after") + end() + flow("started", "fork")
            + flow("fork", "one", "a") + flow("fork", "two", "b") + flow("fork", "three")
            + flow("one", "join") + flow("two", "join") + flow("three", "join") + path("join", "after", "ended")
        ),
        [["complete", "two", {"done": ["two"]}], ["complete", "one", {"b": False}], ["complete", "after", {}]],
        {"a": True, "b": True},
    ),
    "two_ends": Story(
        model(
            start() + gateway("parallel", "fork") + user_task("one") + user_task("two") + end("first") + end("second")
            + flow("started", "fork") + path("fork", "one", "first") + path("fork", "two", "second")
        ),
        [["complete", "one", {"x": 1}], ["complete", "two", {"y": 2}]],
    ),
    "items_at_once": Story(
        model(start() + user_task("write", inner=_items()) + user_task("after") + end() + path("started", "write", "after", "ended")),
        [["complete", "write", {"seen": 1}], ["complete", "write", {"seen": 2}], ["complete", "write", {}], ["complete", "after", {}]],
        {"parties": ["A", "B", "C"]},
    ),
    "items_in_turn": Story(
        model(
            start() + user_task("write", inner=_items('isSequential="true"')) + user_task("after") + end()
            + path("started", "write", "after", "ended")
        ),
        [["complete", "write", {}], ["complete", "after", {}]],
        {"parties": ["A"]},
    ),
    "subprocess": Story(
        model(
            start()
            + _sub("outer", start("s1") + _sub("inner", start("s3") + user_task("deep") + end("s4") + path("s3", "deep", "s4"))
                   + user_task("shallow") + end("s2") + path("s1", "inner", "shallow", "s2"))
            + boundary("late", "outer", timer("P9D")) + user_task("after") + user_task("chase") + end()
            + path("started", "outer", "after", "ended") + path("late", "chase", "ended")
        ),
        [["complete", "deep", {"d": 1}], ["complete", "shallow", {"s": 2}], ["complete", "after", {}]],
        {"v": 1},
    ),
    "subprocess_interrupted": Story(
        model(
            start() + _sub("outer", start("s1") + user_task("slow") + end("s2") + path("s1", "slow", "s2"))
            + boundary("late", "outer", timer("P9D")) + user_task("chase") + end()
            + path("started", "outer", "ended") + path("late", "chase", "ended")
        ),
        [["fire", "late"], ["complete", "chase", {"asked": True}]],
    ),
    "call_activity": Story(
        model(
            start() + '<bpmn:callActivity id="call" calledElement="child"/>' + user_task("after") + end() + path("started", "call", "after", "ended"),
            processes='<bpmn:process id="child" isExecutable="true">' + start("c1") + user_task("asked") + service_task("file", "tests.file")
            + end("c2") + path("c1", "asked", "file", "c2") + "</bpmn:process>",
        ),
        [["complete", "asked", {"c": 3}], ["complete", "after", {}]],
        {"a": 1},
    ),
    "items_of_subprocess": Story(
        model(
            start()
            + _sub("each", start("s1") + user_task("ask") + user_task("check") + end("s2") + path("s1", "ask", "check", "s2"), _items())
            + end() + path("started", "each", "ended")
        ),
        [["complete", "ask", {}], ["complete", "check", {}], ["complete", "ask", {}], ["complete", "check", {}]],
        {"parties": ["A", "B"]},
    ),
    "reminders": Story(
        model(
            start() + user_task("answer") + boundary("nag", "answer", timer("R3/P1D", "timeCycle"), interrupting=False)
            + user_task("remind") + end("reminded") + end() + path("started", "answer", "ended") + path("nag", "remind", "reminded")
        ),
        [["fire", "nag"], ["fire", "nag"], ["complete", "remind", {}], ["complete", "answer", {"ok": True}], ["complete", "remind", {}]],
    ),
    "messages": Story(
        model(
            start() + user_task("send") + catch("replied", properties(correlationKey="=number") + message("m_reply"))
            + gateway("eventBased", "first") + catch("called", message("m_call")) + catch("slow", timer("P2D")) + catch("fast", timer("PT1H"))
            + user_task("after") + end() + path("started", "send", "replied", "first")
            + "".join(path("first", name, "after") for name in ("called", "slow", "fast")) + flow("after", "ended"),
            extra=_REPLY,
        ),
        [
            ["complete", "send", {"number": 17}], ["message", "replied", "reply", {"text": "yes"}],
            ["message", "called", "call", {"from": "Bo"}], ["complete", "after", {}],
        ],
    ),
    "first_timer": Story(
        model(
            start() + gateway("eventBased", "first") + catch("slow", timer("P9D")) + catch("fast", timer("P2D"))
            + user_task("after") + end() + flow("started", "first") + path("first", "slow", "after") + path("first", "fast", "after", "ended")
        ),
        [["fire", "fast"], ["complete", "after", {}]],
    ),
    "boundary_message": Story(
        model(
            start() + user_task("wait") + boundary("stopped", "wait", message("m_call")) + boundary("told", "wait", message("m_reply"), interrupting=False)
            + user_task("note") + user_task("stop") + end() + path("started", "wait", "ended") + path("told", "note", "ended")
            + path("stopped", "stop", "ended"),
            extra=_REPLY,
        ),
        [
            ["message", "told", "reply", {"news": 1}], ["message", "stopped", "call", {"why": "x"}],
            ["complete", "note", {}], ["complete", "stop", {}],
        ],
    ),
    "stuck_at_gateway": Story(
        model(
            start() + gateway("parallel", "fork") + user_task("ask") + user_task("other") + gateway("exclusive", "which") + user_task("left")
            + user_task("right") + end() + flow("started", "fork") + flow("fork", "ask") + flow("fork", "other") + flow("ask", "which")
            + flow("which", "left", 'side = "left"') + flow("which", "right", 'side = "right"')
            + flow("left", "ended") + flow("right", "ended") + flow("other", "ended")
        ),
        [["complete", "ask", {"side": "up"}], ["retry", "which"], ["complete", "other", {}]],
        ends=False,
    ),
    "stuck_at_timer": Story(
        model(start() + user_task("ask") + catch("waited", timer("=days")) + end() + path("started", "ask", "waited", "ended")),
        [["complete", "ask", {"days": 3}], ["retry", "waited"]],
        ends=False,
    ),
    "stuck_at_delegate": Story(
        model(
            start() + user_task("ask") + service_task("scan", "tests.scan") + service_task("post", "tests.post", 'camunda:asyncBefore="true"')
            + end() + path("started", "ask", "scan", "post", "ended")
        ),
        [["complete", "ask", {"broken": True}], ["retry", "scan", {"broken": False}], ["deliver", "post", {"posted": 1}]],
    ),
    "nested": Story(
        model(
            start() + gateway("parallel", "fork")
            + _sub("outer", start("s1") + gateway("parallel", "f2") + user_task("each", inner=_items()) + boundary("hurry", "each", timer("P3D"), interrupting=False)
                   + user_task("beside") + user_task("hurried") + gateway("parallel", "j2") + end("s2") + end("s3") + flow("s1", "f2")
                   + flow("f2", "each") + flow("f2", "beside") + flow("each", "j2") + flow("beside", "j2") + flow("j2", "s2")
                   + path("hurry", "hurried", "s3"))
            + user_task("main") + gateway("parallel", "join") + user_task("after") + end() + flow("started", "fork")
            + flow("fork", "outer") + flow("fork", "main") + flow("outer", "join") + flow("main", "join") + path("join", "after", "ended")
        ),
        [
            ["complete", "each", {}], ["complete", "beside", {"b": 1}], ["fire", "hurry"], ["complete", "main", {"m": 2}],
            ["complete", "each", {}], ["complete", "hurried", {"h": 3}], ["complete", "after", {"end": True}],
        ],
        {"parties": ["A", "B"], "m": 1},
    ),
    "event_subprocess": Story(
        model(
            start() + user_task("work")
            + '<bpmn:subProcess id="told" name="told" triggeredByEvent="true">'
            + start("news", message("m_reply"), 'isInterrupting="false"') + user_task("note") + end("noted") + path("news", "note", "noted")
            + "</bpmn:subProcess>" + end() + path("started", "work", "ended"),
            extra=_REPLY,
        ),
        [
            ["message", "news", "reply", {"n": 1}], ["message", "news", "reply", {"n": 2}], ["complete", "note", {"seen": 1}],
            ["complete", "work", {"w": 1}], ["complete", "note", {"seen": 2}],
        ],
        {"v": 1},
        since=2,
    ),
    "rounds": Story(
        model(
            start() + user_task("ask", inner='<bpmn:standardLoopCharacteristics loopMaximum="3"><bpmn:loopCondition>more</bpmn:loopCondition></bpmn:standardLoopCharacteristics>')
            + user_task("after") + end() + path("started", "ask", "after", "ended")
        ),
        [["complete", "ask", {"more": True}], ["complete", "ask", {"more": True, "x": 1}], ["complete", "ask", {}], ["complete", "after", {}]],
        {"more": True},
        since=2,
    ),
    "collected": Story(
        model(
            start() + user_task("ask", inner=(
                '<bpmn:multiInstanceLoopCharacteristics camunda:collection="parties" camunda:elementVariable="party">'
                '<bpmn:loopDataOutputRef>replies</bpmn:loopDataOutputRef><bpmn:outputDataItem id="reply" name="reply"/>'
                "</bpmn:multiInstanceLoopCharacteristics>"))
            + user_task("after") + end() + path("started", "ask", "after", "ended")
        ),
        [["complete", "ask", {"reply": 1}], ["complete", "ask", {"reply": 2}], ["complete", "ask", {"reply": 3}], ["complete", "after", {}]],
        {"parties": ["A", "B", "C"]},
        since=2,
    ),
    "several_flows": Story(
        model(
            start() + user_task("one") + user_task("two") + user_task("three") + end() + end("other")
            + path("started", "one", "two", "ended") + path("one", "three", "other")
        ),
        [["complete", "one", {"a": 1}], ["complete", "three", {"c": 3}], ["complete", "two", {"b": 2}]],
        since=2,
    ),
}  # fmt: skip


def compiled(story: Story | bytes) -> Compiled:
    """Compile a story's model."""
    return compile_process("proc", {"proc.bpmn": story if isinstance(story, bytes) else story.model}, {})


def begin(story: Story, process: Compiled) -> Run:
    """Start an instance and let it come to rest."""
    run = Run.start(process, dict(story.variables), NOON)
    return settle(run)


def settle(run: Run) -> Run:
    """Let an instance come to rest."""
    run.advance(_perform)
    run.waiting()
    return run


def act(run: Run, action: list[Any]) -> Run:
    """Let one thing happen to an instance."""
    what, element, *rest = action
    if what == "retry":
        token = next(token for token in run.workflow.all_tokens() if _is_stuck_at(run, token, element))
        token.data.update(rest[0] if rest else {})
        run.retry(token.id)
    else:
        item = next(item for item in run.waiting().values() if item.element.id == element)
        match what:
            case "complete":
                run.complete_user_task(item.spiff_task_id, rest[0])
            case "deliver":
                run.complete_delegate(item.spiff_task_id, rest[0])
            case "fire":
                assert run.fire_timer(item.spiff_task_id, item.index)
            case "message":
                assert run.receive("message", item.spiff_task_id, rest[0], rest[1])
            case unknown:
                raise ValueError(unknown)
    return settle(run)


def waits(run: Run) -> Waits:
    """Say what an instance waits for, sorted."""
    return sorted(
        [
            item.kind,
            item.element.id,
            item.due_at.isoformat() if item.due_at else "",
            item.name or "",
            correlation.stored(item.keys or {}) or "",
            item.index,
        ]
        for item in run.waiting().values()
    )


def _is_stuck_at(run: Run, token: Any, element: str) -> bool:
    return "stuck" in token.internal_data and run.compiled.element_of(token.task_spec).id == element


def _perform(call: ServiceCall) -> dict[str, Any] | None:
    if call.variables.get("broken"):
        raise RuntimeError("the scanner is on fire")
    return None if call.element.extensions.get("asyncBefore") == "true" else {call.element.id: True}
