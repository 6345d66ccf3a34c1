"""What is a telephone number, how it is compared, and what of it may be seen."""

import re
import unicodedata
from typing import Final, NamedTuple

from practice.contacts.errors import ContactValueInvalid
from practice.contacts.models import KINDS
from practice.errors import VariableInvalid
from practice.parties.names import fold

LONGEST: Final = 300
_FEWEST_DIGITS, _MOST_DIGITS = 5, 20
#: Long enough to mean one telephone in a country, short enough to leave trunk and country codes out.
_TAIL = 9
_PHONE = re.compile(r"\+?[0-9 ()./\u2010-\u2015-]+(?:(?:ext\.?|x|#|доб\.?)\s*[0-9]{1,6})?", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@.]+(?:\.[^\s@.]+)+")
HIDDEN: Final = "•••"


class Value(NamedTuple):
    """A value that was checked, with what stands for it."""

    kind: str
    text: str
    normalised: str
    #: The last digits of a telephone number that has enough of them.
    tail: str | None
    masked: str


def checked(kind: str, text: str, *, field: str = "value") -> Value:
    """Return a value ready to be sealed or looked for.

    Raises:
        VariableInvalid: there is no such kind.
        ContactValueInvalid: it is no value of the kind.
    """
    if kind not in KINDS:
        raise VariableInvalid("kind", kind[:40])
    kept = " ".join(_without_marks_of_direction(unicodedata.normalize("NFKC", text)).split())
    if not kept or len(kept) > LONGEST or "\0" in kept:
        raise ContactValueInvalid(field, kind)
    if kind in ("phone", "fax"):
        return _phone(kind, kept, field)
    if kind == "email":
        return _email(kept, field)
    normalised = fold(kept)
    if not normalised:
        raise ContactValueInvalid(field, kind)
    return Value(kind, kept, normalised, None, HIDDEN)


def family(kind: str) -> str:
    """Return under which kind digests are made: a fax is a telephone number."""
    return "phone" if kind == "fax" else kind


def _phone(kind: str, kept: str, field: str) -> Value:
    ascii_digits = "".join(str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in kept)
    if not _PHONE.fullmatch(ascii_digits):
        raise ContactValueInvalid(field, kind)
    number = re.split(r"ext|x|#|доб", ascii_digits, maxsplit=1, flags=re.IGNORECASE)[0]
    digits = re.sub(r"[^0-9]", "", number)
    if not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS:
        raise ContactValueInvalid(field, kind)
    digits = digits.removeprefix("00") if not number.strip().startswith("+") else digits
    tail = digits[-_TAIL:] if len(digits) >= _TAIL else None
    return Value(kind, kept, digits, tail, f"{HIDDEN} {HIDDEN} {digits[-2:]}")


def _email(kept: str, field: str) -> Value:
    if not _EMAIL.fullmatch(kept):
        raise ContactValueInvalid(field, "email")
    local, _, domain = kept.rpartition("@")
    return Value("email", kept, kept.casefold(), None, f"{local[0]}{HIDDEN}@{HIDDEN}.{domain.rpartition('.')[2][:12]}")


def _without_marks_of_direction(text: str) -> str:
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
