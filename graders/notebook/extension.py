"""Sets a notebook up: the magics and functions that one line, `%load_ext graders`, puts into it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, cell_magic, magics_class
from IPython.display import display

from course_data import names, open_dataset
from graders.course.answer_cells import MAGIC, split_magic
from graders.figures.plans import draw_plan, draw_scan, draw_search
from graders.figures.schemas import draw_schema
from graders.figures.svg import Picture
from graders.kernel.claims import LABS, OPEN_SEED, load_claims
from graders.kernel.exercise import Exercise
from graders.labs import EngineError, Lab, MissingEngine, SQLiteLab, why_no_postgres
from graders.labs.engines import ENGINES
from graders.labs.tables import read_tables
from graders.notebook import sql_magic
from graders.notebook.messages import Message, Misuse, NotebookFunction, SentenceError, used_as
from graders.notebook.mistyped_names import explain_missing_names, guess, shown
from graders.notebook.notebook_session import NotebookSession
from graders.notebook.sql_completion import make_sql_matcher
from graders.notebook.sql_results import show_script
from graders.techniques.plans import Cost, measure_cost, open_b_tree, read_plan

Value = TypeVar("Value")


class CellFailed(SentenceError):
    """The Python of an answer cell raised: its traceback has been shown, and the cell counts as failed."""

    def _render_traceback_(self) -> list[str]:
        # Of an error without a traceback, JupyterLab shows the name of its class.
        return ["Your cell ended with the error above."]


@magics_class
class AnswerMagic(Magics):
    """`%%answer NAME`: the cell answers the exercise NAME; `%%recall LESSON`: it answers the questions at its start.

    `%%needs PostgreSQL`: the cell is left out where the engine is missing.
    """

    shell: InteractiveShell

    def __init__(self, shell: InteractiveShell, session: NotebookSession):
        super().__init__(shell)
        self.session = session

    @cell_magic
    def answer(self, line: str, cell: str) -> None:
        """Keep the cell's text as the answer to the exercise named in the line, and run it once."""
        name = split_magic(f"{MAGIC}{line}")[0]
        if not name:
            raise SentenceError(f"Write the name of the exercise after it, such as: {MAGIC}open-loans")
        exercise = self.session.store_answer(name, cell)
        if exercise.kind == "python":
            self._run_python(cell)
        elif exercise.blank(cell):
            display(Message("Not written yet."))
        elif exercise.kind == "sql":
            self._run_sql(exercise, cell)
        else:
            display(Message(f'Noted. `check("{exercise.name}")` says what it is worth.'))

    @cell_magic
    def recall(self, line: str, cell: str) -> None:
        """Take the cell's lines as answers to the questions of `recall`, for the lesson named in the line."""
        display(self.session.answer_recall(line.strip().strip("\"'"), cell))

    def _run_python(self, cell: str) -> None:
        # The comment is in place of the magic line, so that Python counts lines as the student does.
        outcome = self.shell.run_cell(f"# your cell\n{cell}", store_history=False)
        if not outcome.success:
            raise CellFailed

    def _run_sql(self, exercise: Exercise, cell: str) -> None:
        load_claims(exercise.lesson)
        opener = LABS.get(exercise.name)
        if opener is None:
            display(Message("Noted."))
            return
        try:
            with opener(OPEN_SEED) as lab:
                display(show_script(lab, cell))
        except MissingEngine as missing:
            display(Message(f"Noted. {missing}"))

    @cell_magic
    def needs(self, line: str, cell: str) -> None:
        """Run the cell if the engine named in the line is here, and else say in a sentence what is missing."""
        if line.strip() not in ENGINES:
            raise SentenceError(f"Write an engine after it: %%needs {', or '.join(ENGINES)}.")
        if missing := ENGINES[line.strip()].why_missing():
            display(Message(f"This cell is left out. {missing}"))
        else:
            self._run_python(cell)


