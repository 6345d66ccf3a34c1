"""Bundles that somebody hands in to hurt the server: what each holds, and what the check must say of it.

An attack is (name, files, rules): ``files`` makes the bundle, ``rules`` are the findings of which one must refuse it;
an empty ``rules`` says that the bundle is odd and yet sound, and must be accepted.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests import factories as f
from tests.engine.feel import dmn_files as dmn

Files = dict[str, bytes]


@dataclass(frozen=True)
class Attack:
    """One hostile bundle."""

    name: str
    files: Callable[[], Files]
    rules: frozenset[str]
    #: What a finding must name: the element, the field or the file.
    names: str | None = None


def sound() -> bytes:
    """A model that is right."""
    return f.model(f.start() + f.user_task("review") + f.end() + f.path("started", "review", "ended"))


def with_task(inner: str, **options: Any) -> bytes:
    """A model whose only task is ``inner``, an element with the id ``work``."""
    return f.model(f.start() + inner + f.end() + f.path("started", "work", "ended"), **options)


def _bpmn(content: bytes) -> Files:
    return {"proc.bpmn": content}


def chain(length: int) -> bytes:
    """A straight path of user tasks."""
    ids = [f"task_{number}" for number in range(length)]
    return f.model(f.start() + "".join(f.user_task(one) for one in ids) + f.end() + f.path("started", *ids, "ended"))


def script_chain(length: int) -> bytes:
    """A straight path of scripts, none of which waits."""
    ids = [f"task_{number}" for number in range(length)]
    return f.model(f.start() + "".join(f.script(one, "1") for one in ids) + f.end() + f.path("started", *ids, "ended"))


def fan(width: int) -> bytes:
    """A parallel gateway with that many branches."""
    ids = [f"task_{number}" for number in range(width)]
    body = f.start() + f.gateway("parallel", "split") + f.gateway("parallel", "join") + f.end()
    body += "".join(f.user_task(one) for one in ids) + f.flow("started", "split") + f.flow("join", "ended")
    return f.model(body + "".join(f.path("split", one, "join") for one in ids))


def nested(depth: int) -> bytes:
    """Subprocesses inside each other."""
    body = f.user_task("innermost")
    for number in range(depth):
        inner = "innermost" if number == 0 else f"sub_{number - 1}"
        body = (
            f'<bpmn:subProcess id="sub_{number}">{f.start(f"s_{number}")}{body}{f.end(f"e_{number}")}'
            f"{f.path(f's_{number}', inner, f'e_{number}')}</bpmn:subProcess>"
        )
    last = f"sub_{depth - 1}"
    return f.model(f.start() + body + f.end() + f.path("started", last, "ended"))


def boundaries(count: int) -> bytes:
    """A task with that many timers on it."""
    body = f.start() + f.user_task("work") + f.end() + f.path("started", "work", "ended")
    for number in range(count):
        body += f.boundary(f"late_{number}", "work", f.timer("P1D"), interrupting=False)
        body += f.flow(f"late_{number}", "ended")
    return f.model(body)


def calls(*chain_of_calls: str, waiting: bool = False) -> bytes:
    """Processes that call each other, each the next and the last the first."""
    processes = []
    for number, key in enumerate(chain_of_calls):
        called = chain_of_calls[(number + 1) % len(chain_of_calls)]
        steps = [f"started_{key}", *([f"wait_{key}"] if waiting else []), f"call_{key}", f"ended_{key}"]
        body = f.start(f"started_{key}") + (f.user_task(f"wait_{key}") if waiting else "") + f.end(f"ended_{key}")
        body += f'<bpmn:callActivity id="call_{key}" calledElement="{called}"/>' + f.path(*steps)
        processes.append((key, body))
    others = "".join(
        f'<bpmn:process id="{key}" isExecutable="true">{body}</bpmn:process>' for key, body in processes[1:]
    )
    return f.model(processes[0][1], key=processes[0][0], processes=others)


def _entity(declaration: str, reference: str = "&e;", encoding: str = "utf-8") -> Files:
    text = sound().decode().replace('name="review"', f'name="{reference}"')
    return _bpmn(f'<?xml version="1.0"?><!DOCTYPE d [{declaration}]>{text}'.encode(encoding))


def _laughs() -> str:
    return '<!ENTITY e0 "lol">' + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))


def _form(content: Any) -> Files:
    form = content if isinstance(content, bytes) else json.dumps(content).encode()
    return {"proc.bpmn": with_task(f.user_task("work", attributes='camunda:formKey="form"')), "forms/form.form": form}


def _field(**more: Any) -> dict[str, Any]:
    return {"type": "default", "components": [{"type": "textfield", "key": "answer", **more}]}


def _nested_form(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"type": "textfield", "key": "answer"}
    for _ in range(depth):
        inner = {"type": "group", "components": [inner]}
    return {"type": "default", "components": [inner]}


def _dmn(content: bytes) -> Files:
    return {"proc.bpmn": sound(), "decisions/d.dmn": content}


def _yaml(text: str | bytes) -> Files:
    return {"proc.bpmn": sound(), "process.yaml": text if isinstance(text, bytes) else text.encode()}


def _yaml_laughs() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    return "\n".join(lines)


def _feel(expression: str) -> bytes:
    return with_task(f.script("work", expression))


def _attack(name: str, files: Callable[[], Files], *rules: str, names: str | None = None) -> Attack:
    return Attack(name, files, frozenset(rules), names)


def attacks() -> Iterator[Attack]:  # noqa: PLR0915 - a list
    """Every hostile bundle."""
    # XML
    yield _attack("entity", lambda: _entity('<!ENTITY e "x">'), "xml_doctype", names="proc.bpmn")
    yield _attack("billion laughs", lambda: _entity(_laughs(), "&e9;"), "xml_doctype", "xml_syntax", names="proc.bpmn")
    quadratic = f'<!ENTITY e "{"a" * 100_000}">'
    yield _attack("quadratic blow-up", lambda: _entity(quadratic, "&e;" * 2_000), "xml_doctype", "xml_syntax")
    yield _attack("external entity", lambda: _entity('<!ENTITY e SYSTEM "file:///etc/passwd">'), "xml_doctype")
    yield _attack("network entity", lambda: _entity('<!ENTITY e SYSTEM "http://127.0.0.1:1/x">'), "xml_doctype")
    parameter = '<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;'
    yield _attack("parameter entity", lambda: _entity(parameter, "x"), "xml_doctype", "xml_syntax")
    yield _attack("entity in utf-16", lambda: _entity('<!ENTITY e "x">', encoding="utf-16"), "xml_doctype")
    utf_7 = b'<?xml version="1.0" encoding="UTF-7"?>' + sound().replace(b"<", b"+ADw-")
    yield _attack("utf-7", lambda: _bpmn(utf_7), "xml_syntax")
    seven = b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE d+AD4-' + sound()
    yield _attack("doctype in utf-7", lambda: _bpmn(seven), "xml_syntax", "xml_doctype")
    yield _attack("utf-16 sound", lambda: _bpmn(sound().decode().encode("utf-16")))
    yield _attack("utf-16 that lies", lambda: _bpmn(b'<?xml version="1.0" encoding="utf-16"?>' + sound()), "xml_syntax")
    yield _attack("utf-32", lambda: _bpmn(sound().decode().encode("utf-32")), "xml_syntax")
    yield _attack("null bytes", lambda: _bpmn(sound().replace(b"review", b"re\0view")), "xml_syntax")
    yield _attack("null reference", lambda: _bpmn(sound().replace(b'"review"', b'"re&#0;view"')), "xml_syntax")
    yield _attack("control character", lambda: _bpmn(sound().replace(b'"review"', b'"re&#1;view"')), "xml_syntax")
    yield _attack("surrogate", lambda: _bpmn(sound().replace(b'"review"', b'"re&#xD800;"')), "xml_syntax")
    yield _attack("empty", lambda: _bpmn(b""), "xml_syntax")
    yield _attack("no xml", lambda: _bpmn(b"\x00" * 1_000), "xml_syntax")
    deep = b"<a>" * 100_000 + b"</a>" * 100_000
    yield _attack("deep xml", lambda: _bpmn(deep), "xml_depth", names="proc.bpmn")
    deep_inside = "<x>" * 300 + "</x>" * 300
    yield _attack("deep extension", lambda: _bpmn(with_task(f.user_task("work", inner=deep_inside))), "xml_depth")
    huge_name = "a" * 4_000_000
    yield _attack(
        "huge attribute",
        lambda: _bpmn(with_task(f.user_task("work", groups=huge_name))),
        "too_long",
        "text_length",
        names="work",
    )
    huge_text = f"<bpmn:documentation>{'a' * 4_500_000}</bpmn:documentation>"
    yield _attack(
        "huge text",
        lambda: _bpmn(with_task(f.user_task("work", inner=huge_text))),
        "too_long",
        "text_length",
        names="work",
    )
    too_huge = f"<bpmn:documentation>{'a' * 11_000_000}</bpmn:documentation>"
    yield _attack("text over the limit", lambda: _bpmn(with_task(f.user_task("work", inner=too_huge))), "xml_size")
    many = " ".join(f'a{number}="1"' for number in range(100_000))
    yield _attack(
        "many attributes", lambda: _bpmn(with_task(f.user_task("work", attributes=many))), "xml_size", "xml_syntax"
    )
    spaces = " ".join(f'xmlns:n{number}="urn:{number}"' for number in range(20_000))
    yield _attack(
        "many namespaces", lambda: _bpmn(with_task(f.user_task("work", attributes=spaces))), "xml_size", "xml_syntax"
    )
    crowd = "<bpmn:x/>" * 150_000
    yield _attack("many elements", lambda: _bpmn(with_task(f.user_task("work", inner=crowd))), "xml_size")
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    yield _attack("xinclude", lambda: _bpmn(with_task(f.user_task("work", inner=include))))

    # the shape of a model
    yield _attack("chain of 5,000", lambda: _bpmn(chain(5_000)))
    yield _attack("chain of 12,000", lambda: _bpmn(chain(12_000)), "too_many", "xml_size", names="proc")
    yield _attack("fan of 5,000", lambda: _bpmn(fan(5_000)), "too_many", names="split")
    yield _attack("nesting of 1,000", lambda: _bpmn(nested(1_000)), "xml_depth", names="proc.bpmn")
    yield _attack("nesting of 60", lambda: _bpmn(nested(60)), "xml_depth", "too_deep", names="sub_")
    yield _attack("20,000 timers", lambda: _bpmn(boundaries(20_000)), "too_many", "xml_size", names="proc")
    yield _attack("a process that calls itself", lambda: _bpmn(calls("proc")), "recursion", names="call_proc")
    yield _attack("two that call each other", lambda: _bpmn(calls("one", "two")), "recursion", names="call_two")
    yield _attack(
        "two that wait and call", lambda: _bpmn(calls("one", "two", waiting=True)), "recursion", names="call_"
    )
    ring = [f"p{number}" for number in range(200)]
    yield _attack("a ring of 200 calls", lambda: _bpmn(calls(*ring)), "recursion", names="call_p")

    # names
    for odd in ("typename", "__class__", "__proto__", "constructor", "hasOwnProperty", "__init__", "toString"):
        model = with_task(f.user_task("work")).replace(b'"work"', f'"{odd}"'.encode())
        yield _attack(f"id {odd}", lambda model=model: _bpmn(model))
    long_id = "x" * 5_000
    yield _attack("long id", lambda: _bpmn(sound().replace(b"review", long_id.encode())), "too_long", names="xxx")
    long_key = f.model(f.start() + f.end() + f.path("started", "ended"), key="k" * 5_000)
    yield _attack("long process id", lambda: _bpmn(long_key), "too_long", names="kkk")
    named = sound().replace(b'name="review"', b'name="' + b"n" * 5_000 + b'"')
    yield _attack("long name", lambda: _bpmn(named), "too_long", names="review")
    message = f'<bpmn:message id="m" name="{"m" * 5_000}"/>'
    caught = f.start(inner=f.message("m")) + f.end() + f.path("started", "ended")
    yield _attack("long message name", lambda: _bpmn(f.model(caught, extra=message)), "too_long", names="m")
    yield _attack(
        "long form key",
        lambda: _bpmn(with_task(f.user_task("work", attributes=f'camunda:formKey="{"x" * 500}"'))),
        "form_missing",
        "too_long",
        names="work",
    )
    topic = with_task(f.service_task("work", "t" * 5_000))
    yield _attack("long topic", lambda: _bpmn(topic), "too_long", "topic_unknown", names="work")
    group = with_task(f.user_task("work", groups="g" * 5_000))
    yield _attack("long group", lambda: _bpmn(group), "too_long", names="work")
    dotted = sound().replace(b'"review"', '"ré-view.ü_ﬁ"'.encode())
    yield _attack("id in other letters", lambda: _bpmn(dotted))
    spaced = sound().replace(b'"review"', b'"re view; DROP TABLE"')
    yield _attack("id with spaces", lambda: _bpmn(spaced))

    # FEEL
    yield _attack("deep brackets", lambda: _bpmn(_feel("(" * 9_000 + "1" + ")" * 9_000)), "expression", names="work")
    yield _attack("deep lists", lambda: _bpmn(_feel("[" * 9_000 + "]" * 9_000)), "expression", names="work")
    yield _attack("long expression", lambda: _bpmn(_feel("1 + " * 20_000 + "1")), "expression", names="work")
    yield _attack("unclosed", lambda: _bpmn(_feel('"' + "a" * 10_000)), "expression", names="work")
    slow = "".join(f.script(f"work_{n}", "(" * 4_000 + "1" + ")" * 4_000) for n in range(200))
    ids = [f"work_{n}" for n in range(200)]
    yield _attack(
        "200 slow expressions",
        lambda: _bpmn(f.model(f.start() + slow + f.end() + f.path("started", *ids, "ended"))),
        "expression",
        names="work_",
    )
    python = "().__class__.__base__.__subclasses__()"
    yield _attack("Python for FEEL", lambda: _bpmn(_feel(python)), "expression", names="work")
    timer = f.catch("work", f.timer("P" + "9" * 400 + "D"))
    yield _attack("timer beyond time", lambda: _bpmn(with_task(timer)), "timer", names="work")
    odd_timer = f.catch("work", f.timer("P1DT" + "1" * 100_000 + "S"))
    yield _attack("timer of digits", lambda: _bpmn(with_task(odd_timer)), "timer", "too_long", names="work")
    far = f.catch("work", f.timer("9999-12-31T23:59:59Z", "timeDate"))
    yield _attack("timer at the end of time", lambda: _bpmn(with_task(far)))
    prio = f.user_task("work", attributes=f'camunda:priority="{"9" * 5_000}"')
    yield _attack("priority beyond int", lambda: _bpmn(with_task(prio)), "expression", "too_long", names="work")
    prio2 = f.user_task("work", attributes='camunda:priority="99999999999"')
    yield _attack("priority beyond the column", lambda: _bpmn(with_task(prio2)), "expression", names="work")

    # forms
    yield _attack(
        "deep form",
        lambda: _form(b'{"components":' * 20_000 + b"[]" + b"}" * 20_000),
        "form_syntax",
        names="forms/form.form",
    )
    yield _attack("nested groups", lambda: _form(_nested_form(200)), "form_schema", names="forms/form.form")
    yield _attack(
        "many fields",
        lambda: _form({"components": [{"type": "textfield", "key": f"f{n}"} for n in range(20_000)]}),
        "form_schema",
        names="forms/form.form",
    )
    yield _attack(
        "field without type", lambda: _form({"components": [{"key": "answer"}]}), "form_schema", names="forms/form.form"
    )
    yield _attack(
        "field that is none", lambda: _form({"components": [1, None, "x", []]}), "form_schema", names="forms/form.form"
    )
    yield _attack("rules that are none", lambda: _form(_field(validate=[1])), "form_schema", names="answer")
    yield _attack(
        "length that is none", lambda: _form(_field(validate={"maxLength": {"a": 1}})), "form_schema", names="answer"
    )
    yield _attack(
        "pattern that is none", lambda: _form(_field(validate={"pattern": "(["})), "form_schema", names="answer"
    )
    yield _attack(
        "pattern that is long",
        lambda: _form(_field(validate={"pattern": "a?" * 50_000})),
        "form_schema",
        names="answer",
    )
    yield _attack(
        "condition that is none", lambda: _form(_field(conditional={"hide": "=1 +"})), "form_schema", names="answer"
    )
    yield _attack("key __proto__", lambda: _form(_field(key="__proto__")))
    yield _attack("key that is none", lambda: _form(_field(key={"a": 1})), "form_schema", names="forms/form.form")
    yield _attack("large form", lambda: _form(_field(label="x" * 6_000_000)), "form_schema", names="forms/form.form")
    yield _attack("form that is a list", lambda: _form(b"[]"), "form_schema", names="forms/form.form")
    yield _attack("form in latin-1", lambda: _form(b'{"components": [], "x": "\xe9"}'), "form_syntax")

    # decisions
    yield _attack(
        "dmn entity",
        lambda: _dmn(b'<!DOCTYPE d [<!ENTITY e "x">]>' + dmn.file(dmn.literal("1"))),
        "decision",
        names="decisions/d.dmn",
    )
    yield _attack("dmn deep", lambda: _dmn(b"<a>" * 100_000), "decision", names="decisions/d.dmn")
    lists = "<list>" * 200 + "</list>" * 200
    yield _attack(
        "dmn lists in lists", lambda: _dmn(dmn.file(dmn.decision("decision", lists))), "decision", names="decision"
    )
    rules = [["> 1", "1"]] * 15_000
    yield _attack("dmn of 15,000 rules", lambda: _dmn(dmn.file(dmn.table(rules))), "decision", names="decision_table")
    columns = [f"x{number}" for number in range(2_000)]
    yield _attack(
        "dmn of 2,000 columns",
        lambda: _dmn(dmn.file(dmn.table([["-"] * 2_000 + ["1"]], inputs=columns))),
        "decision",
        names="decision_table",
    )
    ring_of_decisions = [dmn.literal("1", decision_id=f"d{n}", requires=[f"d{(n + 1) % 500}"]) for n in range(500)]
    yield _attack("dmn ring", lambda: _dmn(dmn.file(*ring_of_decisions)), "decision", names="d")
    lattice = [dmn.literal("1", decision_id="d0_0"), dmn.literal("1", decision_id="d0_1")]
    lattice += [
        dmn.literal("1", decision_id=f"d{n}_{side}", requires=[f"d{n - 1}_0", f"d{n - 1}_1"])
        for n in range(1, 60)
        for side in (0, 1)
    ]
    yield _attack("dmn lattice", lambda: _dmn(dmn.file(*lattice)))
    slow_cells = [["(" * 3_000 + "1" + ")" * 3_000, "1"]] * 300
    yield _attack("dmn of slow cells", lambda: _dmn(dmn.file(dmn.table(slow_cells))), "decision", names="rule_1_1")

    # process.yaml
    yield _attack("yaml laughs", lambda: _yaml(_yaml_laughs()), "properties", names="process.yaml")
    yield _attack("yaml deep", lambda: _yaml("[" * 20_000), "properties", names="process.yaml")
    yield _attack("yaml deep map", lambda: _yaml("a: " + "{a: " * 5_000 + "1" + "}" * 5_000), "properties")
    yield _attack("yaml object", lambda: _yaml("a: !!python/object/apply:os.system [true]"), "properties")
    yield _attack("yaml ring", lambda: _yaml("a: &a [*a]"), "properties")
    yield _attack("yaml large", lambda: _yaml("a: " + "x" * 3_000_000), "properties")
    yield _attack("yaml number", lambda: _yaml("a: " + "9" * 5_000))
    yield _attack("yaml not text", lambda: _yaml(b"\xff\xfe\x00a"), "properties")
    yield _attack("yaml with NUL", lambda: _yaml('name: "a\\0b"'), "properties")
    yield _attack("yaml set", lambda: _yaml("a: !!set {x, y}"), "properties")
    yield _attack("yaml binary", lambda: _yaml("a: !!binary aGVsbG8="), "properties")
    yield _attack("yaml infinity", lambda: _yaml("a: .inf"))
    yield _attack("yaml twice", lambda: _yaml("name: a\nname: b"), "properties")
    yield _attack("yaml name too long", lambda: _yaml("name: " + "n" * 5_000), "properties")
    yield _attack("yaml name a list", lambda: _yaml("name: [a]"), "properties")

    # scenarios
    scenario = {"proc.bpmn": sound(), "scenarios/bomb.yaml": _yaml_laughs().encode()}
    yield _attack("scenario laughs", lambda: scenario)
