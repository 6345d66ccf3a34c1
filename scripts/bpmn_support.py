"""Write ``docs/bpmn-support.md`` from the tests; with ``--check``, refuse when the page is out of date.

A test that proves what happens with a BPMN construct says so: ``@pytest.mark.bpmn("link catch event", "executes")``,
on itself or on one of its parameters. This script reads those marks (as text: nothing is imported or run) and
sets every construct that BPMN 2.0 knows beside its verdict and its tests. It refuses two tests that disagree,
and, with ``--check``, a construct that no test speaks of.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "bpmn-support.md"
TESTS = ROOT / "tests"
VERDICTS = {
    "executes": "executes",
    "refused": "refused",
    "drawn": "drawn only",
}
HEAD = """# What of BPMN 2.0 is executed

Made from the tests by `python scripts/bpmn_support.py`; each row names the tests that prove it.

*executes*: does what BPMN 2.0 (OMG formal/2013-12-09) says, also after save and restore. *refused*: a bundle with
it is not deployed, and the finding names the element. *drawn only*: part of the picture, with no effect on the run.
Conditions, timers, scripts and mappings are FEEL; nothing in a model is ever run as Python.
"""

_EVENT_KINDS = ("message", "timer", "conditional", "signal", "multiple", "parallel multiple")
_INTERRUPTING = ("message", "timer", "conditional", "signal", "error", "escalation", "multiple", "parallel multiple")
_NON_INTERRUPTING = ("message", "timer", "conditional", "signal", "escalation", "multiple", "parallel multiple")
_ENDS = ("none", "message", "signal", "error", "escalation", "cancel", "compensation", "terminate", "multiple")
_THROWS = ("none", "message", "signal", "escalation", "compensation", "link", "multiple")
#: Every construct of BPMN 2.0, by group. Events after table 10.93 of the standard.
CATALOGUE: dict[str, tuple[str, ...]] = {
    "Tasks": (
        "task",
        "user task",
        "manual task",
        "script task",
        "service task",
        "business rule task",
        "send task",
        "receive task",
        "instantiating receive task",
    ),
    "Gateways": (
        "exclusive gateway",
        "parallel gateway",
        "inclusive gateway",
        "event-based gateway",
        "instantiating event-based gateway",
        "complex gateway",
    ),
    "Start events": tuple(f"{kind} start event" for kind in ("none", *_EVENT_KINDS)),
    "Intermediate events": (
        *(f"{kind} catch event" for kind in (*_EVENT_KINDS, "link")),
        *(f"{kind} throw event" for kind in _THROWS),
    ),
    "Boundary events": (
        *(f"interrupting {kind} boundary event" for kind in _INTERRUPTING),
        *(f"non-interrupting {kind} boundary event" for kind in _NON_INTERRUPTING),
        "cancel boundary event",
        "compensation boundary event",
    ),
    "End events": tuple(f"{kind} end event" for kind in _ENDS),
    "Event subprocesses": (
        *(f"interrupting {kind} event subprocess" for kind in _INTERRUPTING),
        *(f"non-interrupting {kind} event subprocess" for kind in _NON_INTERRUPTING),
        "compensation event subprocess",
    ),
    "Subprocesses": (
        "embedded subprocess",
        "call activity",
        "call activity of a global task",
        "transaction subprocess",
        "ad-hoc subprocess",
    ),
    "Markers": (
        "standard loop",
        "parallel multi-instance",
        "sequential multi-instance",
        "multi-instance completion condition",
        "multi-instance behaviour events",
        "compensation activity",
    ),
    "Flows": (
        "sequence flow",
        "conditional flow out of an activity",
        "default flow",
        "several flows out of an activity",
        "several flows into an activity",
        "message flow",
    ),
    "Data": (
        "data object",
        "data store",
        "data association",
        "data input and output",
        "property",
    ),
    "Pools, lanes and pictures": (
        "pool",
        "lane",
        "nested lanes",
        "text annotation",
        "association",
        "group",
    ),
    "Choreographies and conversations": (
        "choreography",
        "choreography task",
        "sub-choreography",
        "call choreography",
        "conversation",
        "sub-conversation",
        "call conversation",
    ),
}


@dataclass(slots=True)
class Row:
    """One construct and what the tests say of it."""

    construct: str
    #: Tests (``path::name``) by verdict.
    tests: dict[str, list[str]] = field(default_factory=dict[str, "list[str]"])


class Refused(Exception):
    """The marks do not add up."""


def marks(root: Path = TESTS) -> Iterator[tuple[str, str, str]]:
    """Yield construct, verdict and test (``path::name``) of every ``pytest.mark.bpmn`` below ``root``."""
    for path in sorted(root.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "mark.bpmn(" in text:
            name = path.relative_to(root.parent).as_posix()
            for construct, verdict, test in _marks_of(ast.parse(text, str(path)), name):
                yield construct, verdict, f"{name}::{test}"


def _marks_of(tree: ast.Module, path: str) -> Iterator[tuple[str, str, str]]:
    """Marks stand on a test, on a parameter, or in a list of parameters that a test's decorator names."""
    lists: dict[str, list[tuple[str, str]]] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            lists[node.targets[0].id] = list(_calls(node.value, path))
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test"):
            continue
        found = dict.fromkeys(lists.get("pytestmark", []))
        for decorator in node.decorator_list:
            found |= dict.fromkeys(_calls(decorator, path))
            for inner in ast.walk(decorator):
                if isinstance(inner, ast.Name):
                    found |= dict.fromkeys(lists.get(inner.id, []))
        for construct, verdict in found:
            yield construct, verdict, node.name


