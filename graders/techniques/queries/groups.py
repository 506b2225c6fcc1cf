"""Data sets of groups: of each size about what a query counts, with sums and averages on its limits; or large ones."""

from __future__ import annotations

import datetime
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from graders.labs.tables import Column, ForeignKey
from graders.techniques.queries.comparison import Row
from graders.techniques.queries.domains import Domain, column_domains
from graders.techniques.queries.instances import Instance, tables_in_focus
from graders.techniques.queries.query_syntax import AggregateLimit, Literals, collect_literals
from graders.techniques.queries.reusable_lab import ReusableLab
from graders.techniques.queries.tables import BaseTable, read_tables

SMALL_COUNT, MAX_COUNT, MAX_GROUPS = 12, 80, 60
LARGE_GROUP, MANY_GROUPS, MAX_LARGE_GROUPS = 60, 200, 500
NULL_RATE, OFF_RATE = 0.3, 0.1
DAY = re.compile(r"^\d{4}-\d\d-\d\d")
FIRST_DAY = datetime.date(2023, 1, 1)
Maker = Callable[[int], object]
ONE_FILLING, MIXED = ("same", "same", "any", "own", "null"), ("any", "some")


@dataclass(frozen=True)
class GroupSource:
    """What groups are made from."""

    lab: ReusableLab
    """Says which rows the engine takes, and is filled with other ones for each data set."""
    queries: Sequence[str]
    """Those whose literals matter."""
    values: Mapping[str, Iterable[object]] = field(default_factory=dict)
    """Values that columns have beside others, by "column" or "table.column"."""
    examples: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    """Rows that show what the columns are like."""
    focus: Sequence[str] = ()
    """The tables to fill, with those they refer to; all if it names none."""

    def at_limits(self, seed: int) -> Iterator[Instance]:
        """Data sets without end, in which groups have the sizes, sums and averages that the queries speak of."""
        counts = sorted({number for number in self._literals.row_counts if 0 < number <= MAX_COUNT}) or [3]
        rng = random.Random(seed)
        while True:
            yield self._maker(rng, _sizes_about(rng.choice(counts), sum(counts)), ONE_FILLING).make()

    def large(self, seed: int, *, mixed: bool) -> Iterator[Instance]:
        """Data sets without end of some hundred rows, in many small groups and one large one.

        With `mixed`, each column has all its values, else a column may have one alone.
        """
        rng, groups = random.Random(seed), MANY_GROUPS
        while True:
            sizes = [LARGE_GROUP, *(rng.choice((0, 1, 1, 2)) for _ in range(groups))]
            data = self._maker(rng, sizes, MIXED if mixed else ONE_FILLING).make()
            yield data
            # The engine may have refused most rows of a table.
            if min((len(rows) for rows in data.values() if rows), default=0) < MANY_GROUPS:
                groups = min(groups + MANY_GROUPS, MAX_LARGE_GROUPS)

    @cached_property
    def _literals(self) -> Literals:
        return collect_literals([*self.queries, self.lab.schema], self.lab.engine)

    @cached_property
    def _tables(self) -> list[BaseTable]:
        return read_tables(self.lab.lab)

    @cached_property
    def _domains(self) -> dict[tuple[str, str], Domain]:
        return column_domains(self._tables, self._literals, self.lab.engine, self.values, self.examples)

    def _maker(self, rng: random.Random, sizes: list[int], fillings: Sequence[str]) -> GroupMaker:
        rng.shuffle(sizes)
        limit = rng.choice([*self._literals.aggregate_limits, None])
        sums = [draw_sum(rng, limit, size) for size in sizes] if limit else []
        to_fill = tables_in_focus(self._tables, self.focus)
        return GroupMaker(self.lab, self._tables, self._domains, rng, sizes, fillings, to_fill, limit, sums)


def draw_sum(rng: random.Random, limit: AggregateLimit, size: int) -> int | float:
    """What a group of `size` rows adds up to: on the limit or next to it, or what its partner then has."""
    if limit.partner:
        return rng.randint(1, 2) * size
    whole = limit.value + rng.choice((-1, 0, 0, 1))
    return whole * size if limit.is_average else whole


def _sizes_about(count: int, groups: int) -> list[int]:
    """Sizes of groups: each up to a little above a small `count`, or those about a larger one; `groups` and more."""
    about = range(count + 5) if count <= SMALL_COUNT else (1, count - 1, count, count + 1, count + 3)
    few = [1] * (min(groups, MAX_GROUPS) + SMALL_COUNT - len(about))
    return [*about, *few]


