"""Opens a lab by the name of its engine, in this process or wherever `labs_opened_by` says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
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
Opener = Callable[..., Any]
Data = Mapping[str, Sequence[Row]]


def open_here(
    engine: str, *, schema: str = "", data: Data | None = None, image: bytes = b"", shared: bool = False, **options: Any
) -> Any:
    """Open a lab, or a shared lab, on `engine` ("SQLite", "DuckDB" or "PostgreSQL") from this process.

    It begins with `schema` and `data` or, on SQLite, with a copy of the database file `image`.
    """
    kind = _kinds(engine)[shared]
    if shared:
        return kind(schema=schema, data=data or {}, **options)
    lab = kind(**options)
    if image:
        lab.load(image)
    lab.run(schema)
    lab.fill(data or {})
    return lab


OPENER: ContextVar[Opener] = ContextVar("opener", default=open_here)


@contextmanager
def labs_opened_by(opener: Opener) -> Iterator[None]:
    """Have `opener` open every lab that is opened inside the `with`: in the grader, in an engine's own process.

    PostgreSQL has a process of its own, its server, wherever it is opened from.
    """
    token = OPENER.set(opener)
    try:
        yield
    finally:
        OPENER.reset(token)


def open_lab(
    engine: str, schema: str = "", data: Mapping[str, Iterable[Row]] | None = None, *, here: bool = False
) -> Lab:
    """Open a fresh lab on `engine` ("SQLite", "DuckDB" or "PostgreSQL"), with `schema`'s tables filled with `data`.

    `here` opens it in this process whatever `labs_opened_by` says: for what we run ourselves, never for an answer.
    Raises `MissingEngine` for PostgreSQL, an extra, where it is missing; `why_no_postgres` says so beforehand.
    """
    return _opener(engine, here)(engine, schema=schema, data=_listed(data))


def open_image(image: bytes | memoryview) -> Lab:
    """Open a fresh SQLite lab with a copy of the database file `image`; raise `EngineError` if it is no such file."""
    return _opener("SQLite")("SQLite", image=bytes(image))


def open_shared_lab(
    engine: str, schema: str = "", data: Mapping[str, Iterable[Row]] | None = None, **options: Any
) -> SharedLab:
    """Open a fresh lab for several sessions; options: `journal_mode="wal"` (SQLite), `durable=True` (DuckDB).

    `then` is a script that is run once the data are there.

    Raises `MissingEngine` as `open_lab` does.
    """
    return _opener(engine)(engine, shared=True, schema=schema, data=_listed(data), **options)


def _listed(data: Mapping[str, Iterable[Row]] | None) -> Data:
    return {table: list(rows) for table, rows in (data or {}).items()}


def _opener(engine: str, here: bool = False) -> Opener:
    return OPENER.get() if engine in KINDS and not here else open_here


def _kinds(engine: str) -> tuple[type[Lab], type[SharedLab]]:
    """The two kinds of lab on `engine`; those on PostgreSQL are imported only here, as its driver is an extra."""
    if engine != "PostgreSQL":
        return KINDS[engine]
    if missing := why_no_postgres():
        raise MissingEngine(missing)
    from graders.labs.postgres import PostgresLab
    from graders.labs.shared_postgres import SharedPostgres

    return PostgresLab, SharedPostgres
