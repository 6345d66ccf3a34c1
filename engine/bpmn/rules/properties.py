"""Can whoever follows a user task read what its properties say?"""

from collections.abc import Iterator

from engine import followers
from engine.bpmn import xml
from engine.bpmn.rules.bundle import Bundle, extensions_of, label
from engine.findings import Finding


def check(bundle: Bundle) -> Iterator[Finding]:
    """Yield every property of a user task whose text its reader refuses."""
    for model in bundle.models:
        for node in model.flow_nodes():
            if xml.local_name(node) != "userTask":
                continue
            for name, text in extensions_of(node).properties.items():
                flaw = followers.flaw_of(name, text)
                if flaw is not None:
                    yield Finding(
                        "error",
                        "property_invalid",
                        node.get("id"),
                        f"'{label(node)}' says {name} = '{text[:100]}': {flaw}",
                        f"Mend or remove the property '{name}'.",
                        model.resource,
                    )
