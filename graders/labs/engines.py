"""Which engines there are, and how a lab on one is opened: in this process, or wherever `labs_opened_by` says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from inspect import isfunction
from typing import Any

from graders.labs.duckdb_lab import DuckDBLab, SharedDuckDB
from graders.labs.find_postgres import MissingEngine, why_no_postgres
from graders.labs.lab import SECONDS, STEPS, Allowance, EngineError, Lab, OutOfBounds, Result, Row, bounded_work
from graders.labs.shared import Session, SharedLab
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


Encode = Callable[[Any], Any]
MAX_CHARACTERS = 4_000_000


def encode_outcome(outcome: Result | EngineError, encode: Encode) -> dict[str, Any]:
    """What came of a statement as JSON can hold it, for whoever is in another process."""
    if isinstance(outcome, Result):
        counts = {"changed": outcome.changed, "last_row": outcome.last_row}
        return {"columns": outcome.columns, "rows": encode(outcome.rows), **counts}
    words = {"words": outcome.sentence, "engine": outcome.engine, "statement": outcome.statement}
    return {"error": outcome.code, **words, "cut_off": isinstance(outcome, OutOfBounds)}


class LabServer:
    """The labs and sessions of one process, each known by its number: the other side of `sandbox/remote_labs.py`.

    `encode` turns a value into what JSON can hold, `decode` back. A request is
    `{"call": method, "of": number, "arguments": values, "options": values by name}`, without a number for the methods
    of this class; with `"first": [[number, method], …]`, these are called before it. The reply to a session's request
    has its `"state"` too.
    """

    def __init__(self, encode: Encode, decode: Encode):
        self.encode = encode
        self.decode = decode
        self._held: list[Any] = []
        self._images: list[bytes] = []
        self._allowance = Allowance(STEPS, SECONDS)

    def open(self, engine: str, *, image_number: int | None = None, **options: Any) -> Any:
        """Open a lab as `open_here` does; with `image_number`, on a copy of that database file."""
        return open_here(engine, image=b"" if image_number is None else self._images[image_number], **options)

    def keep(self, image: bytes) -> int:
        """Keep a database file, and give its number."""
        self._images.append(image)
        return len(self._images) - 1

    def reply(self, request: dict[str, Any]) -> str:
        """Do what `request` says: give what came of it, or `{"broke": words}` if we are at fault; both are JSON."""
        text = json.dumps(self._reply(request))
        if len(text) < MAX_CHARACTERS:
            return text
        words = f"more than {MAX_CHARACTERS // 1_000_000} million characters of rows"
        return json.dumps(encode_outcome(OutOfBounds("The engine", words), self.encode))

    def _reply(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            reply = self._encode(self._catch(request))
            target = self._held[request["of"]] if "of" in request else self
            return reply | {"state": target.state()} if isinstance(target, Session) else reply
        except Exception as error:
            return {"broke": f"{type(error).__name__}: {error}"[:500]}

    def _catch(self, request: dict[str, Any]) -> Any:
        try:
            with bounded_work(self._allowance):
                return self._call(request)
        except EngineError as error:
            return error

    def _call(self, request: dict[str, Any]) -> Any:
        for number, method in request.get("first", ()):
            getattr(self._held[number], method)()
        target = self._held[request["of"]] if "of" in request else self
        arguments = map(self.decode, request["arguments"])
        return getattr(target, request["call"])(*arguments, **self.decode(request["options"]))

    def _encode(self, value: Any) -> dict[str, Any]:
        if isinstance(value, (Lab, Session)):
            return self._hold(value)
        if isinstance(value, (Result, EngineError)):
            return encode_outcome(value, self.encode)
        if isinstance(value, list) and any(isinstance(item, (Result, EngineError)) for item in value):
            return {"each": [self._encode(item) for item in value]}
        return {"value": self.encode(value)}

    def _hold(self, thing: Lab | Session) -> dict[str, Any]:
        self._held.append(thing)
        kind = next(kind for kind in (SharedLab, Lab, Session) if isinstance(thing, kind))
        methods = [name for name in dir(thing) if name[0] != "_" and isfunction(getattr(type(thing), name, None))]
        made = {"made": len(self._held) - 1, "kind": kind.__name__, "engine": thing.engine, "methods": methods}
        return made | {"state": thing.state()} if isinstance(thing, Session) else made
