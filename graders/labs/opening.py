"""Opens a lab by the name of its engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graders.labs.duck import DuckDBLab
from graders.labs.lab import Lab, Row
from graders.labs.sqlite import SQLiteLab

LABS = {"SQLite": SQLiteLab, "DuckDB": DuckDBLab}


def open_lab(engine: str, schema: str = "", data: Mapping[str, Iterable[Row]] | None = None) -> Lab:
    """Open a fresh lab on `engine` ("SQLite" or "DuckDB"), with the tables of `schema` filled with `data`."""
    lab = LABS[engine]()
    lab.run(schema)
    lab.fill(data or {})
    return lab
