"""Plans and the work of statements, read from any lab into one vocabulary; work is counted, never timed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graders.labs import Lab
from graders.techniques.plans.duckdb_plan import count_scans, read_duckdb_plan
from graders.techniques.plans.plan import Access, PlanNode
from graders.techniques.plans.postgresql_plan import count_pages, read_document, read_postgresql_plan
from graders.techniques.plans.sqlite_plan import read_sqlite_accesses, read_sqlite_plan

READERS = {"SQLite": read_sqlite_plan, "DuckDB": read_duckdb_plan, "PostgreSQL": read_postgresql_plan}
SINGULAR = {"steps": "step", "rows scanned": "row scanned", "pages": "page"}


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
