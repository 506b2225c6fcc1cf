"""What is attacked: something that runs one call on given data and records what it gave and what reached the driver."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from graders.kernel.report import Mismatch
from graders.labs import EngineError, Session, SharedLab, open_shared_lab
from graders.sandbox import SandboxedFunction
from graders.techniques.attacks.behaviour import Data, same_rows

MAX_CALL = 160


@dataclass(frozen=True)
class SentStatement:
    """One statement that reached the driver."""

    text: str
    """The statement as the driver got it."""
    parameters: Any = ()
    """Its parameters, in order or by name."""
    error: str = ""
    """The engine's code where it refused the statement; empty if it ran."""


@dataclass(frozen=True)
class CallRecord:
    """What one call did."""

    call: str
    """The call as its author would write it, in backquotes."""
    value: Any = None
    """What it gave, as plain data."""
    raised: str = ""
    """What it raised, in words; empty if it gave a value."""
    statements: tuple[SentStatement, ...] = ()
    """The statements that reached the driver, in order."""
    data_after: Data | None = None
    """The tables' rows afterwards; None where nobody could look."""

    @property
    def refused_statement(self) -> SentStatement | None:
        """The first statement that the engine refused, if there was one."""
        return next((one for one in self.statements if one.error), None)


class Subject(Protocol):
    """Runs one call of what is attacked on a database that holds `data`, whatever language it is written in.

    Data come out as they went in if the call changes none.
    """

    def __call__(self, data: Data, arguments: tuple[Any, ...]) -> CallRecord: ...


def format_call(name: str, handed: Sequence[str], arguments: Sequence[Any]) -> str:
    """A call of the function `name` as its author would write it; `handed` is what it gets before its arguments."""
    words = ", ".join([*handed, *map(repr, arguments)])
    return f"`{name}({words if len(words) <= MAX_CALL else words[:MAX_CALL] + '…'})`"


class ConnectionSubject:
    """A student's function whose first argument is a connection in autocommit; the database is made of `schema`.

    Use it in a `with`: it keeps one database and fills it anew only when it should hold other data.
    """

    def __init__(self, function: SandboxedFunction, schema: str, engine: str = "SQLite"):
        self.function = function
        self.schema = schema
        self.engine = engine
        self._lab: SharedLab | None = None
        self._data: Data = {}

    def __call__(self, data: Data, arguments: tuple[Any, ...]) -> CallRecord:
        call = format_call(self.function.name, ["connection"], arguments)
        lab, statements = self._lab_with(data), list[SentStatement]()
        with lab.connect() as session:
            try:
                value, raised = self._run(session, arguments, statements), ""
            except Mismatch as mismatch:
                value, raised = None, mismatch.found
        try:
            self._data = lab.dump()
        except EngineError as error:
            self.close()
            return CallRecord(call, value, f"{error.engine} says: {error}", tuple(statements), data_after={})
        return CallRecord(call, value, raised, tuple(statements), self._data)

    def _run(self, session: Session, arguments: tuple[Any, ...], statements: list[SentStatement]) -> Any:
        call = self.function.begin(session, *arguments)
        while (request := call.waiting()) is not None:
            if not request.statement:
                call.answer()
                continue
            outcome = request.happen()
            error = outcome.code if isinstance(outcome, EngineError) else ""
            statements.append(SentStatement(request.statement, request.parameters, error))
            call.hand_back(outcome)
        return call.value()

    def _lab_with(self, data: Data) -> SharedLab:
        if self._lab is not None and set(data) == set(self._data):
            changed = {table: rows for table, rows in data.items() if not same_rows(rows, self._data[table])}
            # It is refused where a call before has changed the tables themselves, or what they take.
            with suppress(EngineError):
                self._refill(self._lab, changed)
                return self._lab
        self.close()
        self._lab = open_shared_lab(self.engine, self.schema, data)
        return self._lab

    def _refill(self, lab: SharedLab, data: Data) -> None:
        """Put other rows into some tables, in one transaction: much faster than opening another database."""
        if not data:
            return
        lab.execute("BEGIN")
        for table in reversed(list(data)):
            lab.execute(f'DELETE FROM "{table}"')
        lab.fill(data)
        lab.execute("COMMIT")

    def close(self) -> None:
        """Throw its database away."""
        if self._lab is not None:
            self._lab.close()
            self._lab = None

    def __enter__(self) -> ConnectionSubject:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
