"""The fuzzers' targets hold for their seeds and for seeds somewhat broken; ``make fuzz`` goes on from there."""

import random

import pytest

from tests.fuzz.targets import TARGETS, seeds

#: How often each seed is broken, and how long a seed may be to be worth it.
ROUNDS = {"bundle": 2, "feel": 6, "codec": 60}
LONGEST = 4_000


def broken(seed: bytes, chance: random.Random) -> bytes:
    """The seed with some bytes changed, cut out or doubled."""
    text = bytearray(seed)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(1, len(text)) if len(text) > 1 else 0
        match chance.randrange(4):
            case 0:
                text[at:at] = chance.randbytes(chance.randint(1, 8))
            case 1:
                del text[at : at + chance.randint(1, 40)]
            case 2:
                text[at:at] = text[at : at + chance.randint(1, 200)]
            case _ if len(text) > at:
                text[at] ^= 1 << chance.randrange(8)
            case _:
                pass
    return bytes(text)


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_holds_for_its_seeds_and_for_nothing(target):
    TARGETS[target](b"")
    for seed in seeds(target):
        if len(seed) < LONGEST:
            TARGETS[target](seed)


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_a_target_holds_for_broken_seeds(target):
    chance = random.Random(target)
    for seed in seeds(target):
        if len(seed) < LONGEST:
            for _ in range(ROUNDS[target]):
                TARGETS[target](broken(seed, chance))
