"""A small firm behind the web: its people, three processes, and clients that speak for each of them."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy.orm import Session

from config import settings as config_settings
from config.settings import Settings
from engine import database, definitions, delegates, deployments
from engine.actor import SYSTEM
from practice.people import operations as people
from tests import postgres
from tests.factories import catch, end, message, model, path, service_task, start, user_task
from webui import upgrades
from webui.app import Matterflow, create_app
from webui.db import db

MORNING = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
PASSWORD = "correct horse battery staple"
PEOPLE = {
    "ana": {"lawyers"},
    "bo": {"lawyers"},
    "pia": {"partners"},
    "otto": {"reception"},
    "ada": {"administrators"},
}
LEAVE_FORM = b"""{"type": "default", "id": "approve_leave", "schemaVersion": 19, "components": [
  {"type": "select", "key": "decision", "label": "Decision", "id": "f1", "validate": {"required": true},
   "values": [{"label": "Approve", "value": "approve"}, {"label": "Refuse", "value": "refuse"}]},
  {"type": "textfield", "key": "note", "label": "Note", "id": "f2"}]}"""
LEAVE = model(
    start()
    + user_task("approve_leave", groups="partners,lawyers", attributes='camunda:formKey="approve_leave"')
    + end()
    + path("started", "approve_leave", "ended"),
    key="leave",
    attributes='camunda:candidateStarterGroups="lawyers,partners"',
)
PARCEL = model(
    start()
    + catch("arrived", message("parcel_message"))
    + user_task("unpack", groups="reception")
    + end()
    + path("started", "arrived", "unpack", "ended"),
    key="parcel",
    extra='<bpmn:message id="parcel_message" name="parcel_arrived"/>',
)
FRAGILE = model(
    start() + service_task("call_court", "call_court_for_tests") + end() + path("started", "call_court", "ended"),
    key="fragile",
)
#: Whether the court of the process ``fragile`` answers.
COURT = {"answers": False}


@delegates.delegate("call_court_for_tests")
def call_court(_session: Session, _call: delegates.DelegateCall) -> dict[str, Any]:
    if not COURT["answers"]:
        raise ConnectionError("the court does not answer")
    return {"court": "answered"}


@dataclass
class Client:
    """The test client, speaking for one person by bearer token and to JSON."""

    flask: FlaskClient
    token: str | None

    def open(self, method: str, url: str, json: Any = None, headers: dict[str, str] | None = None, **more: Any) -> Any:
        headers = dict(headers or {})
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if json is not None:
            more["json"] = json
        address = url if url.startswith("/") else f"/api/v1/{url}"
        return self.flask.open(address, method=method, headers=headers, **more)

    def get(self, url: str, **more: Any) -> Any:
        return self.open("GET", url, **more)

    def post(self, url: str, json: Any = None, **more: Any) -> Any:
        return self.open("POST", url, json=json, **more)

    def put(self, url: str, json: Any = None, **more: Any) -> Any:
        return self.open("PUT", url, json=json, **more)

    def patch(self, url: str, json: Any = None, **more: Any) -> Any:
        return self.open("PATCH", url, json=json, **more)

    def delete(self, url: str, json: Any = None, **more: Any) -> Any:
        return self.open("DELETE", url, json=json, **more)


@dataclass
class Office:
    """The application on a database of its own."""

    app: Matterflow
    settings: Settings
    tokens: dict[str, str]
    clients: dict[str, Client] = field(default_factory=dict)

    def __getattr__(self, username: str) -> Client:
        if username.startswith("_") or username not in (*PEOPLE, "nobody"):
            raise AttributeError(username)
        if username not in self.clients:
            self.clients[username] = Client(self.app.test_client(use_cookies=False), self.tokens.get(username))
        return self.clients[username]

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with self.app.app_context():
            engine = db.engine
        with database.transaction(engine) as session:
            yield session

    def start(self, key: str = "leave", by: str = "ana", **body: Any) -> dict[str, Any]:
        answer = getattr(self, by).post("process-instances", {"process_key": key, **body})
        assert answer.status_code == 201, answer.json
        return answer.json

    def task(self, instance: dict[str, Any], by: str = "ada") -> dict[str, Any]:
        items = getattr(self, by).get("user-tasks?scope=all&limit=200").json["items"]
        return next(item for item in items if item["process_instance_id"] == instance["id"])


class CompiledTemplates(BytecodeCache):
    """What Jinja made of the pages' templates, for every application of a run."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED_TEMPLATES = CompiledTemplates()


