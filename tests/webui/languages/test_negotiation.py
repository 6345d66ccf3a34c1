import pytest
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from webui.languages.negotiation import best, match

OFFERED = ["en", "zh-Hant", "zh-Hans", "ru", "el"]


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("zh-CN", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("zh_SG", "zh-Hans"),
        ("ru-UA", "ru"),
        ("EL-cy", "el"),
        ("en-AU", "en"),
        ("de", None),
        ("*", None),
        ("", None),
    ],
)
def test_a_reader_of_a_tag_is_given_what_they_can_read(asked, given):
    assert match(asked, OFFERED) == given


@pytest.mark.parametrize(
    ("header", "given"),
    [
        ("de-DE,de;q=0.9,el;q=0.5,en;q=0.4", "el"),
        ("en;q=0.1,zh-TW;q=0.9", "zh-Hant"),
        ("ru;q=0,en;q=0.5", "en"),
        ("fr,de", None),
        ("", None),
    ],
)
def test_a_browser_is_answered_in_what_it_likes_best(header, given):
    assert best(parse_accept_header(header, LanguageAccept), OFFERED) == given
