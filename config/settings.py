"""Settings: read once from ``MATTERFLOW_*`` environment variables into a frozen dataclass.

Each variable is one :class:`Setting` in :data:`SETTINGS`, with its default and a sentence that says
what it does; ``matterflow settings`` prints them. A value that cannot be read is refused with one
sentence that names the variable.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from config import reading
from config.reading import PREFIX, SettingError

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
MIB = 1024 * 1024


class Setting(NamedTuple):
    """One variable: its name without the prefix, its default as text, how it is read and what it does."""

    name: str
    default: str
    read: Callable[[str, str], Any]
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this installation runs; made by :func:`from_environment`."""

    data_dir: Path
    database_url: str
    given_direct_url: str
    host: str
    port: int
    demo: bool
    log_level: str
    log_format: str
    clock_offset: timedelta
    workers: int
    embedded_worker: bool
    job_queue: str
    job_threads: int
    #: Seconds.
    job_lease: int
    max_upload: int
    https: bool
    trusted_proxies: int
    sign_in_attempts: int
    access_matters: int
    access_guesses: int
    access_walled: int
    access_minutes: int
    language: str
    pseudo_language: bool
    time_zone: str
    processes_dir: Path
    #: As given; empty means the address the server listens on (:func:`public_url`).
    given_public_url: str
    #: Empty: no mail is sent.
    smtp_host: str
    smtp_port: int
    smtp_security: str
    smtp_user: str
    smtp_password: str = field(repr=False)
    #: Empty: matterflow at the mail server's name.
    smtp_from: str
    web_push: bool
    push_services: tuple[str, ...]
    #: Local times.
    office_hours: tuple[time, time]
    #: Empty: none is asked for.
    metrics_secret: str = field(repr=False)
    #: As given; empty means the one kept in the data directory (:func:`secret_key`).
    given_secret_key: str = field(repr=False)
    #: As given; empty means the one kept in the data directory (:func:`contact_key`).
    given_contact_key: str = field(repr=False)
    #: As given; empty means the one kept in the data directory (:func:`audit_key`).
    given_audit_key: str = field(repr=False)

    @property
    def is_sqlite(self) -> bool:
        """Say whether the database is one file of ours."""
        return self.database_url.startswith("sqlite")

    @property
    def database_file(self) -> Path | None:
        """The SQLite file, or nothing for PostgreSQL and for a database in memory."""
        if not self.is_sqlite:
            return None
        path = self.database_url.partition("///")[2].partition("?")[0]
        return Path(path) if path and path != ":memory:" else None

    @property
    def database_direct_url(self) -> str:
        """The database past any pooler: for what listens, and for backups."""
        return self.given_direct_url or self.database_url

    def secret_key(self) -> str:
        """Return the key that signs sessions; generated once into the data directory, readable by its owner only."""
        return self.given_secret_key or _kept_secret(self.data_dir / "secret_key")

    def contact_key(self) -> str:
        """Return the key that seals telephone numbers and addresses; generated once into a folder of its own.

        A backup leaves that folder out: who finds a backup reads no number.
        """
        return self.given_contact_key or _kept_secret(self.keys_dir / "contact_points")

    @property
    def public_url(self) -> str:
        """The address by which people reach the server, without a slash at the end: for links in mails."""
        if self.given_public_url:
            return self.given_public_url
        host = "localhost" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104 - read, not listened on
        return f"{'https' if self.https else 'http'}://{host}:{self.port}"

    @property
    def mail_sender(self) -> str:
        """Who mails are from."""
        return self.smtp_from or f"Matterflow <matterflow@{self.smtp_host or 'localhost'}>"

    @property
    def keys_dir(self) -> Path:
        """The folder of keys that are never in one place with what they open, but here."""
        return self.data_dir / "keys"

    def audit_key(self) -> bytes:
        """Return the key of the audit trail's hashes of secrets and of its heads; kept like the contact points'."""
        return (self.given_audit_key or _kept_secret(self.keys_dir / "audit")).encode()

    def make_data_dir(self) -> Path:
        """Create the data directory (owner only) when it is missing."""
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self.data_dir


