"""Ten people at once in a firm of the size that the goals are set for: lists, cards, searches, rights on.

The server is really started and asked over HTTP, each person on a connection of their own. Between two requests a
person looks at the answer for half a second to a second and a half, which is short; ten people without any pause would
measure how many processors there are. What is asked first is not counted: the caches of a server are warm by the
second morning.
``BENCH_FIRM_SHARE`` makes the firm smaller, for a first look.
"""

import json
import os
import tempfile
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from benchmarks import kept
from benchmarks.firm.generation import stage
from benchmarks.firm.plan import Plan, groups_of, username
from benchmarks.trials import answer
from config import rights
from engine import clock, database
from engine.actor import SYSTEM, Actor
from practice.matters.models import Matter
from practice.matters.visibility import visible_to
from practice.parties.models import Party
from practice.people import operations as people
from tests.installation import ROOT, Installation
from webui import upgrades

#: Who asks: the managing partner, partners, lawyers (one heads a unit), a case manager, the conflicts desk, an auditor,
#: and the reception, which sees no matter.
WHO = (0, 3, 10, 25, 30, 77, 140, 215, 276, 281)
PAUSE_S = (0.5, 1.5)
SECONDS = float(os.environ.get("BENCH_FIRM_SECONDS", "150"))


def operations(drawn: dict[str, list[str]]) -> dict[str, Callable[[Random], str]]:
    """Return what somebody asks, by name; an address that this release does not serve is left out.

    Matters are asked for by numbers that the person may see: who asks for others again and again is locked out.
    """

    def one(name: str) -> Callable[[Random], str]:
        return lambda random: random.choice(drawn[name])

    number, word = one("number"), one("word")
    asked = {
        "matters": lambda _: "/api/v1/matters?limit=50",
        "matters_open": lambda _: "/api/v1/matters?limit=50&state=open",
        "matters_word": lambda r: f"/api/v1/matters?limit=50&q={word(r)}",
        "matters_number": lambda r: f"/api/v1/matters?limit=50&q={number(r)}",
        "matters_nothing": lambda r: f"/api/v1/matters?limit=50&q=zz{r.randrange(10**6)}",
        "matters_page": lambda r: f"/matters?q={word(r)}",
        "matter_card": lambda r: f"/matters/{number(r)}",
        "inbox": lambda _: "/inbox",
        "enquiries": lambda _: "/enquiries",
        "enquiries_word": lambda r: f"/enquiries?q={word(r)}",
        "parties": lambda _: "/api/v1/parties?limit=50",
        "parties_word": lambda r: f"/api/v1/parties?limit=50&q={word(r)}",
        "clients": lambda _: "/api/v1/clients?limit=50",
        "clients_word": lambda r: f"/api/v1/clients?limit=50&q={word(r)}",
        "client_card": lambda r: f"/clients/{one('client')(r)}",
        "party_card": lambda r: f"/parties/{one('party')(r)}",
        "deadlines": lambda _: "/api/v1/deadlines?limit=50",
        "events": lambda _: "/api/v1/events?limit=50",
        "events_week": lambda r: (
            f"/api/v1/events?limit=50&responsible={username(10 + r.randrange(200))}&planned_from=2026-11-16T00:00:00Z"
        ),
        "search": lambda r: f"/api/v1/search?q={word(r)}",
        "search_page": lambda r: f"/search?q={word(r)}",
        "proceedings_of_matter": lambda r: f"/api/v1/matters/{number(r)}/proceedings",
        "audit": lambda _: "/api/v1/audit-events?limit=50",
        "audit_matter": lambda r: f"/api/v1/audit-events?limit=50&matter={number(r)}",
        "audit_person": lambda r: f"/api/v1/audit-events?limit=50&by={username(10 + r.randrange(200))}",
        "audit_kind_day": lambda r: (
            f"/api/v1/audit-events?limit=50&kind=event_ended&until={2017 + r.randrange(9)}-03-01T00:00:00Z"
        ),
    }
    of_a_matter = ("matters_number", "matter_card", "proceedings_of_matter", "audit_matter")
    return {name: address for name, address in asked.items() if drawn["number"] or name not in of_a_matter}


