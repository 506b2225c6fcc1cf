"""Does a dependency hold in rows, with duplicates and NULLs?"""

import random
from itertools import combinations

import pytest

from graders.techniques.dependencies import FD, exceptions_on, holds_on

COLUMNS = ("tail", "carrier", "seats")
TAIL_CARRIER = FD("tail", "carrier")


def equal(one, other, nulls_equal):
    """Whether two values count as equal: True, False, or None for SQL's unknown."""
    if not nulls_equal and None in (one, other):
        return None
    return one == other


def pair_breaks(one, other, left, right, nulls_equal):
    agree = all(equal(one[place], other[place], nulls_equal) is True for place in left)
    return agree and any(equal(one[place], other[place], nulls_equal) is False for place in right)


@pytest.mark.parametrize("nulls_equal", [True, False])
def test_a_dependency_holds_exactly_if_no_pair_of_rows_breaks_it(nulls_equal):
    rng = random.Random(1)
    verdicts = set()
    for _ in range(1000):
        rows = [tuple(rng.choice((1, 2, None)) for _ in "abc") for _ in range(rng.randint(0, 5))]
        left = rng.sample(range(3), rng.randint(0, 2))
        right = rng.sample(range(3), rng.randint(1, 2))
        fd = FD({"abc"[place] for place in left}, {"abc"[place] for place in right})
        slow = not any(pair_breaks(*pair, left, right, nulls_equal) for pair in combinations(rows, 2))
        assert holds_on(rows, tuple("abc"), fd, nulls_equal) == slow, (rows, fd)
        verdicts.add(slow)
    assert verdicts == {True, False}


def test_duplicates_and_no_rows_break_nothing():
    assert holds_on([], COLUMNS, TAIL_CARRIER)
    assert holds_on([("N1", "UA", 1), ("N1", "UA", 1), ("N1", "UA", 2)], COLUMNS, TAIL_CARRIER)


def test_exceptions_are_the_groups_that_break_it():
    rows = [("N1", "UA", 1), ("N2", "DL", 2), ("N1", "DL", 1)]
    assert exceptions_on(rows, COLUMNS, TAIL_CARRIER) == {("N1",): [rows[0], rows[2]]}


def test_a_null_is_a_value_or_unknown():
    unknown_carrier = [("N1", "UA", 1), ("N1", None, 1)]
    unknown_tail = [(None, "UA", 1), (None, "DL", 1)]
    for rows in (unknown_carrier, unknown_tail):
        assert not holds_on(rows, COLUMNS, TAIL_CARRIER)
        assert holds_on(rows, COLUMNS, TAIL_CARRIER, nulls_equal=False)


def test_nan_counts_as_null():
    rows = [(float("nan"), 1), (float("nan"), 2)]
    assert exceptions_on(rows, ("a", "b"), FD("a", "b")) == {(None,): rows}


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="no column pilot"):
        holds_on([], COLUMNS, FD("tail", "pilot"))
