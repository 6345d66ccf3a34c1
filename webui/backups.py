"""Backup and restore: database and documents in one archive, made while the server runs.

The keys that open sealed values (``Settings.keys_dir``) are not in it: who finds a backup reads no telephone number.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import sqlalchemy as sa

from config.settings import Settings
from engine import clock, database
from webui import upgrades
from webui.refusal import Refusal
from webui.trail import HEADS

FORMAT = 1
_SQLITE, _POSTGRES = "database/matterflow.db", "database/matterflow.dump"
_MANIFEST, _FILES = "manifest.json", "data"
#: Beside the database file: what SQLite and the worker keep there for themselves.
_NOT_KEPT = ("-wal", "-shm", "-journal", ".worker.lock", ".serve.lock")


class BackupRefused(Refusal):
    """No backup was made, or nothing was restored; the text says why."""


def backup(settings: Settings, archive: Path) -> dict[str, Any]:
    """Write the archive; return its manifest.

    Raises:
        BackupRefused: the archive exists, there is no database, or ``pg_dump`` is missing.
    """
    if archive.exists():
        raise BackupRefused(f"{archive} exists already; a backup never overwrites one.")
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent, prefix=".backup-") as scratch:
        member, dump, schema = _dump(settings, Path(scratch))
        files = _files(settings)
        half = Path(scratch) / "archive.zip"
        with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as into:
            sums = {member: _add(into, dump, member)}
            for path in files:
                name = f"{_FILES}/{path.relative_to(settings.data_dir).as_posix()}"
                sums[name] = _add(into, path, name)
            manifest = {
                "format": FORMAT,
                "made_at": clock.utc_now().isoformat(timespec="seconds"),
                "schema": schema,
                "database": member,
                "files": len(files),
                "sha256": sums,
            }
            into.writestr(_MANIFEST, json.dumps(manifest, indent=1))
        half.chmod(0o600)
        half.replace(archive)
    return manifest


def restore(settings: Settings, archive: Path) -> dict[str, Any]:
    """Bring an archive back; return its manifest. Either all of it comes back or nothing.

    Raises:
        BackupRefused: something would be overwritten, or the archive is damaged or for the other kind of database.
    """
    try:
        with zipfile.ZipFile(archive) as source:
            manifest = json.loads(source.read(_MANIFEST))
            _refuse_to_overwrite(settings, manifest)
            settings.make_data_dir()
            with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix=".restore-") as scratch:
                unpacked = _unpack(source, manifest, Path(scratch))
                _load(settings, manifest, unpacked)
                for name, path in unpacked.items():
                    if name.startswith(f"{_FILES}/"):
                        target = settings.data_dir / name.removeprefix(f"{_FILES}/")
                        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                        path.replace(target)
    except (zipfile.BadZipFile, KeyError, json.JSONDecodeError, UnicodeDecodeError) as broken:
        raise BackupRefused(f"{archive} is no backup of Matterflow, or it is damaged: {broken}.") from broken
    return manifest


def _dump(settings: Settings, scratch: Path) -> tuple[str, Path, str | None]:
    if not settings.is_sqlite:
        return _POSTGRES, *_pg_dump(settings, scratch / "matterflow.dump")
    file = settings.database_file
    if file is None or not file.exists():
        raise BackupRefused("There is no database to back up.")
    copy = scratch / "matterflow.db"
    source, target = sqlite3.connect(f"file:{file}?mode=ro", uri=True), sqlite3.connect(copy)
    try:
        source.backup(target)
        if target.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise BackupRefused("The database is damaged; no backup was made.")
        target.execute("PRAGMA journal_mode=DELETE")
        has_schema = target.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        row = target.execute("SELECT version_num FROM alembic_version").fetchone() if has_schema else None
    finally:
        source.close()
        target.close()
    return _SQLITE, copy, row[0] if row else None


def _pg_dump(settings: Settings, dump: Path) -> tuple[Path, str | None]:
    engine = database.create_engine(settings.database_url)
    with engine.connect() as connection:
        schema = upgrades.current_revision(connection)
    engine.dispose()
    _run_pg("pg_dump", settings, "--format=custom", "--no-owner", "--no-acl", f"--file={dump}")
    return dump, schema


def _run_pg(program: str, settings: Settings, *arguments: str) -> None:
    path = shutil.which(program)
    if path is None:
        raise BackupRefused(f"{program} is not installed; it comes with PostgreSQL's client programs.")
    direct = database.without_pooling(sa.make_url(settings.database_direct_url))
    url = direct.set(drivername="postgresql")
    environ = os.environ | ({"PGPASSWORD": url.password} if url.password else {})
    address = url.set(password=None).render_as_string()
    done = subprocess.run(  # noqa: S603 - our own arguments
        [path, *arguments, f"--dbname={address}"], env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BackupRefused(f"{program} failed: {' '.join(done.stderr.split())}")


def _files(settings: Settings) -> list[Path]:
    """Return the data directory's files but the database's own."""
    kept = settings.database_file
    own = {kept.name, *(kept.name + ending for ending in _NOT_KEPT)} if kept is not None else set()
    found: list[Path] = []
    for path in sorted(settings.data_dir.rglob("*")):
        relative = path.relative_to(settings.data_dir)
        if path.is_symlink() or not path.is_file() or relative.parts[0].startswith("."):
            continue
        if path.is_relative_to(settings.keys_dir):  # never in one place with what it opens
            continue
        # Heads of the audit trail may be younger than the dump, and prove nothing beside it.
        if not (len(relative.parts) == 1 and path.name in {*own, HEADS}) and path.suffix != ".zip":
            found.append(path)
    return found


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> str:
    archive.write(path, name)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refuse_to_overwrite(settings: Settings, manifest: dict[str, Any]) -> None:
    if manifest.get("format") != FORMAT:
        raise BackupRefused("The backup was made by a newer release.")
    if (manifest["database"] == _SQLITE) != settings.is_sqlite:
        raise BackupRefused("The backup is of the other kind of database than MATTERFLOW_DATABASE_URL names.")
    file = settings.database_file
    if file is not None and file.exists():
        raise BackupRefused(f"{file} exists already; a backup is only restored where there is nothing.")
    for name in manifest["sha256"]:
        if name.startswith(f"{_FILES}/") and (settings.data_dir / name.removeprefix(f"{_FILES}/")).exists():
            taken = settings.data_dir / name.removeprefix(f"{_FILES}/")
            raise BackupRefused(f"{taken} exists already; a backup is only restored where there is nothing.")
    if file is None:
        engine = database.create_engine(settings.database_url)
        with engine.connect() as connection:
            empty = upgrades.is_empty(connection)
        engine.dispose()
        if not empty:
            raise BackupRefused("The database holds tables already; a backup is only restored where there is nothing.")


def _unpack(archive: zipfile.ZipFile, manifest: dict[str, Any], scratch: Path) -> dict[str, Path]:
    unpacked: dict[str, Path] = {}
    for name, wanted in manifest["sha256"].items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or path.parts[0] not in ("database", _FILES):
            raise BackupRefused(f"The backup holds a file that leaves it: {name}.")
        target = scratch / path
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with (
            archive.open(name) as source,
            os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
        ):
            while chunk := source.read(1024 * 1024):
                digest.update(chunk)
                file.write(chunk)
        if digest.hexdigest() != wanted:
            raise BackupRefused(f"The backup is damaged: {name} is not what was backed up.")
        unpacked[name] = target
    return unpacked


def _load(settings: Settings, manifest: dict[str, Any], unpacked: dict[str, Path]) -> None:
    dump = unpacked[manifest["database"]]
    file = settings.database_file
    if file is None:
        _run_pg("pg_restore", settings, "--no-owner", "--no-acl", "--exit-on-error", "--single-transaction", str(dump))
        return
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copyfile(dump, file.with_name(f".{file.name}.restored"))
    file.with_name(f".{file.name}.restored").rename(file)
