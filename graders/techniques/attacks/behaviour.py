"""What a function is for, described without any SQL: its data, what strangers may send, and the rows that are right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from graders.labs import in_order
from graders.sql.dialects import DIALECTS

Rows = Sequence[tuple[Any, ...]]
Data = Mapping[str, Rows]
Kind = Literal["text", "pattern", "number", "identifier", "stored"]
REFUSED = object()
ANYTHING = object()


@dataclass(frozen=True)
class OrRefused:
    """These rows are right, and so is an exception: what is sent is of another kind than what it is compared with."""

    rows: list[tuple[Any, ...]]


def _alone(value: Any) -> tuple[Any, ...]:
    return (value,)


@dataclass(frozen=True)
class InjectionPoint:
    """A value that comes from a stranger."""

    name: str
    """What the value is, in the words of reports."""
    kind: Kind
    """What it is to the statement: a "pattern" is looked for inside texts, "stored" text comes from the database."""
    honest: tuple[Any, ...]
    """What honest people send."""
    arguments: Callable[[Any], tuple[Any, ...]] = _alone
    """Makes of the value the arguments of a call."""
    plant: Callable[[Data, Any], Data] | None = None
    """Puts the value into the data first: stored text is read there, and honest people may be called like an attack."""
    hostile: tuple[str, ...] = ()
    """Inputs that are hostile to this function alone, beside those that every point of this kind is sent."""

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(
                f"`{self.name}` is of the kind {self.kind!r}; it must be one of {', '.join(get_args(Kind))}."
            )

    def is_planted(self, value: Any) -> bool:
        """Whether the data contain `value` when it is sent."""
        return self.plant is not None and (self.kind == "stored" or value not in self.honest)

    def data_with(self, value: Any, data: Data) -> Data:
        """The data on which `value` is sent."""
        return self.plant(data, value) if self.plant and self.is_planted(value) else data


def plant_row(table: str, row: Mapping[str, Any], column: str) -> Callable[[Data, Any], Data]:
    """Give the `plant` of a point whose value is looked for in `column`: `row` in `table`, with the value there."""

    def plant(data: Data, value: Any) -> Data:
        return {**data, table: [*data[table], tuple({**row, column: value}.values())]}

    return plant


def _unchanged(data: Data, *_: Any) -> Data:
    return data


@dataclass(frozen=True)
class Behaviour:
    """What a function must do, for honest people and for others.

    Raise `ValueError` where the description makes no sense.
    """

    schema: str
    """The statements that make its tables."""
    data: Callable[[int, str], Data]
    """Makes the tables' rows of a seed and a canary, a random word that only the `secrets` contain."""
    points: tuple[InjectionPoint, ...]
    """What strangers send to it."""
    expects: Callable[..., Any]
    """What is right for the data and the arguments: rows, `REFUSED` (an exception), `OrRefused` or `ANYTHING`."""
    leaves: Callable[..., Data] = _unchanged
    """The data that are right afterwards, for the data before and the arguments."""
    secrets: tuple[tuple[str, str], ...] = ()
    """The tables and columns that hold the canary."""
    needs: frozenset[tuple[str, str]] | None = None
    """The tables and columns that its statements may read (None: any); on SQLite only."""
    ordered: bool = False
    """Whether the order of its rows matters."""
    more_calls: tuple[tuple[Any, ...], ...] = ()
    """The arguments of further calls that honest people make."""
    engine: str = "SQLite"
    """The engine that runs its statements."""

    def __post_init__(self) -> None:
        if self.engine not in DIALECTS:
            raise ValueError(f"Attacks on {self.engine!r} cannot be judged: it must be one of {', '.join(DIALECTS)}.")
        if self.needs is not None and self.engine != "SQLite":
            raise ValueError(f"`needs` is checked on SQLite only, and this function runs on {self.engine}.")


def rows_of(value: Any) -> list[tuple[Any, ...]] | None:
    """`value` as a list of rows; None if it is none."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(row, (list, tuple)) for row in value):
        return None
    return [tuple(row) for row in value]


def sorted_rows(rows: Rows) -> list[tuple[Any, ...]]:
    """Rows in an order of their own, so that two states can be compared."""
    return in_order(map(tuple, rows))


def same_rows(one: Rows, other: Rows) -> bool:
    """Whether two tables hold the same rows, in any order."""
    return one is other or sorted_rows(one) == sorted_rows(other)


def same_data(one: Data, other: Data) -> bool:
    """Whether two states of a database hold the same rows."""
    return set(one) == set(other) and all(same_rows(one[table], other[table]) for table in one)
