"""What is refused about units and staff records."""

from dataclasses import dataclass

from engine.errors import Conflict, Invalid, NotFound


@dataclass(eq=False, repr=False)
class OrgUnitNotFound(NotFound):
    """There is no such branch or department."""

    code = "org_unit_not_found"
    org_unit: str


@dataclass(eq=False, repr=False)
class OrgUnitCodeTaken(Conflict):
    """Another branch or department has this code."""

    code = "org_unit_code_taken"
    field: str
    org_unit: str


@dataclass(eq=False, repr=False)
class OrgTreeCyclic(Invalid):
    """A unit cannot lie under itself or under what lies under it."""

    code = "org_tree_cyclic"
    field: str
    org_unit: str
    under: str


@dataclass(eq=False, repr=False)
class OrgUnitClosed(Conflict):
    """This branch or department is closed."""

    code = "org_unit_closed"
    org_unit: str


@dataclass(eq=False, repr=False)
class OrgUnitInUse(Conflict):
    """Somebody still works in this unit, or an open unit lies under it."""

    code = "org_unit_in_use"
    org_unit: str
    #: Usernames and codes of units.
    because_of: list[str]


@dataclass(eq=False, repr=False)
class FactInvalid(Invalid):
    """A value is missing, too long or not of its kind."""

    code = "fact_invalid"
    field: str
    value: str


@dataclass(eq=False, repr=False)
class LeftBeforeJoining(Invalid):
    """The last day of work lies before the first."""

    code = "left_before_joining"
    field: str
    joined_on: str
    left_on: str
