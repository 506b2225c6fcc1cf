"""What people take zip → city for, and how a query that does is recognised: by the tables for which it gives rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from graders.labs.lab import Row
from graders.techniques.dependencies import holds_on, parse_fds

Reading = Callable[[list[Row]], list[Row]]
"""Gives the pairs (zip, city) that are compared in the place of those in the table."""
(ZIP_CITY,) = parse_fds("zip -> city")
ALWAYS = "Your query gives a row even for an empty table. Which rows are evidence, and what keeps the others out?"
REPEATED = "Two rows that say the same do not contradict each other."
NULL_ZIP = "What does `NULL = NULL` give? Here two rows without a zip count as having the same one."
NULL_CITY = "What does `count(DISTINCT city)`, or a comparison, make of a city that is NULL?"
BOTH_NULL = "What do `=` and `<>` make of NULL: of two zips that are NULL, and of a city that is?"
EMPTY = "An empty text is a value, and NULL is another one: does your query tell them apart?"
LEFT_SIDE = "Which column stands on the left of the arrow? That is the one to group by."


def obeys_rule(rows: list[Row]) -> bool:
    """Whether zip → city holds in `rows`, NULL being a value."""
    return holds_on(rows, ("zip", "city"), ZIP_CITY)


def with_zip(rows: list[Row]) -> list[Row]:
    """The rows with a zip."""
    return [row for row in rows if row[0] is not None]


def with_city(rows: list[Row]) -> list[Row]:
    """The rows with a city."""
    return [row for row in rows if row[1] is not None]


def _number(rows: list[Row]) -> list[Row]:
    """Every row of a zip taken for another city."""
    return [(zip_code, number) for number, (zip_code, _) in enumerate(rows)]


def _number_equal(rows: list[Row]) -> list[Row]:
    """Every row that is there again taken for evidence."""
    return [(row, number) for number, row in enumerate(rows)]


def _turn(rows: list[Row]) -> list[Row]:
    return [(city, zip_code) for zip_code, city in rows]


READINGS: tuple[tuple[str, Reading], ...] = (
    (REPEATED, _number),
    (REPEATED, _number_equal),
    (REPEATED, lambda rows: _number(with_city(rows))),
    (NULL_ZIP, with_zip),
    (NULL_CITY, with_city),
    (BOTH_NULL, lambda rows: with_zip(with_city(rows))),
    (EMPTY, lambda rows: [(zip_code, city or "") for zip_code, city in rows]),
    (EMPTY, lambda rows: [(zip_code or "", city) for zip_code, city in rows]),
    (EMPTY, lambda rows: [(zip_code or "", city or "") for zip_code, city in rows]),
    (LEFT_SIDE, _turn),
    (LEFT_SIDE, lambda rows: _turn(with_zip(rows))),
    (LEFT_SIDE, lambda rows: _turn(with_city(rows))),
    (LEFT_SIDE, lambda rows: _turn(with_zip(with_city(rows)))),
)


def recognize_mistake(tables: Sequence[list[Row]], alarms: Sequence[bool]) -> str:
    """The hint for a query that gives rows on those of `tables` for which `alarms` is true, or nothing.

    A mistake is recognised by giving rows on exactly the tables that break the rule as it is misread.
    """
    if all(alarms):
        return ALWAYS
    found = (hint for hint, reading in READINGS if all(map(_alike(reading), tables, alarms)))
    return next(found, "")


def _alike(reading: Reading) -> Callable[[list[Row], bool], bool]:
    return lambda rows, alarm: obeys_rule(reading(rows)) is not alarm
