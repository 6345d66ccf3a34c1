"""A PostgreSQL whose whole disk is a file system of its own, so small that it can be filled: in earnest, with ENOSPC.

The file system lives in memory, in a mount namespace that a user namespace allows an ordinary user to have; nobody
else on the machine sees it. Where user namespaces are forbidden there is no such disk (``SmallDisk.reason``).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg

from tests import postgres

SIZE_MB = 224
#: Mounts the disk as root of a user namespace; PostgreSQL, which refuses root, runs in another one inside it.
MOUNT = 'mount -t tmpfs -o size="$1"m,mode=0700 small "$2" && shift 2 && exec unshare --user --map-user=1000 --map-group=1000 "$@"'
ENTER = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", MOUNT, "small_disk")
#: Keeps the disk mounted and the server running on it until its standard input closes; fills and empties the disk.
KEEPER = """
"$1/initdb" -D "$2/data" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >initdb.log 2>&1 || exit 1
programs=$1 disk=$2
serve() { shift 2; "$programs/postgres" -D "$disk/data" "$@" >>server.log 2>&1 & server=$!; }
serve "$@"
while read order; do
    case $order in
        fill) for size in 1M 4k; do dd if=/dev/zero of="$disk/ballast" bs=$size oflag=append conv=notrunc 2>/dev/null; done ;;
        empty) rm -f "$disk/ballast"; kill -0 "$server" 2>/dev/null || serve "$@" ;;
    esac
    echo done
done
kill -QUIT "$server" 2>/dev/null
wait "$server"
"""


class SmallDisk:
    """One PostgreSQL on a disk that can be filled."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="mf-disk-", dir="/tmp"))
        self._disk = self._folder / "disk"
        self._disk.mkdir()
        binaries = postgres._binaries(self._folder)
        person = postgres._unprivileged(self._folder)
        options = [text for name, value in postgres.SETTINGS.items() for text in ("-c", f"{name}={value}")]
        self._keeper = subprocess.Popen(
            [*ENTER, str(SIZE_MB), self._disk, "sh", "-c", KEEPER, "keeper", binaries, self._disk,
             "-k", self._folder, *options, "-c", "synchronous_commit=on", "-c", "fsync=on"],
            cwd=self._folder, env={"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **person,
        )  # fmt: skip
        self._address = f"postgresql://postgres@/postgres?host={self._folder}"
        postgres._wait_until_ready(self._address, self._folder, self._keeper)
        with psycopg.connect(self._address, autocommit=True) as connection:
            connection.execute("CREATE DATABASE small")
        self.url = f"postgresql+psycopg://postgres@/small?host={self._folder}"

    @staticmethod
    def reason() -> str:
        """Say why there can be no such disk here; nothing when there can."""
        if shutil.which("unshare") is None:
            return "there is no unshare (util-linux)"
        with tempfile.TemporaryDirectory() as place:
            Path(place).chmod(0o777)  # empty, and gone in a moment
            person = postgres._unprivileged(Path(place))
            tried = subprocess.run([*ENTER, "1", place, "true"], capture_output=True, check=False, text=True, **person)
        return tried.stderr.strip() or ("" if tried.returncode == 0 else "user namespaces are forbidden here")

    def fill(self) -> None:
        """Leave not a byte on the disk."""
        self._order("fill")

    def empty(self) -> None:
        """Give the space back, and start the server where it has ended for want of it."""
        self._order("empty")
        postgres._wait_until_ready(self._address, self._folder, self._keeper)

    def refusals(self) -> int:
        """Return how often PostgreSQL has met the end of its disk."""
        return (self._folder / "server.log").read_text(errors="replace").count("No space left on device")

    def stop(self) -> None:
        """End the server; the disk goes with its last process."""
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()
        self._keeper.wait(timeout=postgres.START_TIMEOUT_S)
        assert self._keeper.stdout is not None
        self._keeper.stdout.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _order(self, word: str) -> None:
        assert self._keeper.stdin is not None
        assert self._keeper.stdout is not None
        self._keeper.stdin.write(f"{word}\n")
        self._keeper.stdin.flush()
        assert self._keeper.stdout.readline() == "done\n", "the keeper of the disk is gone"
