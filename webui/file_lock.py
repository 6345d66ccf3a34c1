"""A lock on a file: what one process of an installation may do at a time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO


class FileLock:
    """A lock on a file that the operating system gives back when its holder ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    @classmethod
    def beside(cls, file: Path, purpose: str) -> FileLock:
        """Make the lock for one purpose on a database file."""
        return cls(file.with_name(f"{file.name}.{purpose}.lock"))

    def acquire(self) -> bool:
        """Take the lock if nobody holds it."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self._path.open("ab")
        if not _lock(file):
            file.close()
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Give it back."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _lock(file: IO[bytes]) -> bool:
    try:
        if os.name == "nt":
            import msvcrt  # noqa: PLC0415

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl  # noqa: PLC0415

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
