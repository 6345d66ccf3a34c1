"""What the separation of duties refuses."""

from dataclasses import dataclass
from uuid import UUID

from engine.errors import Forbidden


@dataclass(eq=False, repr=False)
class DutiesNotSeparated(Forbidden):
    """Another person has to do this: it checks a step that this one did."""

    code = "duties_not_separated"
    user_task_id: UUID
    username: str
    #: The step that they did.
    element_id: str
