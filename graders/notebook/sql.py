"""`%sql` and `%%sql` on top of ipython-sql: rows come back, ROLLBACK holds, and a mistake fails its cell."""

from __future__ import annotations

import re
from pathlib import Path

import sql as ipython_sql
import sql.connection
import sql.magic
from IPython.core.magic import cell_magic, line_magic, magics_class, no_var_expand

from graders.labs import EngineError, Lab, Result
from graders.notebook.sql_errors import SQLError, refusal
from graders.notebook.sql_frames import copy_frame
from graders.notebook.sql_line import Request, lone_word, read_request
from graders.notebook.sql_results import ResultSet, keep_script, show_script
from graders.notebook.sql_sessions import Session, Sessions, adopt

__all__ = ["ResultSet", "SQLError", "SqlMagic", "install", "show_script", "use_lab"]

NOTHING_OPEN = (
    "No database is open here. Run the cell with fresh_lab(...) above again, "
    "or open one, for example with: %sql sqlite:///name.db"
)
MISSING_TABLE = re.compile(r"(?:Table with name |no such table: )(\w+)")


@magics_class
class SqlMagic(sql.magic.SqlMagic):
    """The `%sql` magic of a notebook, with the sessions that are open in it.

    Of ipython-sql's settings, `displaylimit` (rows shown; 20 unless set, 0 for all), `autolimit`,
    `autopandas`, `column_local_vars` and `feedback` keep their meaning; the others change nothing.
    """

    def __init__(self, shell):
        super().__init__(shell)
        self.sessions = Sessions()

    @no_var_expand
    @line_magic("sql")
    @cell_magic("sql")
    def execute(self, line="", cell=""):
        """Run SQL on a database; the text of the cell is what the engine gets, unchanged.

        %sql sqlite:///name.db            open a database, or come back to it; also sqlite://, duckdb:///name.db
        %sql duckdb:///{path}             only here, in the URL, {name} and $name are Python variables
        %sql alice = sqlite:///name.db    open a new connection and call it alice
        %%sql alice                       run this cell in the session alice, and stay there
        %%sql rows <<                     keep the result as the Python variable rows, and show nothing
        %sql -l                           list the sessions; -x alice closes one
        %sql -f file.sql                  run a file; --persist frame and --append frame copy a DataFrame

        The result of every statement is shown, in order. The value of the cell is the result of the last
        statement; what `rows <<` keeps is the last result that has columns. In several statements, the first
        one that the engine refuses ends the cell. Names of sessions match exactly.
        """
        text = f"{line}\n{cell}" if cell else line
        try:
            request = read_request(text, self.sessions.by_name, self.shell.var_expand)
            return self._answer(request, text)
        except EngineError as error:
            raise refusal(error, text) from None
        except (OSError, ValueError) as error:
            raise SQLError(str(error)) from None

    def _answer(self, request: Request, text: str):
        if request.source:
            self.sessions.open(request.source, request.session)
        elif request.session:
            self.sessions.current = request.session
        match request.option:
            case "connections":
                return self._list()
            case "close":
                return self._close(request.argument)
            case "persist" | "append":
                return self._copy_frame(request)
            case "file":
                text = f"{Path(request.argument).read_text(encoding='utf-8')}\n{request.sql}"
                return self._run(text, request.variable, text)
        return self._run(request.sql, request.variable, text)

    def _run(self, script: str, variable: str, text: str):
        if name := lone_word(script):
            raise SQLError(f"No session is called {name}. {self._names()}")
        if not script.strip():
            return None
        limit = 20 if self.displaylimit is None else self.displaylimit
        settings = {"text": text, "most_rows": limit, "hint": self._hint, "autolimit": self.autolimit or 0}
        if variable:
            kept = keep_script(self._lab(), script, **settings)
            self.shell.user_ns[variable] = self._as_asked(kept)
            return None
        return self._as_asked(show_script(self._lab(), script, **settings))

    def _as_asked(self, result: ResultSet):
        """Give a result in the form that `%config SqlMagic` asks for."""
        if result.word and not self.feedback:
            return None
        if self.column_local_vars and result.keys:
            self.shell.user_ns.update(result.dict())
            return None
        return result.DataFrame() if self.autopandas and result.keys else result

    def _lab(self) -> Lab:
        lab = self.sessions.lab()
        if lab is None:
            raise SQLError(NOTHING_OPEN)
        return lab

    def _list(self) -> ResultSet:
        rows = [
            (session.name, session.lab.engine, "current" if session.name == self.sessions.current else None)
            for session in self.sessions.by_name.values()
        ]
        return ResultSet(Result(("session", "engine", "state"), rows), most_rows=0)

    def _names(self) -> str:
        names = ", ".join(self.sessions.by_name)
        return f"Open sessions: {names}." if names else NOTHING_OPEN

    def _close(self, name: str) -> None:
        if not self.sessions.close(name):
            raise SQLError(f"No session is called {name}. {self._names()}")

    def _copy_frame(self, request: Request) -> ResultSet:
        name = request.argument.rstrip(";")
        frame = self.shell.user_ns.get(name)
        if not hasattr(frame, "to_sql"):
            raise SQLError(f"{name} is not the name of a pandas DataFrame")
        said = copy_frame(frame, name, self._lab(), append=request.option == "append")
        return ResultSet(Result(), said)

    def _hint(self, error: EngineError) -> str:
        """Say how SQL gets at a DataFrame, where a missing table has the name of one."""
        missing = MISSING_TABLE.search(error.sentence)
        name = missing[1] if missing else ""
        if not hasattr(self.shell.user_ns.get(name), "to_sql"):
            return ""
        return f"{name} is a Python variable; SQL sees it as a table after: %sql --persist {name}"


def install(shell) -> SqlMagic:
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
    adopt(sql.connection.Connection, magic.sessions)
    return magic


def use_lab(shell, name: str, lab: Lab) -> None:
    """Make `lab` the current session of `%sql`, called `name`; whoever opened the lab closes it."""
    install(shell).sessions.add(Session(name, "", lab))
