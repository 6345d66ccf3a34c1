"""Tells bad luck from failure: what goes well when it is simply tried again."""

from sqlalchemy.exc import DBAPIError, PendingRollbackError

from engine.errors import InstanceChanged

#: Serialization failure, deadlock, lock not available, and a server that goes or is not there.
_STATES = ("40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53300")
_TEXTS = ("database is locked", "database table is locked", "database is busy")


def is_conflict(error: BaseException) -> bool:
    """Say whether somebody or something was in the way, and nothing is wrong with the work itself."""
    if isinstance(error, (InstanceChanged, PendingRollbackError)):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if error.connection_invalidated or (state or "").startswith("08") or state in _STATES:
        return True
    told = str(error.orig).lower()
    return any(text in told for text in _TEXTS)
