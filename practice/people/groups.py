"""The roles of a law firm; lanes and candidate groups of the shipped processes use these names."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

GROUPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "managing_partners": "Managing partners",
        "partners": "Partners",
        "unit_heads": "Heads of branches and departments",
        "lawyers": "Lawyers",
        "associates": "Associates",
        "court_representatives": "Court representatives",
        "case_managers": "Case managers",
        "secretaries": "Secretaries",
        "registrars": "Mail registrars",
        "reception": "Reception",
        "call_centre": "Call centre",
        "call_centre_heads": "Heads of the call centre",
        "cashiers": "Cashiers",
        "accountants": "Accountants",
        "conflicts_officers": "Conflicts officers",
        "archivists": "Archivists",
        "administrators": "Administrators",
        "auditors": "Auditors",
        "clients": "Clients",
        "co_counsels": "Co-counsel",
        "experts": "Experts",
        "designers": "Process designers",
        "supervisors": "Supervisors",
    }
)
