"""Does a dependency hold in rows, with duplicates and NULLs?"""

import random
from itertools import combinations

import pytest

from graders.techniques.dependencies import FD, holds_on

COLUMNS = ("tail", "carrier", "seats")
TAIL_CARRIER = FD("tail", "carrier")


def pair_breaks(one, other, left, right):
    agree = all(one[place] == other[place] for place in left)
    return agree and any(one[place] != other[place] for place in right)


def test_a_dependency_holds_exactly_if_no_pair_of_rows_breaks_it():
    rng = random.Random(1)
    verdicts = set()
    for _ in range(1000):
        rows = [tuple(rng.choice((1, 2, None)) for _ in "abc") for _ in range(rng.randint(0, 5))]
        left = rng.sample(range(3), rng.randint(0, 2))
        right = rng.sample(range(3), rng.randint(1, 2))
        fd = FD({"abc"[place] for place in left}, {"abc"[place] for place in right})
        slow = not any(pair_breaks(*pair, left, right) for pair in combinations(rows, 2))
        assert holds_on(rows, tuple("abc"), fd) == slow, (rows, fd)
        verdicts.add(slow)
    assert verdicts == {True, False}


def test_duplicates_and_no_rows_break_nothing():
    assert holds_on([], COLUMNS, TAIL_CARRIER)
    assert holds_on([("N1", "UA", 1), ("N1", "UA", 1), ("N1", "UA", 2)], COLUMNS, TAIL_CARRIER)


def test_one_pair_of_rows_breaks_it():
    assert not holds_on([("N1", "UA", 1), ("N2", "DL", 2), ("N1", "DL", 1)], COLUMNS, TAIL_CARRIER)


def test_a_null_is_a_value():
    unknown_carrier = [("N1", "UA", 1), ("N1", None, 1)]
    unknown_tail = [(None, "UA", 1), (None, "DL", 1)]
    for rows in (unknown_carrier, unknown_tail):
        assert not holds_on(rows, COLUMNS, TAIL_CARRIER)


def test_nan_counts_as_null():
    nan = float("nan")
    assert not holds_on([(nan, 1), (nan, 2)], ("a", "b"), FD("a", "b"))
    assert holds_on([(1, nan), (1, float("nan"))], ("a", "b"), FD("a", "b"))


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="no column pilot"):
        holds_on([], COLUMNS, FD("tail", "pilot"))
