"""Tables as a script leaves them in the database, tried with rows: which they take, refuse and lose, two at a time.

Two rows are enough: a dependency is broken by two rows or not at all. What pairs of rows a set of tables accepts
therefore says which dependencies its keys enforce (the argument of Beeri, Fagin & Howard 1977, read as a test).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from graders import Mismatch
from graders.kernel.report import Table
from graders.labs import EngineError, Lab, Result
from graders.labs.lab import Row
from graders.sql import quote_identifier
from graders.techniques import dependencies as fd_theory
from graders.techniques.dependencies import FD, Attributes, format_set
from graders.techniques.queries import read_tables

WideRows = Sequence[Mapping[str, object]]
Outcomes = list[Result | EngineError]
MAX_TABLES = 50


@dataclass(frozen=True)
class Part:
    """What one row has for one table."""

    table: str
    """The table's name."""
    statement: str
    """What puts it there, with a mark for each value."""
    values: tuple[object, ...]

    @property
    def insert(self) -> tuple[str, tuple[object, ...]]:
        """The statement with its values, as a lab runs them."""
        return self.statement, self.values


class StoredTables:
    """The tables of a SQLite lab that was opened with a database file, tried with rows of two `values` a column.

    Every trial finds the tables as they were in the file. Columns without values are left to their defaults.
    """

    def __init__(self, lab: Lab, values: Mapping[str, tuple[object, ...]], leave_out: Iterable[str] = ()):
        self.lab = lab
        self.values = values
        if (count := len(lab.tables())) > MAX_TABLES:
            raise Mismatch(f"at most {MAX_TABLES} tables", f"{count:,}")
        kept = [table for table in read_tables(lab) if table.name.casefold() not in set(leave_out)]
        columns = {table.name: [column.name.casefold() for column in table.columns] for table in kept}
        known = {name: [each for each in names if each in values] for name, names in columns.items()}
        self.tables = {name: names for name, names in known.items() if names}
        self.others = frozenset(each for names in columns.values() for each in names if each not in values)
        if not kept:
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

    def parts_of(self, rows: WideRows, tables: Iterable[str]) -> list[Part]:
        """What `rows` have for each of `tables`, those first that others refer to; equal parts once."""
        return [part for name in self.tables if name in set(tables) for part in _parts(name, self.tables[name], rows)]

    def run(self, statements: Sequence[str | tuple[str, tuple[object, ...]]]) -> Outcomes:
        """What becomes of each of `statements`, on the tables as they were."""
        self.lab.rewind()
        return self.lab.outcomes(statements)

    def refusal(self, rows: WideRows) -> str:
        """The engine's sentence if it refuses the parts of `rows`; empty if it takes them, or says nothing."""
        return _refusal(self.run([part.insert for part in self.parts_of(rows, self.tables)]))

    def trouble(self, rows: WideRows) -> str:
        """What keeps `rows` out: the engine's sentence, or that rows are gone without one; empty if all are there."""
        parts = self.parts_of(rows, self.tables)
        counts = [f"SELECT count(*) FROM {quote_identifier(name)}" for name in self.tables]
        outcomes = self.run([*counts, *(part.insert for part in parts), *counts])
        if sentence := _refusal(outcomes):
            return f"SQLite says: {sentence}"
        before, after = outcomes[: len(counts)], outcomes[-len(counts) :]
        for name, earlier, later in zip(self.tables, before, after, strict=True):
            if rows_of(later)[0][0] - rows_of(earlier)[0][0] < sum(part.table == name for part in parts):
                return f"a row of `{name}` is gone, and nobody was told"
        return ""

    def homes(self, left: Attributes, fds: Sequence[FD]) -> list[str]:
        """The tables in which `left` determines everything: there it is at home, elsewhere it only is named."""
        known = fd_theory.closure(left, fds)
        return [name for name, columns in self.tables.items() if left <= set(columns) <= known]

    def takes_null(self, table: str, column: str) -> bool:
        """Whether NULL stays in `column` of `table`, where all other values are in order."""
        names = list(self.tables)[: list(self.tables).index(table)]
        parts = self.parts_of([self.row()], names) + self.parts_of([{**self.row(), column: None}], [table])
        look = f"SELECT 1 FROM {quote_identifier(table)} WHERE {quote_identifier(column)} IS NULL"
        outcomes = self.run([*(part.insert for part in parts), look])
        return not _refusal(outcomes) and bool(rows_of(outcomes[-1]))


def rows_of(outcome: Result | EngineError) -> list[Row]:
    """The rows of a result; a refusal is raised."""
    if isinstance(outcome, EngineError):
        raise outcome
    return outcome.rows


def _refusal(outcomes: Outcomes) -> str:
    return next((outcome.sentence for outcome in outcomes if isinstance(outcome, EngineError)), "")


def _parts(name: str, columns: Sequence[str], rows: WideRows) -> list[Part]:
    marks, names = ", ".join("?" * len(columns)), ", ".join(map(quote_identifier, columns))
    statement = f"INSERT INTO {quote_identifier(name)} ({names}) VALUES ({marks})"
    values = dict.fromkeys(tuple(row[column] for column in columns) for row in rows)
    return [Part(name, statement, each) for each in values]