@dataclass(frozen=True)
class LabFunctions:
    """`fresh_lab`, `show_schema`, `show_plan`, `show_b_tree`, `work`: on the current `%sql` session of `shell`."""

    shell: InteractiveShell

    @used_as(
        '`fresh_lab("loans")` opens a data set: write its name in quotes, then, if you like, `engine="DuckDB"`, '
        "a whole number `seed=7`, or the number of `rows=16_000`."
    )
    def fresh_lab(self, name: str, engine: str = "SQLite", seed: int = OPEN_SEED, rows: int | None = None) -> Lab:
        """Open a scratch database with the data set `name`; the `%%sql` cells that follow run in it.

        `rows` is for a data set that can be had in several sizes.
        """
        if not (isinstance(name, str) and isinstance(engine, str) and _is_whole(seed) and _is_number_of_rows(rows)):
            raise Misuse
        if name not in names():
            near = guess(name, names()) or f" There are {', '.join(names())}."
            raise SentenceError(f"There is no data set {shown(name)}.{near}")
        if engine not in ENGINES:
            near = guess(engine, ENGINES) or f" There are {', '.join(ENGINES)}."
            raise SentenceError(f"There is no engine {shown(engine)} here.{near}")
        if engine == "PostgreSQL" and (missing := why_no_postgres()):
            raise SentenceError(missing)
        try:
            lab = open_dataset(name, engine, seed, rows)
        except ValueError:
            raise SentenceError(f"The data set `{name}` has one size only: leave out `rows`.") from None
        sql_magic.use_lab(self.shell, name if engine == "SQLite" else f"{name}_{engine.lower()}", lab)
        return lab

    @used_as("`show_schema()` draws the tables of the open lab, and `show_schema(lab)` those of one that you have.")
    def show_schema(self, lab: Lab | None = None) -> Picture | Message:
        """Draw the tables of `lab`, or of the current session: columns with types, keys, and what refers to what."""
        if not isinstance(lab, Lab | None):
            raise Misuse
        tables = self._examine(read_tables) if lab is None else self._examined(lab, read_tables)
        return draw_schema(tables) if tables else Message("There are no tables in this database.")

    @used_as('`show_plan("SELECT …")` draws how a query is run: write the query in quotes.')
    def show_plan(self, query: str) -> Picture:
        """Draw how the current session reaches the rows of `query`; DuckDB and PostgreSQL run it for this."""
        _require_sql(query)
        return self._examine(lambda lab: draw_plan(read_plan(lab, query), " ".join(query.split())[:60]))

    @used_as('`work("SELECT …")` counts the work of a statement: write the statement in quotes.')
    def work(self, statement: str) -> Cost:
        """Run `statement` in the current session and count its work: steps, rows or pages, depending on the engine."""
        _require_sql(statement)
        return self._examine(lambda lab: measure_cost(lab, statement))

    @used_as(
        '`show_b_tree("loans")` draws the b-tree of a table or an index: write its name in quotes, then, if you '
        "like, the key to search for, `to=(…,)` where a range ends, and `table=` with the name of the table."
    )
    def show_b_tree(self, name: str, *at: object, to: tuple[object, ...] | None = None, table: str = "") -> Picture:
        """Draw the b-tree of a table or an index of the current session, which must be on SQLite.

        `at` is the key that is searched for, or its first columns, and `to` where a range ends; without them all of
        the tree is read. `table` names the table in which the rows found are looked up.
        """
        keys = (*at, *to) if isinstance(to, tuple) else at
        if not (isinstance(name, str) and isinstance(table, str) and isinstance(to, tuple | None)):
            raise Misuse
        if not all(isinstance(key, int | float | str | bytes | None) for key in keys):
            raise Misuse

        def draw(lab: Lab) -> Picture:
            if not isinstance(lab, SQLiteLab):
                raise SentenceError("Only SQLite's b-trees can be drawn here.")
            tree = open_b_tree(lab, name)
            return draw_search(name, tree, at, to, table) if at or to else draw_scan(name, tree)

        return self._examine(draw)

    def _examine(self, action: Callable[[Lab], Value]) -> Value:
        """What `action` gives for the lab of the current session; its errors become sentences."""
        lab = sql_magic.install(self.shell).sessions.lab()
        if lab is None:
            raise SentenceError('There is no database open here. `fresh_lab("loans")` opens one.')
        return self._examined(lab, action)

    def _examined(self, lab: Lab, action: Callable[[Lab], Value]) -> Value:
        try:
            return action(lab)
        except EngineError as error:
            raise SentenceError(error.says) from None
        except LookupError as error:
            raise SentenceError(f"{error.args[0].capitalize()}.") from None


def _require_sql(text: str) -> None:
    """Raise `Misuse` for what is no text, or a blank one."""
    if not isinstance(text, str) or not text.strip():
        raise Misuse


def _is_whole(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool)


def _is_number_of_rows(rows: int | None) -> bool:
    return rows is None or (_is_whole(rows) and rows > 0)


def drop_comments_above_answer(lines: list[str]) -> list[str]:
    """The lines of a cell without comments above its `%%answer` line, and above other magics there.

    IPython takes a magic for one only if it is the first line.
    """
    if not split_magic("".join(lines))[0]:
        return lines
    first = next(number for number, line in enumerate(lines) if line.lstrip().startswith("%%"))
    return [lines[first].lstrip(), *lines[first + 1 :]]


def load(shell: InteractiveShell) -> None:
    """Register the magics and put the functions of the course into the notebook; doing it again keeps the answers."""
    sql_magic.install(shell)
    present = shell.magics_manager.registry.get("AnswerMagic")
    session = present.session if isinstance(present, AnswerMagic) else NotebookSession()
    shell.register_magics(AnswerMagic(shell, session))
    if present is None:
        _hook_into_cells(shell, session)
    labs = LabFunctions(shell)
    functions: list[Callable[..., Any]] = [
        session.check,
        session.hint,
        session.solution,
        session.progress,
        session.contents,
        session.recall,
        session.hand_in,
        session.save_attempts,
        session.own_card,
    ]
    functions += [labs.fresh_lab, labs.show_schema, labs.show_plan, labs.show_b_tree, labs.work]
    shell.push({function.__name__: NotebookFunction(function) for function in functions}, interactive=False)


def _hook_into_cells(shell: InteractiveShell, session: NotebookSession) -> None:
    """Tell `session` of each cell before it runs, and help with what is typed there."""
    begin = session.begin_cell
    shell.events.register("pre_run_cell", lambda info: begin(info.raw_cell, getattr(info, "cell_id", None)))
    shell.input_transformers_cleanup.append(drop_comments_above_answer)
    explain_missing_names(shell)
    if shell.Completer is not None:
        matcher = make_sql_matcher(lambda: sql_magic.install(shell).sessions.lab())
        shell.Completer.custom_matchers.append(matcher)
