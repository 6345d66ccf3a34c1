"""What can be wrong with an expression or a decision."""

from dataclasses import dataclass, field

from engine.errors import Invalid, MatterflowError


@dataclass(eq=False)
class FeelError(Invalid):
    """An expression cannot be read or evaluated."""

    code = "feel_error"
    expression: str
    message: str


@dataclass(eq=False)
class FeelTimeout(FeelError):
    """An expression took longer than it may."""

    code = "feel_timeout"


@dataclass(eq=False)
class FeelUnavailable(MatterflowError):
    """The FEEL interpreter is not built: run the command."""

    code = "feel_unavailable"
    path: str
    command: str


@dataclass(eq=False)
class DecisionInvalid(Invalid):
    """A decision model cannot be read."""

    code = "decision_invalid"
    element_id: str | None
    message: str
    #: The file of the bundle.
    resource: str | None = None


@dataclass(eq=False)
class DecisionFailed(Invalid):
    """A decision has no answer that its hit policy or its result mapping allows."""

    code = "decision_failed"
    decision_id: str
    message: str
    rules: list[str] = field(default_factory=list)
