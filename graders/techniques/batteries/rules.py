"""What a schema must enforce: a typed description of columns, keys, references and changes, without any SQL."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graders.techniques.batteries.domains import Domain

Values = Mapping[str, Any]
DRAWN, NOTHING, FILLED = "DRAWN BY THE SEED", "NO DEFAULT", "FILLED BY THE DATABASE"


@dataclass(frozen=True)
class Column:
    """A column, and the values that it may hold."""

    name: str
    domain: Domain | None = None
    """Its values; None where a reference, or the database itself, gives them."""
    required: bool = True
    """Whether every row must have a value here."""
    typical: Any = DRAWN
    """What an ordinary row has here; drawn from the domain unless it is said."""
    default: Any = NOTHING
    """What a row gets that leaves it out; `FILLED` if it is whatever the database likes, such as an id or a time."""
    computed: Callable[[Values], Any] | None = None
    """Gives the value that must stand here, from the other columns of the row; nobody else may set it."""

    @property
    def given(self) -> bool:
        """Whether a row says what it has here."""
        return self.default != FILLED and self.computed is None


@dataclass(frozen=True)
class Unique:
    """No two rows have the same values in `columns`."""

    columns: tuple[str, ...]
    ignore_case: bool = False
    """Whether texts that differ in upper and lower case are the same."""
    only: Values = field(default_factory=dict)
    """Among which rows: those that have these values. Ordinary rows of the table need not be among them."""
    others: Values = field(default_factory=dict)
    """What a row has instead that the rule does not bind."""


@dataclass(frozen=True)
class Reference:
    """The value of `column` is the key of a row of `table`, a table before this one."""

    column: str
    table: str
    on_delete: str = ""
    """What becomes of children: "refuse", "cascade" or "set null"; empty if the rules do not say."""
    dead: Values = field(default_factory=dict)
    """What a row of `table` has that takes no more children, such as `{"deleted_at": "2025-01-31 10:00:00"}`."""


@dataclass(frozen=True)
class RowRule:
    """The values of one row fit together."""

    words: str
    """What breaks it, as "that ends before it begins"."""
    columns: tuple[str, ...]
    """The columns that it is about."""
    good: Callable[[random.Random], Sequence[Values]]
    """Draws values that fit; the first are those of ordinary rows."""
    bad: Callable[[random.Random], Sequence[Values]]
    """Draws values that do not."""
    beside: Callable[[str, Any], Values] = lambda name, value: {}
    """Gives for a column and a bad value of it what the others must have, so that this rule is not what refuses it."""


@dataclass(frozen=True)
class Transitions:
    """`column` changes along these steps only."""

    column: str
    steps: Mapping[str, tuple[str, ...]]
    """For each value those that may follow it; the first is where every row begins."""

    def path(self, goal: str) -> tuple[str, ...]:
        """The values through which a row comes to `goal`, without the first."""
        paths: list[tuple[str, ...]] = [(next(iter(self.steps)),)]
        for path in paths:
            if path[-1] == goal:
                return path[1:]
            paths += [(*path, after) for after in self.steps[path[-1]] if after not in path]
        raise ValueError(f"no steps lead to {goal}")


@dataclass(frozen=True)
class Table:
    """A table and its rules; names are given, all else is free.

    Table("notes", (Column("note_id", default=FILLED), Column("body", Text())))
    """

    name: str
    columns: tuple[Column, ...]
    """Its columns, the key first; further ones are allowed if rows need not name them."""
    key: tuple[str, ...] = ()
    """The columns of its key; the first column, unless it is said."""
    unique: tuple[Unique, ...] = ()
    references: tuple[Reference, ...] = ()
    rows: tuple[RowRule, ...] = ()
    transitions: tuple[Transitions, ...] = ()
    never_reused: bool = False
    """Whether the number of a deleted row must not come back."""
    never_collides: bool = False
    """Whether rows that bring their own number must be refused, or leave the next number that is filled in free."""

    @property
    def keys(self) -> tuple[Unique, ...]:
        """All that must differ between rows, the key first."""
        return (Unique(self.key or (self.columns[0].name,)), *self.unique)

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(column for column in self.columns if column.name == name)

    def is_reference(self, name: str) -> bool:
        """Whether a column takes its values from another table."""
        return any(reference.column == name for reference in self.references)