def trial() -> tuple[dict[str, Any], dict[str, list[float]]]:
    """Generate the firm, serve it, and let ten people ask."""
    url, where = (
        os.environ.get("BENCH_DATABASE_URL", ""),
        "postgresql" if os.environ.get("BENCH_DATABASE_URL") else "sqlite",
    )
    share = float(os.environ.get("BENCH_FIRM_SHARE", "1"))
    with tempfile.TemporaryDirectory(prefix="bench-firm-") as folder:
        office = Installation(Path(folder), processes=ROOT / "processes" / "bpmn", database_url=url)
        office.command("db", "upgrade")
        upgrades.metadata()
        took_s = kept.fill(office.database_url, [stage(Plan().scaled(share) if share != 1 else Plan())]).get("firm")
        engine = database.create_engine(office.database_url)
        drawn, tokens = _draw(engine)
        engine.dispose()
        office.serve()
        try:
            samples, unserved, refused = _ask(office.port, [operations(one) for one in drawn], tokens)
        finally:
            office.stop()
    named = {f"firm.{where}.{name}": times for name, times in samples.items()}
    named[f"firm.{where}.all"] = [time_ms for times in samples.values() for time_ms in times]
    if share == 1 and took_s is not None:
        named[f"firm.{where}.generation_s"] = [took_s]
    made = "kept" if took_s is None else f"generated in {took_s:.0f} s"
    facts = {
        "name": f"a firm {made}, {len(WHO)} people at once for {SECONDS:.0f} s",
        "requests": len(named[f"firm.{where}.all"]),
        "not served": " ".join(unserved) or "nothing",
        "refused": " ".join(f"{name}:{count}" for name, count in sorted(refused.items())) or "nothing",
    }
    return facts, named


def _draw(engine: sa.Engine) -> tuple[list[dict[str, list[str]]], list[str]]:
    """Draw for everybody who asks numbers of matters that they may see, and words; let them have a token."""
    some = {"name": "SELECT client_name FROM matter", "client": "SELECT number FROM client"}
    common: dict[str, list[str]] = {}
    random, now, known = Random(7), clock.utc_now(), rights.load()
    with engine.connect() as connection:
        for name, query in some.items():
            found = [str(value) for value in connection.scalars(sa.text(query))]
            common[name] = random.sample(found, min(200, len(found)))
        parties = list(connection.scalars(sa.select(Party.id)))
    common["party"] = [str(one) for one in random.sample(parties, min(200, len(parties)))]
    common["word"] = [quote(name.split()[-1][:6].lower()) for name in common.pop("name") if len(name.split()[-1]) > 1]
    drawn: list[dict[str, list[str]]] = []
    for n in WHO:
        groups = frozenset(groups_of(n))
        actor = Actor(username(n), groups, known.of(groups), now)
        with database.transaction(engine) as session:
            numbers = sorted(session.scalars(sa.select(Matter.number).where(visible_to(actor))))
        drawn.append({**common, "number": random.sample(numbers, min(200, len(numbers)))})
    with database.transaction(engine) as session:
        tokens = [people.issue_token(session, username(n), "bench", by=SYSTEM, now=now) for n in WHO]
    return drawn, tokens


def _ask(
    port: int, asked_by: list[dict[str, Callable[[Random], str]]], tokens: list[str]
) -> tuple[dict[str, list[float]], list[str], dict[str, int]]:
    """Let everybody ask side by side; return milliseconds by operation, what is not served and what was refused."""
    samples: dict[str, list[float]] = {}
    refused: dict[str, int] = {}
    served = asked_by[0].items()
    unserved = [name for name, address in served if not _is_served(port, tokens[0], address(Random(1)))]
    guard, warm = threading.Lock(), threading.Barrier(len(tokens))
    failures: list[str] = []

    def person(number: int) -> None:
        random, connection = Random(number), HTTPConnection("127.0.0.1", port, timeout=120)
        asked = asked_by[number]
        wanted = [name for name in asked if name not in unserved]
        for name in wanted:
            _get(connection, tokens[number], asked[name](random))
        warm.wait()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and not failures:
            for name in random.sample(wanted, len(wanted)):
                address = asked[name](random)
                began = time.perf_counter()
                status = _get(connection, tokens[number], address)[0]
                took_ms = (time.perf_counter() - began) * 1000
                with guard:
                    if status >= 500:
                        failures.append(f"{address}: {status}")
                    elif status == 200:
                        samples.setdefault(name, []).append(took_ms)
                    else:
                        refused[name] = refused.get(name, 0) + 1
                time.sleep(random.uniform(*PAUSE_S))
        connection.close()

    threads = [threading.Thread(target=person, args=(number,)) for number in range(len(tokens))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise AssertionError(failures)
    return samples, unserved, refused


def _is_served(port: int, token: str, address: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    status, body = _get(connection, token, address)
    connection.close()
    if status == 404:
        code = json.loads(body)["code"] if address.startswith("/api/") else ""
        return bool(code) and code != "no_such_address"
    return status < 500


def _get(connection: HTTPConnection, token: str, address: str) -> tuple[int, bytes]:
    connection.request("GET", address, headers={"Authorization": f"Bearer {token}"})
    got = connection.getresponse()
    return got.status, got.read()


if __name__ == "__main__":
    answer(trial)
