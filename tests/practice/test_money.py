"""Sums of money to and from the smallest unit."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice import money
from practice.errors import AmountInvalid, CurrencyUnknown, VariableMissing


@pytest.mark.parametrize(
    ("value", "code", "minor"),
    [
        ("12500.50", "EUR", 1_250_050),
        (12500.5, "EUR", 1_250_050),
        (0.1, "USD", 10),
        (1000, "JPY", 1000),
        (1000.0, "JPY", 1000),
        ("1000", "TWD", 100_000),
        ("1.234", "KWD", 1234),
        (Decimal("7.10"), "CHF", 710),
        (0, "EUR", 0),
        (1e12, "EUR", 100_000_000_000_000),
        (" 5 ", "eur", 500),
    ],
)
def test_an_amount_is_kept_in_the_currencys_smallest_unit(value, code, minor):
    assert money.to_minor(value, code) == minor


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("1.5", "JPY"),
        ("1.005", "EUR"),
        ("-1", "EUR"),
        (-1, "EUR"),
        ("1,000.00", "EUR"),
        ("many", "EUR"),
        ("", "EUR"),
        ("NaN", "EUR"),
        (float("nan"), "EUR"),
        (float("inf"), "EUR"),
        ("1e5", "EUR"),
        ("٣", "EUR"),
        (True, "EUR"),
        (None, "EUR"),
        ([], "EUR"),
        ("9" * 16 + ".99", "EUR"),
        ("9" * 40, "EUR"),
    ],
)
def test_what_is_no_sum_of_money_is_refused_with_its_field(value, code):
    with pytest.raises(AmountInvalid) as refusal:
        money.to_minor(value, code, field="claim_value")

    assert refusal.value.field == "claim_value"


@pytest.mark.parametrize("code", ["EURO", "XXX", "", None, 978, "EU"])
def test_an_unknown_currency_is_refused_with_its_field(code):
    with pytest.raises(CurrencyUnknown) as refusal:
        money.currency(code)

    assert refusal.value.field == "currency"


def test_an_amount_without_its_currency_is_refused():
    with pytest.raises(VariableMissing) as refusal:
        money.claimed({"claim_value": 12})

    assert refusal.value.field == "currency"


def test_without_an_amount_there_is_nothing_to_keep_but_the_currency():
    assert money.claimed({}) == (None, None)
    assert money.claimed({"claim_value": "", "currency": "EUR"}) == (None, "EUR")


@given(st.integers(min_value=0, max_value=10**15), st.sampled_from(sorted(money.EXPONENTS)))
def test_no_cent_is_lost_on_the_way_there_and_back(minor, code):
    amount = money.from_minor(minor, code)

    assert money.to_minor(str(amount), code) == minor
    assert -amount.as_tuple().exponent == money.EXPONENTS[code]
