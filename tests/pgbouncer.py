"""A pgbouncer for tests: the machine's own, or Debian's package unpacked into ``.venv`` without installing it.

It pools by transactions: every transaction may run on another of the server's connections, so whatever a program
leaves on one (a prepared statement, a setting, a lock of the session) is lost or somebody else's.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa

from tests.installation import free_port

FETCHED = Path(sys.prefix) / "pgbouncer"
#: The program and what of its libraries a small Debian lacks.
PACKAGES = ("pgbouncer", "libevent-2.1-7", "libc-ares2")
TIMEOUT_S = 120


class NoPgbouncer(RuntimeError):
    """There is no pgbouncer here and none can be fetched."""


def program() -> Path:
    """Return pgbouncer's program, fetching Debian's package when there is none.

    Raises:
        NoPgbouncer: it cannot be fetched either.
    """
    found = os.environ.get("TEST_PGBOUNCER") or shutil.which("pgbouncer", path=f"{os.defpath}:/usr/sbin")
    if found:
        return Path(found)
    unpacked = FETCHED / "usr" / "sbin" / "pgbouncer"
    if not unpacked.exists():
        _fetch()
    return unpacked


def _fetch() -> None:
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise NoPgbouncer("no apt-get here")
    with tempfile.TemporaryDirectory() as folder:
        got = subprocess.run(
            ["apt-get", "-qq", "download", *PACKAGES], cwd=folder, capture_output=True, text=True, check=False,
            timeout=TIMEOUT_S,
        )  # fmt: skip
        packages = sorted(Path(folder).glob("*.deb"))
        if got.returncode or len(packages) != len(PACKAGES):
            raise NoPgbouncer(got.stderr)
        half = Path(tempfile.mkdtemp(dir=FETCHED.parent, prefix=".pgbouncer-"))
        for package in packages:
            subprocess.run(["dpkg", "-x", package, half], check=True, timeout=TIMEOUT_S)
        try:
            half.rename(FETCHED)
        except OSError:  # another run was faster
            shutil.rmtree(half, ignore_errors=True)


@contextmanager
def in_front_of(url: str, *, connections: int) -> Iterator[str]:
    """Run a pgbouncer that shares ``connections`` of the server's among all; give its address for the same database."""
    binary = program()
    target = sa.make_url(url)
    socket_folder, name, port = str(target.query["host"]), target.database, free_port()
    folder = Path(tempfile.mkdtemp(prefix="mf-pgb-", dir="/tmp"))
    person: dict = {}
    if os.geteuid() == 0:  # pgbouncer refuses root, and whoever it runs as may not see root's folders
        nobody = pwd.getpwnam("nobody")
        person = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        libraries = [path for path in FETCHED.rglob("*.so*") if path.is_file()] if FETCHED.exists() else []
        for path in (binary, *libraries):
            shutil.copy(path, folder / path.name)
        binary = folder / binary.name
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n{name} = host={socket_folder} dbname={name} user=postgres\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"pool_mode = transaction\ndefault_pool_size = {connections}\nmax_client_conn = 500\n"
        "server_reset_query =\nignore_startup_parameters = extra_float_digits\n"
    )
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755)
    lib = folder if person else next(FETCHED.glob("usr/lib/*-linux-gnu"), folder)
    log = (folder / "log").open("wb")
    running = subprocess.Popen(
        [binary, settings], env={"LD_LIBRARY_PATH": str(lib)}, stdout=log, stderr=log, cwd=folder, **person
    )
    address = f"postgresql://postgres@127.0.0.1:{port}/{name}"
    try:
        _wait(address, running, folder / "log")
        yield f"{address}?pgbouncer=true"
    finally:
        running.kill()
        running.wait()
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(address: str, running: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + 20
    while True:
        try:
            psycopg.connect(address, connect_timeout=3).close()
        except psycopg.OperationalError as refusal:
            if running.poll() is not None or time.monotonic() > ends:
                raise NoPgbouncer(log.read_text(errors="replace") or str(refusal)) from refusal
            time.sleep(0.05)
        else:
            return
