"""What a SQL script gave back, as a notebook shows it: tables, plans, a word where there are no rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING

import duckdb
from IPython.display import display
from sql import run as ipython_sql

from graders.figures.tables import note_html, plan_html, plan_text, table_html, table_text
from graders.kernel.report import Table
from graders.labs import EngineError, Lab, Result, SQLiteLab

if TYPE_CHECKING:
    import pandas


WITHOUT_VALUE = ("Incorrect number of bindings supplied", "Values were not provided for the following")
SYNTAX = re.compile(r"syntax error|unrecognized token", re.I)
PARAMETER = re.compile(r"(?<![:\w]):[A-Za-z_]\w*|\{\s*[A-Za-z_]\w*\s*\}")
NO_CODE = re.compile(r"'[^']*'|--[^\n]*|/\*.*?\*/", re.S)
PASSWORD = re.compile(r"(://[^:/@\s]*):\S*@")
NO_PARAMETERS = (
    "The engine gets the text of the cell unchanged; a parameter such as :name, {name}, $name or ? has no value here."
)


class SQLError(Exception):
    """A `%sql` cell that failed: the cell counts as failed, and shows these lines in place of a traceback."""

    def __init__(self, sentence: str, *details: str):
        super().__init__(_hide_password(sentence))
        self.lines = [_hide_password(line) for line in (sentence, *details) if line]

    def _render_traceback_(self) -> list[str]:
        return self.lines


def sql_error(error: EngineError, text: str) -> SQLError:
    """What to raise when the engine refused a statement of `text`, the text of the whole cell."""
    return SQLError(error.says, _locate(error, text), NO_PARAMETERS if _lacks_value(error) else "")


def _lacks_value(error: EngineError) -> bool:
    """Whether the engine stumbled over a parameter: it says so, or cannot read a statement that holds one."""
    if any(words in error.sentence for words in WITHOUT_VALUE):
        return True
    code = NO_CODE.sub("", error.statement)
    return bool(SYNTAX.search(error.sentence) and PARAMETER.search(code))


def _hide_password(text: str) -> str:
    """`text` with three stars in place of the password in a URL."""
    return PASSWORD.sub(r"\1:***@", text)


def _locate(error: EngineError, text: str) -> str:
    """The line at fault where the engine's sentence tells it apart, else the first line of the statement."""
    statement = error.statement.strip()
    start = text.find(statement)
    if not statement or start < 0:
        return ""
    offset = _offset(error.sentence, statement)
    number = text.count("\n", 0, start + max(offset, 0)) + 1
    line = text.splitlines()[number - 1].strip()
    if "\n" not in text:
        return f"  {line}"
    words = "line" if offset >= 0 or "\n" not in statement else "in the statement that begins on line"
    return f"  {words} {number}: {line}"


def _offset(sentence: str, statement: str) -> int:
    """Where the thing that `sentence` names stands in `statement`; -1 if nowhere or in several places."""
    named = re.findall(r'"([^"]+)"', sentence) + re.findall(r": (\S+)$", sentence)
    for name in named:
        places = [found.start() for found in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", statement, re.I)]
        if len(places) == 1:
            return places[0]
    return -1


CHANGES_ROWS = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:insert|update|delete|replace|with)\b", re.I | re.S)
NOTHING = "nothing to run"
READS_ROWS = {"SELECT", "EXPLAIN"}
NO_ROWS_OF_DUCKDB = {("Count",), ("Success",)}


class ResultSet(ipython_sql.ResultSet):
    """The rows of one statement: a list of tuples that shows itself, with `.keys`, `.DataFrame()`, `.csv()`.

    `message` is what to say for a statement that gives no rows; `max_rows` is how many rows are shown (0: all).
    """

    def __init__(self, result: Result, message: str = "", max_rows: int = 20):
        list.__init__(self, [] if message else result.rows)
        self.keys = [] if message else list(result.columns)
        self.field_names = ipython_sql.unduplicate_field_names(self.keys)
        self.message = message
        self.max_rows = max_rows
        self.config = SimpleNamespace(displaylimit=None)
        self.pretty = ipython_sql.PrettyTable(self.field_names) if self.keys else None

    def __str__(self) -> str:
        return self.message or plan_text(self.keys, self) or table_text(self._table(), self._limit())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        if self.message:
            return note_html(self.message)
        plan = plan_text(self.keys, self)
        return plan_html(plan) if plan else table_html(self._table(), self._limit())

    def _table(self) -> Table:
        return Table("", tuple(self.keys), list(self))

    def _limit(self) -> int:
        return self.max_rows or len(self)

    def DataFrame(self) -> pandas.DataFrame:  # noqa: N802  (the name that ipython-sql gave it)
        """Give the rows as a pandas DataFrame; an exact decimal becomes a float, as in DuckDB's `.df()`."""
        import pandas

        frame = pandas.DataFrame(list(self), columns=self.field_names)
        for name in frame:
            if any(isinstance(value, Decimal) for value in frame[name]):
                frame[name] = frame[name].astype(float)
        return frame


def show_script(lab: Lab, script: str, *, cell: str = "", max_rows: int = 20) -> ResultSet:
    """Run `script` on `lab` and display the result of every statement but the last, which is returned.

    What is returned shows itself as the value of a cell. Raises `SQLError` where the engine refuses: what
    came before has then been displayed, and what comes after is not run.
    """
    last = None
    try:
        for result in run_script(lab, script, cell=cell, max_rows=max_rows):
            _display(last)
            last = result
    except SQLError:
        _display(last)
        raise
    return last if last is not None else ResultSet(Result(), NOTHING)


def keep_script(lab: Lab, script: str, *, cell: str = "", max_rows: int = 20) -> ResultSet:
    """Run `script` on `lab`, display nothing, and give the last result that has columns, else the last."""
    results = [ResultSet(Result(), NOTHING), *run_script(lab, script, cell=cell, max_rows=max_rows)]
    return next((result for result in reversed(results) if result.keys), results[-1])


def run_script(lab: Lab, script: str, *, cell: str = "", max_rows: int = 20) -> Iterator[ResultSet]:
    """Run the statements of `script` one by one and give what each of them gave back.

    `cell` is the text that the script was cut from, for line numbers; `max_rows` is how many rows a table shows
    (0: all). Raises `SQLError` where the engine refuses.
    """
    try:
        for statement in lab.statements(script):
            result = lab.execute(statement)
            yield ResultSet(result, _message(lab, statement, result), max_rows)
    except EngineError as error:
        raise sql_error(error, cell or script) from None


def _display(result: ResultSet | None) -> None:
    if result is not None:
        display(result)


def _message(lab: Lab, statement: str, result: Result) -> str:
    """What to say in place of rows; nothing if the statement gives rows."""
    if lab.engine == "DuckDB":
        return _duckdb_message(statement, result)
    if result.columns:
        return ""
    if not isinstance(lab, SQLiteLab):
        return _count_changes(result.changed) if result.changed >= 0 else "done"
    is_change = CHANGES_ROWS.match(statement)
    return _count_changes(lab.connection.execute("SELECT changes()").fetchone()[0]) if is_change else "done"


def _duckdb_message(statement: str, result: Result) -> str:
    """DuckDB answers a change with a column Count, and what else has no rows with a column Success."""
    kind = duckdb.extract_statements(statement)[0].type.name
    if kind in READS_ROWS or (result.columns and result.columns not in NO_ROWS_OF_DUCKDB):
        return ""
    return _count_changes(result.rows[0][0]) if result.rows and kind != "CREATE" else "done"


def _count_changes(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'} changed"
