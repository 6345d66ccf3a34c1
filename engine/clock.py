"""The only "now". Service functions are handed it; nothing below ``webui`` reads it but the job worker."""

from datetime import UTC, datetime, timedelta, tzinfo

_offset = timedelta(0)
_zone: tzinfo = UTC


def utc_now() -> datetime:
    """Return the present instant in UTC, moved by the offset that a rehearsal asked for."""
    return datetime.now(UTC) + _offset


def set_offset(offset: timedelta) -> None:
    """Move the clock of this process by ``offset``: for rehearsals and tests of what time brings."""
    global _offset  # noqa: PLW0603 - one clock a process is the point
    _offset = offset


def zone() -> tzinfo:
    """Return the firm's time zone: what a date or an hour in a model means."""
    return _zone


def set_zone(firm: tzinfo) -> None:
    """Say which time zone is the firm's."""
    global _zone  # noqa: PLW0603 - one firm a process is the point
    _zone = firm