@dataclass
class Template:
    """A database that is copied for each test, and the tokens in it."""

    kind: str
    url: str
    tokens: dict[str, str]

    def copy(self, folder: Path) -> str:
        if self.kind == "sqlite":
            target = folder / "matterflow.db"
            shutil.copyfile(self.url.removeprefix("sqlite:///"), target)
            return f"sqlite:///{target}"
        return postgres.new_database(postgres.name_of(self.url))


def _template(kind: str, folder: Path) -> Template:
    url = f"sqlite:///{folder / 'template.db'}" if kind == "sqlite" else postgres.new_database()
    engine = database.create_engine(url)
    upgrades.metadata()
    upgrades.upgrade(engine)
    tokens: dict[str, str] = {}
    with database.transaction(engine) as session:
        people.seed_groups(session)
        for name, groups in PEOPLE.items():
            people.create_user(session, name, name.title(), password=PASSWORD, groups=groups, by=SYSTEM, now=MORNING)
            tokens[name] = people.issue_token(session, name, "tests", by=SYSTEM, now=MORNING)
        files = {"leave.bpmn": LEAVE, "forms/approve_leave.form": LEAVE_FORM}
        deployments.deploy(session, files, by=SYSTEM, now=MORNING)
        deployments.deploy(session, {"parcel.bpmn": PARCEL}, by=SYSTEM, now=MORNING)
        deployments.deploy(session, {"fragile.bpmn": FRAGILE}, by=SYSTEM, now=MORNING)
    if kind == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
            connection.rollback()
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    engine.dispose()
    return Template(kind, url, tokens)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> Template:
    return _template("sqlite", tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def postgres_template(tmp_path_factory) -> Iterator[Template]:
    template = _template("postgresql", tmp_path_factory.mktemp("template"))
    yield template
    postgres.drop_database(template.url)


@contextmanager
def _office(template: Template, folder: Path, **given: Any) -> Iterator[Office]:
    definitions.forget()
    folder.mkdir(exist_ok=True)
    url = template.copy(folder)
    environment = {"MATTERFLOW_DATA_DIR": str(folder), "MATTERFLOW_DATABASE_URL": url}
    settings = config_settings.from_environment(environment, **given)
    app = create_app(settings)
    app.testing = True
    app.jinja_env.bytecode_cache = COMPILED_TEMPLATES
    app.config["PROPAGATE_EXCEPTIONS"] = False
    COURT["answers"] = False
    yield Office(app, settings, template.tokens)
    with app.app_context():
        db.engine.dispose()
    if template.kind == "postgresql":
        postgres.drop_database(url)


@pytest.fixture
def office(request: pytest.FixtureRequest, sqlite_template: Template, tmp_path: Path) -> Iterator[Office]:
    """The firm on SQLite."""
    with _office(sqlite_template, tmp_path / "data") as office:
        request.node.funcargs["database_url"] = office.settings.database_url  # so that the run counts it
        yield office


@pytest.fixture(params=["sqlite", "postgresql"])
def each_office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """The firm on each kind of database."""
    template: Template = request.getfixturevalue(
        "sqlite_template" if request.param == "sqlite" else "postgres_template"
    )
    with _office(template, tmp_path / "data") as office:
        request.node.funcargs["database_url"] = office.settings.database_url
        yield office


@pytest.fixture
def make_office(sqlite_template: Template, tmp_path: Path) -> Iterator[Any]:
    """Make a firm on SQLite with other settings."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda **given: stack.enter_context(_office(sqlite_template, tmp_path / "other", **given))


@pytest.fixture
def over_http(office: Office) -> Iterator[httpx.Client]:
    """The firm behind the real server, on a port of this machine."""
    with serving(office) as base:
        yield base


@contextmanager
def serving(office: Office) -> Iterator[httpx.Client]:
    import uvicorn

    from webui.server import asgi, stoppable

    config = uvicorn.Config(
        asgi(office.app, threads=8), host="127.0.0.1", port=0, log_config=None, http="h11", ws="none", access_log=False
    )
    server = stoppable(office.app, config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(20)
