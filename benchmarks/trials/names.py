"""Finding names in any script in a firm of 60,000 clients: what is found of labelled names, and how long a check takes.

One spelling of each labelled name (``benchmarks/names/labelled.tsv``, public facts) is a party of the firm; all others
ask for it. The rules were made on one half of the names; the other half, ``held``, was looked at by nobody.
"""

import os
import random
import tempfile
import time
import zlib
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks.names.firm import names
from benchmarks.trials import answer, database_url
from engine import clock, database
from engine.actor import Actor
from engine.models import Base
from engine.models.base import new_id
from practice.conflicts import operations as conflicts
from practice.conflicts.hits import Asked
from practice.name_index import operations as name_index
from practice.name_index import queries
from practice.names import spoken
from practice.parties import likeness
from practice.parties.models import Party, PartyName
from practice.parties.names import normalise
from webui import upgrades

CLIENTS = 60_000
PARTIES, CHECKS = 6, 40
LABELLED = Path(__file__).parents[1] / "names" / "labelled.tsv"
ANA = Actor("ana", frozenset({"conflicts_officers"}))


def trial() -> tuple[dict[str, Any], dict[str, list[float]]]:
    """Fill a firm, look for every labelled name, and time checks of six parties."""
    with tempfile.TemporaryDirectory(prefix="bench-names-") as folder:
        engine = database.create_engine(database_url(folder))
        upgrades.metadata()
        Base.metadata.create_all(engine)
        where = f"names.{engine.dialect.name}"
        stored, asked = _labelled()
        with database.transaction(engine) as session:
            owners = _fill(session, [*stored, *names(CLIENTS - len(stored))])
        samples: dict[str, list[float]] = {}
        with database.transaction(engine) as session:
            for half in ("dev", "held"):
                found = _found(session, [(name, owners[target]) for which, name, target in asked if which == half])
                for most, share in found.items():
                    samples[f"{where}.{half}.recall_{most}"] = [share]
        chance = random.Random(1)
        samples[f"{where}.check_of_six"] = [
            _timed(engine, [name for _, name, _ in chance.sample(asked, PARTIES)]) for _ in range(CHECKS)
        ]
        samples[f"{where}.duplicates"] = [_proposed(engine, owner) for owner in chance.sample(owners, CHECKS)]
        engine.dispose()
    return {"name": f"{CLIENTS} clients, {len(stored)} labelled names, {os.cpu_count()} cores"}, samples


def _labelled() -> tuple[list[str], list[tuple[str, str, int]]]:
    """Return the stored spellings, and for each other one its half, itself and the place of the stored one."""
    chance = random.Random(5)
    stored: list[str] = []
    asked: list[tuple[str, str, int]] = []
    for line in LABELLED.read_text(encoding="utf-8").splitlines():
        forms = [form.strip() for form in line.split("\t")[1].split(" | ")]
        kept = chance.choice(forms)
        half = "dev" if zlib.crc32(forms[0].encode()) & 1 else "held"
        asked += [(half, form, len(stored)) for form in forms if form != kept]
        stored.append(kept)
    return stored, asked


def _fill(session: Session, written: list[str]) -> list[str]:
    now = clock.utc_now()
    parties = [
        {
            "id": new_id(), "kind": "unknown", "name": name, "normalised_name": f"{normalise(name)} ~{place}",
            "is_discreet": False, "search_text": "", "created_at": now, "created_by": "bench",
        }
        for place, name in enumerate(written)
    ]  # fmt: skip
    session.execute(sa.insert(Party), parties)
    rows = [
        {
            "id": new_id(), "party_id": party["id"], "kind": "main", "written": party["name"], "script": "Zyyy",
            "normalised": normalise(party["name"]), "created_at": now, "created_by": "bench",
        }
        for party in parties
    ]  # fmt: skip
    session.execute(sa.insert(PartyName), rows)
    name_index.put_many(session, "party", [(party["id"], [party["name"]]) for party in parties])
    name_index.pack(session)
    name_index.note_current(session)
    return [str(party["id"]) for party in parties]


def _found(session: Session, asked: list[tuple[str, str]]) -> dict[int, float]:
    """Return the share of the names that are among the first 1, 200 and 1,000 candidates."""
    ranks: list[int] = []
    for start in range(0, len(asked), PARTIES):
        some = asked[start : start + PARTIES]
        for (_, owner), found in zip(some, queries.find(session, [spoken(name) for name, _ in some]), strict=True):
            ids = [one.owner_id for one in found]
            ranks.append(ids.index(owner) if owner in ids else CLIENTS)
    return {most: round(sum(rank < most for rank in ranks) / len(ranks), 4) for most in (1, 200, 1_000)}


def _timed(engine: sa.Engine, wanted: list[str]) -> float:
    began = time.perf_counter()
    with database.transaction(engine) as session:
        parties = [Asked(name, "client" if place == 0 else "opponent") for place, name in enumerate(wanted)]
        conflicts.run_and_see(session, parties, trigger="request", by=ANA, now=clock.utc_now())
    return (time.perf_counter() - began) * 1000


def _proposed(engine: sa.Engine, owner: str) -> float:
    with database.transaction(engine) as session:
        party = session.get_one(Party, UUID(owner))
        began = time.perf_counter()
        likeness.like(session, party)
        return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    answer(trial)
