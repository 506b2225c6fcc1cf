"""Whether two results say the same, and the words for how they differ."""

import datetime
from decimal import Decimal

import pytest

from graders.labs import Result
from graders.techniques.queries.comparison import compare, format_row, is_close

NAN = float("nan")


def difference(found, expected, columns=("a", "b"), **how):
    return compare(Result(columns, found), Result(("a", "b"), expected), **how)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (2, 2.0),
        (2, Decimal("2.00")),
        (0.5, Decimal("0.5")),
        (1, True),
        (NAN, float("nan")),
        (0.1 + 0.2, 0.3),
        (datetime.datetime(2024, 3, 1), datetime.date(2024, 3, 1)),
        ([1, 2.0], [1.0, 2]),
        (None, None),
        (2**80, Decimal(2**80)),
    ],
)
def test_values_that_say_the_same(one, other):
    assert is_close(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2", 2),
        (None, 0),
        (None, ""),
        ("a", "A"),
        (NAN, None),
        (b"a", "a"),
        ("2024-03-01", datetime.date(2024, 3, 1)),
        (datetime.datetime(2024, 3, 1, 0, 1), datetime.date(2024, 3, 1)),
        (1.001, 1.002),
        (2**80, 2**80 + 1),
    ],
)
def test_values_that_do_not_say_the_same(one, other):
    assert not is_close(one, other)


def test_duplicates_count():
    found = difference([(1, 2), (1, 2)], [(1, 2)])
    assert (found.missing, found.unwanted) == ((), ((1, 2),))
    assert found.describe() == "1 row too many, such as (1, 2)"


def test_missing_and_unwanted_rows_in_words():
    found = difference([("Edgar", 0), ("O'Brien", None)], [("Ann", 1)])
    assert found.describe() == "1 row missing, 2 too many, such as ('Edgar', 0)"
    assert format_row(("O'Brien", None)) == "('O''Brien', NULL)"


def test_the_words_never_show_a_row_that_is_asked_for():
    assert difference([], [("Ann", 1)]).describe() == "1 row missing"


def test_text_is_no_number_but_is_said_to_be_one():
    found = difference([("1", "x")], [(1, "x")])
    assert found.rows_differ
    assert found.only_kind_differs
    assert "text stands where a number is asked for" in found.describe()


def test_order_counts_only_where_ties_are_given():
    rows = [(1, "x"), (1, "y"), (2, "z")]
    assert not difference(rows[::-1], rows)
    assert difference(rows[::-1], rows, ties=(2, 1)).out_of_order == 0


def test_ties_may_come_in_any_order():
    rows = [(1, "x"), (1, "y"), (2, "z")]
    assert not difference([rows[1], rows[0], rows[2]], rows, ties=(2, 1))
    swapped = difference([rows[0], rows[2], rows[1]], rows, ties=(2, 1))
    assert swapped.out_of_order == 1
    assert swapped.describe() == "the right rows in another order, from row 2 on"


def test_only_the_noise_of_a_float_is_let_through():
    assert difference([(1.001, 1)], [(1.002, 1)])
    assert not difference([(0.1 + 0.2 + 1e-13, 1)], [(0.3, 1)])
    noisy = difference([(1.1 + 2.2, 1), (1.1 + 2.2, 1)], [(3.3 + 1e-12, 1), (3.4, 1)])
    assert noisy.missing == ((3.4, 1),)


def test_column_names_are_told_apart_from_rows():
    found = difference([(1, 2)], [(1, 2)], columns=("a", "c"))
    assert found.column_names == "a, c"
    assert not found.rows_differ
    assert not difference([(1, 2)], [(1, 2)], columns=("A", "B"))
    assert not difference([(1, 2)], [(1, 2)], columns=("x", "y"), names=False)


def test_columns_in_another_order_are_one_mistake():
    found = difference([(2, 1)], [(1, 2)], columns=("b", "a"))
    assert found.swapped
    assert found.column_names
    assert not found.rows_differ


def test_a_column_without_a_name_may_have_any():
    assert not compare(Result(("count(*)",), [(1,)]), Result(("",), [(1,)]))


def test_another_number_of_columns():
    assert difference([(1,)], [(1, 2)], columns=("a",)).column_names == "1 column: a"
