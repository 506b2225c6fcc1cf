"""Opens a lab by the name of its engine, in this process or wherever `labs_opened_by` says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from graders.labs.duck import DuckDBLab
from graders.labs.lab import Lab, Row
from graders.labs.shared import SharedLab
from graders.labs.shared_duck import SharedDuckDB
from graders.labs.shared_sqlite import SharedSQLite
from graders.labs.sqlite import SQLiteLab

LABS = {"SQLite": SQLiteLab, "DuckDB": DuckDBLab}
SHARED_LABS = {"SQLite": SharedSQLite, "DuckDB": SharedDuckDB}
Opener = Callable[..., Any]


def open_here(engine: str, *, shared: bool = False, **options: Any) -> Any:
    """Open a lab, or a shared lab, on `engine` ("SQLite" or "DuckDB") in this process."""
    return (SHARED_LABS if shared else LABS)[engine](**options)


OPENER: ContextVar[Opener] = ContextVar("opener", default=open_here)


@contextmanager
def labs_opened_by(opener: Opener) -> Iterator[None]:
    """Have `opener` open every lab that is opened inside the `with`: in the grader, in an engine's own process."""
    token = OPENER.set(opener)
    try:
        yield
    finally:
        OPENER.reset(token)


def open_lab(
    engine: str, schema: str = "", data: Mapping[str, Iterable[Row]] | None = None, *, here: bool = False
) -> Lab:
    """Open a fresh lab on `engine` ("SQLite" or "DuckDB"), with the tables of `schema` filled with `data`.

    `here` opens it in this process whatever `labs_opened_by` says: for what we run ourselves, never for an answer.
    """
    lab = open_here(engine) if here else OPENER.get()(engine)
    lab.run(schema)
    lab.fill(data or {})
    return lab


def open_shared_lab(
    engine: str, schema: str = "", data: Mapping[str, Iterable[Row]] | None = None, **options: Any
) -> SharedLab:
    """Open a fresh lab for several sessions; options: `journal_mode="wal"` (SQLite), `durable=True` (DuckDB)."""
    rows = {table: list(given) for table, given in (data or {}).items()}
    return OPENER.get()(engine, shared=True, schema=schema, data=rows, **options)
