"""Data and expressions made to hurt a running instance: refused with a typed error, or an incident that names where."""

import pytest
import sqlalchemy as sa

from engine import messages, process_instances, user_tasks
from engine.errors import FormInvalid, MatterflowError, VariablesInvalid
from engine.feel import expressions
from engine.feel.errors import FeelError, FeelTimeout
from engine.models import Incident, ProcessInstance
from tests import factories as f
from tests.factories import ANA, NOON

ENDLESS = {
    "range": "for i in 1..10**9 return i",
    "ranges in each other": "for a in 1..1000, b in 1..1000, c in 1..1000 return a",
    "count": "count(for i in 1..1000000000 return i)",
    "some": "some i in 1..1000000000 satisfies i &lt; 0",
    "backtracking": 'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a+)+$")',
    "replacing": 'replace("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a|aa)+$", "x")',
    "splitting": 'split("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a*)*b")',
    "doubling": '{a: "xxxxxxxxxx", ' + ", ".join(f"{chr(98 + n)}: {chr(97 + n)} + {chr(97 + n)}" for n in range(24)) + "}",
    "joining": 'string join(for i in 1..100000000 return "xxxxxxxxxxxxxxxxxxxx", "")',
    "recursion": "{f: function(g, n) g(g, n + 1), r: f(f, 0)}.r",
    "sorting": "sort(for i in 1..10000000 return i, function(a, b) a &lt; b)",
    "powers": "10 ** 10 ** 10 ** 10",
}  # fmt: skip


def incidents(session):
    return list(session.scalars(sa.select(Incident)))


@pytest.mark.parametrize("name", ENDLESS)
def test_an_endless_expression_becomes_an_incident_of_its_element(session, name):
    f.deploy(
        session,
        f.start()
        + f.script("work", ENDLESS[name])
        + f.user_task("wait")
        + f.end()
        + f.path("started", "work", "wait", "ended"),
    )

    instance = f.begin(session)

    if name == "powers":
        assert f.open_tasks(session)
        return
    assert session.get(ProcessInstance, instance.id, populate_existing=True).state == "incident"
    assert [found.element_id for found in incidents(session)] == ["work"]
    assert expressions.evaluate("1 + 1", {}) == 2


def test_an_expression_over_ten_megabytes_ends_in_time_or_is_refused():
    data = {"rows": [{"n": number, "text": "x" * 80} for number in range(90_000)]}

    with pytest.raises(FeelTimeout):
        expressions.evaluate("count(for r in rows, s in rows return r.n + s.n)", data)
    with pytest.raises(FeelError, match="larger than"):
        expressions.evaluate("count(rows)", {"rows": [*data["rows"], *data["rows"]]})


def deep(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("variables", "field"),
    [
        ({"x": "a" * 10_000_000}, "variables"),
        ({"x": deep(10_000)}, "x"),
        ({"x": {"a": float("nan")}}, "x"),
        ({"x": float("inf")}, "x"),
        ({"x": [-float("inf")]}, "x"),
        ({"x": "a\0b"}, "x"),
        ({"x": {"a\0b": 1}}, "x"),
        ({"x": "\ud800"}, "variables"),
        ({"x": 2**64}, "variables"),
        ({"x": -(2**63) - 1}, "variables"),
        ({"x": object()}, "variables"),
        ({"x": b"bytes"}, "variables"),
        ({"a" * 300: 1}, "a" * 100),
        ({"a b": 1}, "a b"),
        ({"": 1}, ""),
        ({"a\0": 1}, "a\0"),
        ({f"n{number}": "x" * 100 for number in range(30_000)}, "variables"),
    ],
    ids=["10 MB", "deep", "nan", "infinity", "minus infinity", "NUL", "NUL key", "surrogate", "2**64", "-2**63-1",
         "object", "bytes", "long name", "space", "empty", "NUL name", "many"],
)  # fmt: skip
def test_hostile_variables_are_refused_by_field(session, variables, field):
    f.deploy(session, f.start() + f.user_task("work") + f.end() + f.path("started", "work", "ended"))

    with pytest.raises(VariablesInvalid) as refusal:
        f.begin(session, variables=variables)

    assert list(refusal.value.fields) == [field]
    assert session.scalar(sa.select(sa.func.count()).select_from(ProcessInstance)) == 0


ODD_KEYS = {
    "typename": "SpiffWorkflow.Task",
    "__class__": {"typename": "x"},
    "__proto__": {"polluted": True},
    "constructor": {"prototype": 1},
    "hasOwnProperty": 1,
    "toString": "x",
    "valueOf": None,
    "item": 2,
    "partial": 3,
    "big": 2**63 - 1,
    "beyond": 2**53 + 1,
    "tiny": 5e-324,
}


