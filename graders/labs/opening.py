"""Opens a lab by the name of its engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graders.labs.duck import DuckDBLab
from graders.labs.lab import Lab, Row
from graders.labs.postgres_finding import MissingEngine, why_no_postgres
from graders.labs.shared import SharedLab
from graders.labs.shared_duck import SharedDuckDB
from graders.labs.shared_sqlite import SharedSQLite
from graders.labs.sqlite import SQLiteLab

KINDS: dict[str, tuple[type[Lab], type[SharedLab]]] = {
    "SQLite": (SQLiteLab, SharedSQLite),
    "DuckDB": (DuckDBLab, SharedDuckDB),
}
ENGINES = (*KINDS, "PostgreSQL")


def open_lab(engine: str, schema: str = "", data: Mapping[str, Iterable[Row]] | None = None) -> Lab:
    """Open a fresh lab on `engine` ("SQLite", "DuckDB" or "PostgreSQL"), with `schema`'s tables filled with `data`.

    Raises `MissingEngine` for PostgreSQL, an extra, where it is missing; `why_no_postgres` says so beforehand.
    """
    lab = _kinds(engine)[0]()
    lab.run(schema)
    lab.fill(data or {})
    return lab


def open_shared_lab(
    engine: str, schema: str = "", data: Mapping[str, Iterable[Row]] | None = None, **options: Any
) -> SharedLab:
    """Open a fresh lab for several sessions; options: `journal_mode="wal"` (SQLite), `durable=True` (DuckDB).

    Raises `MissingEngine` as `open_lab` does.
    """
    return _kinds(engine)[1](schema, data, **options)


def _kinds(engine: str) -> tuple[type[Lab], type[SharedLab]]:
    """The two kinds of lab on `engine`; those on PostgreSQL are imported only here, as its driver is an extra."""
    if engine != "PostgreSQL":
        return KINDS[engine]
    if missing := why_no_postgres():
        raise MissingEngine(missing)
    from graders.labs.postgres import PostgresLab
    from graders.labs.shared_postgres import SharedPostgres

    return PostgresLab, SharedPostgres
