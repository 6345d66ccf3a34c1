"""The firm of all pages, served, and one browser window that is whoever a page is for."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy.orm import Session

from engine import clock, database
from tests.browser.pages import firm
from tests.browser.pages.reader import Reader
from tests.browser.serving import ROOT, answering, free_port


@pytest.fixture(scope="session")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str], str]:
    """The folder of a firm of this process's own, where its records are, and what people wrote into them."""
    folder = tmp_path_factory.mktemp("pages")
    settings = firm.copy(firm.shared(tmp_path_factory), folder)
    engine = database.create_engine(settings.database_url)
    with database.transaction(engine) as session:
        found = firm.places(session, now=clock.utc_now())
    with Session(engine) as session:
        written = firm.written_by_people(session)
    engine.dispose()
    return folder, found, written


@pytest.fixture(scope="session")
def places(lived_in: tuple[Path, dict[str, str], str]) -> dict[str, str]:
    """What stands in the addresses of the pages."""
    return lived_in[1]


@pytest.fixture(scope="session")
def written(lived_in: tuple[Path, dict[str, str], str]) -> str:
    """What people have written into records."""
    return lived_in[2]


@pytest.fixture(scope="session")
def lived_in_server(lived_in: tuple[Path, dict[str, str], str]) -> Iterator[str]:
    """The address of a server of that firm."""
    folder, port = lived_in[0], free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MATTERFLOW_")} | {
        "MATTERFLOW_DATA_DIR": str(folder),
        "MATTERFLOW_DATABASE_URL": f"sqlite:///{folder}/matterflow.db",
        "MATTERFLOW_PORT": str(port),
        "MATTERFLOW_DEMO": "1",
        "MATTERFLOW_LOG_LEVEL": "WARNING",
    }
    with (folder / "server.log").open("wb") as log:
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


@pytest.fixture(scope="session")
def reader(chromium: Browser, lived_in_server: str) -> Iterator[Reader]:
    """Somebody who reads every page."""
    reader = Reader(chromium, lived_in_server)
    yield reader
    reader.close()
