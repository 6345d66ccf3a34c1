"""What a bundle is refused for: each finding names its rule and its element, and nothing is stored."""

import io
import zipfile

import pytest
import sqlalchemy as sa

from engine import bundles, delegates, deployments
from engine.errors import BundleUnreadable, DeploymentRefused
from engine.models import Deployment
from tests.factories import (
    CHIEF,
    NOON,
    boundary,
    catch,
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


def errors(body, **options):
    content = body if isinstance(body, bytes) else model(body, **options)
    return {(f.rule, f.element_id) for f in deployments.check({"proc.bpmn": content}) if f.severity == "error"}


def linear(*elements, ids):
    return start() + "".join(elements) + end() + path("started", *ids, "ended")


def test_a_sound_model_has_no_findings_but_its_missing_picture():
    findings = deployments.check({"proc.bpmn": model(linear(user_task("a"), ids=["a"]))})

    assert [(f.severity, f.rule) for f in findings] == [("warning", "no_diagram")]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"<definitions", "xml_syntax"),
        (b"", "xml_syntax"),
        (b"\x00\xff not xml", "xml_syntax"),
        (b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>', "xml_doctype"),
        (b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><d>&b;</d>', "xml_doctype"),
        (b"<d>" * 300 + b"</d>" * 300, "xml_depth"),
        (b"<d>" * 10_000 + b"</d>" * 10_000, "xml_depth"),
        (b"<d>" + b"<e/>" * 100_001 + b"</d>", "xml_size"),
        (b"<d>" + b" " * 5_000_001 + b"</d>", "xml_size"),
    ],
    ids=["cut off", "empty", "binary", "external entity", "entities", "deep", "very deep", "many elements", "large"],
)
def test_hostile_xml_is_refused(content, rule):
    findings = deployments.check({"evil.bpmn": content})

    assert [(f.severity, f.rule, f.resource) for f in findings if f.rule.startswith("xml")] == [
        ("error", rule, "evil.bpmn")
    ]


@pytest.mark.parametrize(
    ("body", "finding"),
    [
        (user_task("a") + end() + path("a", "ended"), ("no_start", "proc")),
        (start() + user_task("a") + path("started", "a"), ("no_end", "proc")),
        (start() + end() + path("started", "nowhere", "ended"), ("unknown_element", "flow_started_nowhere")),
        (linear(user_task("a"), ids=["a"]) + boundary("late", "nothing", timer("P1D")), ("unknown_element", "late")),
        (linear(catch("c", message("no_message")), ids=["c"]), ("unknown_element", "c")),
        (linear(user_task("a"), user_task("a"), ids=["a"]), ("duplicate_id", "a")),
        (linear('<bpmn:scriptTask id="s" scriptFormat="python"><bpmn:script>import os</bpmn:script></bpmn:scriptTask>', ids=["s"]), ("script_language", "s")),
        (linear('<bpmn:scriptTask id="s"><bpmn:script>1</bpmn:script></bpmn:scriptTask>', ids=["s"]), ("script_language", "s")),
        (linear(script("s", "1 +"), ids=["s"]), ("expression", "s")),
        (linear(service_task("s", "nobody.does.this"), ids=["s"]), ("topic_unknown", "s")),
        (linear('<bpmn:serviceTask id="s"/>', ids=["s"]), ("topic_missing", "s")),
        (linear('<bpmn:businessRuleTask id="s" camunda:decisionRef="fee" camunda:resultVariable="fee"/>', ids=["s"]), ("decision_missing", "s")),
        (linear(user_task("a", attributes='camunda:formKey="none"'), ids=["a"]), ("form_missing", "a")),
        (linear(user_task("a", attributes='camunda:dueDate="soon"'), ids=["a"]), ("expression", "a")),
        (linear(user_task("a", attributes='camunda:assignee="=if"'), ids=["a"]), ("expression", "a")),
        (linear(user_task("a", attributes='camunda:priority="high"'), ids=["a"]), ("expression", "a")),
        (linear(catch("c", timer("P")), ids=["c"]), ("timer", "c")),
        (linear(catch("c", "<bpmn:timerEventDefinition/>"), ids=["c"]), ("timer", "c")),
        (linear(user_task("a"), ids=["a"]) + boundary("l", "a", timer("R0/PT0S", "timeCycle")) + flow("l", "ended"), ("timer", "l")),
        (linear('<bpmn:callActivity id="c" calledElement="elsewhere"/>', ids=["c"]), ("called_process_missing", "c")),
        (linear('<bpmn:callActivity id="c" calledElement="proc"/>', ids=["c"]), ("recursion", "c")),
        (linear('<bpmn:complexGateway id="g"/>', ids=["g"]), ("unsupported", "g")),
        (linear(catch("c", "<bpmn:signalEventDefinition/>"), ids=["c"]), ("signal_missing", "c")),
        (linear(catch("c", ""), ids=["c"]), ("unsupported", "c")),
        (start() + gateway("exclusive", "g") + user_task("a") + user_task("b") + end() + path("started", "g", "a", "ended") + path("g", "b", "ended"), ("condition_missing", "flow_g_a")),
        (start() + gateway("exclusive", "g", default="flow_g_b") + user_task("a") + user_task("b") + end() + path("started", "g") + flow("g", "a", "x &gt;") + path("a", "ended") + path("g", "b", "ended"), ("expression", "flow_g_a")),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_element(body, finding):
    assert finding in errors(body)


def test_an_event_subprocess_without_an_event_is_refused_rather_than_run_at_the_start():
    inner = (
        '<bpmn:subProcess id="es" triggeredByEvent="true">'
        + start("s1")
        + end("e1")
        + path("s1", "e1")
        + "</bpmn:subProcess>"
    )

    assert ("event_subprocess_start", "s1") in errors(linear(user_task("a"), ids=["a"]) + inner)


def test_a_model_that_is_not_executable_says_so():
    content = model(linear(user_task("a"), ids=["a"])).replace(b'isExecutable="true"', b'isExecutable="false"')

    assert ("no_process", None) in errors(content)


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("forms/a.form", b"{", "form_syntax"),
        ("forms/a.form", b"[]", "form_schema"),
        ("process.yaml", b"a: [", "properties"),
        ("process.yaml", b"- a", "properties"),
        ("decisions/a.dmn", b"<x", "decision"),
    ],
)
def test_a_broken_file_beside_the_model_is_named(name, content, rule):
    findings = deployments.check({"proc.bpmn": model(linear(user_task("a"), ids=["a"])), name: content})

    assert (rule, name) in {(f.rule, f.resource) for f in findings if f.severity == "error"}


