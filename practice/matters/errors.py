"""What matters refuse beside ``practice.errors``."""

from dataclasses import dataclass

from engine.errors import Conflict, Forbidden, Invalid, NotFound


@dataclass(eq=False, repr=False)
class NotOnTheTeam(Forbidden):
    """Only people on the matter's team change it."""

    code = "not_on_the_team"
    number: str
    username: str


@dataclass(eq=False, repr=False)
class AlreadyOnTheTeam(Conflict):
    """The person has this role on the team already."""

    code = "already_on_the_team"
    number: str
    username: str
    role: str


@dataclass(eq=False, repr=False)
class TeamMemberNotFound(NotFound):
    """The person is not on the matter's team."""

    code = "team_member_not_found"
    number: str
    username: str


@dataclass(eq=False, repr=False)
class ResponsibleIsNeeded(Conflict):
    """Somebody answers for every matter: name another lawyer first."""

    code = "responsible_is_needed"
    number: str
    username: str


@dataclass(eq=False, repr=False)
class PartyAlreadyThere(Conflict):
    """The party is in the matter in this role already."""

    code = "party_already_there"
    number: str
    name: str
    role: str


@dataclass(eq=False, repr=False)
class MatterPartyNotFound(NotFound):
    """The matter has no such party."""

    code = "matter_party_not_found"
    number: str
    party_id: str


@dataclass(eq=False, repr=False)
class ClientIsNeeded(Conflict):
    """The client stays in the matter that is kept for it."""

    code = "client_is_needed"
    number: str


@dataclass(eq=False, repr=False)
class MatterRelatedToItself(Invalid):
    """A matter has nothing to do with itself."""

    code = "matter_related_to_itself"
    field: str
    number: str


@dataclass(eq=False, repr=False)
class ConflictNeedsDecision(Conflict):
    """The names are known from elsewhere and somebody has to decide: file an enquiry, its intake asks a partner."""

    code = "conflict_needs_decision"
    #: In words: who, and known from where.
    reasons: list[str]
