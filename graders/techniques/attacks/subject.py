"""What is attacked: something that runs one call on given data and tells what it gave and what reached the driver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from graders.labs import in_order

Data = Mapping[str, Sequence[tuple[Any, ...]]]


@dataclass(frozen=True)
class Sent:
    """One statement that reached the driver, with its parameters; `code` is the engine's error, empty if it ran."""

    statement: str
    parameters: Any = ()
    code: str = ""


@dataclass(frozen=True)
class Seen:
    """What one call did: its value, or the words of what it raised; the statements; the data it left behind.

    `raised` is empty if the call gave a value.
    """

    value: Any = None
    raised: str = ""
    sent: tuple[Sent, ...] = ()
    after: Data | None = None

    @property
    def refused_by_engine(self) -> Sent | None:
        """The first statement that the engine refused, if there was one."""
        return next((one for one in self.sent if one.code), None)


class Subject(Protocol):
    """Runs one call of what is attacked on a database that holds `data`, whatever language it is written in."""

    engine: str

    def __call__(self, data: Data, arguments: tuple[Any, ...]) -> Seen:
        """Give what the call did; data come out as they went in if the call changes none."""
        ...

    def said(self, arguments: tuple[Any, ...]) -> str:
        """The call as its author would write it."""
        ...


def sorted_rows(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows in an order of their own, so that two states can be compared."""
    return in_order(map(tuple, rows))


def same_rows(one: Sequence[tuple[Any, ...]], other: Sequence[tuple[Any, ...]]) -> bool:
    """Whether two tables hold the same rows, in any order."""
    return one is other or sorted_rows(one) == sorted_rows(other)


def same_data(one: Data, other: Data) -> bool:
    """Whether two states of a database hold the same rows."""
    return set(one) == set(other) and all(same_rows(one[table], other[table]) for table in one)
