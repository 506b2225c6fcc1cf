"""Sets a notebook up: what one line, `%load_ext graders`, does."""

from __future__ import annotations

from collections.abc import Callable

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, cell_magic, magics_class
from IPython.display import display

from course_data import names, open_dataset
from graders.kernel.claims import LABS, load_claims
from graders.kernel.exercise import Exercise
from graders.kernel.judge import OPEN_SEED
from graders.labs import Lab, why_no_postgres
from graders.labs.opening import ENGINES
from graders.notebook import sql
from graders.notebook.desk import Desk
from graders.notebook.messages import Message, SentenceError
from graders.notebook.plans import PlanWords


class CellFailed(SentenceError):
    """The Python of an answer cell raised: its traceback has been shown, and the cell counts as failed."""

    def _render_traceback_(self):
        return []


@magics_class
class AnswerMagic(Magics):
    """`%%answer NAME`: the cell is the answer to the exercise NAME; running it shows what it does."""

    def __init__(self, shell: InteractiveShell, desk: Desk):
        super().__init__(shell)
        self.desk = desk

    @cell_magic
    def answer(self, line: str, cell: str) -> None:
        """Keep the cell's text as the answer to the exercise named in the line, and run it once."""
        exercise = self.desk.write(line.strip(), cell)
        if exercise.kind == "python":
            self._run_python(cell)
        elif exercise.blank(cell):
            display(Message("Not written yet."))
        elif exercise.kind == "sql":
            self._run_sql(exercise, cell)
        else:
            display(Message(f'Noted. `check("{exercise.name}")` says what it is worth.'))

    def _run_python(self, cell: str) -> None:
        # The comment stands for the magic line, so that Python counts lines as the student does.
        outcome = self.shell.run_cell(f"# your answer\n{cell}", store_history=False)
        if not outcome.success:
            raise CellFailed

    def _run_sql(self, exercise: Exercise, cell: str) -> None:
        load_claims(exercise.lesson)
        opener = LABS.get(exercise.name)
        if opener is None:
            display(Message("Noted."))
            return
        with opener(OPEN_SEED) as lab:
            display(sql.show_script(lab, cell))


def load(shell: InteractiveShell) -> None:
    """Register the magics and put the words of the course into the notebook; doing it again keeps the answers."""
    sql.install(shell)
    present = shell.magics_manager.registry.get("AnswerMagic")
    desk = present.desk if isinstance(present, AnswerMagic) else Desk()
    shell.register_magics(AnswerMagic(shell, desk))
    if present is None:
        shell.events.register("pre_run_cell", lambda info: desk.notice(info.raw_cell, getattr(info, "cell_id", None)))
    words = {"check": desk.check, "hint": desk.hint, "progress": desk.progress, "recall": desk.recall}
    plans = PlanWords(lambda: sql.install(shell).sessions.lab())
    words |= {"show_plan": plans.show_plan, "show_b_tree": plans.show_b_tree, "work": plans.work}
    shell.push({**words, "fresh_lab": lab_opener(shell)}, interactive=False)


def lab_opener(shell: InteractiveShell) -> Callable[..., Lab]:
    """The function `fresh_lab` of this notebook."""

    def fresh_lab(name: str, engine: str = "SQLite", seed: int = OPEN_SEED, rows: int | None = None) -> Lab:
        """Open a scratch database with the data set `name`; the `%%sql` cells that follow run in it.

        `rows` is for a data set that can be had in several sizes.
        """
        if name not in names():
            raise SentenceError(f"There is no data set `{name}`. There are {', '.join(names())}.")
        if engine not in ENGINES:
            raise SentenceError(f"There is no engine `{engine}` here. There are {', '.join(ENGINES)}.")
        if engine == "PostgreSQL" and (missing := why_no_postgres()):
            raise SentenceError(missing)
        try:
            lab = open_dataset(name, engine, seed, rows)
        except ValueError:
            raise SentenceError(f"The data set `{name}` has one size only: leave out `rows`.") from None
        sql.use_lab(shell, name if engine == "SQLite" else f"{name}_{engine.lower()}", lab)
        return lab

    return fresh_lab
