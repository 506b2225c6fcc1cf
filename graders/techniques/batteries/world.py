"""Ordinary rows of every table, which must enter before anything else is tried, and fresh rows beside them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from graders.kernel.readable import format_value
from graders.kernel.report import Mismatch
from graders.kernel.report import Table as ReportTable
from graders.labs import EngineError, Lab
from graders.sql import quote_identifier
from graders.techniques.batteries.rules import DRAWN, FILLED, Reference, Table

Row = dict[str, Any]
Statement = tuple[str, tuple[Any, ...]]
PARENTS, ROWS, MAX_DRAWS = 8, 4, 200
FREE = -1


def write_insert(engine: str, table: str, row: Mapping[str, Any]) -> Statement:
    """What puts `row` into `table`, by the names of its columns."""
    if not row:
        return f"INSERT INTO {quote_identifier(table)} DEFAULT VALUES", ()
    names = ", ".join(map(quote_identifier, row))
    return (
        f"INSERT INTO {quote_identifier(table)} ({names}) VALUES ({', '.join(_marks(engine, len(row)))})",
        tuple(row.values()),
    )


def bring_number(insert: Statement, table: str, name: str) -> Statement:
    """The same INSERT with one more value: in the column `name`, the number after the largest that is there."""
    words, values = insert
    number = f"(SELECT max({quote_identifier(name)}) + 1 FROM {quote_identifier(table)})"
    words = words.replace(" (", f" ({quote_identifier(name)}, ", 1).replace("VALUES (", f"VALUES ({number}, ", 1)
    return words, values


def write_update(engine: str, table: str, where: Mapping[str, Any], changes: Mapping[str, Any]) -> Statement:
    """What gives the row of `table` with the values `where` those of `changes`."""
    marks = _marks(engine, len(changes) + len(where))
    sets = [f"{quote_identifier(name)} = {mark}" for name, mark in zip(changes, marks, strict=False)]
    wheres = [f"{quote_identifier(name)} = {mark}" for name, mark in zip(where, marks[len(changes) :], strict=True)]
    text = f"UPDATE {quote_identifier(table)} SET {', '.join(sets)} WHERE {' AND '.join(wheres)}"
    return text, (*changes.values(), *where.values())


def write_delete(engine: str, table: str, where: Mapping[str, Any]) -> Statement:
    """What deletes the row of `table` with the values `where`."""
    marks = _marks(engine, len(where))
    wheres = [f"{quote_identifier(name)} = {mark}" for name, mark in zip(where, marks, strict=True)]
    return f"DELETE FROM {quote_identifier(table)} WHERE {' AND '.join(wheres)}", tuple(where.values())


def _marks(engine: str, count: int) -> list[str]:
    return [f"${number}" if engine == "PostgreSQL" else "?" for number in range(1, count + 1)]


def write_look(table: Table) -> str:
    """What reads the described columns of `table`."""
    return f"SELECT {', '.join(quote_identifier(column.name) for column in table.columns)} FROM " + quote_identifier(
        table.name
    )


class World:
    """The tables of a lab with ordinary rows in them: four in each, eight where others refer to it.

    The last row of a table has no children. Every draw gives values that no row of the table has where they must
    differ.
    """

    def __init__(self, lab: Lab, tables: Sequence[Table], rng: random.Random):
        self.lab = lab
        self.engine = lab.engine
        self.tables = {table.name: table for table in tables}
        self.rng = rng
        self.rows: dict[str, list[Row]] = {}
        self._seen: dict[str, set[tuple[Any, ...]]] = defaultdict(set)
        self._narrow: set[str] = set()
        for table in tables:
            self._fill(table)

    def fresh(self, table: Table, place: int = 0, /, **changes: Any) -> Row:
        """A row that may enter, with `changes`; `place` tells rows apart that enter together."""
        number = len(self.rows.get(table.name, ())) + place
        for _ in range(MAX_DRAWS):
            row = {**self._draw(table, number), **changes}
            values = _distinct_values(table, row)
            if not values & self._seen[table.name]:
                break
        self._seen[table.name] |= values
        return row

    def parent(self, reference: Reference, place: int) -> Any:
        """The key of a row that `reference` may name; the row with no children at `FREE`."""
        table = self.tables[reference.table]
        return self.rows[table.name][place][table.keys[0].columns[0]]

    def key_of(self, table: Table, place: int = FREE) -> Row:
        """The key of an ordinary row, by the names of its columns."""
        return {name: self.rows[table.name][place][name] for name in table.keys[0].columns}

    def _draw(self, table: Table, number: int) -> Row:
        row: Row = {}
        for column in table.columns:
            narrow = table.name in self._narrow and not column.required
            if column.given and column.typical != DRAWN:
                row[column.name] = column.typical
            elif column.given and column.domain and not table.is_reference(column.name):
                row[column.name] = None if narrow else column.domain.draw(self.rng, self.engine)
        for rule in table.rows:
            row |= rule.good(self.rng)[0]
        row |= {each.column: next(iter(each.steps)) for each in table.transitions}
        return row | self._draw_references(table, number)

    def _draw_references(self, table: Table, number: int) -> Row:
        """Parents so that rows with other numbers have other ones, all together, and one parent stays free."""
        found: Row = {}
        for reference in table.references:
            if table.column(reference.column).typical == DRAWN:
                there = self.rows.get(reference.table, [])
                own = reference.table == table.name
                found[reference.column] = None if own else self.parent(reference, number % (len(there) - 1))
                number //= max(1, len(there) - 1)
        return found

    def _fill(self, table: Table) -> None:
        """Put ordinary rows into `table`; raise `Mismatch` with one that it refuses."""
        refusal = self._try_to_fill(table)
        if refusal and any(not column.required for column in table.columns):
            self._narrow.add(table.name)
            refusal = self._try_to_fill(table)
        if refusal:
            row, error = refusal
            raise Mismatch(
                f"`{table.name}` to take a row in which everything is in order",
                error.says,
                "Run an INSERT of this row yourself: which of your rules does the engine name?",
                [tabulate(table, [row], "a row in order", marked="refused")],
            )
        names = [column.name for column in table.columns]
        self.rows[table.name] = [dict(zip(names, row, strict=True)) for row in self.lab.execute(write_look(table)).rows]
        self._require_numbers(table)

    def _try_to_fill(self, table: Table) -> tuple[Row, EngineError] | None:
        is_parent = any(each.table == table.name for other in self.tables.values() for each in other.references)
        rows = [self.fresh(table, place) for place in range(PARENTS if is_parent else ROWS)]
        statements = [write_insert(self.engine, table.name, row) for row in rows]
        outcomes = self.lab.outcomes(["BEGIN", *statements])[1:]
        for row, outcome in zip(rows, outcomes, strict=True):
            if isinstance(outcome, EngineError):
                self.lab.outcomes(["ROLLBACK"])
                return row, outcome
        ended = self.lab.outcomes(["COMMIT"])[0]
        return (rows[0], ended) if isinstance(ended, EngineError) else None

    def _require_numbers(self, table: Table) -> None:
        """Raise `Mismatch` if a table that others refer to leaves its rows without a key, or lost them."""
        (key, *_) = table.keys[0].columns
        rows = self.rows[table.name]
        if not rows:
            raise Mismatch(f"`{table.name}` to keep the rows that it takes", "no row is there, and nobody was told")
        is_parent = any(each.table == table.name for other in self.tables.values() for each in other.references)
        if is_parent and table.column(key).default == FILLED and any(row[key] is None for row in rows):
            raise Mismatch(
                f"`{table.name}` to give each row that leaves `{key}` out a number",
                f"`{key}` is NULL in a row that leaves it out",
                f"Which declaration of `{key}` does {self.engine} fill in by itself?",
                [tabulate(table, rows[:1], "a row as it was stored", marked="no number")],
            )


def _distinct_values(table: Table, row: Row) -> set[tuple[Any, ...]]:
    """What `row` has where rows must differ, but for what only names other rows."""
    found = set()
    for unique in table.keys:
        if all(name in row for name in unique.columns) and not all(map(table.is_reference, unique.columns)):
            values = [row[name].casefold() if isinstance(row[name], str) else row[name] for name in unique.columns]
            found |= {(unique.columns, *map(str, values))} if None not in values and not unique.only else set()
    return found


def tabulate(table: Table, rows: Sequence[Mapping[str, Any]], title: str, *, marked: str = "") -> ReportTable:
    """Rows of `table` for a report, with the columns that one of them says; the last is `marked`."""
    names = [column.name for column in table.columns if any(column.name in row for row in rows)]
    values = [tuple(_shown(row, name) for name in names) for row in rows]
    return ReportTable(title, tuple(names), values, frozenset({len(rows) - 1} if marked else ()), marked)


def _shown(row: Mapping[str, Any], name: str) -> Any:
    return row.get(name, "(left out)")


def show(value: Any) -> str:
    """A value in a sentence, as SQL people write it."""
    return f"`{format_value(value)}`"
