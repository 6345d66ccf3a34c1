"""Making the firm: every table's rows, drawn from one seed."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from benchmarks.firm import names
from benchmarks.firm.loading import Loader, analyse, hurried
from benchmarks.firm.plan import BRANCHES, DEPARTMENTS, SINCE, TODAY, Plan, groups_of, username
from benchmarks.kept import Stage
from engine import database
from engine.models import Base
from practice.audit import chain
from practice.name_index import operations as name_index
from practice.parties.names import fold, normalise

_LOADED = (
    "party", "party_name", "client", "matter", "matter_party", "matter_member", "proceeding", "event",
    "event_responsible", "deadline", "enquiry", "enquiry_party", "audit_event", "audit_seal",
)  # fmt: skip
COURTS = ("Taipei District Court", "Арбитражный суд", "Πρωτοδικείο Αθηνών", "High Court", "Handelsgericht Wien")
KINDS = ("matter_facts_changed", "deadline_verified", "event_ended", "party_recorded", "team_changed", "call_noted")


class Firm:
    """One generated firm on its way into one database."""

    def __init__(self, engine: Engine, plan: Plan, progress: Callable[[str, int], None], *, seed: int = 4) -> None:
        self._engine, self._plan, self._progress = engine, plan, progress
        self._random = Random(seed)
        #: Seconds by stage.
        self.seconds: dict[str, float] = {}

    def generate(self) -> None:
        """Fill the database; it has the groups and the directories of a new installation."""
        with hurried(self._engine) as connection:
            loader = Loader(connection, self._progress)
            self._is_sqlite = loader.is_sqlite
            tables = [name for name in _LOADED if name in Base.metadata.tables]
            began = time.monotonic()
            with loader.without_indexes(tables):
                for stage in (self._people, self._parties, self._matters, self._work, self._enquiries, self._trail):
                    stage(loader, connection)
                    self.seconds[stage.__name__.strip("_")] = time.monotonic() - began
                    began = time.monotonic()
            self.seconds["indexes"] = time.monotonic() - began
        began = time.monotonic()
        self._index_names()
        self.seconds["names"] = time.monotonic() - began
        began = time.monotonic()
        analyse(self._engine)
        self.seconds["analysis"] = time.monotonic() - began

    def _index_names(self) -> None:
        """Make the index that conflict checks look names up in."""
        self._progress("index of names", 0)
        with database.transaction(self._engine) as session:
            parties = ((UUID(self._id(3, n)), [name]) for n, name in enumerate(self._names))
            name_index.put_many(session, "party", parties)
            name_index.pack(session)
            name_index.note_current(session)

    # -- values as the database takes them -------------------------------------------------------------------

    def _id(self, table: int, number: int) -> str:
        """Return an id that grows with its number, as real ones grow with time."""
        text = f"{0x019900000000 + number // 4096:012x}7{number % 4096:03x}8{table:03x}{number:012x}"
        return text if self._is_sqlite else f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def _at(self, instant: datetime) -> str:
        text = instant.strftime("%Y-%m-%d %H:%M:%S.%f")
        return text if self._is_sqlite else f"{text}+00"

    def _when(self, number: int, of: int) -> datetime:
        """Return an instant of the firm's years, later for higher numbers."""
        return SINCE + (TODAY - SINCE) * (number / of)

    # -- stages ----------------------------------------------------------------------------------------------

    def _people(self, loader: Loader, connection: Any) -> None:
        plan, began = self._plan, self._at(SINCE)
        known = set(connection.scalars(sa.text("SELECT name FROM user_group")))
        units = [(self._id(1, 0), "house", "Matterflow & Partner", "branch", None, began)]
        for b, branch in enumerate(BRANCHES):
            units.append((self._id(1, 1 + b), branch.lower(), branch, "branch", self._id(1, 0), began))
            for d, department in enumerate(DEPARTMENTS):
                name = f"{branch} {department}"
                code = name.lower().replace(" ", "-")
                units.append((self._id(1, 100 + 4 * b + d), code, name, "department", self._id(1, 1 + b), began))
        loader.load("org_unit", ("id", "code", "name", "kind", "parent_id", "created_at"), units)
        above = {unit[0]: unit[4] for unit in units}
        reach = [(unit, unit) for unit in above]
        for unit in list(above):
            over = above[unit]
            while over is not None:
                reach.append((over, unit))
                over = above[over]
        loader.load("org_unit_reach", ("ancestor_id", "unit_id"), reach)
        self._departments = [unit[0] for unit in units if unit[3] == "department"]
        accounts = [
            (self._id(2, n), username(n), f"{names.person(n, self._random)[0]} {n}", True, began)
            for n in range(plan.people)
        ]
        loader.load("user_account", ("id", "username", "full_name", "is_active", "created_at"), accounts)
        memberships = [(self._id(2, n), group) for n in range(plan.people) for group in groups_of(n) if group in known]
        loader.load("membership", ("user_id", "group_name"), memberships)
        staff = [(username(n), self._departments[n % len(self._departments)], "[]") for n in range(plan.people)]
        loader.load("staff_record", ("username", "org_unit_id", "languages"), staff)
        self._lawyers = [username(n) for n in range(plan.people) if "lawyers" in groups_of(n)]
        self._partners = [username(n) for n in range(plan.people) if "partners" in groups_of(n)]
        self._helpers = [username(n) for n in range(plan.people) if {"case_managers", "secretaries"} & {*groups_of(n)}]

    def _parties(self, loader: Loader, _connection: Any) -> None:
        plan, random = self._plan, self._random
        total = plan.clients + plan.opponents
        self._names: list[str] = []
        self._normalised: list[str] = []
        parties: list[tuple[Any, ...]] = []
        written: list[tuple[Any, ...]] = []
        seen: set[str] = set()
        for n in range(total):
            kind = "organisation" if random.random() < 0.3 else "person"
            name, script = (names.company if kind == "organisation" else names.person)(n, random)
            normalised = normalise(name)
            key = normalised if normalised not in seen else f"{normalised} #{n}"
            seen.add(normalised)
            self._names.append(name)
            self._normalised.append(normalised)
            at, by = self._at(self._when(n, total)), random.choice(self._lawyers)
            parties.append((self._id(3, n), kind, name, key, at, by, False, fold(name)))
            written.append((self._id(4, n), self._id(3, n), "main", name, normalised, script, at, by))
        columns = ("id", "kind", "name", "normalised_name", "created_at", "created_by", "is_discreet", "search_text")
        loader.load("party", columns, parties)
        columns = ("id", "party_id", "kind", "written", "normalised", "script", "created_at", "created_by")
        loader.load("party_name", columns, written)
        clients = (
            (self._id(5, n), f"C-{n + 1:06}", self._id(3, n), self._when(n, total).date().isoformat(), "system")
            for n in range(plan.clients)
        )
        self._clients(loader, clients)

    def _clients(self, loader: Loader, rows: Iterator[tuple[Any, ...]]) -> None:
        since: Any = Base.metadata.tables["client"].c.since.type
        if isinstance(since, sa.Date):
            loader.load("client", ("id", "number", "party_id", "since", "created_by"), rows)
        else:
            instants = (
                (*row[:3], f"{row[3]} 08:00:00.000000" + ("" if self._is_sqlite else "+00"), row[4]) for row in rows
            )
            loader.load("client", ("id", "number", "party_id", "since", "created_by"), instants)

    def _matters(self, loader: Loader, connection: Any) -> None:
        plan, random = self._plan, self._random
        matters: list[tuple[Any, ...]] = []
        sides: list[tuple[Any, ...]] = []
        team: list[tuple[Any, ...]] = []
        self._matter_clients: list[int] = []
        self._numbers: list[str] = []
        per_year: dict[int, int] = {}
        for n in range(plan.matters):
            opened = self._when(n, plan.matters)
            per_year[opened.year] = per_year.get(opened.year, 0) + 1
            number = f"{opened.year}-CV-{per_year[opened.year]:05}"
            client = int(plan.clients * random.random() ** 1.5)
            against = plan.clients + random.randrange(plan.opponents)
            lawyer, at = random.choice(self._lawyers), self._at(opened)
            is_archived = (TODAY - opened).days > 400 and random.random() < 0.9
            chance = random.random()
            secrecy = "secret" if chance < 0.005 else "restricted" if chance < 0.03 else "ordinary"
            court, ours, theirs = random.choice(COURTS), self._names[client], self._names[against]
            title, matter_id = f"{ours} ./. {theirs}", self._id(6, n)
            matters.append((
                matter_id, number, title, "civil", self._id(3, client), ours, theirs, lawyer, court, f"{n % 900} C {n}",
                fold(f"{number} {ours} {theirs} {court}"), "archived" if is_archived else "open", at,
                self._at(opened + timedelta(days=380)) if is_archived else None, secrecy,
                self._departments[n % len(self._departments)],
            ))  # fmt: skip
            sides += [(matter_id, self._id(3, client), "client"), (matter_id, self._id(3, against), "opponent")]
            team.append((matter_id, lawyer, "responsible", at, None))
            if random.random() < 0.3:
                team.append((matter_id, random.choice(self._partners), "approver", at, None))
            for helper in random.sample(self._helpers, random.choice((0, 1, 1, 2))):
                left = self._at(opened + timedelta(days=90)) if random.random() < 0.2 else None
                team.append((matter_id, helper, "member", at, left))
            self._numbers.append(number)
            self._matter_clients.append(client)
        columns = (
            "id", "number", "title", "case_type", "client_party_id", "client_name", "opponent_name", "responsible",
            "court", "court_number", "search_text", "state", "opened_at", "archived_at", "confidentiality",
            "org_unit_id",
        )  # fmt: skip
        loader.load("matter", columns, matters)
        loader.load("matter_party", ("matter_id", "party_id", "role"), sides)
        loader.load("matter_member", ("matter_id", "username", "role", "since", "until"), team)
        self._walls(loader)

    def _walls(self, loader: Loader) -> None:
        """Put walls up: 30 matters and one client each, and 20 people outside."""
        random, at, plan = self._random, self._at(TODAY - timedelta(days=100)), self._plan
        walls: list[tuple[Any, ...]] = []
        outside: list[tuple[Any, ...]] = []
        scopes: list[tuple[Any, ...]] = []
        for w in range(plan.walls):
            wall = self._id(7, w)
            walls.append(
                (wall, f"W-{w:04}", f"Wall {w}", "excluding", "conflict", "Former client", "up", at, "p270", "p271", at)
            )
            outside += [(wall, person, "out", at, "p270") for person in random.sample(self._lawyers, 20)]
            around = random.sample(range(plan.matters), min(30, plan.matters))
            scopes += [(self._id(8, 100 * w + i), wall, self._id(6, m), None) for i, m in enumerate(around)]
            scopes.append((self._id(8, 100 * w + 99), wall, None, self._id(3, random.randrange(plan.clients))))
        columns = (
            "id", "number", "name", "kind", "basis", "reason", "state", "requested_at", "requested_by", "approved_by",
            "up_at",
        )  # fmt: skip
        loader.load("wall", columns, walls)
        loader.load("wall_member", ("wall_id", "username", "side", "added_at", "added_by"), outside)
        loader.load("wall_scope", ("id", "wall_id", "matter_id", "client_party_id"), scopes)

    def _work(self, loader: Loader, connection: Any) -> None:
        plan, random = self._plan, self._random
        kinds = self._event_kinds(connection)
        proceedings = (
            (self._id(9, n), self._id(6, n), 1, "first_instance", random.choice(COURTS), f"{n} O {n % 99}", "open",
             self._when(n, plan.proceedings).date().isoformat(), self._at(self._when(n, plan.proceedings)), "system")
            for n in range(min(plan.proceedings, plan.matters))
        )  # fmt: skip
        columns = (
            "id", "matter_id", "number", "level", "court", "court_number", "state", "opened_on", "created_at",
            "created_by",
        )  # fmt: skip
        loader.load("proceeding", columns, proceedings)
        loader.load(
            "event",
            ("id", "matter_id", "kind_id", "title", "planned_start_at", "planned_end_at", "started_at", "ended_at",
             "state", "ended_by", "created_at", "created_by"),
            self._events(kinds),
        )  # fmt: skip
        responsible = ((self._id(10, n), random.choice(self._lawyers)) for n in range(plan.events))
        loader.load("event_responsible", ("event_id", "username"), responsible)
        loader.load(
            "deadline", tuple(self._deadline(0)), (tuple(self._deadline(n).values()) for n in range(plan.deadlines))
        )

    def _event_kinds(self, connection: Any) -> list[str]:
        found = sa.text("SELECT id FROM directory_entry WHERE directory = 'event_kind' AND required_right IS NULL")
        return [str(value) for value in connection.scalars(found)]

    def _events(self, kinds: list[str]) -> Iterator[tuple[Any, ...]]:
        plan, random = self._plan, self._random
        for n in range(plan.events):
            planned = self._when(n, plan.events) + timedelta(days=random.randrange(60))
            until, over = planned + timedelta(hours=1), planned < TODAY
            start, end = (self._at(planned), self._at(until)) if over else (None, None)
            yield (
                self._id(10, n), self._id(6, n * plan.matters // plan.events), kinds[n % len(kinds)], f"Event {n}",
                self._at(planned), self._at(until), start, end, "ended" if over else "planned", "any",
                self._at(self._when(n, plan.events)), random.choice(self._lawyers),
            )  # fmt: skip

    def _deadline(self, n: int) -> dict[str, Any]:
        plan = self._plan
        due = TODAY + timedelta(days=n % 700 - 300)
        day = due.date().isoformat()
        is_over = due < TODAY
        at, by = self._at(due - timedelta(days=40)), self._lawyers[n % len(self._lawyers)]
        matter = plan.matters - 1 - (n * 7919) % min(plan.matters, plan.deadlines)
        ended: dict[str, Any] = {"ended_by": None, "ended_at": None, "end_reason": None}
        if is_over:
            ended = {"ended_by": by, "ended_at": self._at(due), "end_reason": "Filed"}
        return {
            "id": self._id(11, n), "matter_id": self._id(6, matter), "name": f"Appeal {n}", "pack_confirmed": False,
            "computed_on": day, "due_on": day, "sort_on": day, "steps": "[]", "is_provisional": False,
            "is_fatal": False, "persons": 1, "citation": "1", "source": "letter",
            "responsible": by, "state": "met" if is_over else "proposed", "created_by": by, "created_at": at,
            **ended,
        }  # fmt: skip

    def _enquiries(self, loader: Loader, _connection: Any) -> None:
        plan, random = self._plan, self._random
        rows: list[tuple[Any, ...]] = []
        named: list[tuple[Any, ...]] = []
        for n in range(plan.enquiries):
            at = self._when(n, plan.enquiries)
            number = f"E-{at.year}-{n:06}"
            a, b = random.randrange(plan.clients), plan.clients + random.randrange(plan.opponents)
            ours, theirs = self._names[a], self._names[b]
            is_open = n > plan.enquiries * 0.99
            rows.append((
                self._id(12, n), number, ours, theirs, "civil", fold(f"{number} {ours} {theirs}"),
                "open" if is_open else "declined", self._at(at), username(290 + n % 10),
                None if is_open else self._at(at),
            ))  # fmt: skip
            first, second = self._normalised[a], self._normalised[b]
            named.append((self._id(12, n), first, ours, "client"))
            if second != first:
                named.append((self._id(12, n), second, theirs, "opponent"))
        columns = (
            "id", "number", "client_name", "opponent_name", "case_type", "search_text", "state", "received_at",
            "received_by", "closed_at",
        )  # fmt: skip
        loader.load("enquiry", columns, rows)
        loader.load("enquiry_party", ("enquiry_id", "normalised_name", "name", "role"), named)

    def _trail(self, loader: Loader, connection: Any) -> None:
        """Write the trail with its chain: the same hashes as if every event had been committed by itself."""
        last = connection.execute(
            sa.text("SELECT position, hash FROM audit_seal ORDER BY position DESC LIMIT 1")
        ).one_or_none()
        position, previous = (last.position, last.hash) if last else (0, chain.GENESIS)
        event_id = connection.scalar(sa.text("SELECT coalesce(max(id), 0) FROM audit_event"))
        seals: list[tuple[Any, ...]] = []

        def rows() -> Iterator[tuple[Any, ...]]:
            nonlocal position, previous, event_id
            for n in range(self._plan.audit_events):
                at, number = self._when(n, self._plan.audit_events), self._numbers[n % len(self._numbers)]
                by, kind = self._lawyers[n % len(self._lawyers)], KINDS[n % len(KINDS)]
                after = orjson.dumps({"court": COURTS[n % len(COURTS)]}).decode()
                digest = chain.digest(
                    at=at, by=by, entity="matter", entity_id=number, kind=kind, before=None, after=after,
                    is_denial=False, matter_number=number,
                )  # fmt: skip
                position, event_id = position + 1, event_id + 1
                previous = chain.link(previous, position, event_id, digest, is_late=False)
                seals.append((position, event_id, previous, False))
                yield (event_id, self._at(at), by, "matter", number, kind, after, False, number)

        columns = ("id", "at", "by", "entity", "entity_id", "kind", "after", "is_denial", "matter_number")
        loader.load("audit_event", columns, rows())
        loader.load("audit_seal", ("position", "event_id", "hash", "is_late"), seals)
        if not self._is_sqlite:
            connection.exec_driver_sql(
                "SELECT setval(pg_get_serial_sequence('audit_event', 'id'), (SELECT max(id) FROM audit_event))"
            )


def stage(plan: Plan) -> Stage:
    """Return the making of the firm, as it is kept for several trials."""
    return Stage("firm", plan, ("firm",), lambda engine: Firm(engine, plan, lambda _what, _count: None).generate())
