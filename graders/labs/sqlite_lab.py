"""A lab on SQLite, in memory, with foreign keys on."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from graders.labs.lab import Allowance, EngineError, Lab, OutOfBounds, Result, allowance
from graders.sql import Kind, quote_identifier, split_statements, tokenize

OLDEST = (3, 40)
# Since 3.53. Source: https://www.sqlite.org/lang_altertable.html
CHANGES_IN_PLACE = {("ALTER",), ("ADD", "CONSTRAINT"), ("ADD", "CHECK"), ("DROP", "CONSTRAINT")}
NO_CHANGE = "SQLite before 3.53 cannot change a column or a constraint in place, and no lab of this course does"
# Since 3.44. Source: https://www.sqlite.org/lang_aggfunc.html
NO_ORDER = "SQLite before 3.44 has no ORDER BY inside an aggregate, and no lab of this course has"
NO_FUNCTION = {"OVER", "AS", "IN", "EXISTS", "FROM", "JOIN", "MATERIALIZED"}
BEGINS_A_QUERY = {"SELECT", "WITH", "VALUES", "("}
NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.I)


def why_too_old() -> str:
    """Why marks on this SQLite may be others than elsewhere, in a sentence; empty if they are not."""
    if sqlite3.sqlite_version_info >= OLDEST:
        return ""
    return f"SQLite {sqlite3.sqlite_version} is older than {OLDEST[0]}.{OLDEST[1]}, from which on marks are the same."


@lru_cache(maxsize=1024)
def find_newer_syntax(statement: str) -> str:
    """Why no lab runs `statement`, although newer SQLites would; empty if there is no reason."""
    if not re.search(r"\b(ALTER|ORDER)\b", statement, re.I):
        return ""
    words = [token.text.upper() for token in tokenize(statement, "SQLite") if token.kind is not Kind.COMMENT]
    if _changes_in_place(words):
        return NO_CHANGE
    return NO_ORDER if _orders_an_aggregate(words) else ""


def _changes_in_place(words: Sequence[str]) -> bool:
    action = words[5:] if words[3:4] == ["."] else words[3:]
    return words[:2] == ["ALTER", "TABLE"] and bool({tuple(action[:1]), tuple(action[:2])} & CHANGES_IN_PLACE)


def _orders_an_aggregate(words: Sequence[str]) -> bool:
    """Whether ORDER stands between the brackets of a function."""
    is_function: list[bool] = []
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        if word == "(":
            named = before[:1].isalpha() and before not in NO_FUNCTION
            is_function.append(named and after not in BEGINS_A_QUERY)
        elif word == ")" and is_function:
            is_function.pop()
        elif word == "ORDER" and after == "BY" and is_function and is_function[-1]:
            return True
    return False


def add_newer_functions(connection: sqlite3.Connection) -> None:
    """Give `connection` the functions that SQLite has had since 3.40: concat, string_agg and others."""
    if sqlite3.sqlite_version_info >= (3, 48):
        return
    for name, arguments, function in FUNCTIONS:
        connection.create_function(name, arguments, function, deterministic=True)
    connection.create_aggregate("string_agg", 2, StringAggregate)  # type: ignore[arg-type]


def _text(value: Any) -> str:
    """`value` as SQLite casts it to a text."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if not isinstance(value, float):
        return str(value)
    digits, exponent, power = f"{value:.15g}".partition("e")
    return f"{digits if '.' in digits else digits + '.0'}{exponent}{power}"


def _concat(*values: Any) -> str:
    return "".join(_text(value) for value in values if value is not None)


def _concat_with_separator(separator: Any, *values: Any) -> str | None:
    if separator is None:
        return None
    return _text(separator).join(_text(value) for value in values if value is not None)


def _octet_length(value: Any) -> int | None:
    if value is None:
        return None
    return len(value) if isinstance(value, bytes) else len(_text(value).encode())


def _if(condition: Any, then: Any, otherwise: Any = None) -> Any:
    if isinstance(condition, (str, bytes)):
        number = NUMBER.match(_text(condition))
        condition = float(number[0]) if number else 0
    return then if condition else otherwise


class StringAggregate:
    """The aggregate string_agg(value, separator)."""

    def __init__(self) -> None:
        self._text: str | None = None

    def step(self, value: Any, separator: Any) -> None:
        if value is not None:
            before = "" if self._text is None else self._text + _concat(separator)
            self._text = before + _text(value)

    def finalize(self) -> str | None:
        return self._text


FUNCTIONS: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("concat", -1, _concat),
    ("concat_ws", -1, _concat_with_separator),
    ("octet_length", 1, _octet_length),
    ("iif", 2, _if),
    ("if", 2, _if),
    ("if", 3, _if),
)


STEPS_AT_A_TIME = 100_000
MEGABYTE = 1_000_000
MAX_COLUMNS, MAX_PAGES = 200, 65_536
FORBIDDEN = {sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH}
FORBIDDEN_FUNCTIONS = {"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"}
# They change the whole process, lift the lab's own bounds, put data on disk, or break the schema under the engine.
FORBIDDEN_PRAGMAS = {
    *("hard_heap_limit", "soft_heap_limit", "temp_store_directory", "data_store_directory", "temp_store"),
    *("max_page_count", "page_size", "mmap_size", "threads", "writable_schema", "trusted_schema"),
}


BUSY_TIMEOUT = "busy_timeout"


def authorize(action, first, second, *_):
    """What SQLite asks before each access of a statement: no way to other databases, files or extensions.

    A timeout for locks is taken and not used: sessions that take turns would wait for the clock, and nobody moves.
    """
    if action == sqlite3.SQLITE_PRAGMA and first.lower() == BUSY_TIMEOUT:
        return sqlite3.SQLITE_IGNORE
    if action in FORBIDDEN or (action == sqlite3.SQLITE_FUNCTION and second in FORBIDDEN_FUNCTIONS):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and second is not None and first.lower() in FORBIDDEN_PRAGMAS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


