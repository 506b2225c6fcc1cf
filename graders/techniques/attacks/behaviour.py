"""What a function is for, described without any SQL: its data, what strangers may send, and the rows that are right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graders.techniques.attacks.subject import Data

REFUSED = object()
ANYTHING = object()


@dataclass(frozen=True)
class OrRefused:
    """These rows are right, and so is an exception: what is sent is of another kind than what it is compared with."""

    rows: list[tuple[Any, ...]]


def _alone(value: Any) -> tuple[Any, ...]:
    return (value,)


@dataclass(frozen=True)
class Slot:
    """A value that comes from a stranger.

    `kind` is "text", "pattern" (searched for in texts), "number", "identifier" or "stored"; `ordinary` are values that
    honest people send. `into` makes the arguments of a call of a value; `plant` puts the value into the data first,
    because stored text is read, or because somebody honest may be called like an attack. `hostile` are inputs that only
    this function need fear, beside the corpus.
    """

    name: str
    kind: str
    ordinary: tuple[Any, ...]
    into: Callable[[Any], tuple[Any, ...]] = _alone
    plant: Callable[[Data, Any], Data] | None = None
    hostile: tuple[str, ...] = ()

    def case(self, data: Data, value: Any) -> tuple[Data, tuple[Any, ...]]:
        """The data and the arguments of the call that sends `value`."""
        return (self.plant(data, value) if self.plant else data), self.into(value)


def _unchanged(data: Data, *_: Any) -> Data:
    return data


@dataclass(frozen=True)
class Behaviour:
    """What a function must do, for honest people and for others.

    `data` makes the tables' rows of a seed and a canary, a random word that stands in the `secrets` alone (pairs of
    table and column). `expects` gives what is right for the data and the arguments: rows, `REFUSED` where an exception
    is, `OrRefused` where both are, `ANYTHING` where it does not matter; `leaves` gives the data afterwards. `ordered`
    says that the order of rows matters; `needs` are the columns that may be read (None: any), `further` more calls that
    honest people make.
    """

    schema: str
    data: Callable[[int, str], Data]
    slots: tuple[Slot, ...]
    expects: Callable[..., Any]
    leaves: Callable[..., Data] = _unchanged
    secrets: tuple[tuple[str, str], ...] = ()
    needs: frozenset[tuple[str, str]] | None = None
    ordered: bool = False
    further: tuple[tuple[Any, ...], ...] = field(default=())
    engine: str = "SQLite"
