"""Numbers without gaps and doubles."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from engine import database
from practice.sequences.operations import last_number, next_number


def test_numbers_begin_with_one_each_year_and_under_each_name(session):
    given = [next_number(session, "enquiry", year=2026) for _ in range(3)]

    assert given == [1, 2, 3]
    assert next_number(session, "enquiry", year=2027) == 1
    assert next_number(session, "matter.CV", year=2026) == 1
    assert last_number(session, "enquiry", year=2026) == 3
    assert last_number(session, "enquiry", year=2025) == 0


def test_a_number_whose_transaction_is_rolled_back_is_given_out_again(fresh_engine):
    with pytest.raises(RuntimeError), database.transaction(fresh_engine) as session:
        assert next_number(session, "enquiry", year=2026) == 1
        raise RuntimeError

    with database.transaction(fresh_engine) as session:
        assert next_number(session, "enquiry", year=2026) == 1


def test_many_at_once_get_neither_gaps_nor_doubles_from_the_first_use_on(fresh_engine):
    def draw(turn: int) -> int | None:
        try:
            with database.transaction(fresh_engine) as session:
                number = next_number(session, "matter.CV", year=2026)
                if turn % 5 == 0:
                    raise RuntimeError
                return number
        except RuntimeError:
            return None

    with ThreadPoolExecutor(16) as pool:
        numbers = [number for number in pool.map(draw, range(200)) if number is not None]

    assert sorted(numbers) == list(range(1, 161))
