"""Reads bundles from wherever they come: a folder, a lone model, a zip, an upload."""

import hashlib
import io
import re
import stat
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, cast

from engine import limits, yaml_text
from engine.errors import BundleUnreadable

#: No control characters, and none that UTF-8 has no bytes for.
_NAME = re.compile(rf"[^\x00-\x1f\ud800-\udfff]{{1,{limits.FILE_NAME}}}\Z")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
#: Where a bundle carries what it calls of other bundles.
CALLED_FOLDER = "called"
_WANTED = (".bpmn", ".bpmn20.xml", ".dmn", ".form", ".yaml", ".yml", ".md", ".docx", ".json")
Resources = Mapping[str, bytes]


def read(path: Path) -> dict[str, bytes]:
    """Read a bundle's folder, a ``.bpmn`` file or a zip.

    Raises:
        BundleUnreadable: nothing is there, or it breaks a limit.
    """
    if path.is_dir():
        own = list(_files(path))
        return _checked(path.name, [*own, *_called(path, dict(own))])
    if not path.is_file():
        raise BundleUnreadable(str(path), "there is no such file or folder")
    if path.stat().st_size > limits.BUNDLE_BYTES:
        raise BundleUnreadable(path.name, f"it is larger than {limits.BUNDLE_BYTES // 1_000_000} MB")
    return from_uploads([(path.name, path.read_bytes())])


def from_uploads(items: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """Gather uploaded files; zips are unpacked, names are made relative and checked.

    Raises:
        BundleUnreadable: a name leaves the bundle, a zip is damaged, or a limit is broken.
    """
    gathered: list[tuple[str, bytes]] = []
    for name, content in items:
        if content[:4] == b"PK\x03\x04" and not name.endswith(".docx"):
            gathered.extend(_unzip(name, content))
        else:
            gathered.append((name, content))
    if not gathered:
        raise BundleUnreadable("upload", "it holds no file")
    return _checked("upload", gathered)


def content_hash(resources: Resources) -> str:
    """Return a SHA-256 over names and contents, in name order."""
    digest = hashlib.sha256()
    for name in sorted(resources):
        digest.update(f"{len(name.encode())}:{name}:{len(resources[name])}:".encode())
        digest.update(resources[name])
    return digest.hexdigest()


def calls(description: bytes | None) -> list[str]:
    """Return the bundles whose processes a bundle's own call: ``calls`` of its ``process.yaml``."""
    try:
        said: Any = yaml_text.read(description or b"{}")
    except yaml_text.YamlRefused:
        return []  # the deployment says what is wrong with it
    named: Any = cast("dict[str, Any]", said).get("calls") if isinstance(said, dict) else None
    return [name for name in cast("list[Any]", named) if isinstance(name, str)] if isinstance(named, list) else []


def _files(folder: Path) -> Iterable[tuple[str, bytes]]:
    for file in sorted(folder.rglob("*")):
        if _is_wanted(file):
            yield file.relative_to(folder).as_posix(), file.read_bytes()


def _called(folder: Path, own: Resources) -> Iterable[tuple[str, bytes]]:
    """Take along the models, forms and decisions of the bundles beside this one that its processes call."""
    for name in calls(own.get("process.yaml")):
        beside = folder.parent / name
        if not _KEY.match(name) or not beside.is_dir():
            raise BundleUnreadable(folder.name, f"it calls '{name[:100]}', and there is no such bundle beside it")
        for file, content in _files(beside):
            if file.endswith((".bpmn", ".form", ".dmn")):
                yield f"{CALLED_FOLDER}/{name}/{file}", content


def _is_wanted(file: Path) -> bool:
    name = file.name.lower()
    hidden = any(part.startswith(".") for part in file.parts)
    # a link could lead out of the bundle
    return not file.is_symlink() and file.is_file() and name.endswith(_WANTED) and not hidden


def _unzip(name: str, content: bytes) -> list[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            for member in members:
                if stat.S_ISLNK(member.external_attr >> 16):
                    raise BundleUnreadable(name, f"'{member.filename[:100]}' is a link, not a file")
            if len(members) > limits.BUNDLE_FILES:
                raise BundleUnreadable(name, f"it holds more than {limits.BUNDLE_FILES} files")
            if sum(member.file_size for member in members) > limits.BUNDLE_BYTES:
                raise BundleUnreadable(name, f"it unpacks to more than {limits.BUNDLE_BYTES // 1_000_000} MB")
            return [(member.filename, _member(name, archive, member)) for member in members]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise BundleUnreadable(name, f"it is no readable zip: {error}") from error


def _member(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as file:
        content = file.read(member.file_size + 1)
    if len(content) > member.file_size:
        raise BundleUnreadable(name, f"'{member.filename}' is larger than the zip says")
    return content


def _checked(bundle: str, items: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    resources: dict[str, bytes] = {}
    size = 0
    for name, content in items:
        if not _NAME.match(name):
            shown = name.encode("utf-8", "replace").decode()[:100]
            raise BundleUnreadable(
                bundle, f"the file name '{shown}' is too long or holds characters that names have not"
            )
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name or not path.name:
            raise BundleUnreadable(bundle, f"the file name '{name}' leaves the bundle")
        size += len(content)
        if size > limits.BUNDLE_BYTES or len(resources) >= limits.BUNDLE_FILES:
            raise BundleUnreadable(
                bundle, f"it holds more than {limits.BUNDLE_FILES} files or {limits.BUNDLE_BYTES // 1_000_000} MB"
            )
        if path.as_posix() in resources:
            raise BundleUnreadable(bundle, f"the file '{path.as_posix()}' is there twice")
        resources[path.as_posix()] = content
    return _without_common_folder(resources)


def _without_common_folder(resources: dict[str, bytes]) -> dict[str, bytes]:
    """A zip of a folder holds that folder: drop it, so that ``intake/intake.bpmn`` is ``intake.bpmn``."""
    tops = {name.split("/", 1)[0] for name in resources}
    if len(tops) == 1 and all("/" in name for name in resources):
        top = tops.pop()
        if top not in ("forms", "decisions", "letters", "scenarios", "translations"):
            return {name.split("/", 1)[1]: content for name, content in resources.items()}
    return resources
