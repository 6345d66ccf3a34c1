"""How passwords are kept: Argon2id with the library's current recommendation."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from practice.errors import PasswordUnfit

hasher = PasswordHasher()


def hashed(password: str) -> str:
    """Return the hash to keep; refuses what is too short to be worth hashing or too long to be typed."""
    if not PasswordUnfit.at_least <= len(password) <= PasswordUnfit.at_most:
        raise PasswordUnfit
    return hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Say whether the password is right, in the same time whether or not there is a hash to compare with."""
    if len(password) > PasswordUnfit.at_most:
        password = ""
    try:
        return hasher.verify(password_hash or _nobodys_hash(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Say whether the hash was made with weaker parameters than today's."""
    return hasher.check_needs_rehash(password_hash)


@cache
def _nobodys_hash() -> str:
    return hasher.hash("nobody has this password")
