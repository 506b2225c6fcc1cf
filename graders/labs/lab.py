"""What every lab can do, whatever its engine, and the work that one answer may cause in all its labs together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from graders.sql import quote_identifier

Row = tuple[Any, ...]
ROWS_AT_A_TIME = 200
MAX_SENTENCE, MAX_STATEMENT = 2_000, 100_000
# A row in a list of rows must still pass between processes: see MAX_DEPTH in sandbox/plain_data.py.
MAX_NESTING = 30
# SQLITE_LOCKED, of the shared cache, is no such code: SQLite never waits for it, whatever the timeout.
BUSY = {"SQLITE_BUSY"}
# For all statements of one answer.
STEPS, SECONDS = 500_000_000, 60


class EngineError(Exception):
    """The engine refused a statement; `str()` is the engine's own sentence, `code` what decisions rest on.

    The code is SQLite's name of its error ("SQLITE_BUSY", "SQLITE_CONSTRAINT_CHECK"), the name of DuckDB's exception
    class ("TransactionException"), the SQLSTATE of PostgreSQL; where Python itself refused, the exception's name.
    """

    def __init__(self, engine: str, sentence: str, statement: str = "", code: str = ""):
        self.engine = engine
        # An engine repeats what it cannot read, however long that is.
        self.sentence = sentence[:MAX_SENTENCE]
        self.statement = statement[:MAX_STATEMENT]
        super().__init__(self.sentence)
        self.code = code

    @property
    def busy(self) -> bool:
        """Whether the statement met a lock and may go through when another session has moved."""
        return self.code in BUSY

    @property
    def says(self) -> str:
        """Who says what, in one sentence for people."""
        return f"{self.engine} says: {self.sentence}"

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows instead of a traceback."""
        return [self.says]


class OutOfBounds(EngineError):
    """The statement was cut off because it did more work, or made more data, than a lab allows."""


class Waits(EngineError):
    """The statement waits for a lock that another session holds; the same call, made again, goes on with it."""

    busy = True


class TooDeep(ValueError):
    """A value is nested deeper than a lab allows; `str()` says how deep that is."""


# What holds nothing, by far the most of what rows hold.
FLAT = {int, float, bool, type(None)}


def size_of(value: Any, depth: int = 0) -> int:
    """How many characters, bytes and nested values `value` holds; raise `TooDeep` where they go too deep."""
    if isinstance(value, (str, bytes)):
        return len(value)
    if not isinstance(value, (list, tuple, dict)):
        return 0
    if depth == MAX_NESTING:
        raise TooDeep(f"values nested more than {MAX_NESTING} deep")
    items = [*value, *value.values()] if isinstance(value, dict) else value
    return len(items) + sum(size_of(item, depth + 1) for item in items)


class Allowance:
    """What is left to one answer: steps on SQLite, seconds of processor time on DuckDB, which counts no steps."""

    def __init__(self, steps: float = float("inf"), seconds: float = float("inf")):
        self.steps = steps
        self.seconds = seconds


_CURRENT: ContextVar[Allowance | None] = ContextVar("allowance", default=None)


@contextmanager
def bounded_work(given: Allowance | None = None) -> Iterator[Allowance]:
    """Let the labs that are opened inside share what is `given`; a bound that stands already is kept."""
    allowance = _CURRENT.get() or given or Allowance(STEPS, SECONDS)
    token = _CURRENT.set(allowance)
    try:
        yield allowance
    finally:
        _CURRENT.reset(token)


def allowance() -> Allowance:
    """What a lab that is opened here may use: without end outside `bounded_work`."""
    return _CURRENT.get() or Allowance()


@dataclass(frozen=True)
class Result:
    """What a statement gave back: column names, and rows in the order they came.

    Where the engine tells: how many rows the statement changed (-1: none, for it is no change), and the number of the
    row inserted last.
    """

    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    changed: int = field(default=-1, compare=False)
    last_row: int | None = field(default=None, compare=False)

    def __len__(self) -> int:
        return len(self.rows)


