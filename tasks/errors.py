"""What this package refuses, beside what the layers below refuse."""

from dataclasses import dataclass

from engine.errors import Conflict, Invalid


@dataclass(eq=False)
class DraftOutdated(Conflict):
    """This form was saved from another window meanwhile."""

    code = "draft_outdated"
    #: The version that is stored.
    version: int


@dataclass(eq=False)
class DraftTooLarge(Invalid):
    """A draft holds at most 256 KiB."""

    code = "draft_too_large"
    size: int


@dataclass(eq=False)
class FilterInvalid(Invalid):
    """The list cannot be filtered like this."""

    code = "filter_invalid"
    field: str
    value: str
