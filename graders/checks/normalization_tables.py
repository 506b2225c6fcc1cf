"""Tries tables out: which rows they take and which they refuse, two rows at a time.

Two rows are enough: a dependency is broken by two rows or not at all. What pairs of rows a set of tables accepts
therefore says which dependencies its keys enforce (the argument of Beeri, Fagin & Howard 1977, read as a test).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from graders import Mismatch
from graders.labs import EngineError, Lab
from graders.report import Table
from graders.techniques import dependencies as fds_theory
from graders.techniques.dependencies import FD, written
from graders.techniques.dependencies.fd import Attributes
from graders.techniques.instances import relations

Rows = Sequence[Mapping[str, object]]
Opener = Callable[[], Lab]


class Tried:
    """Tables as a script makes them, tried out with rows of `columns`; `values` has two values for each column.

    `make` opens a lab in which the script has run on no data; every trial gets a fresh one.
    """

    def __init__(self, make: Opener, values: Mapping[str, tuple[object, object]], leave_out: Iterable[str] = ()):
        self.make = make
        self.values = values
        with make() as lab:
            kept = [table for table in relations(lab) if table.name.casefold() not in set(leave_out)]
        self.tables = {table.name: [column.name.casefold() for column in table.columns] for table in kept}
        if not self.tables:
            raise Mismatch("tables that your script creates", "no table")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the tables are about."""
        return tuple(self.values)

    @property
    def parts(self) -> list[Attributes]:
        """The columns of each table, as sets."""
        return [frozenset(columns) for columns in self.tables.values()]

    def row(self, *second: str) -> dict[str, object]:
        """A row that has the second value in the columns `second` and the first in all others."""
        return {name: both[name in second] for name, both in self.values.items()}

    def pair(self, agreed: Iterable[str]) -> list[dict[str, object]]:
        """Two rows that agree on exactly the columns `agreed`."""
        return [self.row(), self.row(*set(self.values).difference(agreed))]

    def refusal(self, rows: Rows, without: str = "") -> str:
        """The engine's sentence if it refuses the parts of `rows`, put in parents first; empty if it takes them."""
        parts = {name: columns for name, columns in self.tables.items() if name != without}
        inserts = [insert for name, columns in parts.items() for insert in _inserts(name, columns, rows)]
        with self.make() as lab:
            told = lab.outcomes(inserts)
        return next((outcome.sentence for outcome in told if isinstance(outcome, EngineError)), "")


def _inserts(name: str, columns: Sequence[str], rows: Rows) -> list[tuple[str, tuple]]:
    """Statements with their parameters that put the parts of `rows` into the table `name`, equal ones once."""
    marks, names = ", ".join("?" * len(columns)), ", ".join(f'"{column}"' for column in columns)
    parts = dict.fromkeys(tuple(row[column] for column in columns) for row in rows)
    return [(f'INSERT INTO "{name}" ({names}) VALUES ({marks})', part) for part in parts]


def refuses_what_breaks(tried: Tried, fds: Iterable[FD]) -> None:
    """Raise `Mismatch` with two rows that break a rule of `fds` and that the tables take all the same."""
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
    """Raise `Mismatch` with two rows that break no rule of `fds` and that the tables refuse."""
    for size in range(len(tried.columns)):
        for agreed in combinations(tried.columns, size):
            if fds_theory.closure(agreed, fds) == set(agreed):
                rows = tried.pair(agreed)
                if said := tried.refusal(rows):
                    raise Mismatch(
                        "room for two rows that break no rule",
                        f"SQLite says: {said}",
                        hint="Both rows are allowed by the text. Which key of yours has too few columns?"
                        if "UNIQUE" in said
                        else "",
                        tables=[_shown(tried, rows, "")],
                    )


def _shown(tried: Tried, rows: Rows, mark: str) -> Table:
    values = [tuple(row[name] for name in tried.columns) for row in rows]
    return Table("two rows, written as one wide table", tried.columns, values, frozenset({1} if mark else ()), mark)


def refuses_orphans(tried: Tried, fds: Iterable[FD]) -> None:
    """Raise `Mismatch` if a table takes the left side of a rule that its home table does not know."""
    for fd in fds:
        home = next((name for name, columns in tried.tables.items() if fd.attributes <= set(columns)), "")
        named = [name for name, columns in tried.tables.items() if name != home and fd.left <= set(columns)]
        if home and named and not tried.refusal([tried.row()], without=home):
            raise Mismatch(
                f"`{named[0]}` to refuse a {written(fd.left)} that `{home}` does not have",
                "it takes the row",
                hint=f"Which clause ties {written(fd.left)} in `{named[0]}` to `{home}`?",
            )


def refuses_null_keys(tried: Tried, fds: Iterable[FD]) -> None:
    """Raise `Mismatch` if a column on the left of a rule ends up NULL."""
    for name in sorted(set().union(*(fd.left for fd in fds))):
        table = next((table for table, columns in tried.tables.items() if name in columns), "")
        if table and _takes_null(tried, table, name):
            raise Mismatch(
                f"`{table}` to refuse a row without {name}",
                "a row in which it is NULL",
                hint=f"Does SQLite refuse NULL in {name}, or does the column need a word more?",
            )


def _takes_null(tried: Tried, table: str, column: str) -> bool:
    names = list(tried.tables)
    names = names[: names.index(table) + 1]
    rows = {name: {**tried.row(), column: None} if name == table else tried.row() for name in names}
    inserts = [insert for name in names for insert in _inserts(name, tried.tables[name], [rows[name]])]
    with tried.make() as lab:
        *told, found = lab.outcomes([*inserts, f'SELECT 1 FROM "{table}" WHERE "{column}" IS NULL'])
    return not any(isinstance(outcome, EngineError) for outcome in told) and bool(found.rows)
