"""Small relations as rows: projected, joined, and searched for rows that break a dependency."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from graders.techniques.dependencies.fd import FD, attribute_set

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Relation:
    """A table without repeated rows."""

    columns: tuple[str, ...]
    """Their names, in order."""
    rows: tuple[Row, ...]
    """Distinct rows, in the order in which they came."""

    def project(self, onto: Iterable[str]) -> Relation:
        """Keep the columns `onto`, in their order here if it is a set, else in its own; repeated rows go."""
        if isinstance(onto, (set, frozenset)):
            onto = [name for name in self.columns if name in onto]
        onto = tuple(onto)
        places = [self.columns.index(name) for name in onto]
        return Relation(onto, tuple(dict.fromkeys(tuple(row[place] for place in places) for row in self.rows)))

    def join(self, other: Relation) -> Relation:
        """Give the natural join: pairs of rows that agree on every column the two have in common."""
        shared = [name for name in self.columns if name in other.columns]
        extra = [name for name in other.columns if name not in shared]
        matches: dict[Row, list[Row]] = {}
        for row in other.rows:
            matches.setdefault(_picked(row, other.columns, shared), []).append(_picked(row, other.columns, extra))
        rows = [row + more for row in self.rows for more in matches.get(_picked(row, self.columns, shared), ())]
        return Relation((*self.columns, *extra), tuple(rows))


def _picked(row: Row, columns: Sequence[str], names: Iterable[str]) -> Row:
    return tuple(row[columns.index(name)] for name in names)


def join_all(parts: Sequence[Relation], columns: Sequence[str]) -> Relation:
    """Give the natural join of `parts`, its columns in the order of `columns`."""
    joined, waiting = parts[0], list(parts[1:])
    # Parts that share columns first: joining strangers makes rows that a later part takes away again.
    while waiting:
        nearest = max(waiting, key=lambda part: len(set(part.columns) & set(joined.columns)))
        waiting.remove(nearest)
        joined = joined.join(nearest)
    return joined.project(columns)


def holds_on(rows: Iterable[Row], columns: Sequence[str], fd: FD, nulls_equal: bool = True) -> bool:
    """Whether `fd` holds in `rows`; see `exceptions_on` for what a NULL counts as."""
    return not exceptions_on(rows, columns, fd, nulls_equal)


def exceptions_on(
    rows: Iterable[Row], columns: Sequence[str], fd: FD, nulls_equal: bool = True
) -> dict[Row, list[Row]]:
    """Give the rows that break `fd`, by their values on its left side (in the order of `columns`).

    A NULL is None or NaN. With `nulls_equal` it is a value like any other, equal to itself, as in GROUP BY.
    Without, it equals nothing and differs from nothing, as in SQL's comparisons: a row with a NULL on the
    left is in no group, and a NULL on the right contradicts no other value.
    """
    left = [place for place, name in enumerate(columns) if name in fd.left]
    right = [place for place, name in enumerate(columns) if name in fd.right]
    _refuse_unknown(fd, columns)
    groups: dict[Row, list[Row]] = {}
    for row in rows:
        value = tuple(_plain(row[place]) for place in left)
        if nulls_equal or None not in value:
            groups.setdefault(value, []).append(row)
    return {value: group for value, group in groups.items() if _contradicts(group, right, nulls_equal)}


def _refuse_unknown(fd: FD, columns: Sequence[str]) -> None:
    unknown = fd.attributes - attribute_set(columns)
    if unknown:
        raise ValueError(f"the rows have no column {', '.join(sorted(unknown))}")


def _contradicts(group: list[Row], right: list[int], nulls_equal: bool) -> bool:
    for place in right:
        values = {_plain(row[place]) for row in group}
        if len(values if nulls_equal else values - {None}) > 1:
            return True
    return False


def _plain(value: Any) -> Any:
    """None for NaN as well, which alone differs from itself."""
    return None if value != value else value
