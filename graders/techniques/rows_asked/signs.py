"""Signs of mistakes: what the difference between found and expected rows tells on one data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graders.labs import Result
from graders.techniques.instances import Instance
from graders.techniques.rows import Difference, normal
from graders.techniques.rows.values import Row, text_key


@dataclass(frozen=True)
class Try:
    """An answer tried on one data set: what it found, what was expected, and how they differ.

    `own` says that the data are the lesson's own, not generated.
    """

    data: Instance
    found: Result
    expected: Result
    difference: Difference
    own: bool = False


def kind_differs(one: Try) -> bool:
    """The rows differ only in texts that should be numbers, or the reverse."""
    return one.difference.only_kind_differs


def null_for_zero(one: Try) -> bool:
    """The rows differ only in a NULL where a 0 is asked for, or the reverse."""
    missing, unwanted = one.difference.missing, one.difference.unwanted
    return bool(missing) and _with(missing, {None: 0}) == _with(unwanted, {None: 0})


def one_for_zero(one: Try) -> bool:
    """The rows differ only in a 1 where a 0 is asked for."""
    missing, unwanted = one.difference.missing, one.difference.unwanted
    return bool(missing) and _with(missing, {0: 1}) == _with(unwanted, {})


def _with(rows: Sequence[Row], instead: Mapping[object, object]) -> list[str]:
    """The rows in a fixed order, some values replaced."""
    return sorted(repr([instead.get(value, value) for value in normal(row)]) for row in rows)


def columns_swapped(one: Try) -> bool:
    """Every row has the right values, in other columns."""
    missing, unwanted = one.difference.missing, one.difference.unwanted
    return bool(missing) and _unplaced(missing) == _unplaced(unwanted)


def _unplaced(rows: Sequence[Row]) -> list[list[str]]:
    return sorted(sorted(map(repr, normal(row))) for row in rows)


def only_copies(one: Try) -> bool:
    """Nothing is missing, and what is too many are copies of rows that are asked for."""
    expected = set(map(text_key, one.expected.rows))
    return not one.difference.missing and expected.issuperset(map(text_key, one.difference.unwanted))


def copies_lost(one: Try) -> bool:
    """Nothing is too many, and what is missing are further copies of rows that were found."""
    found = set(map(text_key, one.found.rows))
    return not one.difference.unwanted and found.issuperset(map(text_key, one.difference.missing))


def only_blank_missing(one: Try) -> bool:
    """Only rows are missing, and each has a NULL or a 0 in it, as a row without a partner has."""
    blank = all({None, 0} & set(normal(row)) for row in one.difference.missing)
    return not one.difference.unwanted and blank


def partner_missing(one: Try) -> bool:
    """The missing rows have a NULL or a 0 that is nowhere in the data: it stands for a partner."""
    given = set(map(normal, values(one.data)))
    return all({None, 0} & set(normal(row)) - given for row in one.difference.missing)


def has_null(one: Try) -> bool:
    """There is a NULL in the data."""
    return None in values(one.data)


def values(data: Instance) -> list[object]:
    """Every value of every row of `data`."""
    return [value for rows in data.values() for row in rows for value in row]
