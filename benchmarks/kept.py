"""Generated databases that are kept and copied, because making them takes minutes.

``BENCH_KEEP`` names a folder: a firm that was made once stays there as a file of SQLite, and on PostgreSQL as another
database of the same server, beside a note in the folder. With ``BENCH_KEEP_WORK=1`` the work of the inbox is kept too.
A run without that variable keeps the firm for its own trials only. What was made by other sources, for another plan
or for another schema has another name, so that nothing stale is used.
"""

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from engine import database
from webui import upgrades

KEEP, KEEP_WORK = "BENCH_KEEP", "BENCH_KEEP_WORK"
_HERE = Path(__file__).resolve().parent
_NOTE = ".postgresql"
#: Of PostgreSQL, since when a database may be copied as files.
_COPIES_FILES = 150_000


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of making a database, on top of those before it."""

    name: str
    #: Everything that decides what is made, beside the sources.
    plan: object
    #: Folders of what makes it, below this one.
    sources: tuple[str, ...]
    make: Callable[[Engine], None]
    is_kept: bool = True


def keeps_work() -> bool:
    """Say whether the work of the inbox is to be kept too."""
    return os.environ.get(KEEP_WORK) == "1"


def fill(url: str, stages: Sequence[Stage]) -> dict[str, float]:
    """Bring a database that has the schema and nothing else through these stages, from the last that is kept.

    Return the seconds of those that were made now.
    """
    folder, seconds = os.environ.get(KEEP), dict[str, float]()
    names = _names(url, stages)
    done = 0
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        found = (number for number in range(len(stages), 0, -1) if _take(Path(folder), names[number - 1], url))
        done = next(found, 0)
    for stage, name in list(zip(stages, names, strict=True))[done:]:
        engine, began = database.create_engine(url), time.monotonic()
        stage.make(engine)
        engine.dispose()
        seconds[stage.name] = time.monotonic() - began
        if folder and stage.is_kept:
            _put(Path(folder), name, url)
    return seconds


@contextmanager
def for_a_run() -> Generator[str]:
    """Name the folder that the trials of one run share; unless it was given, it is gone afterwards."""
    given = os.environ.get(KEEP)
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="bench-kept-") as folder:
        try:
            yield folder
        finally:
            for note in Path(folder).glob(f"*{_NOTE}"):
                url = sa.make_url(note.read_text(encoding="utf-8"))
                _on_server(url, f'DROP DATABASE IF EXISTS "{url.database}"')


def _names(url: str, stages: Iterable[Stage]) -> list[str]:
    digest, names = sha256(f"{sa.make_url(url).get_backend_name()} {upgrades.head_revision()}".encode()), list[str]()
    for stage in stages:
        digest.update(f"{stage.name} {stage.plan!r}".encode())
        for file in sorted(file for source in stage.sources for file in (_HERE / source).rglob("*.py")):
            digest.update(file.read_bytes())
        names.append(f"bench_{stage.name}_{digest.hexdigest()[:16]}")
    return names


def _take(folder: Path, name: str, url: str) -> bool:
    """Put what is kept under this name in the place of the database, if there is such a thing."""
    place = sa.make_url(url)
    if place.get_backend_name() == "sqlite":
        kept = folder / f"{name}.db"
        if not kept.exists():
            return False
        for ending in ("-wal", "-shm"):
            Path(f"{place.database}{ending}").unlink(missing_ok=True)
        shutil.copyfile(kept, str(place.database))
        return True
    is_there = sa.text("SELECT 1 FROM pg_database WHERE datname = :name")
    with _server(place) as connection:
        if connection.scalar(is_there, {"name": name}) is None:
            return False
    _on_server(place, f'DROP DATABASE "{place.database}" WITH (FORCE)')
    _copy_on_server(place, name, str(place.database))
    return True


def _put(folder: Path, name: str, url: str) -> None:
    """Keep what the database holds now; nobody is connected."""
    place = sa.make_url(url)
    if place.get_backend_name() != "sqlite":
        _copy_on_server(place, str(place.database), name)
        note = folder / f"{name}{_NOTE}"
        note.write_text(place.set(database=name).render_as_string(hide_password=False), encoding="utf-8")
        note.chmod(0o600)
        return
    with closing(sqlite3.connect(str(place.database))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the file alone is whole
    half = folder / f"{name}.{os.getpid()}.half"
    shutil.copyfile(str(place.database), half)
    half.replace(folder / f"{name}.db")


def _copy_on_server(place: sa.URL, source: str, target: str) -> None:
    with _server(place) as connection:
        version = int(connection.scalar(sa.text("SHOW server_version_num")) or 0)
    how = " STRATEGY file_copy" if version >= _COPIES_FILES else ""
    _on_server(place, f'CREATE DATABASE "{target}" TEMPLATE "{source}"{how}')


def _on_server(place: sa.URL, statement: str) -> None:
    with _server(place) as connection:
        connection.exec_driver_sql(statement)


@contextmanager
def _server(place: sa.URL) -> Generator[Connection]:
    engine = database.create_engine(place.set(database="postgres").render_as_string(hide_password=False))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection
    engine.dispose()
