"""What the claims found out about one answer: a score for nbgrader, sentences for people, plain data for files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from graders.kernel.readable import ELLIPSIS, MAX_CELL, readable, readable_value
from graders.kernel.scoring import CONFIRMED, EARNING, Outcome, name_status, weigh_points

Observed = TypeVar("Observed")
MAX_ROWS, MAX_COLUMNS, MAX_TABLES = 40, 24, 8
MAX_PICTURE = 200_000
NO_PICTURE = "<p>The picture is too large to be shown.</p>"


@dataclass(frozen=True)
class Table:
    """A small table to show: a title, column names, rows, and the numbers of the rows to mark.

    `more` is how many rows there are beside these. A row of another width than the header raises `ValueError`.
    """

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    marked: frozenset[int] = frozenset()
    mark: str = ""
    more: int = 0

    def __post_init__(self) -> None:
        width = len(self.columns)
        other = next((len(row) for row in self.rows if len(row) != width), width)
        if other != width:
            raise ValueError(f"the table {self.title!r:.60} has {width} columns, and a row of {other} values")

    def rows_to_show(self, limit: int) -> list[int]:
        """The numbers of at most `limit` rows, in their order; a marked row goes before an unmarked one."""
        by_weight = sorted(range(len(self.rows)), key=lambda number: (number not in self.marked, number))
        return sorted(by_weight[:limit])

    def limit_columns(self, limit: int) -> Table:
        """The table with at most `limit` columns, the last of which then says how many are left out."""
        left_out = len(self.columns) - limit + 1
        if left_out < 2:
            return self
        columns = (*self.columns[: limit - 1], f"{ELLIPSIS} {left_out:,} more columns")
        return replace(self, columns=columns, rows=[(*row[: limit - 1], ELLIPSIS) for row in self.rows])


def _readable_table(table: Table) -> Table:
    """`table` with readable text and plain values only, and no more of its rows and columns than anybody reads."""
    table = table.limit_columns(MAX_COLUMNS)
    places = table.rows_to_show(MAX_ROWS)
    return Table(
        readable(table.title, MAX_CELL),
        tuple(readable(name, MAX_CELL) for name in table.columns),
        [tuple(map(readable_value, table.rows[place])) for place in places],
        frozenset(number for number, place in enumerate(places) if place in table.marked),
        readable(table.mark, MAX_CELL),
        table.more + len(table.rows) - len(places),
    )


def _readable_picture(picture: str) -> str:
    text = readable(picture, MAX_PICTURE + 1)
    return text if len(text) <= MAX_PICTURE else NO_PICTURE


class Mismatch(Exception):
    """An answer does not do what a claim says.

    `expected` and `found` are phrases that complete "expected …" and "found …"; `hint` is one question or one
    next step, given only for a mistake that was recognised; `tables` show the smallest data on which the answer
    goes wrong; `picture` is SVG.
    """

    def __init__(
        self,
        expected: str = "",
        found: str = "",
        hint: str = "",
        tables: Iterable[Table] = (),
        picture: str = "",
    ):
        super().__init__(expected, found, hint)
        self.expected = expected
        self.found = found
        self.hint = hint
        self.tables = tuple(tables)
        self.picture = picture


def raise_if_mismatch(part: Observed | Mismatch) -> Observed:
    """The part of an observation that `catch_mismatch` gave; raise the `Mismatch` that is in its place."""
    if isinstance(part, Mismatch):
        raise part
    return part


@dataclass(frozen=True)
class Verdict:
    """What became of one claim, and why; `weight` is its share of the exercise's points among the claims.

    All that it says is readable text of bounded length, whatever it is made of.
    """

    claim: str
    sentence: str
    outcome: Outcome
    weight: float = 1
    expected: str = ""
    found: str = ""
    hint: str = ""
    tables: tuple[Table, ...] = ()
    picture: str = ""

    def __post_init__(self) -> None:
        for name in ("sentence", "expected", "found", "hint"):
            object.__setattr__(self, name, readable(getattr(self, name)))
        object.__setattr__(self, "tables", tuple(map(_readable_table, self.tables[:MAX_TABLES])))
        object.__setattr__(self, "picture", _readable_picture(self.picture))


class NotOffered(Exception):
    """An answer cannot be tried here because an extra is missing; `str()` is the sentence that says which."""


@dataclass(frozen=True)
class Report:
    """The verdicts on one exercise, in the order of its claims.

    `remarks` are further sentences for the student; `heading` is what the notebook calls the exercise.
    """

    exercise: str
    points: float
    verdicts: tuple[Verdict, ...]
    remarks: tuple[str, ...] = field(default=())
    heading: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "remarks", tuple(map(readable, self.remarks)))

    def with_remarks(self, *sentences: str) -> Report:
        """The same report with further sentences for the student."""
        return replace(self, remarks=(*self.remarks, *sentences))

    @property
    def score(self) -> float:
        """The points earned; a claim that broke through our own fault costs nothing."""
        return self._weigh(EARNING)

    @property
    def confirmed_score(self) -> float:
        """The points beyond doubt: a claim that broke through our own fault counts for nothing until a person looks."""
        return self._weigh(CONFIRMED)

    def _weigh(self, earning: set[Outcome]) -> float:
        return weigh_points(self.points, [(verdict.outcome, verdict.weight) for verdict in self.verdicts], earning)

    @property
    def status(self) -> str:
        """One of "right", "wrong", "partly right", "not attempted" and "needs review"."""
        return name_status((verdict.outcome for verdict in self.verdicts), self.score)

    @property
    def hints(self) -> list[str]:
        """The hints that this answer met, in the order of the claims."""
        return [verdict.hint for verdict in self.verdicts if verdict.hint]
