"""What the trail may not say in clear: it keeps a keyed hash, which shows that a value changed and not what it is.

The key is the installation's (``MATTERFLOW_DATA_DIR/keys/audit``) and never in the database: a telephone number has too
few digits for a hash that anybody can compute. Until an installation names its key, one is made that ends with the
process: nothing leaks, only comparing across restarts is lost.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, cast

#: Fields that are hashed wherever they stand in ``before`` and ``after``, alone or behind another word and ``_``.
SECRET_FIELDS = (
    "password",
    "password_hash",
    "token",
    "token_hash",
    "secret",
    "api_key",
    "email",
    "e_mail",
    "phone",
    "telephone",
    "mobile",
    "fax",
    "contact_value",
)
PREFIX = "hmac:"


class Secret(str):
    """A value that is hashed whatever its field is called: ``after={"value": Secret(number)}``."""

    __slots__ = ()


@cache
def _unnamed() -> bytes:
    return secrets.token_bytes(32)


_source: list[Callable[[], bytes]] = [_unnamed]


def use_key(source: Callable[[], bytes]) -> None:
    """Name the installation's key; it is asked for at the first secret."""
    _source[0] = source


def keyed(value: object, *, purpose: str = "value") -> str:
    """Return the keyed hash that stands for a value."""
    return PREFIX + _mac(f"{purpose}\0{value}")[:32]


def signature(text: str) -> str:
    """Return this installation's signature under a text."""
    return _mac(f"signature\0{text}")


def is_signature(text: str, said: str) -> bool:
    """Say whether ``said`` is this installation's signature under ``text``."""
    return hmac.compare_digest(signature(text).encode(), said.encode())


def without_secrets(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a deep copy in which every secret is its keyed hash; what is empty stays so."""
    return {
        key: keyed(value) if is_secret(key) and _is_said(value) else _cleared(value) for key, value in values.items()
    }


def is_secret(field: str) -> bool:
    """Say whether a field's name says that its value is a secret."""
    name = field.lower()
    return any(name == secret or name.endswith(f"_{secret}") for secret in SECRET_FIELDS)


def _cleared(value: Any) -> Any:
    if isinstance(value, Secret):
        return keyed(str(value)) if value else ""
    if isinstance(value, Mapping):
        return without_secrets(cast("Mapping[str, Any]", value))
    if isinstance(value, list | tuple | set | frozenset):
        return [_cleared(item) for item in cast("list[Any]", value)]
    return value


def _is_said(value: Any) -> bool:
    return value not in (None, "", [], {}) and not (isinstance(value, str) and value.startswith(PREFIX))


def _mac(text: str) -> str:
    return hmac.new(_source[0](), text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