class SQLiteLab(Lab):
    """A SQLite database, by default in memory; `max_steps` bounds the virtual machine steps of one statement.

    `where` is the file of a database that several connections share: a lock is then an error at once.
    """

    engine = "SQLite"
    _allowance = Allowance()

    def __init__(self, *, foreign_keys: bool = True, max_steps: int = 50_000_000, where: str = ":memory:"):
        self.max_steps = max_steps
        self._where, self._foreign_keys = where, foreign_keys
        self._image = b""
        self._steps = 0
        self._allowance = allowance()
        self._connect()

    def _connect(self):
        # A statement kept from before is not compiled again, so EXPLAIN would show an index that is gone.
        options: dict[str, Any] = {"isolation_level": None, "check_same_thread": False, "cached_statements": 0}
        uri = self._where.startswith("file:")
        self.connection = sqlite3.connect(self._where, timeout=0, uri=uri, **options)
        self.connection.execute(f"PRAGMA foreign_keys = {'ON' if self._foreign_keys else 'OFF'}")
        add_newer_functions(self.connection)
        self._lock_down()

    def _lock_down(self):
        self.connection.execute("PRAGMA temp_store = MEMORY")
        self._bound_pages()
        self.connection.set_authorizer(authorize)
        self.connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MEGABYTE)
        self.connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, MEGABYTE)
        self.connection.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, MAX_COLUMNS)
        self.connection.set_progress_handler(self._count, STEPS_AT_A_TIME)

    def _bound_pages(self):
        for schema in ("main", "temp"):
            self.connection.execute(f"PRAGMA {schema}.max_page_count = {MAX_PAGES}")

    def image(self) -> bytes:
        """Give the database as the bytes of the file that SQLite would write; it refuses to where there is nothing."""
        with self.refusals(""):
            return self.connection.serialize()

    def load(self, image: bytes) -> None:
        """Make a copy of the database file `image` the content of this lab, in place of what was there.

        Raise `EngineError` if it is no such file.
        """
        # SQLite itself attaches the image, which no statement of a student may do.
        self.connection.set_authorizer(None)
        try:
            with self.refusals(""):
                self.connection.deserialize(image)
                self._bound_pages()
            self._image = image
        finally:
            self.connection.set_authorizer(authorize)

    def rewind(self) -> None:
        """Go back, on a fresh connection, to the database file that was loaded last, or to an empty database."""
        self.connection.close()
        self._connect()
        if self._image:
            self.load(self._image)

    def _count(self) -> bool:
        self._steps += STEPS_AT_A_TIME
        self._allowance.steps -= STEPS_AT_A_TIME
        return self._steps > self.max_steps or self._allowance.steps < 0

    def count_steps(self, statement: str) -> int:
        """Run `statement` and give the number of virtual machine steps that it took.

        The same statement on the same data takes the same number on every machine, for one version of SQLite.
        Source: https://www.sqlite.org/c3ref/progress_handler.html
        """
        self.connection.set_progress_handler(self._count_one, 1)
        try:
            with self.refusals(statement):
                # Rows are dropped as they come, however many.
                for _ in self.connection.execute(statement):
                    pass
        finally:
            self.connection.set_progress_handler(self._count, STEPS_AT_A_TIME)
        return self._steps

    def _count_one(self) -> bool:
        self._steps += 1
        return self._steps > self.max_steps

    def statements(self, script):
        return split_statements(script, self.engine)

    def execute(self, statement, parameters=()):
        if newer := find_newer_syntax(statement):
            raise EngineError(self.engine, newer, statement, "SQLITE_ERROR")
        with self.refusals(statement):
            cursor = self.connection.execute(statement, parameters)
            rows = self._bounded(cursor, statement)
        columns = tuple(column[0] for column in cursor.description or ())
        return Result(columns, rows, cursor.rowcount, cursor.lastrowid)

    @contextmanager
    def refusals(self, statement: str):
        """Turn what SQLite raises inside the `with` into an `EngineError`; its steps are counted from zero."""
        self._steps = 0
        try:
            yield
        except MemoryError as error:
            words, code = "cut off: it takes too much memory", type(error).__name__
            raise OutOfBounds(self.engine, words, statement, code) from None
        except (sqlite3.Error, sqlite3.Warning, OverflowError, ValueError, TypeError) as error:
            raise self._refusal(error, statement) from None

    def _refusal(self, error, statement):
        code = "ValueError" if isinstance(error, ValueError) else type(error).__name__
        code = getattr(error, "sqlite_errorname", code)
        if self._steps > self.max_steps:
            return OutOfBounds(self.engine, f"cut off after {self.max_steps:,} steps", statement, code)
        if self._allowance.steps < 0:
            words = "cut off: your answer has taken too many steps in all"
            return OutOfBounds(self.engine, words, statement, code)
        if code == "SQLITE_INTERRUPT":
            # Nothing but our own count interrupts: it has broken, and that is not the statement's fault.
            return RuntimeError("SQLite was interrupted within its bounds")
        return EngineError(self.engine, str(error), statement, code)

    def insert(self, table, rows):
        rows = list(rows)
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            statement = f"INSERT INTO {quote_identifier(table)} VALUES ({marks})"
            with self.refusals(statement):
                self.connection.executemany(statement, rows)

    def tables(self):
        found = self.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1"
        )
        return [name for (name,) in found.rows]

    def columns(self, table):
        return [name for (name,) in self.execute("SELECT name FROM pragma_table_info(?)", (table,)).rows]

    def close(self):
        self.connection.close()
