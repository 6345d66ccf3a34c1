"""The database's schema: which revision it has, which one this release wants, and getting there."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from engine.models import Base, triggers
from engine.models.base import LookUpIndex
from webui.refusal import Refusal

CONFIG_DIR = Path(__file__).resolve().parent.parent / "config"
MIGRATIONS = CONFIG_DIR / "migrations"
_REVISION = re.compile(r"^(revision|down_revision)\b[^=\n]*=\s*(?:['\"](\w+)['\"]|None)", re.MULTILINE)


class SchemaBehind(Refusal):
    """The database has another release's schema; the text says what to do."""


class TriggersLost(Refusal):
    """The database has lost triggers, as a table does that somebody built anew; the text names them."""


def metadata() -> sa.MetaData:
    """Return the metadata with every table of the product in it."""
    for name in ("engine.models", "practice.models", "tasks.models", "webui.api.idempotency", "webui.throttle"):
        import_module(name)
    return Base.metadata


def is_compared(item: Any, name: str | None, _kind: str, _is_reflected: bool, counterpart: Any) -> bool:
    """Leave out of a comparison of schemas the text index, which belongs to no model, and what SQLite has none of."""
    if isinstance(item, LookUpIndex) and counterpart is None:
        return False
    return not (name or "").startswith("text_index")  # ``practice.text_index.schema.PREFIX``


def import_delegates() -> None:
    """Import what registers delegates for service tasks and rules for user tasks in ``practice`` and ``tasks``."""
    for package in ("practice", "tasks"):
        folder = Path(*import_module(package).__path__)
        for file in sorted([*folder.glob("delegates.py"), *folder.glob("*/delegates.py")]):
            import_module(".".join((package, *file.relative_to(folder).with_suffix("").parts)))
    import_module("tasks.rules")
    # What they calculate with; read when the first deadline is.
    import_module("practice.deadlines.library").use_folder(CONFIG_DIR / "jurisdictions")


@cache
def head_revision() -> str | None:
    """Return the newest revision that this release knows; reads the files, because Alembic is slow to import."""
    revisions: dict[str, str | None] = {}
    for file in (MIGRATIONS / "versions").glob("*.py"):
        said = {name: value or None for name, value in _REVISION.findall(file.read_text(encoding="utf-8"))}
        if said.get("revision"):
            revisions[str(said["revision"])] = said.get("down_revision")
    heads = revisions.keys() - set(revisions.values())
    return next(iter(heads)) if len(heads) == 1 else None


def is_newer(revision: str | None) -> bool:
    """Say whether a database's revision is of a newer release, which this one has never heard of."""
    files = (MIGRATIONS / "versions").glob("*.py")
    return revision is not None and not any(f'"{revision}"' in file.read_text(encoding="utf-8") for file in files)


def current_revision(connection: Connection) -> str | None:
    """Return the revision the database has; nothing for a database without our tables."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def is_empty(connection: Connection) -> bool:
    """Say whether the database holds no table at all."""
    return not sa.inspect(connection).get_table_names()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to ``revision``, in one transaction; what lost triggers kept is worked out anew."""
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config(CONFIG_DIR / "alembic.ini")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        if revision == "head":
            metadata()
            triggers.mend(connection)
        connection.commit()


def _require_triggers(connection: Connection) -> None:
    metadata()
    if lost := triggers.missing(connection):
        raise TriggersLost(
            f"The database has lost triggers that rights and lists depend on: {', '.join(lost)}. "
            "`matterflow db upgrade` makes them anew, and what they keep."
        )


def require_current(connection: Connection) -> None:
    """Refuse a database whose schema is not this release's, or that lost what keeps rights.

    Raises:
        SchemaBehind, TriggersLost: with what to do about it.
    """
    found, wanted = current_revision(connection), head_revision()
    if found == wanted:
        _require_triggers(connection)
        return
    if is_newer(found):
        raise SchemaBehind(
            f"The database has the schema {found} of a newer release; run that release, or restore a backup."
        )
    raise SchemaBehind(
        f"The database has the schema {found or 'of no release'} and this release needs {wanted}: back it up, then run "
        "`matterflow db upgrade` (or `matterflow serve --upgrade`)."
    )
