"""Opens a lab by the name of its engine, in this process or wherever `labs_opened_by` says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from graders.labs.duck import DuckDBLab
from graders.labs.lab import Lab, Row
from graders.labs.sqlite import SQLiteLab

LABS = {"SQLite": SQLiteLab, "DuckDB": DuckDBLab}
Opener = Callable[[str], Lab]


def open_here(engine: str) -> Lab:
    """Open an empty lab on `engine` ("SQLite" or "DuckDB") in this process."""
    return LABS[engine]()


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
