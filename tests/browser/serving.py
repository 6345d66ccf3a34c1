"""A server with a firm of its own, for a while."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from config.settings import from_environment
from engine import clock, database
from engine.actor import SYSTEM
from practice.people import operations as people
from practice.people import passwords
from webui import installation
from webui.demo import PASSWORD
from webui.demo.cast import CAST

ROOT = Path(__file__).resolve().parents[2]
START_S = 120


@contextlib.contextmanager
def served(
    data_dir: Path, database_url: str, usernames: Collection[str], *, before: Callable[[Session], None] | None = None
) -> Iterator[str]:
    """Serve a new firm with these people of the cast; ``before`` does what happened before its doors open."""
    port = free_port()
    settings = from_environment({}, data_dir=data_dir, database_url=database_url, port=port, demo=True)
    engine = database.create_engine(database_url)
    installation.prepare(engine, settings)
    password_hash = passwords.hashed(PASSWORD)
    with database.transaction(engine) as session:
        for member in CAST:
            if member.username in usernames:
                people.create_user(
                    session,
                    member.username,
                    member.full_name,
                    password=None,
                    groups=member.groups,
                    password_hash=password_hash,
                    by=SYSTEM,
                    now=clock.utc_now(),
                )
        if before is not None:
            before(session)
    engine.dispose()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MATTERFLOW_")} | {
        "MATTERFLOW_DATA_DIR": str(data_dir),
        "MATTERFLOW_DATABASE_URL": database_url,
        "MATTERFLOW_PORT": str(port),
        "MATTERFLOW_DEMO": "1",
        "MATTERFLOW_LOG_LEVEL": "WARNING",
        "MATTERFLOW_PSEUDO_LANGUAGE": "1",
    }
    log = (data_dir / "server.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-c", "from webui.cli import main; main()", "serve"],
        cwd=ROOT,
        env=environment,
        stdout=log,
        stderr=log,
    )
    try:
        yield answering(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answering(address: str, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended; see server.log"
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/healthz", timeout=2):
            return address
        time.sleep(0.1)
    pytest.fail(f"the server did not answer within {START_S} s")
