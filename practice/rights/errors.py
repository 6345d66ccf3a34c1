"""What is refused about rights."""

from dataclasses import dataclass

from engine.errors import Conflict, Forbidden, Invalid, NotFound


@dataclass(eq=False, repr=False)
class TwoPersonsNeeded(Forbidden):
    """Rights are changed by two persons: one proposes, another decides."""

    code = "two_persons_needed"
    what: str


@dataclass(eq=False, repr=False)
class OwnProposal(Forbidden):
    """Nobody decides what they proposed themselves, or what is about their own rights."""

    code = "own_proposal"
    rights_change_id: str


@dataclass(eq=False, repr=False)
class RightsChangeNotFound(NotFound):
    """There is no such proposal."""

    code = "rights_change_not_found"
    rights_change_id: str


@dataclass(eq=False, repr=False)
class RightsChangeDecided(Conflict):
    """This proposal has been decided already."""

    code = "rights_change_decided"
    rights_change_id: str
    state: str


@dataclass(eq=False, repr=False)
class RightsChangeOutdated(Conflict):
    """What the proposal would change is no longer as it was when it was made; it has to be made anew."""

    code = "rights_change_outdated"
    rights_change_id: str


@dataclass(eq=False, repr=False)
class RuleInvalid(Invalid):
    """A rule needs an effect, an action, and a client or a kind of event that are known."""

    code = "rule_invalid"
    field: str
    value: str


@dataclass(eq=False, repr=False)
class RuleNotFound(NotFound):
    """There is no such rule."""

    code = "rule_not_found"
    right_rule_id: str


@dataclass(eq=False, repr=False)
class ReasonMissing(Invalid):
    """A change of rights needs a reason of at most 2,000 characters."""

    code = "reason_missing"
    field: str


@dataclass(eq=False, repr=False)
class NothingToChange(Invalid):
    """It is like this already."""

    code = "nothing_to_change"
    field: str