@dataclass
class GroupMaker:
    """Makes one data set in which the rows of a table are in groups of the given `sizes`.

    A group has one parent, or one value in a column; its rows add up to its number in `sums`, if there is a `limit`.
    """

    lab: ReusableLab
    tables: Sequence[BaseTable]
    domains: Mapping[tuple[str, str], Domain]
    rng: random.Random
    sizes: Sequence[int]
    fillings: Sequence[str]
    to_fill: set[str]
    limit: AggregateLimit | None
    sums: Sequence[int | float]
    rows: Instance = field(default_factory=dict)

    def make(self) -> Instance:
        """Make the rows of every table and give them, each table after those it refers to."""
        self.lab.load({})
        for table in self.tables:
            rows = list(self._draw_rows(table)) if table.name in self.to_fill else []
            self.rows[table.name] = self.lab.add_accepted(table.name, rows)
        return self.rows

    def _draw_rows(self, table: BaseTable) -> Iterator[Row]:
        """Rows in groups: those of a parent where the table has one, else of a value, or one row a group."""
        key = self.rng.choice(table.foreign_keys) if table.foreign_keys else None
        column = None if key else self._grouping_column(table)
        parents = {each: self._parents(each) for each in table.foreign_keys}
        own = parents[key] if key else []
        filling = {each.name: self._draw_filling(each) for each in table.columns}
        draw = [self._value_drawer(table, each, filling[each.name]) for each in table.columns]
        value_of_group = value_maker(self.domains[table.name, column]) if column else None
        number = 0
        for group, size in enumerate(self.sizes if key or column else [1] * len(self.sizes)):
            if key and group >= len(own):
                return
            parts = self._draw_parts(group, size)
            by_key = {**parents, key: [own[group]]} if key else parents
            for place in range(size):
                number += 1
                row = [draw_value(number) for draw_value in draw]
                if column and value_of_group:
                    row[table.position(column)] = value_of_group(group)
                self._set_parts(table, row, parts[place] if parts else None)
                if not key and column is None:
                    self._set_partner(table, row, group)
                self._set_references(table, row, by_key, key, filling, place)
                yield tuple(row)

    def _grouping_column(self, table: BaseTable) -> str | None:
        """A column of which each group has one value, or none, for a table without parents."""
        free = [column.name for column in table.columns if column.name not in table.key_columns]
        return self.rng.choice([*free, None])

    def _draw_filling(self, column: Column) -> str:
        filling = self.rng.choice(self.fillings)
        return "any" if filling == "null" and not column.nullable else filling

    def _value_drawer(self, table: BaseTable, column: Column, filling: str) -> Maker:
        """What draws a value of `column` for a row, by the number of the row."""
        domain = self.domains[table.name, column.name]
        if column.name in table.key_columns or filling == "own":
            return value_maker(domain)
        if filling == "null":
            return lambda _: None
        if filling == "some" and column.nullable:
            return lambda _: None if self.rng.random() < NULL_RATE else self.rng.choice(domain)
        return (lambda _: domain[0]) if filling == "same" else (lambda _: self.rng.choice(domain))

    def _draw_parts(self, group: int, size: int) -> list[int | float]:
        """Numbers for the rows of a group, which add up to its sum; none where nothing is added up."""
        if not self.limit or not size:
            return []
        most = max(1, int(2 * self.sums[group] / size))
        parts: list[int | float] = [self.rng.randint(1, most) for _ in range(size - 1)]
        return [*parts, self.sums[group] - sum(parts)]

    def _set_parts(self, table: BaseTable, row: list, part: int | float | None) -> None:
        """Let the first column that is added up have `part`, and those it is multiplied by one."""
        if part is None or not self.limit:
            return
        for name, value in zip(self.limit.columns, (part, *[1] * len(self.limit.columns)), strict=False):
            self._set_number(table, row, name, value)

    def _set_partner(self, table: BaseTable, row: list, group: int) -> None:
        """Let the column that sums are compared with have the sum of the `group`, mostly."""
        if self.limit and self.limit.partner:
            off = self.rng.random() < OFF_RATE
            self._set_number(table, row, self.limit.partner, self.sums[group] + off)

    def _set_number(self, table: BaseTable, row: list, column: str, value: int | float) -> None:
        for place, each in enumerate(table.columns):
            if each.name.lower() == column:
                kind = type(self.domains[table.name, each.name][0])
                row[place] = Decimal(str(value)) if kind is Decimal else value

    def _set_references(
        self,
        table: BaseTable,
        row: list,
        parents: Mapping[ForeignKey, Sequence[Row]],
        grouping: ForeignKey | None,
        filling: Mapping[str, str],
        place: int,
    ) -> None:
        """Let `row` refer to the one parent of its group, and by other foreign keys to one parent, or each in turn."""
        for key, rows in parents.items():
            if key is not grouping and filling[key.columns[0]] == "same":
                rows = rows[:1]
            target = rows[place % len(rows)] if rows else (None,) * len(key.columns)
            for name, value in zip(key.columns, target, strict=True):
                row[table.position(name)] = value

    def _parents(self, key: ForeignKey) -> list[Row]:
        parent = next(table for table in self.tables if table.name == key.table)
        targets = [parent.position(name) for name in key.referenced]
        return [tuple(row[position] for position in targets) for row in self.rows.get(parent.name, [])]


def value_maker(domain: Domain) -> Maker:
    """What makes values like those of `domain`, another one for each number as far as their kind has others."""
    like = next((value for value in domain if value is not None), "")
    if isinstance(like, bool):
        return lambda number: bool(number % 2)
    if isinstance(like, (int, float, Decimal)):
        return type(like)
    if isinstance(like, bytes):
        return lambda number: str(number).encode()
    if isinstance(like, datetime.datetime):
        time = like.time()
        return lambda number: datetime.datetime.combine(_day(number), time)
    if isinstance(like, datetime.date):
        return _day
    if DAY.match(str(like)):
        end = str(like)[10:]
        return lambda number: f"{_day(number)}{end}"
    return lambda number: f"w{number}"


def _day(number: int) -> datetime.date:
    return FIRST_DAY + datetime.timedelta(number)
