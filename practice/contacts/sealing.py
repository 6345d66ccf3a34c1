"""How values are sealed: AES-GCM for keeping them, HMAC-SHA-256 for finding them again without opening any.

Both keys come from one secret of the installation, which the composition root hands over (``use``).
"""

import hashlib
import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from practice.contacts.errors import SealedUnderAnotherKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORMAT = b"\x01"
_KEY_ID, _NONCE, _TAG = 4, 12, 16
_HEAD = len(_FORMAT) + _KEY_ID


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """What seals and what makes digests, derived from one secret."""

    #: The first bytes of what it seals say under which secret; it tells nothing of it.
    id: bytes
    cipher: "AESGCM"
    index: bytes

    @classmethod
    def of(cls, secret: str) -> "Keys":
        """Derive the keys."""
        # A start does not wait for cryptography: nothing is sealed or looked for yet.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

        def derived(use: bytes, length: int) -> bytes:
            return HKDF(algorithm=SHA256(), length=length, salt=None, info=use).derive(secret.encode())

        return cls(derived(b"matterflow id", _KEY_ID), AESGCM(derived(b"matterflow seal", 32)), derived(b"index", 32))


_source: list[Callable[[], str]] = []
_keys_of = lru_cache(maxsize=8)(Keys.of)


def use(secret: Callable[[], str]) -> None:
    """Say where the secret comes from; it is not asked for before something is sealed or looked for."""
    _source[:] = [secret]


def keys() -> Keys:
    """Return the installation's keys."""
    if not _source:
        raise RuntimeError("nobody said where the key of the contact points is (sealing.use)")
    return _keys_of(_source[0]())


def seal(value: str, *, row_id: UUID) -> bytes:
    """Return the value so that only this installation can read it, and only in this row."""
    held, nonce = keys(), os.urandom(_NONCE)
    return _FORMAT + held.id + nonce + held.cipher.encrypt(nonce, value.encode(), row_id.bytes)


def opened(sealed: bytes, *, row_id: UUID) -> str:
    """Return the value.

    Raises:
        SealedUnderAnotherKey: it was sealed by another installation's secret, for another row, or was changed.
    """
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as above

    held = keys()
    if sealed[:_HEAD] != _FORMAT + held.id or len(sealed) < _HEAD + _NONCE + _TAG:
        raise SealedUnderAnotherKey
    nonce, rest = sealed[_HEAD : _HEAD + _NONCE], sealed[_HEAD + _NONCE :]
    try:
        return held.cipher.decrypt(nonce, rest, row_id.bytes).decode()
    except InvalidTag as broken:
        raise SealedUnderAnotherKey from broken


def is_ours(sealed: bytes) -> bool:
    """Say whether something was sealed under the secret in use."""
    return sealed[:_HEAD] == _FORMAT + keys().id


def digest(kind: str, normalised: str) -> str:
    """Return what a value of a kind is found by: equal for equal values, and no way back without the secret."""
    return hmac.new(keys().index, f"{kind}\n{normalised}".encode(), hashlib.sha256).hexdigest()
