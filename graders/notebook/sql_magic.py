"""`%sql` and `%%sql` on top of ipython-sql: rows come back, ROLLBACK holds, and a mistake fails its cell."""

from __future__ import annotations

import re
from collections.abc import Container
from contextlib import suppress
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any

import sql as ipython_sql
import sql.connection
import sql.magic
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import line_cell_magic, magics_class, no_var_expand
from IPython.display import display
from IPython.utils.text import DollarFormatter

from graders.labs import EngineError, Lab, Result
from graders.notebook.messages import Message
from graders.notebook.sql_results import ResultSet, SQLError, keep_script, show_script, sql_error
from graders.notebook.sql_sessions import Session, Sessions, adopt_connections
from graders.sql import STATEMENT_WORDS

NAME = r"[A-Za-z_]\w*"
URL = r"(?:[A-Za-z][\w+.-]*://|\{|\$[A-Za-z_])\S*"
LIST = re.compile(r"[ \t]*(?:-l|--connections)(?!\S)")
CLOSE = re.compile(r"[ \t]*(?:-x|--close)(?!\S)[ \t]*(\S*)")
HELP = re.compile(r"[ \t]*(?:-h|-\?|--help)(?!\S)")
OPENING = re.compile(rf"\s*(?:({NAME})\s*=\s*)?({URL})")
FIRST_WORD = re.compile(r"\s*(\S+)")
VARIABLE = re.compile(rf"\s*({NAME})\s*<<")
LONE_NAME = re.compile(rf"[ \t]*({NAME})[ \t]*(?:\n|\Z)")
FIRST_OPTION = re.compile(r"[ \t]*(--?[A-Za-z][\w-]*)")
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
NO_TABLE = "A DataFrame is no table: CREATE TABLE and INSERT make one."
KEEP = "CREATE VIEW keeps a query under a name, and rows << keeps its result."
# What options of ipython-sql and JupySQL are called, and what to do here instead.
OPTIONS = {
    **dict.fromkeys(("--persist", "--persist-replace", "--append", "--no-index"), NO_TABLE),
    **dict.fromkeys(("--save", "--with"), KEEP),
    "--alias": "%sql alice = sqlite:///name.db opens a session called alice.",
    **dict.fromkeys(("--file", "--creator", "--section", "--connection_arguments", "--no-execute", "--interact"), ""),
}
STAND_ALONE = ("--connections", "--close", "--help")


@dataclass(frozen=True)
class Request:
    """One use of the magic: `session` is a name, `url` a database's, `variable` the Python name for the result."""

    sql: str
    session: str = ""
    url: str = ""
    variable: str = ""


def read_request(text: str, sessions: Container[str]) -> Request:
    """Take session, URL and variable off the front of `text`; the rest is SQL and stays as it is.

    Raises `ValueError` for an option that is not offered here, and if a new session is to have the name of an SQL word.
    """
    _refuse_options(text)
    session, url, text = _take_session(text, sessions)
    variable, text = _take(VARIABLE, text)
    _refuse_first_option(text)
    return Request(text, session, url, variable)


def lone_name(sql: str) -> str:
    """The word on the first line of `sql` if it is alone there and begins no SQL statement; else nothing.

    Such a word is the name of a session that is not open.
    """
    word, _ = _take(LONE_NAME, sql)
    return "" if _begins_sql(word) else word


def _refuse_options(text: str) -> None:
    """Raise `ValueError` if the line of the magic holds an option of another `%sql`, which SQL takes for a comment."""
    line = QUOTED.sub("", text.partition("\n")[0])
    for word in line.split():
        if word in STAND_ALONE:
            raise ValueError(f"{word} comes first, with no SQL beside it: %sql {word}")
        if word.partition("=")[0] in OPTIONS:
            raise _no_option(word.partition("=")[0])
    _refuse_first_option(text)


def _refuse_first_option(text: str) -> None:
    if option := FIRST_OPTION.match(text):
        raise _no_option(option[1])


def _no_option(option: str) -> ValueError:
    advice = OPTIONS.get(option, "A comment has a blank behind its hyphens." * option.startswith("--"))
    return ValueError(f"%sql has no option {option} here. %sql? says what it can do. {advice}".strip())


def _begins_sql(word: str) -> bool:
    return word.upper() in STATEMENT_WORDS


def _take_session(text: str, sessions: Container[str]) -> tuple[str, str, str]:
    """The session, the URL and the rest of `text`."""
    if opening := OPENING.match(text):
        name, url = opening.groups()
        if name and _begins_sql(name):
            raise ValueError(f"{name} begins an SQL statement, so a session needs another name")
        return name or "", url, text[opening.end() :]
    word, rest = _take(FIRST_WORD, text)
    return (word, "", rest) if word in sessions else ("", "", text)