class Lab:
    """A scratch database that nobody else uses; close it, or use it in a `with`.

    A lab runs in the engine's own autocommit: BEGIN, COMMIT and ROLLBACK mean what they say.
    It has no way to files, other databases or extensions, and it bounds the work of a statement.
    """

    engine: str
    max_rows = 100_000
    max_bytes = 20_000_000

    def statements(self, script: str) -> list[str]:
        """Give the statements of `script` one by one, as this engine would split them."""
        raise NotImplementedError

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Result:
        """Run one statement; raise `EngineError` with the engine's sentence if it is refused."""
        raise NotImplementedError

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        """Put `rows` into `table`, values in the order of its columns."""
        raise NotImplementedError

    def tables(self) -> list[str]:
        """Give the names of the base tables, in alphabetical order."""
        raise NotImplementedError

    def columns(self, table: str) -> list[str]:
        """Give the column names of a table or view, in their order."""
        raise NotImplementedError

    def load(self, image: bytes) -> None:
        """Take the database file `image` as content; a lab on SQLite alone can."""
        raise NotImplementedError

    def rewind(self) -> None:
        """Go back to the database file that the lab was opened with; a lab of one session can on SQLite alone."""
        raise NotImplementedError

    def image(self) -> bytes:
        """Give the database as the bytes of its file; a lab on SQLite alone can."""
        raise NotImplementedError

    def count_steps(self, statement: str) -> int:
        """Run `statement` and give the number of virtual machine steps that it took; a lab on SQLite alone can."""
        raise NotImplementedError

    def close(self) -> None:
        """Throw the database away."""
        raise NotImplementedError

    def _bounded(self, rows: Iterator[Row], statement: str) -> list[Row]:
        """Give `rows` as a list; raise `OutOfBounds` if they are more, hold more, or are nested deeper than allowed."""
        kept, size = [], 0
        for row in rows:
            kept.append(row)
            try:
                size += sum([size_of(value) for value in row if type(value) not in FLAT])
            except TooDeep as error:
                raise OutOfBounds(self.engine, str(error), statement) from None
            if len(kept) > self.max_rows:
                raise OutOfBounds(self.engine, f"more than {self.max_rows:,} rows", statement)
            if size > self.max_bytes:
                raise OutOfBounds(self.engine, f"rows of more than {self.max_bytes // 1_000_000} MB", statement)
        return kept

    def run(self, script: str) -> Result:
        """Run every statement of `script`; give the result of the last one that has columns."""
        last = Result()
        for statement in self.statements(script):
            result = self.execute(statement)
            if result.columns:
                last = result
        return last

    def fill(self, data: Mapping[str, Iterable[Row]]) -> None:
        """Insert the rows of each table of `data`, in the order in which the tables are named."""
        for table, rows in data.items():
            self.insert(table, rows)

    def put(self, table: str, rows: Sequence[Row]) -> None:
        """Put `rows` into `table`, many in one statement; raise `EngineError` if the engine refuses one."""
        for start in range(0, len(rows), ROWS_AT_A_TIME):
            chunk = rows[start : start + ROWS_AT_A_TIME]
            try:
                self._put_at_once(table, chunk)
            except EngineError:
                # DuckDB does not see a row's parent in the same statement: one by one it does.
                for row in chunk:
                    self._put_at_once(table, [row])

    def put_accepted(self, table: str, rows: Sequence[Row]) -> list[Row]:
        """Put those of `rows` into `table` that the engine takes, each after those before it, and give them."""
        accepted: list[Row] = []
        for start in range(0, len(rows), ROWS_AT_A_TIME):
            accepted += self._put_accepted(table, rows[start : start + ROWS_AT_A_TIME])
        return accepted

    def _put_accepted(self, table: str, rows: Sequence[Row]) -> Sequence[Row]:
        try:
            self._put_at_once(table, rows)
        except EngineError:
            return [row for row in rows if self._accepts(table, row)]
        return rows

    def _accepts(self, table: str, row: Row) -> bool:
        try:
            self._put_at_once(table, [row])
        except EngineError:
            return False
        return True

    def _put_at_once(self, table: str, rows: Sequence[Row]) -> None:
        marks = ", ".join("?" * len(rows[0]))
        places = ", ".join([f"({marks})"] * len(rows))
        self.execute(f"INSERT INTO {quote_identifier(table)} VALUES {places}", [value for row in rows for value in row])

    def empty(self, tables: Sequence[str]) -> None:
        """Delete every row of `tables`, one after the other; raise `EngineError` if the engine refuses."""
        for table in tables:
            self.execute(f"DELETE FROM {quote_identifier(table)}")

    def on_each(self, data_sets: Sequence[Mapping[str, Sequence[Row]]], query: str) -> list[Result | EngineError]:
        """Fill the empty tables with each of `data_sets` in turn, run `query`, and give what became of each.

        Tables come after those they refer to. They are emptied before the next data set; where the engine refuses
        that, the list ends. A query that was cut off is not tried again.
        """
        outcomes: list[Result | EngineError] = []
        filled: list[str] = []
        for place, data in enumerate(data_sets):
            if outcomes and isinstance(outcomes[-1], OutOfBounds):
                return outcomes + outcomes[-1:] * (len(data_sets) - place)
            try:
                self.empty(filled[::-1])
            except EngineError:
                break
            filled = [table for table, rows in data.items() if rows]
            outcomes.append(self._on(data, filled, query))
        return outcomes

    def _on(self, data: Mapping[str, Sequence[Row]], filled: Sequence[str], query: str) -> Result | EngineError:
        try:
            for table in filled:
                self.put(table, data[table])
            return self.execute(query)
        except EngineError as error:
            return error

    def outcomes(self, statements: Sequence[str | tuple[str, Row]]) -> list[Result | EngineError]:
        """Run `statements` one after the other and give what became of each: its result, or the refusal.

        A statement with parameters stands in a pair with them.
        """
        return [self._outcome(*([one] if isinstance(one, str) else one)) for one in statements]

    def _outcome(self, statement: str, parameters: Row = ()) -> Result | EngineError:
        try:
            return self.execute(statement, parameters)
        except EngineError as error:
            return error

    def dump(self) -> dict[str, list[Row]]:
        """Give every row of every base table, sorted, so that two states can be compared."""
        rows = {table: self.execute(f"SELECT * FROM {quote_identifier(table)}").rows for table in self.tables()}
        return {table: in_order(content) for table, content in rows.items()}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


Value = TypeVar("Value")


def in_order(values: Iterable[Value]) -> list[Value]:
    """`values` sorted: NULL, numbers, texts, lists and rows value by value, then all others as they are written."""
    return sorted(values, key=_place)


def _place(value: Any) -> tuple[int, Any]:
    if value is None:
        return 0, 0
    if _can_be_compared(value):
        return 1, value
    if isinstance(value, str):
        return 2, value
    if isinstance(value, (list, tuple)):
        return 3, tuple(map(_place, value))
    return 4, f"{type(value).__name__} {value!r}"


def _can_be_compared(value: Any) -> bool:
    """Whether `value` is a number, and not one that is neither less nor more than another."""
    if isinstance(value, Decimal):
        return not value.is_nan()
    return isinstance(value, (int, float)) and value == value
