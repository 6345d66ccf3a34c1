"""What is wrong with a bundle, and how to mend it."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check found."""

    #: ``error`` (refused) or ``warning``.
    severity: str
    #: The rule's stable name.
    rule: str
    #: The BPMN, DMN or form element; None when the whole file is meant.
    element_id: str | None
    message: str
    #: What the designer can do about it.
    repair: str | None = None
    #: The file of the bundle.
    resource: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the finding ready for JSON."""
        return asdict(self)


def has_errors(findings: list[Finding]) -> bool:
    """Say whether a bundle with these findings is refused."""
    return any(finding.severity == "error" for finding in findings)
