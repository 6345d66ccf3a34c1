"""A demo firm of a few matters, made once a run, and where in it each page is."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from config.settings import Settings, from_environment
from engine import clock, database
from engine.actor import SYSTEM, Actor
from engine.models import UserTask
from practice.accesses.models import BreachCase
from practice.clients.models import Client
from practice.conflicts.models import ConflictCheck
from practice.contacts import entrusted
from practice.correspondence.models import Letter
from practice.deadlines.models import Deadline
from practice.document_requests.models import DocumentRequest
from practice.enquiries.models import Enquiry
from practice.matters.models import Matter
from practice.parties.models import Party
from practice.walls.models import Wall
from tasks.approvals import operations as approvals
from webui import installation, upgrades
from webui.demo import firm
from webui.demo.cases import CASES
from webui.demo.cast import CAST

JURISDICTIONS = Path(__file__).parents[3] / "config" / "jurisdictions"
#: A matter in the archive and one before the court of appeal, one that a partner signs off and one that he closes,
#: a deadline to verify, a step that failed, an enquiry with hits and one to decide.
LIVED = (
    "Hofberg Logistik GmbH",
    "Estudio Arquitectura Olmo",
    "Клавдия Степанова",
    "上海晨光电子有限公司",
    "Weingut Kessler KG",
    "台北松山紡織股份有限公司",
    "Cavendish Rare Books Ltd",
    "Klara Hofer",
    "Rafael Quintana",
)


def shared(factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the firm, which the first of the processes that run tests makes for all."""
    run = factory.getbasetemp().parent if os.environ.get("PYTEST_XDIST_WORKER") else factory.getbasetemp()
    folder = run / "firm_of_all_pages"
    with (run / "firm_of_all_pages.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not folder.exists():
            making = run / "firm_in_the_making"
            # In a process of its own: keys and what is sealed with them are the program's, not a test's.
            subprocess.run([sys.executable, "-m", __name__, making], cwd=Path(__file__).parents[3], check=True)
            making.rename(folder)
    return folder


def copy(folder: Path, to: Path) -> Settings:
    """Copy the firm for a server of its own."""
    shutil.copytree(folder, to, dirs_exist_ok=True)
    return _settings(to)


def _settings(folder: Path, **options: object) -> Settings:
    url = f"sqlite:///{folder}/matterflow.db"
    return from_environment({}, data_dir=folder, database_url=url, demo=True, **options)


def _make(folder: Path) -> None:
    settings = _settings(folder)
    settings.make_data_dir()
    entrusted.install(settings.contact_key)
    upgrades.metadata()
    upgrades.import_delegates()
    engine = database.create_engine(settings.database_url)
    upgrades.upgrade(engine)
    with pytest.MonkeyPatch.context() as patch, database.transaction(engine) as session:
        patch.setattr(firm, "CASES", [case for case in CASES if case.client in LIVED])
        firm.make(session, installation.shipped_bundles(settings), today=clock.utc_now().astimezone(UTC).date())
    with closing(engine.raw_connection()) as connection:
        connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


def places(session: Session, *, now: datetime) -> dict[str, str]:
    """Return what stands in the addresses of the pages: one record of each kind."""
    first = {
        "breach": BreachCase.number,
        "client": Client.number,
        "check": ConflictCheck.id,
        "deadline": Deadline.id,
        "request": DocumentRequest.number,
        "enquiry": Enquiry.number,
        "letter": Letter.number,
        "party": Party.id,
        "wall": Wall.number,
    }
    found = {name: str(session.scalars(sa.select(column).order_by(column)).first()) for name, column in first.items()}
    open_matters = sa.select(Matter.number).where(Matter.state == "open").order_by(Matter.number)
    found["matter"] = str(session.scalars(open_matters).first())
    found["archived"] = str(session.scalars(sa.select(Matter.number).where(Matter.state == "archived")).first())
    for name in ("decide_enquiry", "approve_claim", "confirm_closing", "record_appeal_decision"):
        found[name] = str(_task(session, name))
    link = approvals.issue_link(
        session, _task(session, "approve_claim"), to=Actor("nikos", frozenset({"partners"})), by=SYSTEM, now=now
    )
    return found | {"link": link}


def _task(session: Session, element_id: str) -> UUID:
    query = sa.select(UserTask.id).where(UserTask.element_id == element_id, UserTask.state == "created")
    return session.scalars(query).first()


def written_by_people(session: Session) -> str:
    """Return in one piece what people and processes have written into records, and the law's own rules."""
    law = (" ".join(pack.read_text("utf-8").split()) for pack in JURISDICTIONS.rglob("*.yaml"))
    # What the people of the demo firm do is said on its sign-in page, in English only.
    cast = (member.does for member in CAST)
    return "\n".join((*_texts(session), *law, *cast))


#: What the product or a process says, and what has to be in the reader's language therefore.
_SAID_BY_US = frozenset({"user_task", "process_definition", "deployment", "deployment_resource"})


def _texts(session: Session) -> Iterable[str]:
    for table in Party.metadata.sorted_tables:
        columns = [column for column in table.columns if isinstance(column.type, sa.String | sa.JSON)]
        if table.name in _SAID_BY_US or not columns:
            continue
        for row in session.execute(sa.select(*columns)):
            yield from (" ".join(str(value).split()) for value in row if value)


if __name__ == "__main__":
    _make(Path(sys.argv[1]))
