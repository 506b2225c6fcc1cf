"""What statements cost: counted, on any engine and on data of several sizes; timed only to be looked at."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graders.kernel.report import Table
from graders.labs import Lab
from graders.techniques.plans.plan import (
    DISTINCT,
    GROUP,
    SORT,
    Access,
    PlanNode,
    count_pages,
    count_scans,
    read_document,
    read_duckdb_plan,
    read_postgresql_plan,
)
from graders.techniques.plans.sqlite_plan import read_sqlite_accesses, read_sqlite_plan

READERS = {"SQLite": read_sqlite_plan, "DuckDB": read_duckdb_plan, "PostgreSQL": read_postgresql_plan}
SORTS = {SORT: "then sorted", GROUP: "then sorted into groups", DISTINCT: "then sorted for DISTINCT"}
SINGULAR = {"steps": "step", "rows scanned": "row scanned", "pages": "page"}
Opener = Callable[[str, int, int], Lab]
SIZES = (1_000, 4_000, 16_000)
SLACK = 40


def read_plan(lab: Lab, query: str) -> PlanNode:
    """The plan of one statement; raise `EngineError` if the engine refuses it.

    SQLite only compiles the statement. DuckDB and PostgreSQL run it, so that the tree says how many rows each step
    gave out: a statement that changes data does change them.
    """
    return READERS[lab.engine](lab, query)


def read_accesses(lab: Lab, query: str) -> list[Access]:
    """How one statement reaches each table, as `read_plan` says it; on SQLite nothing here rests on words."""
    return read_sqlite_accesses(lab, query) if lab.engine == "SQLite" else read_plan(lab, query).accesses()


@dataclass(frozen=True)
class Cost:
    """What a statement took: a count, what was counted, and its parts. It is the same however busy the machine is.

    * SQLite: steps of its virtual machine. A step is about one comparison, one value taken from a row, or one move to
      the next entry. It does not say how many pages were read, nor how deep a b-tree is: to find one entry takes the
      same number of steps among a thousand and among a million.
    * DuckDB: rows that scans of tables read, on one thread; its parts also count row groups. Joins and sorts count
      nothing. What an index leads to counts as rows, the index itself does not.
    * PostgreSQL: pages requested, of tables and indexes alike, whether they were in memory or not; the parts say
      which. The latter differ from run to run, their sum does not.
    """

    count: int
    unit: str
    parts: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.count:,} {SINGULAR[self.unit] if self.count == 1 else self.unit}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))


def measure_cost(lab: Lab, statement: str) -> Cost:
    """Run `statement` on `lab` and count the work that it takes; raise `EngineError` if the engine refuses it."""
    if lab.engine == "SQLite":
        return Cost(lab.count_steps(statement), "steps")
    if lab.engine == "DuckDB":
        parts = count_scans(lab, statement)
        return Cost(parts["rows scanned"], "rows scanned", parts)
    parts = count_pages(read_document(lab, statement))
    return Cost(sum(parts.values()), "pages", parts)


@dataclass(frozen=True)
class SizedData:
    """A data set in several sizes."""

    opener: Opener
    """Opens it, given an engine, a seed and a number of rows, as `open_sized` of a data set does."""
    engine: str = "SQLite"
    setup: str = ""
    """A script that prepares each lab."""
    sizes: Sequence[int] = SIZES

    def __post_init__(self) -> None:
        if not self.sizes or list(self.sizes) != sorted(set(self.sizes)):
            raise ValueError(f"sizes must be given, the smaller before the larger, not as {tuple(self.sizes)}")

    @property
    def largest(self) -> int:
        """The number of rows of the largest size."""
        return self.sizes[-1]

    def open(self, seed: int, rows: int = 0) -> Lab:
        """Open a lab of `rows` rows, or of the largest size, on which `setup` has run."""
        lab = self.opener(self.engine, seed, rows or self.largest)
        lab.run(self.setup)
        return lab


def max_work(reference: int, factor: float) -> int:
    """The most work allowed where the solution takes `reference`: `factor` times as much, and a little for a start."""
    return int(reference * factor) + SLACK


@dataclass(frozen=True)
class Growth:
    """What a statement took at each size, and what it may take."""

    sizes: Sequence[int]
    counts: Sequence[int]
    allowed: Sequence[int]
    unit: str = "steps"

    @property
    def exceeds(self) -> bool:
        """Whether it took more than allowed at some size."""
        return any(count > most for count, most in zip(self.counts, self.allowed, strict=True))

    @property
    def grows_with_table(self) -> bool:
        """Whether the work grows about as fast as the table; a single size says nothing of that."""
        counts, sizes = self.counts, self.sizes
        return len(counts) > 1 and counts[-1] / max(counts[0], 1) > 0.5 * sizes[-1] / sizes[0]

    def describe(self) -> str:
        """What was found at the largest size."""
        return f"{self.counts[-1]:,}" + (": the work grows with the table" if self.grows_with_table else "")

    def table(self) -> Table:
        """What was found at each size beside what is allowed, the rows over the bound marked."""
        rows = list(zip(self.sizes, self.counts, self.allowed, strict=True))
        over = frozenset(position for position, (_, count, most) in enumerate(rows) if count > most)
        columns = ("rows in the table", f"{self.unit} taken", f"{self.unit} allowed")
        return Table("work by the size of the table", columns, rows, over, "too many")


@dataclass(frozen=True)
class QueryCost:
    """What a query takes on SQLite under one choice of indexes."""

    steps: int
    """Steps of SQLite's virtual machine."""
    milliseconds: float
    """The time that it took on this computer, to be looked at and never judged."""
    plan: str
    """How each table is reached, and what is sorted, in words."""


def compare_indexes(query: str, choices: Mapping[str, str], lab: Lab) -> dict[str, QueryCost]:
    """Measure `query` on `lab`, a SQLite lab, under each of `choices`: a name and the script of its indexes.

    Every script is rolled back, so the lab stays as it is. Raise `EngineError` if a statement is refused.
    """
    return {name: _measure_with_indexes(lab, query, script) for name, script in choices.items()}


def _measure_with_indexes(lab: Lab, query: str, script: str) -> QueryCost:
    lab.execute("BEGIN")
    try:
        lab.run(script)
        # Timed first: the first statement after a rollback reads the schema again, which takes steps.
        milliseconds = time_query(lab, query)
        return QueryCost(measure_cost(lab, query).count, milliseconds, _describe_plan(read_plan(lab, query)))
    finally:
        lab.execute("ROLLBACK")


def time_query(lab: Lab, query: str, runs: int = 2) -> float:
    """The shortest time that `query` took in `runs` runs, in milliseconds; to be looked at and never judged."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        lab.execute(query)
        times.append(round(1e3 * (time.perf_counter() - start), 2))
    return min(times)


def _describe_plan(plan: PlanNode) -> str:
    nodes = list(plan.walk())
    sorts = [SORTS[node.kind] for node in nodes if node.kind in SORTS]
    return ", ".join([*(str(node.access) for node in nodes if node.access), *sorts]).replace("`", "")