def _take(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    match = pattern.match(text)
    return (match[1], text[match.end() :]) if match else ("", text)


NOTHING_OPEN = (
    "No database is open here. Run the cell with fresh_lab(...) above again, "
    "or open one, for example with: %sql sqlite:///name.db"
)


@magics_class
class SqlMagic(sql.magic.SqlMagic):
    """The `%sql` magic of a notebook, with the sessions that are open in it.

    Of ipython-sql's settings, `displaylimit` (rows shown; 20 unless set, 0 for all) and `autopandas` keep their
    meaning; the others change nothing.
    """

    def __init__(self, shell: InteractiveShell):
        super().__init__(shell)
        self.sessions = Sessions()

    @no_var_expand
    @line_cell_magic
    def sql(self, line: str = "", cell: str = "") -> Any:
        """Run SQL on a database; the text of the cell is what the engine gets, unchanged.

        %sql sqlite:///name.db            open a database, or come back to it; also sqlite://, duckdb:///name.db
        %sql duckdb:///{path}             only here, in the URL, {name} and $name are Python variables
        %sql alice = sqlite:///name.db    open a new connection and call it alice
        %%sql alice                       run this cell in the session alice, and stay there
        %%sql rows <<                     keep the result as the Python variable rows, and show nothing
        %sql --connections                list the sessions (-l for short)
        %sql --close alice                close the session alice (-x for short)
        %sql --help                       show this (-h for short)

        The result of every statement is shown, in order. The value of the cell is the result of the last
        statement; what `rows <<` keeps is the last result that has columns. In several statements, the first
        one that the engine refuses ends the cell. A statement that does not end is cut off. Names of sessions
        match exactly. In SQL, a parameter such as :name, {name}, $name or ? gets no value from Python: the cell
        fails and says so.
        """
        text = f"{line}\n{cell}" if cell else line
        try:
            return self._run(text)
        except EngineError as error:
            raise sql_error(error, text) from None
        except (OSError, ValueError) as error:
            raise SQLError(str(error)) from None

    def _run(self, text: str) -> Any:
        if LIST.match(text):
            return self._list_sessions()
        if closing := CLOSE.match(text):
            return self._close_session(closing[1])
        if HELP.match(text):
            return Message(cleandoc(type(self).sql.__doc__ or ""))
        request = read_request(text, self.sessions.by_name)
        if request.url:
            self._open(self._expand(request.url), request.session)
        elif request.session:
            self.sessions.current = request.session
        return self._run_script(request.sql, request.variable, text)

    def _open(self, url: str, name: str) -> None:
        """Open the database at `url`, and say so where a lab was in use until now."""
        before = self.sessions.by_name.get(self.sessions.current)
        self.sessions.open(url, name)
        if before is not None and before.is_lab:
            now = self.sessions.current
            display(
                Message(f"From here on, SQL runs in `{now}`. `%sql {before.name}` goes back to the lab {before.name}.")
            )

    def _expand(self, url: str) -> str:
        """`url` with Python values for `{name}` and `$name`, unlike `var_expand` the student's variables only."""
        with suppress(LookupError, ValueError, AttributeError):
            return DollarFormatter().vformat(url, (), self.shell.user_ns)
        return url

    def _run_script(self, script: str, variable: str, text: str) -> Any:
        if name := lone_name(script):
            raise SQLError(f"No session is called {name}. {self._open_sessions()}")
        if not script.strip():
            return None
        limit = 20 if self.displaylimit is None else self.displaylimit
        if variable:
            kept = keep_script(self._lab(), script, cell=text, max_rows=limit)
            self.shell.user_ns[variable] = self._as_configured(kept)
            return None
        return self._as_configured(show_script(self._lab(), script, cell=text, max_rows=limit))

    def _as_configured(self, result: ResultSet) -> Any:
        return result.DataFrame() if self.autopandas and result.keys else result

    def _lab(self) -> Lab:
        lab = self.sessions.lab()
        if lab is None:
            raise SQLError(NOTHING_OPEN)
        return lab

    def _list_sessions(self) -> ResultSet:
        rows = [
            (session.name, session.lab.engine, "current" if session.name == self.sessions.current else None)
            for session in self.sessions.by_name.values()
        ]
        return ResultSet(Result(("session", "engine", "state"), rows), max_rows=0)

    def _open_sessions(self) -> str:
        names = ", ".join(self.sessions.by_name)
        return f"Open sessions: {names}." if names else NOTHING_OPEN

    def _close_session(self, name: str) -> None:
        if not self.sessions.close(name):
            raise SQLError(f"No session is called {name}. {self._open_sessions()}")


def install(shell: InteractiveShell) -> SqlMagic:
    """Make `%sql` and `%%sql` of `shell` this module's, and stay so after `%load_ext sql`; give the magic.

    Doing it again changes nothing. Sessions that ipython-sql has open already are moved here.
    """
    present = shell.magics_manager.registry.get("SqlMagic")
    if isinstance(present, SqlMagic):
        return present
    # ipython-sql's loader is named in two modules; both must lead here, or a bare %load_ext sql undoes this.
    ipython_sql.load_ipython_extension = sql.magic.load_ipython_extension = install
    shell.configurables[:] = [each for each in shell.configurables if not isinstance(each, sql.magic.SqlMagic)]
    shell.register_magics(SqlMagic)
    magic = shell.magics_manager.registry["SqlMagic"]
    adopt_connections(sql.connection.Connection, magic.sessions)
    return magic


def use_lab(shell: InteractiveShell, name: str, lab: Lab) -> None:
    """Make `lab` the current session of `%sql`, called `name`; whoever opened the lab closes it."""
    install(shell).sessions.add(Session(name, "", lab))
