"""Hints for mistakes that many exercises share, each recognised by what the answer gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from graders.labs import Result
from graders.techniques.instances import Instance
from graders.techniques.rows import Difference, normal
from graders.techniques.rows.values import Row

COPIES = "Does a row come out once for each match, where it is asked for only once?"
LOST_COPIES = "May two rows that look the same both be asked for?"
TEXT_OR_NUMBER = "Is this value a number or a text?"
NOTHING_TO_ADD = "What does an aggregate give where there is nothing to add up: 0 or NULL?"
UNMATCHED = "What becomes of the rows that have no partner in the other table?"
NULLS = "It goes wrong only where a value is NULL: what does each of your conditions give for NULL?"
SWAPPED = "Which column is asked for first?"
BOUNDARY = "It goes wrong only where a value is exactly {value}: is that value asked for or not?"
NO_ORDER = "What decides the order of rows where a query has no ORDER BY?"
BACKWARDS = "Which end comes first: does ORDER BY sort upwards or downwards?"
ALL = (COPIES, LOST_COPIES, TEXT_OR_NUMBER, NOTHING_TO_ADD, UNMATCHED, NULLS, SWAPPED, BOUNDARY, NO_ORDER, BACKWARDS)
ENOUGH = 3


@dataclass(frozen=True)
class Try:
    """An answer tried on one data set: what it found, what was expected, and how they differ."""

    data: Instance
    found: Result
    expected: Result
    difference: Difference


def rows_hint(tries: Sequence[Try], literals: Sequence[object] = ()) -> str:
    """The hint for wrong rows, from all data sets that were tried, or nothing; `literals` are the answer's own."""
    failed = [one for one in tries if one.difference.rows_differ]
    held = [one for one in tries if not one.difference.rows_differ]
    for recognised, hint in RULES:
        if all(recognised(one) for one in failed):
            return hint
    if all(_only_missing(one) for one in failed) and any(_unmatched(one) for one in failed):
        return UNMATCHED
    if _only_with(failed, held, _has_null):
        return NULLS
    return _boundary_hint(failed, held, literals)


def _copies(one: Try) -> bool:
    """Nothing is missing, and what is too many are copies of rows that are asked for."""
    expected = set(map(normal, one.expected.rows))
    return not one.difference.missing and all(normal(row) in expected for row in one.difference.unwanted)


def _lost_copies(one: Try) -> bool:
    found = set(map(normal, one.found.rows))
    return not one.difference.unwanted and all(normal(row) in found for row in one.difference.missing)


def _swapped(one: Try) -> bool:
    def turned(rows: Sequence[Row]) -> list:
        return sorted((sorted(map(repr, map(normal, row))) for row in rows), key=repr)

    return len(one.difference.missing) > 0 and turned(one.difference.missing) == turned(one.difference.unwanted)


def _nothing_to_add(one: Try) -> bool:
    """The rows differ only in a NULL where a 0 is asked for, or the reverse."""

    def levelled(rows: Sequence[Row]) -> list:
        return sorted(repr([0 if value is None else normal(value) for value in row]) for row in rows)

    return len(one.difference.missing) > 0 and levelled(one.difference.missing) == levelled(one.difference.unwanted)


RULES: tuple[tuple[Callable[[Try], bool], str], ...] = (
    (lambda one: one.difference.only_kind_differs, TEXT_OR_NUMBER),
    (_nothing_to_add, NOTHING_TO_ADD),
    (_swapped, SWAPPED),
    (_copies, COPIES),
    (_lost_copies, LOST_COPIES),
)


def _only_missing(one: Try) -> bool:
    """Only rows are missing, and each of them has a NULL or a 0 in it, as a row without a partner has."""
    blank = all(any(normal(value) in (None, 0) for value in row) for row in one.difference.missing)
    return not one.difference.unwanted and blank


def _unmatched(one: Try) -> bool:
    """The missing rows have a NULL or a 0 that the data do not have: it comes from a partner that is not there."""
    given = {normal(value) for value in _values(one.data)}
    made = ({normal(value) for value in row} & {None, 0} - given for row in one.difference.missing)
    return all(made)


def _has_null(one: Try) -> bool:
    return None in _values(one.data)


def _values(data: Instance) -> list[object]:
    return [value for rows in data.values() for row in rows for value in row]


def _only_with(failed: Sequence[Try], held: Sequence[Try], sign: Callable[[Try], bool]) -> bool:
    """Whether every data set that goes wrong has `sign`, while enough of those without it go right."""
    return len(failed) >= ENOUGH and all(map(sign, failed)) and sum(not sign(one) for one in held) >= ENOUGH * 5


def _boundary_hint(failed: Sequence[Try], held: Sequence[Try], literals: Sequence[object]) -> str:
    for literal in literals:

        def sits_on_it(one: Try, literal=literal) -> bool:
            return normal(literal) in {normal(value) for value in _values(one.data)}

        if _only_with(failed, held, sits_on_it):
            return BOUNDARY.format(value=literal)
    return ""


def order_hint(answer: str, failed: Sequence[Try]) -> str:
    """The hint for the right rows in a wrong order, or nothing."""
    if "order by" not in " ".join(answer.lower().split()):
        return NO_ORDER
    backwards = all(one.found.rows[::-1] == one.expected.rows for one in failed)
    return BACKWARDS if backwards else ""
