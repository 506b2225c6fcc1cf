"""Labs: fresh scratch databases with a known data set, on SQLite and DuckDB."""

from graders.labs.duck import DuckDBLab
from graders.labs.lab import EngineError, Lab, OutOfBounds, Result
from graders.labs.opening import open_lab, open_shared_lab
from graders.labs.shared import Session, SharedLab
from graders.labs.sqlite import SQLiteLab

__all__ = [
    "DuckDBLab",
    "EngineError",
    "Lab",
    "OutOfBounds",
    "Result",
    "SQLiteLab",
    "Session",
    "SharedLab",
    "open_lab",
    "open_shared_lab",
]
