"""Logging: one line an event on stderr, as text or JSON, with the request's id and without secrets."""

from __future__ import annotations

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

#: The id of the request (or job) that is being served; empty outside one.
request_id: ContextVar[str] = ContextVar("matterflow_request_id", default="")

_SECRETS = re.compile(
    r"(?i)(bearer\s+|authorization['\"]?\s*[:=]\s*['\"]?(?:\w+\s+)?|(?:password|secret_key)['\"]?\s*[:=]\s*['\"]?|session=|mf_)[^\s'\",;]+"
    r"|(://[^\s:/@]+:)[^\s/@]+(?=@)",
)
_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request_id", "taskName", "color_message"}


def without_secrets(text: str) -> str:
    """Blank out passwords, tokens and cookies that found their way into a message."""
    return _SECRETS.sub(lambda found: f"{found[1] or found[2]}***", text)


class _WithRequest(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class TextFormatter(logging.Formatter):
    """One line for a person: time, level, logger, request, message."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the line; a traceback follows it."""
        return without_secrets(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object for a program; ``extra=`` fields stand beside the message."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the object."""
        entry: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id.get():
            entry["request_id"] = request_id.get()
        entry.update({name: value for name, value in vars(record).items() if name not in _PLAIN})
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return without_secrets(json.dumps(entry, default=str, ensure_ascii=False))


def configure(*, level: str = "INFO", log_format: str = "text") -> None:
    """Send everything that is logged to stderr; calling it again replaces what was set up before."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_WithRequest())
    handler.setFormatter(
        JsonFormatter()
        if log_format == "json"
        else TextFormatter("%(asctime)s %(levelname)-7s %(name)s %(request_id)s %(message)s"),
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    # One line a second from the ticking clock, one a migration step and one a token help nobody.
    for name in ("apscheduler", "alembic", "uvicorn", "flask-limiter", "spiff"):
        logging.getLogger(name).setLevel("WARNING")