def require_no_other_columns(stored: StoredTables) -> None:
    """Raise `Mismatch` if the tables have columns that nobody asked for."""
    if stored.others:
        raise Mismatch(f"columns out of {', '.join(stored.columns)}", format_set(stored.others))


def require_third_normal_form(parts: Iterable[Attributes], fds: Sequence[FD]) -> None:
    """Raise `Mismatch` if a table is not in third normal form."""
    for table in parts:
        for violation in fd_theory.violations_3nf(table, fds):
            fd = violation.fd
            raise Mismatch(
                "each fact in one place",
                f"{format_set(table)}: {violation}",
                hint=f"How many rows change when the {format_set(fd.right)} of one {format_set(fd.left)} changes?",
            )


def require_violations_rejected(stored: StoredTables, fds: Iterable[FD]) -> None:
    """Raise `Mismatch` with two rows that break a rule of `fds` and that the tables take all the same.

    What refuses two rows that have nothing in common refuses for another reason.
    """
    apart = stored.pair(())
    if sentence := stored.refusal(apart):
        expected = "tables that take two rows that have nothing in common"
        raise Mismatch(expected, f"SQLite says: {sentence}", tables=[_wide_table(stored, apart, "")])
    for fd in fds:
        for rows in _violations(stored, fd):
            if not stored.refusal(rows):
                raise Mismatch(
                    f"your tables to refuse two rows that break {fd}",
                    "they take both",
                    hint=f"Which table should have a key of {format_set(fd.left)}, so that it refuses the second row?",
                    tables=[_wide_table(stored, rows, f"break {fd}")],
                )


def _violations(stored: StoredTables, fd: FD) -> Iterator[WideRows]:
    yield stored.pair(fd.left)
    for name in sorted(fd.right - fd.left):
        yield stored.pair(set(stored.columns) - {name})


def require_legal_rows_accepted(stored: StoredTables, fds: Sequence[FD]) -> None:
    """Raise `Mismatch` with two rows that break no rule of `fds` and that the tables refuse, or lose."""
    for rows in _legal_pairs(stored, fds):
        if trouble := stored.trouble(rows):
            narrow = (
                "Both rows are allowed. Which key or UNIQUE of yours refuses the second, and has it all its columns?"
            )
            raise Mismatch(
                "tables that take two rows that break no rule",
                trouble,
                hint=narrow if "UNIQUE" in trouble else "",
                tables=[_wide_table(stored, rows, "")],
            )


def _legal_pairs(stored: StoredTables, fds: Sequence[FD]) -> Iterator[WideRows]:
    for size in range(len(stored.columns)):
        for agreed in combinations(stored.columns, size):
            if fd_theory.closure(agreed, fds) == set(agreed):
                yield stored.pair(agreed)


def _wide_table(stored: StoredTables, rows: WideRows, mark: str) -> Table:
    values = [tuple(row[name] for name in stored.columns) for row in rows]
    return Table("two rows, written as one wide table", stored.columns, values, frozenset({1} if mark else ()), mark)


def require_orphans_rejected(stored: StoredTables, fds: Sequence[FD]) -> None:
    """Raise `Mismatch` if a table takes the left side of a rule of `fds` that is not there where it is at home."""
    for left in dict.fromkeys(fd.left for fd in fds):
        homes = stored.homes(left, fds)
        named = [name for name, columns in stored.tables.items() if left <= set(columns) and name not in homes]
        if homes and (table := _find_orphan(stored, homes, named)):
            raise Mismatch(
                f"`{table}` to refuse a {format_set(left)} that `{homes[0]}` does not have",
                "it takes the row",
                hint=f"Which clause ties {format_set(left)} in `{table}` to `{homes[0]}`?",
            )


def _find_orphan(stored: StoredTables, homes: Sequence[str], named: Sequence[str]) -> str:
    """The first of the tables `named` that takes its part of a row whose parts in `homes` are missing.

    Another row is there as a whole, so that no table is empty.
    """
    there = stored.parts_of([stored.row(*stored.columns)], stored.tables)
    parts = stored.parts_of([stored.row()], set(stored.tables).difference(homes))
    outcomes = stored.run([part.insert for part in (*there, *parts)])[len(there) :]
    taken = (part.table for part, outcome in zip(parts, outcomes, strict=True) if not isinstance(outcome, EngineError))
    return next((table for table in taken if table in named), "")


def require_null_keys_rejected(stored: StoredTables, keys: Iterable[FD], fds: Sequence[FD]) -> None:
    """Raise `Mismatch` if, where the left side of a rule of `keys` is at home, a column of it ends up NULL."""
    for key in keys:
        for table in stored.homes(key.left, fds):
            for name in sorted(key.left):
                if stored.takes_null(table, name):
                    raise Mismatch(
                        f"`{table}` to refuse a row without {name}",
                        "a row in which it is NULL",
                        hint=f"Does SQLite refuse NULL in {name}, or does the column need a word more?",
                    )
