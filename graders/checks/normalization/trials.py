"""Tries tables out: which rows they take and which they refuse, two rows at a time.

Two rows are enough: a dependency is broken by two rows or not at all. What pairs of rows a set of tables accepts
therefore says which dependencies its keys enforce (the argument of Beeri, Fagin & Howard 1977, read as a test).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from graders import Mismatch
from graders.checks.normalization.tables import Rows, Tried
from graders.kernel.report import Table
from graders.labs import EngineError
from graders.techniques import dependencies as fds_theory
from graders.techniques.dependencies import FD, written


def each_fact_once(tried: Tried, fds: Sequence[FD]) -> None:
    """Raise `Mismatch` if a table is not in third normal form."""
    for table in tried.parts:
        for violation in fds_theory.violations_3nf(table, fds):
            fd = violation.fd
            raise Mismatch(
                "each fact in one place",
                f"{written(table)}: {violation}",
                hint=f"How many rows change when the {written(fd.right)} of one {written(fd.left)} changes?",
            )


def refuses_what_breaks(tried: Tried, fds: Iterable[FD]) -> None:
    """Raise `Mismatch` with two rows that break a rule of `fds` and that the tables take all the same.

    What refuses two rows that have nothing in common refuses for another reason.
    """
    apart = tried.pair(())
    if said := tried.refusal(apart):
        raise Mismatch(
            "room for two rows that have nothing in common", f"SQLite says: {said}", tables=[_shown(tried, apart, "")]
        )
    for fd in fds:
        for rows in _breaking(tried, fd):
            if not tried.refusal(rows):
                raise Mismatch(
                    f"your tables to refuse two rows that break {fd}",
                    "they take both",
                    hint=f"Which table should have a key of {written(fd.left)}, so that it refuses the second row?",
                    tables=[_shown(tried, rows, f"break {fd}")],
                )


def _breaking(tried: Tried, fd: FD) -> Iterator[Rows]:
    yield tried.pair(fd.left)
    for name in sorted(fd.right - fd.left):
        yield tried.pair(set(tried.columns) - {name})


def accepts_what_is_legal(tried: Tried, fds: Sequence[FD]) -> None:
    """Raise `Mismatch` with two rows that break no rule of `fds` and that the tables refuse, or lose."""
    for size in range(len(tried.columns)):
        for agreed in combinations(tried.columns, size):
            if fds_theory.closure(agreed, fds) == set(agreed):
                rows = tried.pair(agreed)
                if trouble := tried.trouble(rows):
                    raise Mismatch(
                        "room for two rows that break no rule",
                        trouble,
                        hint="Both rows are allowed by the text. Which key of yours has too few columns?"
                        if "UNIQUE" in trouble
                        else "",
                        tables=[_shown(tried, rows, "")],
                    )


def _shown(tried: Tried, rows: Rows, mark: str) -> Table:
    values = [tuple(row[name] for name in tried.columns) for row in rows]
    return Table("two rows, written as one wide table", tried.columns, values, frozenset({1} if mark else ()), mark)


def refuses_orphans(tried: Tried, fds: Sequence[FD]) -> None:
    """Raise `Mismatch` if a table takes the left side of a rule of `fds` that is not there where it is at home."""
    for left in dict.fromkeys(fd.left for fd in fds):
        homes = tried.homes(left, fds)
        named = [name for name, columns in tried.tables.items() if left <= set(columns) and name not in homes]
        taken = _orphans(tried, homes, named) if homes else []
        if taken:
            raise Mismatch(
                f"`{taken[0]}` to refuse a {written(left)} that `{homes[0]}` does not have",
                "it takes the row",
                hint=f"Which clause ties {written(left)} in `{taken[0]}` to `{homes[0]}`?",
            )


def _orphans(tried: Tried, homes: Sequence[str], named: Sequence[str]) -> list[str]:
    """Those of the tables `named` that take their part of a row whose parts in `homes` are missing.

    Another row is there as a whole, so that no table is empty.
    """
    there = tried.parts_of([tried.row(*tried.columns)], tried.tables)
    parts = tried.parts_of([tried.row()], set(tried.tables).difference(homes))
    told = tried.outcomes([part.insert for part in (*there, *parts)])[len(there) :]
    return [
        part.table
        for part, outcome in zip(parts, told, strict=True)
        if part.table in named and not isinstance(outcome, EngineError)
    ]


def refuses_null_keys(tried: Tried, keys: Iterable[FD], fds: Sequence[FD]) -> None:
    """Raise `Mismatch` if, where the left side of a rule of `keys` is at home, a column of it ends up NULL."""
    for key in keys:
        for table in tried.homes(key.left, fds):
            for name in sorted(key.left):
                if tried.takes_null(table, name):
                    raise Mismatch(
                        f"`{table}` to refuse a row without {name}",
                        "a row in which it is NULL",
                        hint=f"Does SQLite refuse NULL in {name}, or does the column need a word more?",
                    )
