"""Web push: messages that only the browser can read (RFC 8291), sent by a server that shows who it is (RFC 8292).

Written on ``cryptography`` alone: content encoding ``aes128gcm`` (RFC 8188) with a fresh key pair a message, and a
VAPID token signed with ES256. The push services that are trusted are named: an address that a browser hands in is
one the server will call, and it calls nobody else.
"""

# ruff: noqa: PLC0415 - cryptography is loaded when a browser is spoken to or shown the key: no start waits for it

import http.client
import json
import os
import ssl
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from tasks.notifications.channels import Browser, PushMessage
from tasks.notifications.errors import ChannelFailed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

#: Ends of the host names of the browsers' own push services.
SERVICES = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    ".push.services.mozilla.com",
    ".notify.windows.com",
    "web.push.apple.com",
)
#: A push service keeps a message for a browser that is not there so long; then nobody needs it any more.
KEPT_FOR = timedelta(hours=12)
_TOKEN_LIFE = timedelta(hours=12)
_RECORD = 4096
#: Of a message in one record (RFC 8291, section 4): its tag, its delimiter and the header do not count.
MOST_BYTES = 3993
_PUBLIC_BYTES, _SECRET_BYTES = 65, 16
_GONE = (404, 410)
_TOO_LARGE = 413
_ENDPOINT_LONGEST = 2000


class KeysInvalid(ValueError):
    """What a browser handed in are not its keys."""


def new_key() -> str:
    """Return a fresh key pair of a server as PEM."""
    from cryptography.hazmat.primitives import serialization

    pem, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return _fresh().private_bytes(serialization.Encoding.PEM, pem, plain).decode()


def encoded(data: bytes) -> str:
    """Write bytes as base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Read base64url, padded or not.

    Raises:
        KeysInvalid.
    """
    try:
        return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
    except (Base64Error, ValueError) as broken:
        raise KeysInvalid(str(broken)) from None


def check_keys(p256dh: str, auth: str) -> None:
    """Refuse what are not a browser's keys.

    Raises:
        KeysInvalid.
    """
    _public_key(p256dh)
    if len(decoded(auth)) != _SECRET_BYTES:
        message = "the secret has 16 bytes"
        raise KeysInvalid(message)


def sealed(
    text: bytes,
    browser: Browser,
    *,
    key: "ec.EllipticCurvePrivateKey | None" = None,
    salt: bytes | None = None,
) -> bytes:
    """Return a message that only this browser can read; key and salt are fresh unless a test gives them.

    Source:
        RFC 8291, section 3; the record is that of RFC 8188, section 2.

    Raises:
        KeysInvalid.
    """
    from cryptography.hazmat.primitives.asymmetric.ec import ECDH
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key = key or _fresh()
    salt = salt or os.urandom(16)
    theirs = _public_key(browser.p256dh)
    ours = _raw(key.public_key())
    shared = key.exchange(ECDH(), theirs)
    info = b"WebPush: info\0" + _raw(theirs) + ours
    secret = _derived(shared, decoded(browser.auth), info, 32)
    content_key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + _RECORD.to_bytes(4) + bytes([len(ours)]) + ours
    return head + AESGCM(content_key).encrypt(nonce, text + b"\x02", None)