def test_a_refused_bundle_stores_nothing(session):
    with pytest.raises(DeploymentRefused) as refusal:
        deployments.deploy(session, {"proc.bpmn": model(start())}, by=CHIEF, now=NOON)

    assert refusal.value.details()["findings"][0]["severity"] == "error"
    assert session.scalar(sa.select(sa.func.count()).select_from(Deployment)) == 0


def test_the_stored_model_is_byte_for_byte_what_came(session):
    content = model(linear(user_task("a"), ids=["a"])).replace(b"><", b">\n  <!-- drawn by hand --><")

    deployments.deploy(session, {"proc.bpmn": content}, by=CHIEF, now=NOON)

    assert deployments.xml(session, deployments.latest(session, "proc")) == content


def zipped(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_a_zip_of_a_folder_is_the_folder():
    packed = zipped(**{"proc/proc.bpmn": b"<a/>", "proc/forms/a.form": b"{}"})

    assert bundles.from_uploads([("proc.zip", packed)]) == {"proc.bpmn": b"<a/>", "forms/a.form": b"{}"}


@pytest.mark.parametrize("name", ["../evil.bpmn", "/etc/passwd", "a/../../b.bpmn", "C:\\evil.bpmn"])
def test_a_name_that_leaves_the_bundle_is_refused(name):
    with pytest.raises(BundleUnreadable):
        bundles.from_uploads([("bundle.zip", zipped(**{name: b"x"}))])


def test_a_zip_that_unpacks_to_too_much_is_refused():
    with pytest.raises(BundleUnreadable) as refusal:
        bundles.from_uploads([("bomb.zip", zipped(**{"a.bpmn": b"0" * 30_000_000}))])

    assert "unpacks to more than" in refusal.value.reason


def test_a_topic_can_have_one_delegate_only():
    delegates.delegate("tests.only_once")(lambda session, call: None)

    with pytest.raises(ValueError, match="only_once"):
        delegates.delegate("tests.only_once")(lambda session, call: None)