def from_environment(environ: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """Read the settings; keyword arguments (field names) win over the environment.

    Raises:
        SettingError: a variable cannot be read.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        text = environ.get(PREFIX + setting.name, "").strip() or setting.default
        values[_field_of(setting.name)] = setting.read(setting.name, text)
    values.update(given)
    if not values["database_url"]:
        values["database_url"] = f"sqlite:///{values['data_dir'] / 'matterflow.db'}"
    made = Settings(**values)
    if made.job_queue == "procrastinate" and made.is_sqlite:
        raise SettingError("JOB_QUEUE", "embedded on SQLite, because Procrastinate needs PostgreSQL", made.job_queue)
    return made


def unknown_variables(environ: Mapping[str, str] | None = None) -> list[str]:
    """Name the ``MATTERFLOW_*`` variables that nothing reads: most likely misspelt."""
    environ = os.environ if environ is None else environ
    known = {PREFIX + setting.name for setting in SETTINGS}
    return sorted(name for name in environ if name.startswith(PREFIX) and name not in known)


def _field_of(name: str) -> str:
    return {
        "SECRET_KEY": "given_secret_key",
        "CONTACT_KEY": "given_contact_key",
        "AUDIT_KEY": "given_audit_key",
        "METRICS_TOKEN": "metrics_secret",
        "DATABASE_DIRECT_URL": "given_direct_url",
        "PUBLIC_URL": "given_public_url",
    }.get(name, name.lower())


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)  # two processes starting at once agree on the first one's key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text(encoding="ascii").strip()


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "DATA_DIR",
        "",
        reading.data_dir,
        "Folder of the database, documents and keys. Default: ./data in a checkout or where it exists, else the "
        "platform's folder for a person's data.",
    ),
    Setting(
        "DATABASE_URL",
        "",
        reading.database_url,
        "Where the records are: sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME. Default: matterflow.db in the "
        "data directory. Behind pgbouncer in transaction mode add ?pgbouncer=true.",
    ),
    Setting(
        "DATABASE_DIRECT_URL",
        "",
        reading.database_url,
        "The same PostgreSQL past the pooler, for what needs a connection of its own: backups, and Procrastinate's "
        "listening. Default: MATTERFLOW_DATABASE_URL.",
    ),
    Setting("HOST", "127.0.0.1", reading.text, "Address the server listens on; 0.0.0.0 for every network interface."),
    Setting("PORT", "8000", reading.whole_number(1, 65535), "Port the server listens on."),
    Setting(
        "SECRET_KEY",
        "",
        reading.secret,
        "Key that signs sessions, 32 characters or more. Default: generated once into the data directory.",
    ),
    Setting(
        "CONTACT_KEY",
        "",
        reading.secret,
        "Key that seals telephone numbers and addresses, 32 characters or more; all nodes of a firm have the same. "
        "Default: generated once into keys/ in the data directory, which backups leave out: keep a copy elsewhere.",
    ),
    Setting(
        "AUDIT_KEY",
        "",
        reading.secret,
        "Key of the audit trail's hashes of secret values and of the signatures under its heads, 32 characters or "
        "more; the same on all nodes. Default: generated once into keys/ in the data directory; backups leave it out.",
    ),
    Setting(
        "DEMO",
        "0",
        reading.switch,
        "1 shows the demo firm's log-ins on the sign-in page. Never set it for a real firm.",
    ),
    Setting(
        "LOG_LEVEL",
        "INFO",
        reading.one_of(*LOG_LEVELS),
        "Least weight of what is logged: " + ", ".join(LOG_LEVELS) + ".",
    ),
    Setting(
        "LOG_FORMAT", "text", reading.one_of("text", "json"), "text for people, json for programs; both go to stderr."
    ),
    Setting(
        "CLOCK_OFFSET",
        "",
        reading.duration,
        "Moves this program's clock by an ISO 8601 duration (P14DT1S): for rehearsals of what time brings, never for "
        "real work.",
    ),
    Setting("WORKERS", "32", reading.whole_number(1, 512), "Requests that are served at the same time."),
    Setting(
        "EMBEDDED_WORKER",
        "1",
        reading.switch,
        "1 runs timers and jobs inside the server; 0 leaves them to `matterflow worker`.",
    ),
    Setting(
        "JOB_QUEUE",
        "embedded",
        reading.one_of("embedded", "procrastinate"),
        "How due timers and jobs reach workers: embedded (our own table, on either database and any number of nodes) "
        "or procrastinate (PostgreSQL only). All nodes of a firm name the same.",
    ),
    Setting(
        "JOB_THREADS",
        "4",
        reading.whole_number(1, 64),
        "Jobs that one process carries out at the same time. On SQLite it is one, because one writes at a time.",
    ),
    Setting(
        "JOB_LEASE",
        "30",
        reading.whole_number(2, 3600),
        "Seconds after which another worker takes over what a vanished worker had taken.",
    ),
    Setting(
        "MAX_UPLOAD", str(20 * MIB), reading.whole_number(1024, 1024 * MIB), "Largest request that is read, in bytes."
    ),
    Setting(
        "HTTPS", "0", reading.switch, "1 when people reach the server by https: cookies are then never sent without it."
    ),
    Setting(
        "TRUSTED_PROXIES",
        "0",
        reading.whole_number(0, 10),
        "Reverse proxies in front of the server whose X-Forwarded-* headers are believed.",
    ),
    Setting(
        "SIGN_IN_ATTEMPTS",
        "10",
        reading.whole_number(1, 100_000),
        "Failed sign-ins allowed in five minutes for one name; an address may fail four times as often.",
    ),
    Setting(
        "ACCESS_MATTERS",
        "5",
        reading.whole_number(2, 10_000),
        "Different matters and enquiries that are not for somebody: from so many attempts on, their account is locked "
        "until the case is decided.",
    ),
    Setting(
        "ACCESS_GUESSES",
        "30",
        reading.whole_number(2, 10_000),
        "Different numbers under which there is nothing: from so many on, the account of who guesses is locked.",
    ),
    Setting(
        "ACCESS_WALLED",
        "1",
        reading.whole_number(1, 1_000),
        "Attempts at what an ethical wall keeps somebody out of: from so many on, their account is locked. The same "
        "attempt again within a minute is one.",
    ),
    Setting(
        "ACCESS_MINUTES",
        "10",
        reading.whole_number(1, 1_440),
        "Minutes within which attempts at access are counted together.",
    ),
    Setting(
        "LANGUAGE",
        "en",
        reading.text,
        "Language of the pages for people who chose none and whose browser asks for none we have.",
    ),
    Setting(
        "PSEUDO_LANGUAGE",
        "0",
        reading.switch,
        "1 to offer a language that runs from right to left and that a machine made up, to look at the pages with.",
    ),
    Setting("TIME_ZONE", "UTC", reading.time_zone, "The firm's time zone: what a date on a page means."),
    Setting(
        "PROCESSES_DIR",
        "",
        reading.processes_dir,
        "Folder of process bundles. Default: the ones that come with the product.",
    ),
    Setting(
        "PUBLIC_URL",
        "",
        reading.public_url,
        "Address by which people reach the server, for links in mails: https://matters.firm.example. Default: the "
        "address it listens on.",
    ),
    Setting(
        "SMTP_HOST",
        "",
        reading.text,
        "Mail server by which reminders and notices go out. Default: none, and no mail is sent.",
    ),
    Setting(
        "SMTP_PORT", "587", reading.whole_number(1, 65535), "Port of the mail server: 587 with starttls, 465 with tls."
    ),
    Setting(
        "SMTP_SECURITY",
        "starttls",
        reading.one_of("starttls", "tls", "none"),
        "How the way to the mail server is sealed: starttls, tls from the first byte, or none for a server on the same "
        "machine.",
    ),
    Setting("SMTP_USER", "", reading.text, "Name to sign in to the mail server with. Default: nobody signs in."),
    Setting("SMTP_PASSWORD", "", reading.text, "Password for it."),
    Setting(
        "SMTP_FROM",
        "",
        reading.text,
        "Sender of mails: Matterflow <matterflow@firm.example>. Default: matterflow at the mail server's name.",
    ),
    Setting(
        "WEB_PUSH",
        "1",
        reading.switch,
        "1 lets people be told in their browsers by web push; the server then calls the browsers' own push services.",
    ),
    Setting(
        "PUSH_SERVICES",
        "",
        reading.words,
        "Further push services that may be called, beside those of the usual browsers: host names, those that begin "
        "with a dot for all below.",
    ),
    Setting(
        "OFFICE_HOURS",
        "09:00-18:00",
        reading.hours,
        "When the firm works on a working day, in its time zone: what reminders in working time go by.",
    ),
    Setting(
        "METRICS_TOKEN",
        "",
        reading.text,
        "Bearer token that /metrics asks for. Default: none is asked; the numbers name no person and no matter.",
    ),
)
