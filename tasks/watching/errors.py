"""What watching refuses."""

from dataclasses import dataclass

from engine.errors import Conflict, NotFound


@dataclass(eq=False, repr=False)
class NothingToWatch(NotFound):
    """There is no matter or enquiry of this number."""

    code = "nothing_to_watch"
    business_key: str


@dataclass(eq=False, repr=False)
class TooManyWatches(Conflict):
    """Nobody watches more things than this: stop watching some first."""

    code = "too_many_watches"
    most: int
