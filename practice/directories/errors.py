"""What the directories refuse."""

from dataclasses import dataclass

from engine.errors import Conflict, Invalid, NotFound


@dataclass(eq=False, repr=False)
class DirectoryUnknown(NotFound):
    """There is no such directory."""

    code = "directory_unknown"
    directory: str


@dataclass(eq=False, repr=False)
class EntryNotFound(NotFound):
    """The directory has no such entry."""

    code = "directory_entry_not_found"
    directory: str
    key: str


@dataclass(eq=False, repr=False)
class EntryUnknown(Invalid):
    """This field takes an entry of a directory, and the directory has no such one that is switched on."""

    code = "directory_entry_unknown"
    field: str
    directory: str
    key: str


@dataclass(eq=False, repr=False)
class EntryKeyTaken(Conflict):
    """The directory has an entry of this key already."""

    code = "directory_entry_key_taken"
    directory: str
    key: str


@dataclass(eq=False, repr=False)
class EntryUnderItself(Invalid):
    """An entry cannot lie under itself or under an entry below it."""

    code = "directory_entry_under_itself"
    field: str
    key: str


@dataclass(eq=False, repr=False)
class DirectoryTooDeep(Invalid):
    """A directory has at most ten levels."""

    code = "directory_too_deep"
    field: str
    key: str
