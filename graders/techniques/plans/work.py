"""The work of a statement, counted: the same on every machine, however busy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graders.labs import Lab
from graders.techniques.plans.duckdb_plan import scanned
from graders.techniques.plans.postgresql_plan import pages, read_document

ONE = {"steps": "step", "rows scanned": "row scanned", "pages": "page"}


@dataclass(frozen=True)
class Work:
    """A count, what was counted, and its parts.

    * SQLite: steps of its virtual machine. A step is about one comparison, one value taken from a row, or one move to
      the next entry. It does not tell how many pages were read, nor how deep a b-tree is: to find one entry takes the
      same number of steps among a thousand and among a million.
    * DuckDB: rows that scans of tables read, on one thread; its parts also count row groups. Joins and sorts count
      nothing. What an index leads to counts as rows, the index itself does not.
    * PostgreSQL: pages asked for, of tables and indexes alike, whether they were in memory or not; the parts tell
      which. The latter differ from run to run, their sum does not.
    """

    count: int
    unit: str
    parts: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.count:,} {ONE[self.unit] if self.count == 1 else self.unit}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))


def work_of(lab: Lab, statement: str) -> Work:
    """Run `statement` on `lab` and give the work that it took; raise `EngineError` if the engine refuses it."""
    if lab.engine == "SQLite":
        return Work(lab.count_steps(statement), "steps")
    if lab.engine == "DuckDB":
        parts = scanned(lab, statement)
        return Work(parts["rows scanned"], "rows scanned", parts)
    parts = pages(read_document(lab, statement))
    return Work(sum(parts.values()), "pages", parts)
