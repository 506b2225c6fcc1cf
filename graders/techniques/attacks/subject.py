"""What is attacked: what a function must do, and what one call of it did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from graders.kernel.answers import to_mismatch
from graders.labs import EngineError, Session, SharedLab, in_order, open_shared_lab
from graders.labs.lab import Row
from graders.sandbox import SandboxedFunction, SandboxError
from graders.sql.lexer import DIALECTS
from graders.techniques.attacks.inputs import Data, InjectionPoint, Rows
from graders.techniques.attacks.sent_statements import SentStatement

# What is right for a call beside rows: an exception, and any value.
REFUSED = object()
ANYTHING = object()
MAX_CALL = 160


@dataclass(frozen=True)
class OrRefused:
    """These rows are right, and so is an exception: what is sent is of another kind than what it is compared with."""

    rows: list[tuple[Any, ...]]


@dataclass(frozen=True)
class InOrder:
    """These rows are right in the order of the values at `place`; rows with equal values may change places."""

    rows: list[tuple[Any, ...]]
    place: int

    def same_order(self, rows: Rows) -> bool:
        """Whether `rows`, which are these in some order, are in a right one."""
        return [row[self.place] for row in rows] == [row[self.place] for row in self.rows]


def _unchanged(data: Data, *_: Any) -> Data:
    return data


def _no_more_calls(data: Data) -> Sequence[tuple[Any, ...]]:
    return ()


@dataclass(frozen=True)
class Behaviour:
    """What a function must do, for honest people and for others.

    Raise `ValueError` where the description makes no sense.
    """

    schema: str
    """The statements that make its tables."""
    data: Callable[[int, str], Data]
    """Makes the tables' rows of a seed and a canary, a random word that only the `secrets` contain."""
    points: tuple[InjectionPoint, ...]
    """What strangers send to it."""
    expects: Callable[..., Any]
    """What is right for the data and the arguments: rows, `InOrder`, `OrRefused`, `REFUSED` or `ANYTHING`."""
    leaves: Callable[..., Data] = _unchanged
    """The data that are right afterwards, for the data before and the arguments."""
    secrets: tuple[tuple[str, str], ...] = ()
    """The tables and columns that hold the canary."""
    needs: frozenset[tuple[str, str]] | None = None
    """The tables and columns that its statements may read (None: any); on SQLite only."""
    more_calls: Callable[[Data], Sequence[tuple[Any, ...]]] = _no_more_calls
    """Gives the arguments of further calls that honest people make on these data."""
    crowd: Callable[[int, str], Data] | None = None
    """Makes larger tables, in which values collide, for honest calls; None: the tables of `data`."""
    engine: str = "SQLite"
    """The engine that runs its statements."""

    def __post_init__(self) -> None:
        if self.engine not in DIALECTS:
            raise ValueError(f"Attacks on {self.engine!r} cannot be judged: it must be one of {', '.join(DIALECTS)}.")
        if self.needs is not None and self.engine != "SQLite":
            raise ValueError(f"`needs` is checked on SQLite only, and this function runs on {self.engine}.")


def read_rows(value: Any) -> list[tuple[Any, ...]] | None:
    """`value` as a list of rows; None if it is none."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(row, (list, tuple)) for row in value):
        return None
    return [tuple(row) for row in value]


def sorted_rows(rows: Rows) -> list[tuple[Any, ...]]:
    """Rows in an order of their own, so that two states can be compared."""
    return in_order(map(tuple, rows))


def differ_in_order(value: Any, expected: Any) -> bool:
    """Whether `value` has the rows that are expected, in another order."""
    rows = read_rows(value)
    if rows is None or not isinstance(expected, list) or rows == expected:
        return False
    return same_rows(rows, expected)


def same_rows(one: Rows, other: Rows) -> bool:
    """Whether two tables hold the same rows, in any order."""
    if one is other or one == other:
        return True
    try:
        return Counter(map(tuple, one)) == Counter(map(tuple, other))
    except TypeError:
        # Lists inside rows cannot be counted.
        return sorted_rows(one) == sorted_rows(other)


def same_data(one: Data, other: Data) -> bool:
    """Whether two states of a database hold the same rows."""
    return set(one) == set(other) and all(same_rows(one[table], other[table]) for table in one)


@dataclass(frozen=True)
class CallTrace:
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

    def __call__(self, data: Data, arguments: tuple[Any, ...]) -> CallTrace: ...


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
        self._version: list[Row] | None = None

    def __call__(self, data: Data, arguments: tuple[Any, ...]) -> CallTrace:
        call = format_call(self.function.name, ["connection"], arguments)
        lab, statements = self._lab_with(data), list[SentStatement]()
        with lab.connect() as session:
            try:
                value, raised = self._run(session, arguments, statements), ""
            except SandboxError as error:
                value, raised = None, to_mismatch(error).found
        try:
            self._read_data(lab)
        except EngineError as error:
            self.close()
            return CallTrace(call, value, f"{error.engine} says: {error}", tuple(statements), data_after={})
        return CallTrace(call, value, raised, tuple(statements), self._data)

    def _run(self, session: Session, arguments: tuple[Any, ...], statements: list[SentStatement]) -> Any:
        call = self.function.begin(session, *arguments)
        while (request := call.waiting()) is not None:
            if not request.statement:
                call.answer()
                continue
            outcome = request.run()
            error = outcome.code if isinstance(outcome, EngineError) else ""
            statements.append(SentStatement(request.statement, request.parameters, error))
            call.hand_back(outcome)
        return call.value()

    def _read_data(self, lab: SharedLab) -> None:
        """Read what is in the database, unless nobody has changed it since it was read.

        Source: https://www.sqlite.org/pragma.html#pragma_data_version
        """
        version = lab.execute("PRAGMA data_version").rows if self.engine == "SQLite" else None
        if version is None or version != self._version:
            self._data, self._version = lab.dump(), version

    def _lab_with(self, data: Data) -> SharedLab:
        if self._lab is not None and set(data) == set(self._data):
            changed = {table: rows for table, rows in data.items() if not same_rows(rows, self._data[table])}
            # It is refused where a call before has changed the tables themselves, or what they take.
            with suppress(EngineError):
                self._refill(self._lab, changed)
                return self._lab
        self.close()
        self._lab, self._version = open_shared_lab(self.engine, self.schema, data), None
        return self._lab

    def _refill(self, lab: SharedLab, data: Data) -> None:
        """Put other rows into some tables, in one transaction: much faster than opening another database."""
        if not data:
            return
        self._version = None
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
