"""What saved filters refuse."""

from dataclasses import dataclass
from uuid import UUID

from engine.errors import Conflict, NotFound


@dataclass(eq=False, repr=False)
class TaskFilterNotFound(NotFound):
    """There is no such filter, or it is somebody else's."""

    code = "task_filter_not_found"
    filter_id: UUID


@dataclass(eq=False, repr=False)
class TaskFilterNameTaken(Conflict):
    """You have a filter of this name already."""

    code = "task_filter_name_taken"
    name: str


@dataclass(eq=False, repr=False)
class TooManyTaskFilters(Conflict):
    """Nobody keeps more filters than this: forget one first."""

    code = "too_many_task_filters"
    most: int
