"""How the text of a setting is read: a function for each kind of value, which refuses in one sentence."""

from __future__ import annotations

import sysconfig
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config import ConfigError

PREFIX = "MATTERFLOW_"
#: The folder that holds ``config/``, ``processes/`` and the other packages: the checkout or site-packages.
ROOT = Path(__file__).resolve().parent.parent
#: Characters of a key that signs sessions.
LEAST_SECRET = 32


class SettingError(ConfigError):
    """A setting cannot be read; the text names the variable and what it should be."""

    def __init__(self, name: str, wanted: str, got: str | None = None) -> None:
        said = "" if got is None else f", not {got!r}"
        super().__init__(f"{PREFIX}{name} must be {wanted}{said}.")


def text(_name: str, text: str) -> str:
    """Take the text as it is."""
    return text


def switch(name: str, text: str) -> bool:
    """Read whether something is on."""
    word = text.lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("", "0", "false", "no", "off"):
        return False
    raise SettingError(name, "1 or 0 (or yes, no, true, false, on, off)", text)


def whole_number(least: int, most: int) -> Callable[[str, str], int]:
    """Return what reads a whole number between two, both included."""

    def read(name: str, text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() else -1
        if not least <= number <= most:
            raise SettingError(name, f"a whole number from {least} to {most}", text)
        return number

    return read


def one_of(*words: str) -> Callable[[str, str], str]:
    """Return what reads one of these words, in whatever case."""

    def read(name: str, text: str) -> str:
        for word in words:
            if word.lower() == text.lower():
                return word
        raise SettingError(name, "one of " + ", ".join(words), text)

    return read


def database_url(name: str, text: str) -> str:
    """Read the address of a database."""
    if not text:
        return ""
    scheme = text.partition(":")[0].partition("+")[0]
    if scheme not in ("sqlite", "postgresql", "postgres") or "://" not in text:
        # The address may hold a password, so it is not repeated.
        raise SettingError(name, "an address such as sqlite:////srv/matterflow.db or postgresql://user@host/name")
    return text


def data_dir(name: str, text: str) -> Path:
    """Read the folder that everything is kept in."""
    path = (Path(text).expanduser() if text else _default_data_dir()).absolute()
    packages = Path(sysconfig.get_path("purelib"))
    if path.resolve().is_relative_to(packages.resolve()):
        raise SettingError(name, "a folder outside the installed packages", str(path))
    if path.exists() and not path.is_dir():
        raise SettingError(name, "a folder", str(path))
    return path


def _default_data_dir() -> Path:
    here = Path.cwd()
    if (here / "data").is_dir() or (here == ROOT and (ROOT / "pyproject.toml").is_file()):
        return here / "data"
    import platformdirs  # noqa: PLC0415 - needed only outside a checkout, and start-up time counts

    return platformdirs.user_data_path("matterflow", appauthor=False)


def processes_dir(name: str, text: str) -> Path:
    """Read the folder of the shipped bundles."""
    if not text:
        return ROOT / "processes" / "bpmn"
    path = Path(text).expanduser().absolute()
    if not path.is_dir():
        raise SettingError(name, "an existing folder", text)
    return path


def duration(name: str, text: str) -> timedelta:
    """Read a duration; nothing is none."""
    if not text:
        return timedelta(0)
    import isodate  # noqa: PLC0415 - rehearsals only

    try:
        duration = cast(Any, isodate).parse_duration(text)  # it is half typed
        return duration if isinstance(duration, timedelta) else duration.totimedelta(start=datetime.now(UTC))
    except (isodate.ISO8601Error, OverflowError, ValueError, TypeError):
        raise SettingError(name, "an ISO 8601 duration such as P14DT1S or -PT2H", text) from None


def secret(name: str, text: str) -> str:
    """Read a key that is too long to be guessed."""
    if text and len(text) < LEAST_SECRET:
        raise SettingError(name, f"at least {LEAST_SECRET} characters of randomness")
    return text


def time_zone(name: str, text: str) -> str:
    """Read the name of a time zone."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingError(name, "a time zone such as UTC or Europe/Vienna", text) from None
    return text


def public_url(name: str, text: str) -> str:
    """Read the address under which people reach the pages."""
    if not text:
        return ""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise SettingError(name, "an address such as https://matters.firm.example", text)
    return text.rstrip("/")


def words(_name: str, text: str) -> tuple[str, ...]:
    """Read words with spaces or commas between them."""
    return tuple(word for word in text.replace(",", " ").split() if word)


def hours(name: str, text: str) -> tuple[time, time]:
    """Read from when to when on one day."""
    try:
        opens, closes = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError:
        opens = closes = time()
    if not opens < closes:
        raise SettingError(name, "two times of one day such as 09:00-18:00", text)
    return opens, closes
