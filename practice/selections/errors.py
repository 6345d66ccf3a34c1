"""What saved searches refuse."""

from dataclasses import dataclass

from engine.errors import Conflict, NotFound


@dataclass(eq=False, repr=False)
class SelectionNotFound(NotFound):
    """There is no such saved search, or it is somebody else's."""

    code = "selection_not_found"
    selection_id: str


@dataclass(eq=False, repr=False)
class SelectionNameTaken(Conflict):
    """You have a saved search of this name already."""

    code = "selection_name_taken"
    name: str
