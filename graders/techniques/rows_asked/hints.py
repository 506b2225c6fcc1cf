"""Hints for mistakes that many exercises share, each recognised by what the answer gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from graders.techniques.rows import in_words, normal
from graders.techniques.rows_asked import signs
from graders.techniques.rows_asked.signs import Try

TEXT_OR_NUMBER = "Is this value a number or a text?"
NOTHING_TO_ADD = "What does an aggregate give where there is nothing to add up: 0 or NULL?"
COUNTED = "Is the row that stands for a missing partner counted as well?"
SWAPPED = "Which column is asked for first?"
COPIES = "Does a row come out once for each match, where it is asked for only once?"
LOST_COPIES = "May two rows that look the same both be asked for?"
UNMATCHED = "What becomes of the rows that have no partner in the other table?"
NULLS = "It goes wrong only where a value is NULL: what does each of your conditions give for NULL?"
BOUNDARY = "It goes wrong only where a value is exactly {value}: is that value asked for or not?"
NO_ORDER = "What decides the order of rows where a query has no ORDER BY?"
BACKWARDS = "Which end comes first: does ORDER BY sort upwards or downwards?"
ALL = (
    TEXT_OR_NUMBER,
    NOTHING_TO_ADD,
    COUNTED,
    SWAPPED,
    COPIES,
    LOST_COPIES,
    UNMATCHED,
    NULLS,
    BOUNDARY,
    NO_ORDER,
    BACKWARDS,
)

RULES: tuple[tuple[Callable[[Try], bool], str], ...] = (
    (signs.kind_differs, TEXT_OR_NUMBER),
    (signs.null_for_zero, NOTHING_TO_ADD),
    (signs.one_for_zero, COUNTED),
    (signs.columns_swapped, SWAPPED),
    (signs.only_copies, COPIES),
    (signs.copies_lost, LOST_COPIES),
)
ENOUGH_FAILED, ENOUGH_HELD = 3, 15
MAX_LITERALS = 50


def rows_hint(tries: Sequence[Try], literals: Sequence[object] = (), asks_for_null: bool = False) -> str:
    """The hint for wrong rows, from all data sets that were tried, or nothing.

    A mistake is recognised if every data set that goes wrong shows its sign. `literals` are the answer's own. An answer
    that asks for NULL itself (`asks_for_null`) needs a NULL for everything it does, so NULL explains nothing.
    """
    failed = [one for one in tries if one.difference.rows_differ]
    held = [one for one in tries if not one.difference.rows_differ]
    for sign, hint in RULES:
        if all(map(sign, failed)):
            return hint
    if all(map(signs.only_blank_missing, failed)) and any(map(signs.partner_missing, failed)):
        return UNMATCHED
    if not asks_for_null and _only_with(signs.has_null, failed, held):
        return NULLS
    return _boundary_hint(failed, held, literals)


def _only_with(sign: Callable[[Try], bool], failed: Sequence[Try], held: Sequence[Try]) -> bool:
    """Whether all that goes wrong has the sign, while enough of what has not the sign goes right."""
    without = sum(not sign(one) for one in held)
    return len(failed) >= ENOUGH_FAILED and all(map(sign, failed)) and without >= ENOUGH_HELD


def _boundary_hint(failed: Sequence[Try], held: Sequence[Try], literals: Sequence[object]) -> str:
    for literal in literals[:MAX_LITERALS]:

        def sits_on_it(one: Try, literal: object = normal(literal)) -> bool:
            return literal in map(normal, signs.values(one.data))

        if _only_with(sits_on_it, failed, held):
            return BOUNDARY.format(value=in_words(literal))
    return ""


def order_hint(answer: str, failed: Sequence[Try]) -> str:
    """The hint for the right rows in a wrong order, or nothing."""
    if "order by" not in " ".join(answer.lower().split()):
        return NO_ORDER
    backwards = all(one.found.rows[::-1] == one.expected.rows for one in failed)
    return BACKWARDS if backwards else ""
