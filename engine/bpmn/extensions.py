"""What a designer wrote beside the BPMN: ``camunda:`` attributes, properties and mappings.

The files stay readable for the desktop modelers designers know; section 6 of the design shows an
example. Source of the names: the Camunda 7 extension elements, https://docs.camunda.org/manual/7.22/reference/bpmn20/.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"


class Mapping(NamedTuple):
    """``camunda:inputOutput``: names and texts; a text that begins with ``=`` is FEEL, any other is itself."""

    inputs: tuple[tuple[str, str], ...] = ()
    outputs: tuple[tuple[str, str], ...] = ()

    @property
    def expressions(self) -> list[str]:
        """Every FEEL text of the mapping."""
        return [text for _, text in (*self.inputs, *self.outputs) if is_expression(text)]


@dataclass(frozen=True, slots=True)
class Extensions:
    """Everything ``camunda:`` on one element."""

    attributes: dict[str, str] = field(default_factory=dict[str, str])
    properties: dict[str, str] = field(default_factory=dict[str, str])
    mapping: Mapping = field(default_factory=Mapping)

    def get(self, name: str) -> str | None:
        """Return an attribute's text without surrounding space, or None when it is absent or empty."""
        text = self.attributes.get(name, "").strip()
        return text or None


def read(node: Any) -> Extensions:
    """Read the extensions of one BPMN element; a subprocess does not absorb its children's."""
    prefix = f"{{{CAMUNDA}}}"
    attributes = {name.removeprefix(prefix): value for name, value in node.attrib.items() if name.startswith(prefix)}
    properties: dict[str, str] = {}
    inputs: list[tuple[str, str]] = []
    outputs: list[tuple[str, str]] = []
    for holder in node.findall(f"{{{BPMN}}}extensionElements"):
        for item in holder.findall(f"{prefix}properties/{prefix}property"):
            properties[item.get("name", "")] = item.get("value", "")
        inputs.extend(_named_texts(holder.findall(f"{prefix}inputOutput/{prefix}inputParameter")))
        outputs.extend(_named_texts(holder.findall(f"{prefix}inputOutput/{prefix}outputParameter")))
    return Extensions(attributes, properties, Mapping(tuple(inputs), tuple(outputs)))


def _named_texts(nodes: list[Any]) -> list[tuple[str, str]]:
    return [(node.get("name", ""), (node.text or "").strip()) for node in nodes]


def is_expression(text: str | None) -> bool:
    """Say whether a text that may be either is FEEL (it begins with ``=``) rather than itself."""
    return text is not None and text.lstrip().startswith("=")


def split_list(text: str | None) -> list[str]:
    """Split a comma-separated attribute."""
    return [item.strip() for item in (text or "").split(",") if item.strip()]
