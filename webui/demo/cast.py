"""The people of the demo firm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who works in the demo firm."""

    username: str
    full_name: str
    groups: tuple[str, ...]
    #: What to try when signed in as this person.
    does: str


CAST: Final = (
    Member(
        "rosa", "Rosa Lindqvist", ("reception",), "receives enquiries, answers partners' questions, writes declines"
    ),
    Member("daniel", "Daniel Okafor", ("call_centre",), "takes calls and starts enquiries"),
    Member("marta", "Marta Kowalczyk", ("call_centre_heads",), "leads the call centre; gives its work to others"),
    Member("olga", "Ольга Соколова", ("conflicts_officers",), "decides on conflicts of interest"),
    Member("katharina", "Katharina Vogel", ("managing_partners", "partners"), "decides enquiries; sees every matter"),
    Member("nikos", "Νίκος Σταυρίδης", ("partners",), "decides enquiries, signs claims off, confirms closings"),
    Member(
        "helen", "Helen Whitfield", ("partners", "unit_heads"), "decides enquiries, signs claims off, confirms closings"
    ),
    Member("amara", "Amara Diallo", ("lawyers",), "is responsible for matters"),
    Member("eleni", "Ελένη Μαρκοπούλου", ("lawyers",), "is responsible for matters"),
    Member("ivan", "Иван Кузнецов", ("lawyers",), "is responsible for matters"),
    Member("james", "James Thornton", ("lawyers",), "is responsible for matters"),
    Member("wenjing", "李文静", ("lawyers",), "is responsible for matters"),
    Member("tomas", "Tomás Herrera", ("court_representatives", "associates"), "stands in for lawyers in court"),
    Member("priya", "Priya Raman", ("case_managers",), "keeps matters moving; gives tasks to others"),
    Member("grace", "Grace Mbeki", ("secretaries",), "files claims, confirms service, enters hearing dates"),
    Member("anna", "Анна Белова", ("secretaries",), "files claims, confirms service, enters hearing dates"),
    Member("jonas", "Jonas Weber", ("registrars",), "records what comes from the court"),
    Member("lucia", "Lucía Fernández", ("cashiers",), "pays filing fees"),
    Member("zhiqiang", "陈志强", ("accountants",), "keeps the books"),
    Member("giorgos", "Γιώργος Αντωνίου", ("archivists",), "files closed matters away"),
    Member("samuel", "Samuel Brandt", ("supervisors",), "sees what stands still; chases, mends incidents"),
    Member("mei", "Mei Tanaka", ("designers",), "changes processes and deploys them"),
    Member("pierre", "Pierre Lefèvre", ("auditors",), "reads everything and changes nothing"),
    Member("ada", "Ada Nyström", ("administrators",), "manages people, deploys, mends, sees everything"),
)
