"""Is anything larger than we run, store or show? Looked at first: what is too large is not looked at any further."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from engine import limits
from engine.bpmn import xml
from engine.bpmn.extensions import BPMN, is_expression, split_list
from engine.bpmn.rules.bundle import FLOW_NODES, Bundle, Model, extensions_of, label
from engine.findings import Finding

#: Characters of what an extension says, where it is stored.
_EXTENSIONS: Final = {
    "formKey": limits.ID,
    "topic": limits.TOPIC,
    "decisionRef": limits.ID,
    "resultVariable": limits.VARIABLE_NAME,
    "assignee": limits.PERSON,
    "dueDate": limits.NAME,
    "priority": limits.NAME,
}
_PROPERTIES: Final = {"kind": limits.KIND, "stage": limits.KIND}
_NESTING: Final = frozenset({"subProcess", "transaction", "adHocSubProcess"})


def check(bundle: Bundle) -> Iterator[Finding]:
    """Yield what is too many, too deep or too long."""
    count = 0
    for model in bundle.models:
        for process in model.processes():
            here = sum(1 for node in process.iter(f"{{{BPMN}}}*") if xml.local_name(node) in FLOW_NODES)
            count += here
            if count > limits.FLOW_NODES:
                yield _error(
                    "too_many", process, f"Process '{label(process)}' has {here} elements; a bundle may have "
                    f"{limits.FLOW_NODES}.", model, "Split it: let a part be called.",
                )  # fmt: skip
                return
        yield from _texts(model)
        yield from _flows(model)
        for process in model.processes():
            yield from _nesting(model, process)
    yield from _calls(bundle)


def _texts(model: Model) -> Iterator[Finding]:
    for node in model.root.iter():
        if not isinstance(node.tag, str):
            continue
        owner = _owner(node)
        for name, value in node.items():
            most = {"id": limits.ID, "name": limits.NAME}.get(name, limits.TEXT)
            if len(value) > most:
                yield _too_long(owner, f"the attribute {name.rpartition('}')[2]}", len(value), most, model)
        if node.text and len(node.text) > limits.TEXT:
            yield _too_long(owner, "a text", len(node.text), limits.TEXT, model)
    for node in model.flow_nodes():
        extensions = extensions_of(node)
        known = [(name, extensions.get(name), most) for name, most in _EXTENSIONS.items()]
        known += [(name, extensions.properties.get(name), most) for name, most in _PROPERTIES.items()]
        groups = extensions.get("candidateGroups")
        if groups and not is_expression(groups):
            known += [("candidateGroups", group, limits.PERSON) for group in split_list(groups)]
        for name, text, most in known:
            if text and not is_expression(text) and len(text) > most:
                yield _too_long(node, name, len(text), most, model)


def _flows(model: Model) -> Iterator[Finding]:
    for node in model.flow_nodes():
        for word, flows in (("leave", model.leaving(node.get("id"))), ("enter", model.entering(node.get("id")))):
            if len(flows) > limits.FLOWS:
                message = f"{len(flows)} flows {word} '{label(node)}'; {limits.FLOWS} may."
                yield _error("too_many", node, message, model, "Loop over a list instead.")


def _nesting(model: Model, process: Any) -> Iterator[Finding]:
    pending: list[tuple[Any, int]] = [(process, 0)]
    while pending:
        holder, depth = pending.pop()
        if depth > limits.SUBPROCESS_DEPTH:
            message = f"Subprocess '{label(holder)}' stands more than {limits.SUBPROCESS_DEPTH} subprocesses deep."
            yield _error("too_deep", holder, message, model, "Let a part be a process that is called.")
            return
        pending += [(child, depth + 1) for child in holder if xml.local_name(child) in _NESTING]


def _calls(bundle: Bundle) -> Iterator[Finding]:
    """Yield the calls that lead back to where they stand, and those that lead too deep."""
    calls: dict[str, list[tuple[Model, Any]]] = {}
    for model in bundle.models:
        for process in model.processes():
            found = process.iter(f"{{{BPMN}}}callActivity")
            calls.setdefault(process.get("id") or "", []).extend((model, call) for call in found)
    depths: dict[str, int] = {}
    for start in sorted(calls):
        yield from _follow(start, calls, depths)


def _follow(start: str, calls: dict[str, list[tuple[Model, Any]]], depths: dict[str, int]) -> Iterator[Finding]:
    path: list[str] = []
    pending: list[tuple[str, Iterable[tuple[Model, Any]]]] = []

    def enter(key: str) -> None:
        path.append(key)
        depths[key] = 0
        pending.append((key, iter(calls.get(key, ()))))

    if start not in depths:
        enter(start)
    while pending:
        key, rest = pending[-1]
        for model, call in rest:
            called: str = call.get("calledElement") or ""
            if called in path:
                ring = " → ".join(_shown([*path[path.index(called) :], called]))
                message = f"'{label(call)}' calls a process that is calling it: {ring}."
                yield _error("recursion", call, message, model, "Draw a loop instead.")
            elif called not in depths:
                enter(called)
                break
            else:
                depths[key] = max(depths[key], depths[called] + 1)
            if depths[key] > limits.CALL_DEPTH:
                message = f"'{label(call)}' leads through more than {limits.CALL_DEPTH} calls."
                yield _error("too_deep", call, message, model)
                return
        else:
            pending.pop()
            path.pop()
            if pending:
                depths[pending[-1][0]] = max(depths[pending[-1][0]], depths[key] + 1)


def _shown(keys: list[str]) -> list[str]:
    return keys if len(keys) <= limits.SHOWN else [*keys[: limits.SHOWN], "…", keys[-1]]


def _owner(node: Any) -> Any:
    """The element with an id that a node belongs to."""
    while node.get("id") is None and node.getparent() is not None:
        node = node.getparent()
    return node


def _too_long(node: Any, what: str, length: int, most: int, model: Model) -> Finding:
    return _error("too_long", node, f"'{_short(label(node))}': {what} has {length} characters; {most} may be.", model)


def _short(text: str) -> str:
    return text if len(text) <= limits.SHORT else text[: limits.SHORT] + "…"


def _error(rule: str, node: Any, message: str, model: Model, repair: str | None = None) -> Finding:
    element_id = node.get("id")
    return Finding("error", rule, _short(element_id) if element_id else None, message, repair, model.resource)
