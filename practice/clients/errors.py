"""What the records of clients refuse."""

from dataclasses import dataclass

from engine.errors import NotFound


@dataclass(eq=False, repr=False)
class ClientNotFound(NotFound):
    """There is no such client."""

    code = "client_not_found"
    number: str
