"""Sums of money: whole numbers of the currency's smallest unit in tables, ``Decimal`` in between, never float."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from practice.errors import AmountInvalid, CurrencyUnknown, VariableMissing

#: ISO 4217 (list one): currencies that people are paid in and whose smallest unit is a hundredth.
_HUNDREDTHS: Final = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY
    COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS
    INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR
    MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD
    SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""
_WHOLE: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THOUSANDTHS: Final = "BHD IQD JOD KWD LYD OMR TND"

#: Digits after the point by currency.
EXPONENTS: Final[dict[str, int]] = {
    **dict.fromkeys(_HUNDREDTHS.split(), 2),
    **dict.fromkeys(_WHOLE.split(), 0),
    **dict.fromkeys(_THOUSANDTHS.split(), 3),
}

_PLAIN = re.compile(r"\d{1,16}(\.\d{1,6})?", re.ASCII)
#: Fits a signed 64-bit column with room to add up.
_MOST_MINOR: Final = 10**17


def currency(value: Any, *, field: str = "currency") -> str:
    """Return the currency's code, or raise ``CurrencyUnknown``."""
    code = value.strip().upper() if isinstance(value, str) else ""
    if code not in EXPONENTS:
        raise CurrencyUnknown(field, str(value)[:20])
    return code


def to_minor(value: Any, code: str, *, field: str = "amount") -> int:
    """Return an amount from a form (a decimal string or a number, not negative) in the smallest unit.

    Raises:
        AmountInvalid: not a plain number, negative, too large, or finer than the currency goes.
    """
    amount = _decimal(value, field)
    exponent = EXPONENTS[currency(code)]
    scaled = amount.scaleb(exponent)
    if scaled != scaled.to_integral_value():
        raise AmountInvalid(field, str(value)[:40], exponent)
    if scaled > _MOST_MINOR:
        raise AmountInvalid(field, str(value)[:40])
    return int(scaled)


def from_minor(minor: int, code: str) -> Decimal:
    """Return the amount with the digits after the point that the currency has."""
    return Decimal(minor).scaleb(-EXPONENTS[currency(code)])


def _decimal(value: Any, field: str) -> Decimal:
    if isinstance(value, Decimal):
        value = format(value, "f")
    elif isinstance(value, float):
        # The shortest text that reads back as the same number: what the person typed into the form.
        value = format(Decimal(repr(value)), "f") if value == value else "nan"  # noqa: PLR0124
        value = value.removesuffix(".0")
    elif isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not _PLAIN.fullmatch(value.strip()):
        raise AmountInvalid(field, str(value)[:40])
    return Decimal(value.strip())


def claimed(variables: Mapping[str, Any]) -> tuple[int | None, str | None]:
    """Return the sum in ``claim_value`` and ``currency`` (minor units, code); a currency alone is kept, too.

    Raises:
        VariableMissing: an amount without its currency.
        AmountInvalid, CurrencyUnknown.
    """
    said_value, said_code = variables.get("claim_value"), variables.get("currency")
    code = currency(said_code) if said_code not in (None, "") else None
    if said_value in (None, ""):
        return None, code
    if code is None:
        raise VariableMissing("currency")
    return to_minor(said_value, code, field="claim_value"), code
