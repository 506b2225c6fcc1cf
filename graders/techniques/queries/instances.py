"""Small data sets: made from a seed with ties, NULLs and unmatched rows, and shrunk to what shows a mistake."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from graders.labs import EngineError
from graders.labs.tables import Column, ForeignKey
from graders.techniques.queries.comparison import Row
from graders.techniques.queries.domains import Domain, column_domains
from graders.techniques.queries.query_syntax import collect_literals
from graders.techniques.queries.reusable_lab import ReusableLab
from graders.techniques.queries.tables import BaseTable, read_tables

Instance = dict[str, list[Row]]
SIZES = (1, 2, 3, 3, 4, 5, 6, 7)
MAX_ROWS = 24
NULL_RATES = (0, 0, 0.15, 0.5)
MAX_DRAWS = 6
MORE_NAMES = ("Cy", "Di", "Eve", "Flo", "Gus", "Hal", "Ida")
Test = Callable[[Instance], bool]
SIMPLE_VALUES: dict[type, tuple[object, ...]] = {int: (1, 2, 3), float: (1.0, 2.0), str: ("a", "b", "c")}


def count_rows(instance: Mapping[str, Sequence[Row]]) -> int:
    """The number of rows of all tables together."""
    return sum(map(len, instance.values()))


def generate_instances(
    schema: str,
    queries: Iterable[str],
    *,
    engine: str = "SQLite",
    seed: int = 0,
    values: Mapping[str, Iterable[object]] | None = None,
    examples: Mapping[str, Sequence[Row]] | None = None,
    focus: Iterable[str] = (),
) -> Iterator[Instance]:
    """Give small data sets for `schema`, without end, in which the literals of `queries` matter.

    A data set maps every table to its rows, each table after those it refers to; the first is empty, and the same seed
    gives the same ones. `values` adds values to columns, by "column" or "table.column"; `examples` are rows that show
    what the columns are like. Tables that are not in `focus` (if it names any) are mostly left empty.
    """
    queries = list(queries)
    with ReusableLab(engine, schema) as lab:
        tables = read_tables(lab.lab)
        compared = collect_literals([*queries, schema], engine)
        domains = column_domains(tables, compared, engine, values, examples)
        max_rows = max([7, *(min(number + 2, MAX_ROWS) for number in compared.row_counts)])
        rng = random.Random(seed)
        yield {table.name: [] for table in tables}
        while True:
            yield InstanceMaker(lab, tables, domains, rng, max_rows, _tables_to_fill(tables, focus, rng)).make()


def _tables_to_fill(tables: Sequence[BaseTable], focus: Iterable[str], rng: random.Random) -> set[str]:
    """The tables to fill: those in focus with the tables they refer to, and now and then all."""
    return tables_in_focus(tables, () if rng.random() < 0.15 else focus)


def tables_in_focus(tables: Sequence[BaseTable], focus: Iterable[str]) -> set[str]:
    """The names of the tables in `focus` and of those that they refer to; of all tables if `focus` names none."""
    names = {name.casefold() for name in focus}
    if not names:
        return {table.name for table in tables}
    for table in reversed(tables):
        if table.name.casefold() in names:
            names |= {key.table.casefold() for key in table.foreign_keys}
    return {table.name for table in tables if table.name.casefold() in names}


@dataclass
class InstanceMaker:
    """Makes one data set: at most `max_rows` rows a table, only in the tables `to_fill`.

    Within one data set a column draws from at most four values, which columns of one domain share, so that
    rows tie and joins meet.
    """

    lab: ReusableLab
    tables: Sequence[BaseTable]
    domains: Mapping[tuple[str, str], Domain]
    rng: random.Random
    max_rows: int
    to_fill: set[str]
    rows: Instance = field(default_factory=dict)
    pools: dict[Domain, list[object]] = field(default_factory=dict)

    def make(self) -> Instance:
        """Make the rows of every table and give them, each table after those it refers to."""
        self.lab.load({})
        self.scale = self.max_rows if self.rng.random() < 0.25 else self.rng.choice(SIZES)
        self.null_rate = self.rng.choice(NULL_RATES)
        for table in self.tables:
            self.rows[table.name] = []
            if table.name in self.to_fill and self.rng.random() >= 0.07:
                self._fill(table)
        return self.rows

    def _fill(self, table: BaseTable) -> None:
        for _ in range(self.rng.randint((self.scale + 1) // 2, self.scale)):
            for _ in range(MAX_DRAWS):
                if self._insert(table, self._draw_row(table)):
                    break

    def _insert(self, table: BaseTable, row: Row | None) -> bool:
        if row is None:
            return False
        try:
            self.lab.add(table.name, [row])
        except EngineError:
            return False
        self.rows[table.name].append(row)
        return True

    def _draw_row(self, table: BaseTable) -> Row | None:
        """Draw a row, now and then a twin of an earlier one; None if there is no parent to refer to."""
        earlier = self.rows[table.name]
        twin = bool(earlier) and self.rng.random() < 0.25
        row = list(self.rng.choice(earlier)) if twin else [self._draw_value(table, column) for column in table.columns]
        for key in table.foreign_keys:
            if not twin and not self._set_reference(table, key, row):
                return None
        self._make_unique(table, row)
        return tuple(row)

    def _draw_value(self, table: BaseTable, column: Column) -> object:
        if column.nullable and self.rng.random() < self.null_rate:
            return None
        domain = self.domains[table.name, column.name]
        if domain not in self.pools:
            self.pools[domain] = self.rng.sample(domain, min(len(domain), self.rng.choice((1, 2, 2, 3, 4))))
        return self.rng.choice(self.pools[domain])

    def _set_reference(self, table: BaseTable, key: ForeignKey, row: list) -> bool:
        """Let `row` refer to a parent, or to none where it may."""
        positions = [table.position(name) for name in key.columns]
        parents = self._parents(key)
        optional = all(table.columns[position].nullable for position in positions)
        if optional and (not parents or self.rng.random() < max(self.null_rate, 0.1)):
            parents = [(None,) * len(positions)]
        if not parents:
            return False
        # Half of the draws take one of the first parents: others stay without children, groups grow.
        some = parents[: 1 + len(parents) // 2] if self.rng.random() < 0.5 else parents
        for position, value in zip(positions, self.rng.choice(some), strict=True):
            row[position] = value
        return True

    def _parents(self, key: ForeignKey) -> list[Row]:
        parent = next(table for table in self.tables if table.name == key.table)
        targets = [parent.position(name) for name in key.referenced]
        rows = self.rows.get(parent.name, [])
        return [tuple(row[position] for position in targets) for row in rows]

    def _make_unique(self, table: BaseTable, row: list) -> None:
        """Give the columns of a key that no other row may have again a value that no row has yet."""
        references = {name for key in table.foreign_keys for name in key.columns}
        for key in table.keys:
            positions = [table.position(name) for name in key if name not in references]
            taken = {tuple(other[table.position(name)] for name in key) for other in self.rows[table.name]}
            if positions and tuple(row[table.position(name)] for name in key) in taken:
                row[positions[-1]] = self._draw_unused_value(table, positions[-1])

    def _draw_unused_value(self, table: BaseTable, position: int) -> object:
        domain = self.domains[table.name, table.columns[position].name]
        kind = type(domain[0])
        more = range(1, MAX_ROWS + 2) if kind is int else MORE_NAMES if kind is str else ()
        taken = {row[position] for row in self.rows[table.name]}
        free = [value for value in dict.fromkeys([*domain, *more]) if value not in taken]
        return self.rng.choice(free or domain)


def shrink(instance: Mapping[str, Sequence[Row]], still_fails: Test, max_trials: int = 300) -> Instance:
    """Give a smaller instance on which the answer still goes wrong, greedily; at most `max_trials` are tried.

    First rows are left out, those that refer to others before those referred to; then values become plainer,
    and a NULL stays only where it is needed. `still_fails` must be false for data the engine refuses. After
    delta debugging (Zeller and Hildebrandt, 2002), long runs of rows before single ones, then one value at a time.
    """
    smallest = {table: list(rows) for table, rows in instance.items()}
    fails = _count_trials(max_trials, still_fails)
    before = None
    while before != smallest:
        before = smallest
        smallest = _drop_rows(smallest, fails)
        smallest = _simplify_values(smallest, fails)
    return smallest


def _count_trials(max_trials: int, test: Test) -> Test:
    """`test`, but false once it has been asked `max_trials` times."""
    left = iter(range(max_trials))
    return lambda instance: next(left, None) is not None and test(instance)


def _drop_rows(instance: Instance, fails: Test) -> Instance:
    for table in reversed(instance):
        length = max(1, len(instance[table]) // 2)
        while True:
            instance = _drop_runs(instance, table, length, fails)
            if length == 1:
                break
            length //= 2
    return instance


def _drop_runs(instance: Instance, table: str, length: int, fails: Test) -> Instance:
    """Leave out runs of `length` rows of `table`, the last rows first."""
    end = len(instance[table])
    while end > 0:
        start = max(0, end - length)
        candidate = {**instance, table: instance[table][:start] + instance[table][end:]}
        if fails(candidate):
            instance = candidate
        end = start
    return instance


def _simplify_values(instance: Instance, fails: Test) -> Instance:
    for table in instance:
        for position, row in enumerate(instance[table]):
            for column in range(len(row)):
                instance = _simplify_value(instance, table, position, column, fails)
    return instance


def _simplify_value(instance: Instance, table: str, position: int, column: int, fails: Test) -> Instance:
    rows = instance[table]
    row = rows[position]
    for value in _simpler_values(row[column], [other[column] for other in rows]):
        changed = (*row[:column], value, *row[column + 1 :])
        candidate = {**instance, table: [*rows[:position], changed, *rows[position + 1 :]]}
        if fails(candidate):
            return candidate
    return instance


def _simpler_values(value: object, column: Sequence[object]) -> Iterator[object]:
    """Values to try instead of `value`, the plainest first; for a NULL, what else stands in its column."""
    if value is None:
        yield from dict.fromkeys(other for other in column if other is not None)
        return
    if isinstance(value, str) and value[:1].isdigit():
        return  # a date or a number written as text: a letter would not be plainer
    for plain in SIMPLE_VALUES.get(type(value), ()):
        if plain == value:
            return
        yield plain
