"""Which engines there are, and how a lab on one is opened: in this process, or wherever `labs_opened_by` says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from graders.labs.duckdb_lab import DuckDBLab, SharedDuckDB
from graders.labs.find_postgres import MissingEngine, why_no_postgres
from graders.labs.lab import Lab, Row
from graders.labs.shared import SharedLab
from graders.labs.shared_sqlite import SharedSQLite
from graders.labs.sqlite_lab import SQLiteLab
from graders.sql import UnknownEngine


@dataclass(frozen=True)
class Engine:
    """How labs on an engine are opened."""

    load_kinds: Callable[[], tuple[Callable[..., Lab], Callable[..., SharedLab]]]
    """Gives its two kinds of lab, for one session and for several; what only they need is imported here."""
    has_server: bool = False
    """Whether it runs in a process of its own anyhow, and need not be put into one."""
    why_missing: Callable[[], str] = str
    """Says in a sentence why there can be no lab here; empty if there can."""


def _load_postgres() -> tuple[type[Lab], type[SharedLab]]:
    from graders.labs.postgres_lab import PostgresLab, SharedPostgres

    return PostgresLab, SharedPostgres


# The one place where labs know which engines there are: see "Adding an engine" in docs/author-guide.md.
ENGINES = {
    "SQLite": Engine(lambda: (SQLiteLab, SharedSQLite)),
    "DuckDB": Engine(lambda: (DuckDBLab, SharedDuckDB)),
    "PostgreSQL": Engine(_load_postgres, has_server=True, why_missing=why_no_postgres),
}
Opener = Callable[..., Any]
Data = Mapping[str, Sequence[Row]]


def open_here(
    engine: str, *, schema: str = "", data: Data | None = None, image: bytes = b"", shared: bool = False, **options: Any
) -> Any:
    """Open a lab, or a shared lab, on `engine` ("SQLite", "DuckDB" or "PostgreSQL") from this process.

    It begins with `schema` and `data` or, on SQLite, with a copy of the database file `image`.
    """
    if missing := find_engine(engine).why_missing():
        raise MissingEngine(missing)
    lab_kind, shared_kind = find_engine(engine).load_kinds()
    if shared:
        return shared_kind(schema=schema, data=data or {}, **options)
    lab = lab_kind(**options)
    if image:
        lab.load(image)
    lab.run(schema)
    lab.fill(data or {})
    return lab


def find_engine(name: str) -> Engine:
    """The engine of this name; raise `UnknownEngine` if there is none."""
    if name not in ENGINES:
        raise UnknownEngine(name, ENGINES)
    return ENGINES[name]


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
    Raises `UnknownEngine` for any other name, and `MissingEngine` for PostgreSQL, an extra, where it is missing;
    `why_no_postgres` says so beforehand.
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

    Raises `UnknownEngine` and `MissingEngine` as `open_lab` does.
    """
    return _opener(engine)(engine, shared=True, schema=schema, data=_listed(data), **options)


def _listed(data: Mapping[str, Iterable[Row]] | None) -> Data:
    return {table: list(rows) for table, rows in (data or {}).items()}


def _opener(engine: str, here: bool = False) -> Opener:
    return open_here if here or find_engine(engine).has_server else OPENER.get()
