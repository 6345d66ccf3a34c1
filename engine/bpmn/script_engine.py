"""The one choke point where a model's text is evaluated: FEEL, and never Python."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.feel import expressions


class NoFlowTaken(Exception):
    """No condition holds and there is no default flow."""


class ConditionNotBoolean(Exception):
    """A condition gave something else than true, false or null."""

    def __init__(self, expression: str, value: Any) -> None:
        super().__init__(f"The condition gave {value!r} where true or false was expected.")
        self.expression = expression


class FeelScriptEngine:
    """What SpiffWorkflow asks to evaluate; one for each instance at work, so that it can carry the instant."""

    def __init__(self, now: datetime) -> None:
        #: The instant of the step, for timers.
        self.now = now
        self.environment = self

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Any:
        """Evaluate FEEL over a token's data (or over a plain mapping)."""
        context: Mapping[str, Any] = task if isinstance(task, dict) else task.data
        return expressions.evaluate(expression, context, now=self.now)

    def evaluate_many(self, texts: list[str], context: Mapping[str, Any]) -> list[Any]:
        """Evaluate several FEEL texts over the same data in one call."""
        return expressions.evaluate_many(texts, context, now=self.now) if texts else []

    def choose(self, task: Any, flows: list[tuple[Any, str]], *, every: bool) -> list[str]:
        """Return the targets of the flows that a gateway's token takes, in the order of the model.

        ``flows`` are (condition or None, target) pairs; None marks the default flow. All conditions are
        evaluated in one call. With ``every`` all that hold are taken (inclusive), else the first one.

        Raises:
            NoFlowTaken: nothing holds and there is no default.
            ConditionNotBoolean: a condition is neither true, false nor null.
        """
        conditional = [(condition.args[0], target) for condition, target in flows if condition is not None]
        default = next((target for condition, target in flows if condition is None), None)
        taken = self.targets_that_hold(task, conditional)
        return self.some_flow(taken if every else taken[:1], default)

    def targets_that_hold(self, task: Any, conditional: list[tuple[str, str]]) -> list[str]:
        """Return the targets whose conditions hold, in the order given; all are evaluated in one call.

        Raises:
            ConditionNotBoolean: a condition is neither true, false nor null.
        """
        results = self.evaluate_many([text for text, _ in conditional], task.data)
        return [target for (text, target), result in zip(conditional, results, strict=True) if is_true(text, result)]

    def some_flow(self, taken: list[str], default: str | None) -> list[str]:
        """Return the flows taken, or else the default flow.

        Raises:
            NoFlowTaken: there is neither.
        """
        if taken:
            return taken
        if default is None:
            raise NoFlowTaken("No condition holds and there is no default flow.")
        return [default]


def is_true(condition: str, result: Any) -> bool:
    """Say whether a condition's result is true; null is not.

    Raises:
        ConditionNotBoolean: it is neither true, false nor null.
    """
    if result is not None and not isinstance(result, bool):
        raise ConditionNotBoolean(condition, result)
    return result is True
