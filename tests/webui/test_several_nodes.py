"""What one process may do on SQLite, and what nodes share on either database."""

import pytest

from config import settings as config_settings
from config.reading import SettingError
from tests.webui.conftest import PASSWORD
from tests.webui.test_sign_in import csrf, enter, with_sign_in
from webui import server
from webui.app import create_app
from webui.db import db
from webui.worker import Worker, WorkerRuns


@pytest.fixture
def other_node(each_office):
    """The same installation in an application of its own, as if on another machine."""
    app = create_app(each_office.settings)
    yield app
    with app.app_context():
        db.engine.dispose()


def test_failed_sign_ins_count_on_every_node(each_office, other_node):
    here, there = (with_sign_in(app).test_client() for app in (each_office.app, other_node))
    for browser in (here, there):
        token = csrf(browser)
        for _ in range(5):
            assert enter(browser, "ana", "wrong", token).status_code == 422

    assert [enter(browser, "ana", PASSWORD).status_code for browser in (here, there)] == [429, 429]


def test_a_session_begun_on_one_node_goes_on_at_another(each_office, other_node):
    here, there = (with_sign_in(app).test_client() for app in (each_office.app, other_node))
    enter(here)
    session = here.get_cookie("matterflow_session")
    there.set_cookie("matterflow_session", session.value)

    assert there.get("/api/v1/me").json["username"] == "ana"


def test_a_second_server_on_the_same_sqlite_file_is_refused_in_words(office):
    refusal = r"Another server serves .*matterflow\.db: with SQLite one process does"
    with (
        server.claimed(office.settings),
        pytest.raises(server.ServerRuns, match=refusal),
        server.claimed(office.settings),
    ):
        pytest.fail("two servers serve one file")

    with server.claimed(office.settings):
        pass  # the first one has ended


def test_a_second_worker_on_the_same_sqlite_file_is_refused_in_words(office):
    with office.app.app_context():
        first, second = (Worker(db.engine, database_file=office.settings.database_file) for _ in range(2))
    first.acquire()

    with pytest.raises(WorkerRuns, match="with SQLite one does"):
        second.acquire()

    first.stop()


def test_postgresql_takes_any_number_of_servers(tmp_path):
    settings = config_settings.from_environment(
        {"MATTERFLOW_DATABASE_URL": "postgresql://u@h/d", "MATTERFLOW_DATA_DIR": str(tmp_path)}
    )

    with server.claimed(settings), server.claimed(settings):
        pass


def test_procrastinate_is_refused_on_sqlite_in_words(tmp_path):
    with pytest.raises(SettingError, match="MATTERFLOW_JOB_QUEUE must be embedded on SQLite"):
        config_settings.from_environment(
            {"MATTERFLOW_JOB_QUEUE": "procrastinate", "MATTERFLOW_DATA_DIR": str(tmp_path)}
        )
