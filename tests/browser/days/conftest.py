"""One firm with its whole cast for all days: what each persona finds in the morning was done before."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from engine import database
from tests.browser.days.firm import Books, Past
from tests.browser.serving import served
from webui.demo.cast import CAST

#: What the partner at the desk signs off, the last of which they drafted themselves.
AT_THE_DESK = [f"Desk {number:02}" for number in range(1, 11)]
#: What the partner on the telephone has taken.
ON_THE_PHONE = [f"Phone {number:02}" for number in range(1, 11)]
#: What the partner who goes away has taken.
OF_THE_ABSENT = ["Absent 01", "Absent 02"]
ASSESSMENTS = {"desk": "Corridor Desk", "phone": "Corridor Phone"}


@pytest.fixture(scope="package")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("firm")


@pytest.fixture(scope="package")
def database_url(data_dir: Path) -> str:
    return f"sqlite:///{data_dir}/matterflow.db"


@pytest.fixture(scope="package")
def numbers() -> dict[str, str]:
    """The matters by their clients' names; filled when the firm opens."""
    return {}


@pytest.fixture(scope="package")
def server(data_dir: Path, database_url: str, numbers: dict[str, str]) -> Iterator[str]:
    def before(session: Session) -> None:
        past = Past(session)
        for client in AT_THE_DESK:
            numbers[client] = past.drafted_claim(
                client, responsible="eleni", drafted_by="katharina" if client == AT_THE_DESK[-1] else None
            )
        for client in ON_THE_PHONE:
            numbers[client] = past.drafted_claim(client, responsible="eleni")
            past.claim(numbers[client], "approve_claim", by="helen")
        for client in OF_THE_ABSENT:
            numbers[client] = past.drafted_claim(client, responsible="eleni")
            past.claim(numbers[client], "approve_claim", by="nikos")
        for client in ASSESSMENTS.values():
            numbers[client] = past.matter(client, responsible="eleni")
            past.release(numbers[client], "assess_claim", by="eleni")

    with served(data_dir, database_url, [member.username for member in CAST], before=before) as address:
        yield address


@pytest.fixture(scope="package")
def engine(server: str, database_url: str) -> Iterator[Engine]:
    engine = database.create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def books(engine: Engine) -> Books:
    return Books(engine)
