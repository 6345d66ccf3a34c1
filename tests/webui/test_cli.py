"""The command line, as a person or a script calls it."""

import gc
import io
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from engine import clock, definitions
from tests import postgres
from webui.cli import main

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery staple"


class Shell:
    """Calls ``matterflow`` with a data directory of its own, in this process because starting one takes a second."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        given = {
            name: value for name, value in os.environ.items() if not name.startswith(("MATTERFLOW_", "PYTHONDONT"))
        }
        self.environment = given | {
            "MATTERFLOW_DATA_DIR": str(self.data),
            "MATTERFLOW_LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(ROOT),
        }

    def argv(self, *arguments):
        return [sys.executable, "-c", "from webui.cli import main; main()", *map(str, arguments)]

    def run(self, *arguments, text: str | None = None, **environment: str):
        """Run a command; return its exit code, what it said and what it complained of."""
        said, complained = io.StringIO(), io.StringIO()
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "environ", os.environ.copy())
            os.environ.clear()
            os.environ.update(self.environment | environment)
            patch.chdir(self.folder)
            patch.setattr(sys, "argv", ["matterflow", *map(str, arguments)])
            patch.setattr(sys, "stdin", io.StringIO(text or ""))
            patch.setattr(clock, "_offset", timedelta(0))
            definitions.forget()
            try:
                with redirect_stdout(said), redirect_stderr(complained):
                    main()
                code = 0
            except SystemExit as done:
                code = done.code
            finally:
                root.handlers[:], root.level = handlers, level
        if isinstance(code, str):
            return 1, said.getvalue(), complained.getvalue() + code
        return code or 0, said.getvalue(), complained.getvalue()

    def __call__(self, *arguments, text: str | None = None, fails: int = 0, **environment: str):
        code, said, complained = self.run(*arguments, text=text, **environment)
        assert code == fails, f"{arguments}: {code}\n{said}\n{complained}"
        if fails == 1:
            assert len(complained.strip().splitlines()) == 1, complained
            return complained.strip()
        return said


@pytest.fixture
def shell(tmp_path):
    return Shell(tmp_path)


@pytest.fixture(scope="module")
def set_up(tmp_path_factory):
    """A set-up installation; tests only read it or add to it."""
    shell = Shell(tmp_path_factory.mktemp("firm"))
    shell("db", "upgrade")
    shell(
        "user",
        "create",
        "ada",
        "--name",
        "Ada Admin",
        "--group",
        "administrators",
        "--group",
        "reception",
        "--no-password",
    )
    return shell


def test_without_a_database_every_command_says_how_to_make_one(shell):
    for command in (
        ("user", "list"),
        ("instance", "list"),
        ("process", "list"),
        ("db", "current"),
        ("worker", "--once"),
    ):
        assert "matterflow db upgrade" in shell(*command, fails=1)
    assert not (shell.data / "matterflow.db").exists()


def test_a_new_database_has_the_schema_the_groups_and_the_shipped_processes(set_up):
    listed = json.loads(set_up("process", "list", "--json"))
    schema = json.loads(set_up("db", "current", "--json"))

    assert {"intake", "civil"} <= {one["key"] for one in listed}
    assert schema["schema"] == schema["schema_wanted"]
    assert set_up("db", "upgrade")


def test_people_are_created_and_listed(set_up):
    set_up(
        "user", "create", "eva", "--name", "Eva Extra", "--group", "lawyers", "--password-stdin", text=PASSWORD + "\n"
    )

    people = {one["username"]: one for one in json.loads(set_up("user", "list", "--json"))}

    assert people["eva"]["groups"] == ["lawyers"]
    assert "Eva Extra" in set_up("user", "list")


@pytest.mark.parametrize(
    ("arguments", "text", "says"),
    [
        (("ada", "--name", "X", "--no-password"), None, "already"),
        (("Not A Name", "--name", "X", "--no-password"), None, "username"),
        (("short", "--name", "X", "--password-stdin"), "abc\n", "password"),
        (("grouped", "--name", "X", "--no-password", "--group", "pirates"), None, "pirates"),
        (("asked", "--name", "X"), "", "--password-stdin"),
    ],
)
def test_people_who_cannot_be_are_refused_in_one_sentence(set_up, arguments, text, says):
    assert says in set_up("user", "create", *arguments, text=text, fails=1)


def test_a_token_is_printed_alone(set_up):
    assert set_up("token", "create", "--user", "ada").strip().startswith("mf_")
    assert "nobody" in set_up("token", "create", "--user", "nobody", fails=1)


def test_usage_errors_are_explained(shell):
    assert shell("no-such-command", fails=2) == ""
    assert shell("instance", "show", "not-an-id", fails=2) == ""
    assert "matterflow" in shell("--help")
    assert shell("--version").startswith("matterflow")


def test_a_bad_setting_is_named_in_one_sentence(shell):
    sentence = shell("user", "list", fails=1, MATTERFLOW_PORT="eighty")

    assert sentence == "MATTERFLOW_PORT must be a whole number from 1 to 65535, not 'eighty'."


def test_a_process_of_its_own_ends_with_1_and_one_sentence(shell):
    done = subprocess.run(
        shell.argv("user", "list"), cwd=shell.folder, env=shell.environment, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip() == "There is no database yet: `matterflow serve` or `matterflow db upgrade` makes one."


def test_settings_are_explained_and_secrets_are_not_shown(shell):
    told = shell(
        "settings",
        MATTERFLOW_DATABASE_URL="postgresql://u:swordfish@h/d",
        MATTERFLOW_SECRET_KEY="s" * 40,
        MATTERFLOW_METRICS_TOKEN="sesame",
    )

    assert "MATTERFLOW_CLOCK_OFFSET" in told
    assert not any(secret in told for secret in ("swordfish", "s" * 40, "sesame"))


def test_a_new_bundle_checks_clean_proves_itself_and_is_deployed(set_up, tmp_path):
    set_up("process", "new", "labour_dispute", "--name", "Labour & dispute", "--case-type", "LD", "--folder", tmp_path)
    bundle = tmp_path / "labour_dispute"

    checked = json.loads(set_up("process", "check", bundle, "--json"))
    tested = json.loads(set_up("process", "test", bundle, "--json"))
    deployed = json.loads(set_up("process", "deploy", bundle, "--json"))

    assert checked == [{"bundle": str(bundle), "ok": True, "findings": []}]
    assert tested[0]["ok"] is True
    assert tested[0]["coverage"]["labour_dispute"]["missing"] == []
    assert deployed[0]["process_definitions"] == [{"key": "labour_dispute", "version": 1}]
    assert "exists already" in set_up("process", "new", "labour_dispute", "--folder", tmp_path, fails=1)

    set_up("process", "export", "labour_dispute", "--output", tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.read("labour_dispute.bpmn") == (bundle / "labour_dispute.bpmn").read_bytes()
    again = json.loads(set_up("process", "deploy", tmp_path / "out.zip", "--json"))
    assert again[0]["process_definitions"] == [{"key": "labour_dispute", "version": 1}]
    set_up("process", "export", "labour_dispute", "--output", tmp_path / "out")
    assert (tmp_path / "out" / "forms" / "do_work.form").is_file()


@pytest.mark.parametrize("key", ["Labour", "../labour", "labour dispute", "9lives", ""])
def test_a_bundle_needs_a_name_that_is_one(set_up, tmp_path, key):
    assert "lower-case words" in set_up("process", "new", key, "--folder", tmp_path, fails=1)


def test_a_bundle_with_errors_is_refused_with_its_findings(set_up, tmp_path):
    set_up("process", "new", "broken", "--folder", tmp_path)
    (tmp_path / "broken" / "forms" / "do_work.form").unlink()

    code, said, complained = set_up.run("process", "check", tmp_path / "broken")

    assert code == 1
    assert "do_work" in said
    assert len(complained.strip().splitlines()) == 1
    assert "not deployed" in set_up("process", "deploy", tmp_path / "broken", fails=1)
    assert "broken" not in set_up("process", "list")


def test_a_bundle_that_is_not_there_is_named(set_up):
    for verb in ("check", "test", "deploy"):
        assert "nowhere" in set_up("process", verb, "nowhere", fails=1)


def test_a_failed_scenario_is_an_error(set_up, tmp_path):
    set_up("process", "new", "wrong", "--folder", tmp_path)
    scenario = next((tmp_path / "wrong" / "scenarios").iterdir())
    scenario.write_text(scenario.read_text().replace("ended: true", "ended: false"))

    assert "wrong" in set_up("process", "test", tmp_path / "wrong", fails=1)


def test_instances_are_listed_shown_and_cancelled(set_up, tmp_path):
    set_up("process", "new", "errand", "--folder", tmp_path)
    set_up("process", "deploy", tmp_path / "errand")
    token = set_up("token", "create", "--user", "ada").strip()
    with served(set_up) as client:
        headers = {"Authorization": f"Bearer {token}"}
        body = {"process_key": "errand", "business_key": "E-1"}
        instance = client.post("/api/v1/process-instances", json=body, headers=headers).json()["id"]

    listed = json.loads(set_up("instance", "list", "--business-key", "E-1", "--json"))
    shown = json.loads(set_up("instance", "show", instance, "--json"))

    assert [one["id"] for one in listed] == [instance]
    assert shown["activities"]["active"] == ["do_work"]
    assert "do_work" in set_up("instance", "show", instance)
    assert "no open incident" in set_up("instance", "retry", instance, fails=1)
    set_up("instance", "cancel", instance, "--reason", "A mistake")
    assert json.loads(set_up("instance", "show", instance, "--json"))["state"] == "cancelled"
    assert set_up("instance", "cancel", instance, "--reason", "Again", fails=1)


def test_another_releases_schema_is_refused_with_what_to_do(set_up, tmp_path):
    import shutil
    import sqlite3

    shutil.copytree(set_up.data, tmp_path / "data")
    shell = Shell(tmp_path)
    with sqlite3.connect(tmp_path / "data" / "matterflow.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'f00d'")
    connection.close()

    for command in (("serve",), ("user", "list"), ("process", "list")):
        assert "newer release" in shell(*command, fails=1)
    assert "f00d" in shell("db", "current")


# The server ---------------------------------------------------------------------------------------


class served:  # noqa: N801 - reads as a phrase
    """A running ``matterflow serve``."""

    def __init__(self, shell: Shell, **environment: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.shell = shell
        self.environment = shell.environment | environment | {"MATTERFLOW_PORT": str(self.port)}

    def __enter__(self) -> httpx.Client:
        self.log = (self.shell.folder / f"serve-{self.port}.log").open("w+")
        self.process = subprocess.Popen(
            self.shell.argv("serve"),
            cwd=self.shell.folder,
            env=self.environment,
            stderr=self.log,
            stdout=self.log,
        )
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30, trust_env=False)
        for _ in range(600):
            assert self.process.poll() is None, self.said()
            try:
                if self.client.get("/healthz").status_code == 200:
                    return self.client
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError("it never answered")

    def said(self) -> str:
        self.log.seek(0)
        return self.log.read()

    def __exit__(self, *_exc) -> None:
        self.client.close()
        killed = self.process.poll() == -signal.SIGKILL
        self.process.send_signal(signal.SIGTERM)
        try:
            assert killed or self.process.wait(30) in (0, -signal.SIGTERM), self.said()
        finally:
            self.process.kill()
            self.log.close()


def test_a_server_on_nothing_sets_everything_up_and_answers(shell):
    with served(shell) as client:
        assert client.get("/readyz").json()["status"] == "ok"
        assert client.get("/api/v1/me").status_code == 401
        assert client.get("/api/v1/openapi.json").json()["openapi"].startswith("3.1")

    assert {"intake", "civil"} <= {one["key"] for one in json.loads(shell("process", "list", "--json"))}
    assert (shell.data / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_second_server_on_the_same_database_file_is_refused(shell):
    with served(shell):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            free = probe.getsockname()[1]
        assert "Another server" in shell("serve", fails=1, MATTERFLOW_PORT=str(free))


def test_an_address_that_is_taken_is_named(shell):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert str(port) in shell("serve", fails=1, MATTERFLOW_PORT=str(port))
    assert not shell.data.exists()
    assert gc.isenabled(), "who called it goes on, and its garbage is collected"


def test_a_database_that_does_not_answer_is_one_sentence(shell):
    sentence = shell("user", "list", fails=1, MATTERFLOW_DATABASE_URL="postgresql://u:swordfish@127.0.0.1:1/none")

    assert "database" in sentence
    assert "swordfish" not in sentence


def test_the_demo_is_a_command(shell):
    assert "demo" in shell("demo", "--help").lower()


@pytest.mark.postgres
def test_a_firm_on_postgresql_is_set_up_and_backed_up_or_told_what_is_missing(shell, tmp_path):
    url = postgres.new_database()
    try:
        variables = {"MATTERFLOW_DATABASE_URL": url}
        shell("db", "upgrade", **variables)
        shell("user", "create", "ada", "--name", "Ada Admin", "--group", "administrators", "--no-password", **variables)
        assert json.loads(shell("user", "list", "--json", **variables))[0]["username"] == "ada"
        code, _, complained = shell.run("backup", tmp_path / "firm.zip", **variables)
        if code:
            assert "pg_dump" in complained
            assert not (tmp_path / "firm.zip").exists()
        else:
            assert "holds tables already" in shell("restore", tmp_path / "firm.zip", fails=1, **variables)
        assert "other kind" in shell("restore", sqlite_archive(tmp_path), fails=1, **variables)
    finally:
        postgres.drop_database(url)


def sqlite_archive(folder):
    shell = Shell(folder / "sqlite")
    shell.folder.mkdir()
    shell("db", "upgrade")
    shell("backup", folder / "sqlite.zip")
    return folder / "sqlite.zip"


def test_the_clock_that_was_moved_is_announced_and_fires_timers(set_up, tmp_path):
    from tests.webui.test_worker import WAITS

    (tmp_path / "waits.bpmn").write_bytes(WAITS)
    set_up("process", "deploy", tmp_path / "waits.bpmn")
    headers = {"Authorization": f"Bearer {set_up('token', 'create', '--user', 'ada').strip()}"}
    with served(set_up) as client:
        client.post("/api/v1/process-instances", json={"process_key": "waits"}, headers=headers).raise_for_status()
        assert open_elements(client, headers) == []

    moved = served(set_up, MATTERFLOW_CLOCK_OFFSET="P14DT1S")
    with moved as client:
        for _ in range(200):
            if open_elements(client, headers):
                break
            time.sleep(0.05)
        assert open_elements(client, headers) == ["look"]
        assert "CLOCK" in moved.said()


def open_elements(client, headers):
    items = client.get("/api/v1/user-tasks?scope=all&process_key=waits", headers=headers).json()["items"]
    return [item["element_id"] for item in items]


# Backup and restore -------------------------------------------------------------------------------


def test_a_backup_brings_the_firm_back_elsewhere(set_up, tmp_path):
    (set_up.data / "documents").mkdir(exist_ok=True)
    (set_up.data / "documents" / "letter.txt").write_text("Dear Sirs")
    archive = tmp_path / "firm.zip"

    set_up("backup", archive)
    elsewhere = Shell(tmp_path)
    elsewhere("restore", archive)

    assert archive.stat().st_mode & 0o777 == 0o600
    assert json.loads(elsewhere("user", "list", "--json")) == json.loads(set_up("user", "list", "--json"))
    assert (elsewhere.data / "documents" / "letter.txt").read_text() == "Dear Sirs"
    assert (elsewhere.data / "secret_key").exists() == (set_up.data / "secret_key").exists()
    assert "exists already" in elsewhere("restore", archive, fails=1)
    assert "exists already" in set_up("backup", archive, fails=1)


def test_a_backup_is_made_while_the_server_writes(set_up, tmp_path):
    headers = {"Authorization": f"Bearer {set_up('token', 'create', '--user', 'ada').strip()}"}
    with served(set_up) as client:
        client.get("/api/v1/me", headers=headers).raise_for_status()
        set_up("backup", tmp_path / "live.zip")
        client.get("/api/v1/me", headers=headers).raise_for_status()

    Shell(tmp_path)("restore", tmp_path / "live.zip")


def test_a_damaged_or_foreign_archive_restores_nothing(set_up, tmp_path):
    shell = Shell(tmp_path)
    set_up("backup", tmp_path / "good.zip")
    (tmp_path / "text.zip").write_text("not a zip")
    (tmp_path / "cut.zip").write_bytes((tmp_path / "good.zip").read_bytes()[:-500])
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with zipfile.ZipFile(tmp_path / "good.zip") as good, zipfile.ZipFile(tmp_path / "changed.zip", "w") as changed:
        for name in good.namelist():
            content = good.read(name)
            changed.writestr(name, content.replace(b"Ada Admin", b"Eve Admin") if name.endswith(".db") else content)

    for name in ("text", "cut", "other", "changed"):
        shell("restore", tmp_path / f"{name}.zip", fails=1)
        assert not (shell.data / "matterflow.db").exists(), name


def test_an_archive_cannot_write_outside_the_data_directory(set_up, tmp_path):
    shell = Shell(tmp_path)
    set_up("backup", tmp_path / "good.zip")
    with zipfile.ZipFile(tmp_path / "good.zip") as good, zipfile.ZipFile(tmp_path / "evil.zip", "w") as evil:
        manifest = json.loads(good.read("manifest.json"))
        manifest["sha256"]["data/../../evil.txt"] = "0" * 64
        for name in good.namelist():
            evil.writestr(name, json.dumps(manifest) if name == "manifest.json" else good.read(name))
        evil.writestr("data/../../evil.txt", "boo")

    assert "leaves it" in shell("restore", tmp_path / "evil.zip", fails=1)
    assert not (tmp_path / "evil.txt").exists()
    assert not (shell.data / "matterflow.db").exists()
