"""The business errors that a delegate may raise; nothing here knows the engine."""

from collections.abc import Mapping
from typing import Any


class BpmnError(Exception):
    """A business error for the process to handle: an error boundary event or an error event subprocess catches it.

    What the delegate has written before it raises is undone; facts for the handler go into ``variables``.
    An error that nothing catches is an incident at the service task, at once: it is not tried again.
    """

    def __init__(self, code: str, message: str | None = None, variables: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message
        #: Put into the handler's variables.
        self.variables = dict(variables or {})
