"""What is sent compressed: whatever is large, for whoever asks, and nothing that tells of itself by its length."""

import gzip

import pytest

from webui import compression

TEXT = ("A letter of the other side, as long as they are. " * 100).encode()


def asked(office, coding, address="/inbox"):
    with office.ana.get(address, headers={"Accept-Encoding": coding} if coding else {}) as answer:
        assert answer.data
        return answer


def test_a_page_comes_compressed_and_says_the_same(office):
    plain, packed = asked(office, ""), asked(office, "br, gzip")

    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.vary
    assert len(packed.data) < len(plain.data) / 2
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    assert gzip.decompress(packed.data).startswith(b"<!doctype html>")


@pytest.mark.parametrize("coding", ["", "br", "gzip;q=0"])
def test_who_does_not_take_it_gets_it_plain(office, coding):
    answer = asked(office, coding)

    assert "Content-Encoding" not in answer.headers
    assert "Accept-Encoding" in answer.vary


def test_what_fits_into_a_packet_stays_as_it_is(office):
    answer = asked(office, "gzip", "/healthz")

    assert len(answer.data) < compression.SMALLEST
    assert "Content-Encoding" not in answer.headers


def test_lists_of_the_api_come_compressed(office):
    answer = asked(office, "gzip", "/api/v1/openapi.json")

    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data).startswith(b"{")


def test_the_length_does_not_tell_what_is_inside():
    lengths = {len(compression.squeezed(TEXT)) for _ in range(200)}

    assert len(lengths) > 50
    assert max(lengths) - min(lengths) <= 100


def test_the_format_is_what_others_read():
    assert gzip.decompress(compression.squeezed(TEXT)) == TEXT
    assert gzip.decompress(compression.squeezed(b"")) == b""
