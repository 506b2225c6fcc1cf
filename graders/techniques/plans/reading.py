"""Reads plans from any lab into one vocabulary."""

from __future__ import annotations

from graders.labs import Lab
from graders.techniques.plans.duckdb_plan import read_duckdb_plan
from graders.techniques.plans.plan import Access, PlanNode
from graders.techniques.plans.postgresql_plan import read_postgresql_plan
from graders.techniques.plans.sqlite_plan import read_sqlite_plan, sqlite_accesses

READERS = {"SQLite": read_sqlite_plan, "DuckDB": read_duckdb_plan, "PostgreSQL": read_postgresql_plan}


def read_plan(lab: Lab, query: str) -> PlanNode:
    """The plan of one statement; raise `EngineError` if the engine refuses it.

    SQLite only compiles the statement. DuckDB and PostgreSQL run it, so that the tree tells how many rows each step
    gave out: a statement that changes data does change them.
    """
    return READERS[lab.engine](lab, query)


def accesses(lab: Lab, query: str) -> list[Access]:
    """How one statement reaches each table, as `read_plan` says it; on SQLite nothing here rests on words."""
    return sqlite_accesses(lab, query) if lab.engine == "SQLite" else read_plan(lab, query).accesses()
