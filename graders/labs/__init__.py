"""Labs: fresh scratch databases with a known data set, on SQLite, DuckDB and, where it is installed, PostgreSQL."""

from graders.labs.duckdb_lab import DuckDBLab
from graders.labs.engines import labs_opened_by, open_image, open_lab, open_shared_lab
from graders.labs.find_postgres import MissingEngine, why_no_postgres
from graders.labs.lab import EngineError, Lab, OutOfBounds, Result, Waits, bounded_work, in_order
from graders.labs.shared import Session, SharedLab
from graders.labs.sqlite_lab import SQLiteLab

__all__ = [
    "DuckDBLab",
    "EngineError",
    "Lab",
    "MissingEngine",
    "OutOfBounds",
    "Result",
    "SQLiteLab",
    "Session",
    "SharedLab",
    "Waits",
    "bounded_work",
    "in_order",
    "labs_opened_by",
    "open_image",
    "open_lab",
    "open_shared_lab",
    "why_no_postgres",
]
