"""Opens a lab by the name of its engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graders.labs.duck import DuckDBLab
from graders.labs.lab import Lab, Row
from graders.labs.shared import SharedLab
from graders.labs.shared_duck import SharedDuckDB
from graders.labs.shared_sqlite import SharedSQLite
from graders.labs.sqlite import SQLiteLab

LABS = {"SQLite": SQLiteLab, "DuckDB": DuckDBLab}
SHARED_LABS = {"SQLite": SharedSQLite, "DuckDB": SharedDuckDB}


def open_lab(engine: str, schema: str = "", data: Mapping[str, Iterable[Row]] | None = None) -> Lab:
    """Open a fresh lab on `engine` ("SQLite" or "DuckDB"), with the tables of `schema` filled with `data`."""
    lab = LABS[engine]()
    lab.run(schema)
    lab.fill(data or {})
    return lab


def open_shared_lab(
    engine: str, schema: str = "", data: Mapping[str, Iterable[Row]] | None = None, **options: Any
) -> SharedLab:
    """Open a fresh lab for several sessions; options: `journal_mode="wal"` (SQLite), `durable=True` (DuckDB)."""
    return SHARED_LABS[engine](schema, data, **options)
