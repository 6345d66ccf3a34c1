"""The socket that the server answers on."""

import socket

import pytest

from webui.server import AddressTaken, listen


def test_small_answers_leave_at_once():
    with listen("127.0.0.1", 0) as listener:
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_an_address_that_is_taken_is_refused_in_one_sentence():
    with listen("127.0.0.1", 0) as listener, pytest.raises(AddressTaken, match="Nothing can be served"):
        listen("127.0.0.1", listener.getsockname()[1])