@dataclass(frozen=True, slots=True)
class WebPush:
    """Sends to browsers' push services."""

    #: PEM, as ``new_key`` makes it.
    private_key: str = field(repr=False)
    #: ``mailto:`` or an address of pages: whom a push service turns to when we misbehave.
    contact: str
    services: Sequence[str] = SERVICES
    timeout_s: float = 15
    context: ssl.SSLContext | None = field(default=None, repr=False)

    @property
    def public_key(self) -> str:
        """By which browsers know whose messages to take."""
        return _public_part(self.private_key)

    def trusts(self, endpoint: str) -> bool:
        """Say whether messages may be sent to an address.

        A name that begins with a dot stands for all below it; one with ``http://`` in front is taken as it is, port
        included: a service of one's own.
        """
        try:
            parts = urlsplit(endpoint)
            port = parts.port
        except ValueError:
            return False
        if not endpoint.isascii() or len(endpoint) > _ENDPOINT_LONGEST or parts.username or not parts.hostname:
            return False
        if f"{parts.scheme}://{parts.netloc}" in self.services:
            return True
        host = parts.hostname
        named = any(host.endswith(name) if name.startswith(".") else host == name for name in self.services)
        return parts.scheme == "https" and port in (None, 443) and named

    def send(self, browser: Browser, message: PushMessage, *, now: datetime) -> bool:
        """Hand a message over; False when the browser is gone for good.

        Raises:
            ChannelFailed: try again later.
        """
        if not self.trusts(browser.endpoint):
            return False
        parts = urlsplit(browser.endpoint)
        try:
            body = sealed(_payload(message), browser)
        except KeysInvalid:
            return False
        status, said = self._post(parts, body, self._headers(parts, message, now))
        if status in _GONE:
            return False
        if status == _TOO_LARGE or 200 <= status < 300:  # noqa: PLR2004 - taken, or never will be
            return True
        raise ChannelFailed(f"The push service {parts.hostname} answered {status}: {said}")

    def token(self, audience: str, now: datetime) -> str:
        """Return the signed token by which a push service knows us (RFC 8292, section 2)."""
        from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
        from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
        from cryptography.hazmat.primitives.hashes import SHA256

        claims = {"aud": audience, "exp": int((now + _TOKEN_LIFE).timestamp()), "sub": self.contact}
        parts = [
            encoded(json.dumps(part, separators=(",", ":")).encode())
            for part in ({"typ": "JWT", "alg": "ES256"}, claims)
        ]
        r, s = decode_dss_signature(_key(self.private_key).sign(".".join(parts).encode(), ECDSA(SHA256())))
        return ".".join([*parts, encoded(r.to_bytes(32) + s.to_bytes(32))])

    def _headers(self, parts: SplitResult, message: PushMessage, now: datetime) -> dict[str, str]:
        return {
            "Authorization": f"vapid t={self.token(f'{parts.scheme}://{parts.netloc}', now)}, k={self.public_key}",
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(int(KEPT_FOR.total_seconds())),
            "Topic": encoded(_derived(message.tag.encode(), b"", b"topic", 24)),
            "Urgency": "normal",
        }

    def _post(self, parts: SplitResult, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        host, port = parts.hostname or "", parts.port
        if parts.scheme == "https":
            context = self.context or ssl.create_default_context()
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, port, timeout=self.timeout_s, context=context
            )
        else:
            connection = http.client.HTTPConnection(host, port, timeout=self.timeout_s)
        try:
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path or "/", body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(300).decode(errors="replace")
        except (OSError, http.client.HTTPException) as failure:
            told = f"{type(failure).__name__}: {failure}"[:300]
            raise ChannelFailed(f"The push service {host} cannot be reached: {told}") from None
        finally:
            connection.close()


def _payload(message: PushMessage) -> bytes:
    """Return what the service worker reads, cut to what one record holds."""
    body = message.body
    while True:
        told = {"title": message.title[:200], "body": body, "url": message.url, "tag": message.tag}
        text = json.dumps(told, ensure_ascii=False).encode()
        if len(text) <= MOST_BYTES or not body:
            return text[:MOST_BYTES]
        body = body[: len(body) // 2]


def _fresh() -> "ec.EllipticCurvePrivateKey":
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def _key(pem: str) -> "ec.EllipticCurvePrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, EllipticCurvePrivateKey), "it was made here"
    return key


@lru_cache(maxsize=4)
def _public_part(pem: str) -> str:
    return encoded(_raw(_key(pem).public_key()))


def _public_key(p256dh: str) -> "ec.EllipticCurvePublicKey":
    from cryptography.hazmat.primitives.asymmetric import ec

    raw = decoded(p256dh)
    message = "no point of the curve P-256"
    if len(raw) != _PUBLIC_BYTES:
        raise KeysInvalid(message)
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except ValueError:
        raise KeysInvalid(message) from None


def _raw(key: "ec.EllipticCurvePublicKey") -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(key)
