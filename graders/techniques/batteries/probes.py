"""One thing to try with the tables: what is done, whether it may happen, and how what is stored is judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graders.techniques.batteries.rules import Table
from graders.techniques.batteries.world import Row, Statement, show

SWALLOWED = "nobody was told, and nothing has changed"
TAKEN = "it was taken"


@dataclass(frozen=True)
class StoredChange:
    """The rows of a table before and after the last statement of a probe."""

    before: Sequence[Row]
    after: Sequence[Row]

    @property
    def added(self) -> list[Row]:
        """The rows that are there now and were not before."""
        return _difference(self.after, self.before)

    @property
    def removed(self) -> list[Row]:
        """The rows that were there before and are not now."""
        return _difference(self.before, self.after)


def _difference(rows: Sequence[Row], others: Sequence[Row]) -> list[Row]:
    left = Counter(repr(row) for row in others)
    found = []
    for row in rows:
        left[repr(row)] -= 1
        if left[repr(row)] < 0:
            found.append(row)
    return found


Judge = Callable[[StoredChange], str]
"""Says what is wrong with what was stored, after nothing was refused; empty if it is as it should be."""


def is_taken(change: StoredChange) -> str:
    """What is wrong where something was to be refused."""
    return TAKEN if change.added or change.removed else SWALLOWED


@dataclass(frozen=True)
class Probe:
    """One thing to try, in a transaction of its own that is rolled back."""

    claim: str
    """Under which claim it stands: "values", "missing", "defaults", "keys", "rows", "references" …"""
    rule: str
    """Which rule of the description it asks for, as "products.price_cents"."""
    kind: str
    """What is special about it, as "below"; with the rule it names a hint."""
    table: Table
    """The table whose rows are looked at."""
    steps: tuple[Statement, ...]
    """What is done. All but the last must be taken."""
    expected: str
    """What must happen, as "`products` to refuse this row"."""
    accepted: bool | None
    """Whether the last step must be taken; None if what is stored afterwards is all that counts."""
    judge: Judge = is_taken
    """Looks at what was stored if the last step was taken."""
    shown: tuple[Mapping[str, Any], ...] = ()
    """The rows to show, the one in question last."""
    title: str = "the row"
    may_be_refused_early: bool = False
    """Whether it is right, too, if a step before the last is refused."""


def keeps(table: Table, row: Mapping[str, Any]) -> Judge:
    """What is stored is exactly one new row, with these values of `row`."""

    def judge(change: StoredChange) -> str:
        if change.removed or len(change.added) > 1:
            return "other rows have changed, and nobody was told"
        return _differs(table, row, change.added[0]) if change.added else "no row is there, and nobody was told"

    return judge


def changes_to(table: Table, values: Mapping[str, Any]) -> Judge:
    """One row is stored with `values` in place of its own."""

    def judge(change: StoredChange) -> str:
        if len(change.added) != 1 or len(change.removed) != 1:
            return SWALLOWED if not change.added else "other rows have changed, and nobody was told"
        return _differs(table, values, change.added[0])

    return judge


def _differs(table: Table, given: Mapping[str, Any], stored: Row) -> str:
    for name, value in given.items():
        domain, there = table.column(name).domain, stored[name]
        same = there is None if value is None else domain.same(value, there) if domain else value == there
        if not same:
            kind = ", in binary floating point" if isinstance(there, float) and not isinstance(value, float) else ""
            return f"`{name}` was given as {show(value)} and is stored as {show(there)}{kind}"
    return ""


def keeps_out(table: Table, name: str, value: Any) -> Judge:
    """No row has `value` in the column `name`: it was mended, if it was not refused."""
    domain = table.column(name).domain

    def judge(change: StoredChange) -> str:
        if not change.added:
            return is_taken(change)
        stored = [row[name] for row in change.added]
        if value is None:
            return TAKEN if None in stored else ""
        return "" if domain and all(map(domain.holds, stored)) else TAKEN

    return judge
