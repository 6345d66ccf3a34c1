"""What the records of parties refuse."""

from dataclasses import dataclass

from engine.errors import Conflict, Invalid, NotFound
from practice.errors import VariableInvalid


@dataclass(eq=False, repr=False)
class PartyNotFound(NotFound):
    """There is no such party."""

    code = "party_not_found"
    party_id: str


@dataclass(eq=False, repr=False)
class PartyIsMerged(Conflict):
    """This party turned out to be another one; go on there."""

    code = "party_is_merged"
    party_id: str
    merged_into: str


@dataclass(eq=False, repr=False)
class MergedIntoItself(Invalid):
    """A party cannot be merged into itself."""

    code = "merged_into_itself"
    field: str
    party_id: str


@dataclass(eq=False, repr=False)
class RelatedToItself(Invalid):
    """A party cannot be related to itself."""

    code = "related_to_itself"
    field: str
    party_id: str


@dataclass(eq=False, repr=False)
class PartiesDiffer(Conflict):
    """A person and an organisation cannot be one party."""

    code = "parties_differ"
    first: str
    second: str


@dataclass(eq=False, repr=False)
class NameWithoutLetters(VariableInvalid):
    """A name needs at least one letter or digit."""

    code = "name_without_letters"


@dataclass(eq=False, repr=False)
class MainNameNeeded(Conflict):
    """A party keeps its main name; give it another main name instead."""

    code = "main_name_needed"
    name: str


@dataclass(eq=False, repr=False)
class PartiesOppose(Conflict):
    """These two stand on two sides of one matter: they cannot be one party."""

    code = "parties_oppose"
    first: str
    second: str
