"""A served firm and a browser that watches for errors.

One server and one database for each module; the tests of a module make their own enquiries and matters.
"""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from config.settings import from_environment
from engine import clock, database
from engine.actor import SYSTEM
from practice.people import operations as people
from tests.browser.windows import DESK, Window
from tests.chromium import launch_options
from webui import installation
from webui.demo import PASSWORD
from webui.demo.cast import CAST

ROOT = Path(__file__).resolve().parents[2]
#: A little of the cast: one of each role that the newcomer's path meets.
PEOPLE = ("rosa", "olga", "katharina", "nikos", "eleni", "wenjing", "samuel", "grace")
START_S = 30


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("firm")


@pytest.fixture(scope="module")
def database_url(data_dir: Path) -> str:
    return f"sqlite:///{data_dir}/matterflow.db"


@pytest.fixture(scope="module")
def server(data_dir: Path, database_url: str) -> Iterator[str]:
    """The address of a server with a new firm: the shipped processes and a few people, no matters."""
    port = free_port()
    settings = from_environment({}, data_dir=data_dir, database_url=database_url, port=port, demo=True)
    engine = database.create_engine(database_url)
    installation.prepare(engine, settings)
    with database.transaction(engine) as session:
        for member in CAST:
            if member.username in PEOPLE:
                people.create_user(
                    session,
                    member.username,
                    member.full_name,
                    password=PASSWORD,
                    groups=member.groups,
                    by=SYSTEM,
                    now=clock.utc_now(),
                )
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


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser, server: str) -> Iterator[Callable[..., Window]]:
    """Open windows; each must be quiet on the console at the end."""
    opened: list[Window] = []

    def open_window(size: dict[str, int] = DESK, **options: object) -> Window:
        opened.append(Window(chromium.new_context(viewport=size, locale="en-GB", **options), server))
        return opened[-1]

    yield open_window
    complaints = [complaint for one in opened for complaint in one.complaints]
    for one in opened:
        one.context.close()
    assert complaints == []