def test_names_of_other_worlds_are_names_like_any_other(session):
    f.deploy(
        session,
        f.start() + f.user_task("work") + f.script("sum", "{same: constructor.prototype, own: hasOwnProperty, text: typename}") + f.user_task("after") + f.end()
        + f.path("started", "work", "sum", "after", "ended"),
    )  # fmt: skip
    instance = f.begin(session, variables=ODD_KEYS)

    user_tasks.complete(session, f.open_tasks(session)["work"].id, ODD_KEYS, by=ANA, now=NOON)

    assert process_instances.variables(session, instance.id) == {
        **ODD_KEYS, "result": {"same": 1, "own": 1, "text": "SpiffWorkflow.Task"},
    }  # fmt: skip
    assert expressions.evaluate("x.polluted", {"x": {}}) is None


def test_two_megabytes_of_data_live_through_every_step(session):
    f.deploy(
        session,
        f.start() + f.user_task("work") + f.user_task("after") + f.end() + f.path("started", "work", "after", "ended"),
    )
    instance = f.begin(session, variables={"x": "a" * 1_900_000})

    user_tasks.complete(session, f.open_tasks(session)["work"].id, {"y": 1}, by=ANA, now=NOON)

    assert len(process_instances.variables(session, instance.id)["x"]) == 1_900_000


def test_data_that_grow_step_by_step_stop_the_step(session):
    body = (
        f.start()
        + f.gateway("exclusive", "again")
        + f.script("grow", "[x, x, x]", "x")
        + f.end()
        + f.flow("started", "again")
    )
    body += f.flow("again", "grow") + f.flow("grow", "again")
    f.deploy(session, body.replace(f.end(), f.user_task("never") + f.end()) + f.flow("never", "ended"))

    instance = f.begin(session, variables={"x": "a" * 1_000})

    assert session.get(ProcessInstance, instance.id, populate_existing=True).state == "incident"
    assert [found.element_id for found in incidents(session)] == ["grow"]


def test_a_million_items_are_refused_where_they_would_begin(session):
    loop = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>1000000</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
    f.deploy(session, f.start() + f.user_task("work", inner=loop) + f.end() + f.path("started", "work", "ended"))

    f.begin(session)

    assert [found.element_id for found in incidents(session)] == ["work"]


@pytest.mark.parametrize("pattern", ["^(a+)+$", "(a|aa)+$", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_a_pattern_that_never_ends_is_stopped(session, pattern):
    form = f'{{"components": [{{"type": "textfield", "key": "x", "validate": {{"pattern": "{pattern}"}}}}]}}'
    f.deploy(
        session, f.start() + f.user_task("work", attributes='camunda:formKey="form"') + f.end() + f.path("started", "work", "ended"),
        files={"forms/form.form": form.encode()},
    )  # fmt: skip
    f.begin(session)

    with pytest.raises((FeelTimeout, FormInvalid)):
        user_tasks.complete(session, f.open_tasks(session)["work"].id, {"x": "a" * 60 + "!"}, by=ANA, now=NOON)


@pytest.mark.parametrize(
    ("name", "key", "options"),
    [
        ("m" * 1_000_000, None, {}),
        ("a\0b", None, {}),
        ("m", "k" * 1_000_000, {}),
        ("m", "k\0", {}),
        ("m", "k", {"message_id": "i" * 1_000}),
        ("m", "k", {"message_id": "i\0"}),
        ("m", "k", {"variables": {"x": deep(10_000)}}),
    ],
    ids=["long name", "NUL name", "long key", "NUL key", "long id", "NUL id", "deep"],
)
def test_a_hostile_message_is_refused(session, name, key, options):
    message = '<bpmn:message id="m" name="m"/>'
    f.deploy(session, f.model(f.start(inner=f.message("m")) + f.end() + f.path("started", "ended"), extra=message))

    with pytest.raises(MatterflowError), session.begin_nested():
        messages.correlate(session, name, key, by=ANA, now=NOON, **options)


def test_a_hostile_business_key_is_refused(session):
    f.deploy(session, f.start() + f.user_task("work") + f.end() + f.path("started", "work", "ended"))

    for key in ("k" * 1_000_000, "k\0"):
        with pytest.raises(VariablesInvalid), session.begin_nested():
            f.begin(session, business_key=key)


def test_what_an_expression_says_is_stored_or_refused_never_lost(session):
    f.deploy(
        session,
        f.start()
        + f.script("work", '"a\\u0000b"')
        + f.user_task("after")
        + f.end()
        + f.path("started", "work", "after", "ended"),
    )

    instance = f.begin(session)

    assert process_instances.get(session, instance.id).state in ("active", "incident")


@pytest.mark.parametrize("name", ["\0", "\x01", "x" * 5_000])
def test_what_an_expression_answers_as_a_name_fits_its_column(session, name):
    task = f.user_task("work", groups="", attributes='camunda:assignee="${who}"'.replace("${who}", "=who"))
    f.deploy(session, f.start() + task + f.end() + f.path("started", "work", "ended"))

    try:
        with session.begin_nested():
            f.begin(session, variables={"who": name})
    except MatterflowError:
        return
    assert incidents(session) or len(f.open_tasks(session)["work"].assignee) <= 150