def _calls(tree: ast.AST, path: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "bpmn"):
            continue
        match [argument.value for argument in node.args if isinstance(argument, ast.Constant)]:
            case [str(construct), str(verdict)] if verdict in VERDICTS:
                yield construct, verdict
            case _:
                raise Refused(f"{path}:{node.lineno}: a mark names a construct and one of {', '.join(VERDICTS)}.")


def groups(root: Path = TESTS) -> dict[str, list[Row]]:
    """Return the rows by group: the catalogue's constructs, then what tests say beyond it.

    Raises:
        Refused: two tests disagree, or a mark is no mark.
    """
    table = {group: [Row(construct) for construct in constructs] for group, constructs in CATALOGUE.items()}
    rows = {row.construct: row for members in table.values() for row in members}
    for construct, verdict, test in marks(root):
        if construct not in rows:
            rows[construct] = Row(construct)
            table.setdefault("More", []).append(rows[construct])
        rows[construct].tests.setdefault(verdict, []).append(test)
    for row in rows.values():
        if len(row.tests) > 1:
            told = "; ".join(f"{verdict}: {', '.join(tests)}" for verdict, tests in row.tests.items())
            raise Refused(f"Tests disagree on '{row.construct}': {told}")
    table.get("More", []).sort(key=lambda row: row.construct)
    return table


def unproved(table: dict[str, list[Row]]) -> list[str]:
    """Return the constructs that no test speaks of."""
    return [row.construct for rows in table.values() for row in rows if not row.tests]


def page(table: dict[str, list[Row]]) -> str:
    """Return the whole page as Markdown."""
    parts = [HEAD]
    for group, rows in table.items():
        parts.append(f"\n## {group}\n\n| Construct | Verdict | Proved by |\n|---|---|---|\n")
        for row in rows:
            verdict = VERDICTS[next(iter(row.tests))] if row.tests else "not proved"
            tests = "<br>".join(f"`{test}`" for tests in row.tests.values() for test in dict.fromkeys(tests))
            parts.append(f"| {row.construct} | {verdict} | {tests} |\n")
    return "".join(parts)


def main() -> None:
    """Write the page, or check it."""
    try:
        table = groups()
    except Refused as refusal:
        sys.exit(str(refusal))
    missing = unproved(table)
    if "--check" not in sys.argv:
        PAGE.write_text(page(table), encoding="utf-8")
        if missing:
            print(f"No test speaks of: {', '.join(missing)}.")
    elif missing:
        sys.exit(f"No test speaks of: {', '.join(missing)}.")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page(table):
        sys.exit("docs/bpmn-support.md is out of date: run `python scripts/bpmn_support.py`.")


if __name__ == "__main__":
    main()
