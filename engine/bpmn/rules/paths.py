"""Do the paths lead where they should? Link pairs, conditions on flows, joins that can never be complete."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from engine.bpmn import links, xml
from engine.bpmn.rules.bundle import ACTIVITIES, EVENTS, Bundle, Model, children, label
from engine.findings import Finding

_ONE_WAY = ("exclusiveGateway", "eventBasedGateway")


def check(bundle: Bundle) -> Iterator[Finding]:
    """Yield links without their other half, conditions nobody evaluates and joins that wait for ever."""
    for model in bundle.models:
        for node in model.flow_nodes():
            name = xml.local_name(node)
            if links.name_of(node) is not None:
                yield from _link(model, node)
            if name in EVENTS or name in ("parallelGateway", "eventBasedGateway"):
                yield from _conditions(model, node)
            if name == "parallelGateway" and len(model.entering(node.get("id"))) > 1:
                yield from _join(model, node)


# -- links --------------------------------------------------------------------------------------------


def _link(model: Model, node: Any) -> Iterator[Finding]:
    name = links.name_of(node)
    if not name:
        yield _link_error(model, node, f"Link event '{label(node)}' has no link name.", "Name the link.")
    elif xml.local_name(node) == "intermediateThrowEvent":
        yield from _link_throw(model, node, name)
    elif xml.local_name(node) == "intermediateCatchEvent":
        yield from _link_catch(model, node, name)


def _link_throw(model: Model, node: Any, name: str) -> Iterator[Finding]:
    catches = links.catches_of(node)
    elsewhere = [item for item in _link_events(model, "intermediateCatchEvent", name) if item not in catches]
    if not catches and elsewhere:
        yield _link_error(
            model,
            node,
            f"Link '{name}' leads from '{label(node)}' to '{label(elsewhere[0])}', which is in another scope.",
            "A link stays inside one process or subprocess: put both halves there.",
        )
    elif not catches:
        yield _link_error(
            model,
            node,
            f"Link '{name}' of '{label(node)}' leads nowhere.",
            f"Draw a link catch event with the link name '{name}'.",
        )
    if model.leaving(node.get("id")):
        yield _link_error(
            model, node, f"A flow leaves the link throw event '{label(node)}'.", "Remove the flow: the link leads on."
        )


def _link_catch(model: Model, node: Any, name: str) -> Iterator[Finding]:
    beside = [item for item in node.getparent() if links.name_of(item) == name]
    catches = [item for item in beside if xml.local_name(item) == "intermediateCatchEvent"]
    if catches[0] is not node:
        yield _link_error(
            model,
            node,
            f"Link '{name}' is caught twice, at '{label(catches[0])}' and at '{label(node)}'.",
            "Keep one link catch event; several throw events may lead to it.",
        )
    if not any(xml.local_name(item) == "intermediateThrowEvent" for item in beside):
        yield _link_error(
            model,
            node,
            f"Nothing in the same scope leads to link '{name}' at '{label(node)}'.",
            f"Draw a link throw event with the link name '{name}' beside it.",
        )
    if model.entering(node.get("id")):
        yield _link_error(
            model, node, f"A flow leads to the link catch event '{label(node)}'.", "Remove the flow, or the link."
        )


def _link_events(model: Model, kind: str, name: str) -> list[Any]:
    return [node for node in model.all(kind) if links.name_of(node) == name]


def _link_error(model: Model, node: Any, message: str, repair: str) -> Finding:
    return Finding("error", "link", node.get("id"), message, repair, model.resource)


# -- conditions ---------------------------------------------------------------------------------------


def _conditions(model: Model, node: Any) -> Iterator[Finding]:
    """A condition stands on a flow that leaves an activity, an exclusive or an inclusive gateway."""
    is_event = xml.local_name(node) in EVENTS
    for flow in model.leaving(node.get("id")):
        if children(flow, "conditionExpression"):
            yield Finding(
                "error" if is_event else "warning",
                "condition_ignored",
                flow.get("id"),
                f"Flow '{label(flow)}' has a condition, but '{label(node)}' evaluates none.",
                "Put an exclusive gateway behind it." if is_event else "Remove the condition.",
                model.resource,
            )


# -- joins --------------------------------------------------------------------------------------------


def _join(model: Model, join: Any) -> Iterator[Finding]:
    """Two flows of a parallel join that come from different ways out of one choice never both bring a token."""
    trails = [_trail(model, flow) for flow in model.entering(join.get("id"))]
    for one, other in combinations(trails, 2):
        choice = _choice_between(model, one, other)
        if choice is None:
            continue
        certain = not _may_get_several_tokens(model, choice)
        verdict = "waits for ever" if certain else "may wait for ever"
        yield Finding(
            "error" if certain else "warning",
            "join_never_complete",
            join.get("id"),
            f"Parallel gateway '{label(join)}' {verdict}: '{label(choice)}' sends a token along one of its flows only.",
            "Join exclusive ways with an exclusive gateway.",
            model.resource,
        )
        return


def _trail(model: Model, flow: Any) -> dict[str, str]:
    """The way back from a flow while it is the only one: elements, each with the flow or event it is left by."""
    trail: dict[str, str] = {}
    left_by = flow.get("id")
    node = model.nodes.get(flow.get("sourceRef"))
    while node is not None and node.get("id") not in trail:
        trail[node.get("id")] = left_by
        if xml.local_name(node) == "boundaryEvent":
            left_by, node = node.get("id"), model.nodes.get(node.get("attachedToRef"))
            continue
        before = model.entering(node.get("id"))
        if len(before) != 1:
            break
        left_by, node = before[0].get("id"), model.nodes.get(before[0].get("sourceRef"))
    return trail


def _choice_between(model: Model, one: dict[str, str], other: dict[str, str]) -> Any | None:
    """The nearest element of both trails, when a token leaves it by one of the two ways only."""
    common = next((node_id for node_id in one if node_id in other), None)
    if common is None or one[common] == other[common]:
        return None
    node = model.nodes[common]
    if xml.local_name(node) in _ONE_WAY:
        return node
    exits = [model.nodes.get(way) for way in (one[common], other[common])]
    interrupts = any(
        exit_ is not None and xml.local_name(exit_) == "boundaryEvent" and exit_.get("cancelActivity") != "false"
        for exit_ in exits
    )
    return node if interrupts else None


def _may_get_several_tokens(model: Model, choice: Any) -> bool:
    """Say whether more than one token may pass a choice: then both its ways may be taken."""
    seen: set[str] = set()
    starts = 0
    pending = [choice]
    while pending:
        node = pending.pop()
        if node is None or node.get("id") in seen:
            continue
        seen.add(node.get("id"))
        if node is not choice and _makes_tokens(model, node):
            return True
        if xml.local_name(node) == "boundaryEvent":
            pending.append(model.nodes.get(node.get("attachedToRef")))
        elif xml.local_name(node) == "startEvent":
            starts += 1
        for source in _sources(model, node):
            if source is choice:
                return True  # in a circle
            pending.append(source)
    return starts != 1


def _sources(model: Model, node: Any) -> list[Any]:
    found = [model.nodes.get(flow.get("sourceRef")) for flow in model.entering(node.get("id"))]
    if links.name_of(node) is not None:
        found.extend(item for item in node.getparent() if links.target_of(item) is node)
    return found


def _makes_tokens(model: Model, node: Any) -> bool:
    name = xml.local_name(node)
    if name == "boundaryEvent" and node.get("cancelActivity") == "false":
        return True
    splits = name in ("parallelGateway", "inclusiveGateway") or name in ACTIVITIES or name in EVENTS
    return splits and len(model.leaving(node.get("id"))) > 1


__all__ = ["check"]
