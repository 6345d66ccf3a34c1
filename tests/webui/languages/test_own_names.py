"""Readers of several languages in one process, each with the names of their own."""

from datetime import date

import pytest
from babel import dates

from webui.languages import speech


@pytest.mark.parametrize("order", [("zh-Hans", "zh-Hant"), ("zh-Hant", "zh-Hans")], ids=" first, then ".join)
def test_a_month_alone_is_called_as_its_reader_calls_it_whoever_read_first(office, order):
    found: dict[str, set[str]] = {}
    for wanted in order:
        with office.app.test_request_context(headers={"Accept-Language": wanted}):
            locales = speech.formats(), speech.locale()
            found[wanted] = {dates.format_date(date(2026, 3, 1), "LLLL", locale) for locale in locales}

    assert found == {"zh-Hans": {"三月"}, "zh-Hant": {"3月"}}
