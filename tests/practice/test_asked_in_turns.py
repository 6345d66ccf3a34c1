"""Ids that are asked about some at a time, until a page is full."""

from uuid import UUID

import orjson
import pytest

from practice import listed

FOUND = [UUID(int=number) for number in range(1000)]


class Asked:
    """Answers with every so manieth id, and remembers how many it was asked about."""

    def __init__(self, each):
        self.each, self.turns = each, []

    def __call__(self, ids):
        turn = [UUID(one) for one in orjson.loads(ids)]
        self.turns.append(len(turn))
        return [one for one in turn if one.int % self.each == 0]


@pytest.mark.parametrize(
    ("each", "turns"),
    [
        (1, [40]),
        (8, [40]),
        (9, [40]),
        (40, [40, 80, 160]),
        (400, [40, 80, 160, 320, 400]),
        (2000, [40, 80, 160, 320, 400]),
    ],
)
def test_so_many_are_found_in_their_order_and_little_more_is_asked_about(each, turns):
    ask = Asked(each)

    assert listed.in_turns(FOUND, ask, count=5) == FOUND[::each][:5]
    assert ask.turns == turns


def test_nothing_is_asked_about_nothing():
    ask = Asked(1)

    assert listed.in_turns([], ask, count=5) == []
    assert ask.turns == []
