"""The notebook session: the answers run so far in this kernel, and what a student calls by name on them."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from graders.course.answer_cells import claim_of
from graders.course.notebook_cells import Cell, UnreadableNotebook, named_lesson, read_notebook
from graders.course.solutions import read_solution
from graders.figures.report import ReportDisplay
from graders.kernel.exercise import Exercise, exercise_names, find_exercise, key_file, list_lessons
from graders.kernel.judge import judge
from graders.kernel.readable import quantity
from graders.kernel.report import Report
from graders.notebook.attempt_log import AttemptLog, write_attempts
from graders.notebook.messages import Message, Misuse, used_as
from graders.notebook.mistyped_names import get_exercise, get_lesson
from graders.notebook.own_card import card_message, find_checked, read_rows
from graders.notebook.progress import contents_message, progress_message
from graders.notebook.recall import (
    Question,
    answers_message,
    begin_round,
    questions_message,
    read_recall_answers,
    record_recall,
)
from graders.notebook.saved_notebook import LastRun, difference_on_disk, hand_in_message, notebook_path, saved_text
from graders.notebook.solutions import (
    CLASS_EDITION,
    UNWRITTEN,
    find_solutions,
    has_prose,
    honest_try,
    solution_message,
)


class NotebookSession:
    """One for each kernel. Its public methods are what the notebook calls by name."""

    def __init__(self, log: AttemptLog | None = None):
        self.log = log or AttemptLog.for_this_user()
        # By exercise, then by the id of the cell, the last run last.
        self.answers: dict[str, dict[str, LastRun]] = {}
        self.hints_given: dict[str, int] = {}
        self.rounds: dict[str, list[Question]] = {}
        self._cell = ""

    def store_answer(self, name: str, text: str) -> Exercise:
        """Keep `text` as the answer to the exercise `name`; raise `SentenceError` if there is no such exercise."""
        exercise = get_exercise(name)
        self._store(exercise, LastRun(text, time.time()))
        return exercise

    def begin_cell(self, text: str, cell_id: str | None) -> None:
        """Keep the answer in a cell that is about to run, as grading would read it, whatever the cell then does.

        A cell that is run from within another has no id of its own.
        """
        if cell_id:
            self._cell = cell_id
            for runs in self.answers.values():
                runs.pop(cell_id, None)
        claim = claim_of(Cell(text, cell_id or ""), exercise_names())
        exercise = find_exercise(claim.exercise) if claim.exercise else None
        if exercise:
            self._store(exercise, LastRun(claim.text, time.time(), claim.signed))

    def _store(self, exercise: Exercise, run: LastRun) -> None:
        runs = self.answers.setdefault(exercise.name, {})
        # Without cell ids, a stub that is run after the answer must not take its place.
        if self._cell or not exercise.blank(run.text) or self._cell not in runs:
            runs.pop(self._cell, None)
            runs[self._cell] = run

    def last_run(self, exercise: Exercise) -> LastRun:
        """The last answer run that is not blank; one with an `%%answer` line comes first, as in grading."""
        runs = list(self.answers.get(exercise.name, {}).values())
        written = [run for run in runs if not exercise.blank(run.text)]
        best = [run for run in written if run.signed] or written or runs
        return best[-1] if best else LastRun()

    @used_as('`check("open-loans")` judges your answer to an exercise: write the name of the exercise in quotes.')
    def check(self, name: str = "") -> ReportDisplay | Message:
        """Judge the answer to the exercise `name` as it was last run, and say claim by claim what holds."""
        exercise = get_exercise(name)
        if exercise.kind == "prose":
            return Message(f"{exercise.name} is read by a person: there is nothing to check.")
        last_run = self.last_run(exercise)
        report = judge(exercise, last_run.text)
        self.log.record_check(exercise, last_run.text, report)
        return ReportDisplay(report.with_remarks(*self._remarks(exercise, last_run, report)))

    def _remarks(self, exercise: Exercise, last_run: LastRun, report: Report) -> list[str]:
        runs = self.answers.get(exercise.name)
        if not runs:
            return [f"Run the cell that begins with `%%answer {exercise.name}` first."]
        remarks = []
        if difference := difference_on_disk(exercise, last_run):
            remarks.append(difference)
        elif len({run.text.strip() for run in runs.values() if run.signed and not exercise.blank(run.text)}) > 1:
            remarks.append("You ran different answers in several cells. The one that is last in the notebook counts.")
        if exercise.hints and report.status in ("wrong", "partly right"):
            remarks.append(self._next_help(exercise))
        return remarks

    def _next_help(self, exercise: Exercise) -> str:
        """What to call for help with `exercise`: the next hint or, after the last, a solution where there are any."""
        if self.hints_given.get(exercise.name, 0) == len(exercise.hints) and find_solutions(notebook_path()):
            return f'Stuck? `solution("{exercise.name}")` shows a solution, and why it is one.'
        return f'Stuck? `hint("{exercise.name}")` gives the next step.'

    @used_as('`hint("open-loans")` gives the next hint for an exercise: write the name of the exercise in quotes.')
    def hint(self, name: str = "") -> Message:
        """Give the next step of the exercise's hint ladder; the last one is repeated."""
        exercise = get_exercise(name)
        if not exercise.hints:
            return Message(f"There are no hints for {exercise.name}.")
        step = min(self.hints_given.get(exercise.name, 0), len(exercise.hints) - 1)
        self.hints_given[exercise.name] = step + 1
        return Message(exercise.hints[step], f"Hint {step + 1} of {len(exercise.hints)} for {exercise.name}")

    @used_as('`solution("open-loans")` shows a solution of an exercise: write the name of the exercise in quotes.')
    def solution(self, name: str = "") -> Message:
        """Show a solution of the exercise and why it is one, after an honest try, in the self-study edition."""
        exercise, notebook = get_exercise(name), notebook_path()
        solutions = find_solutions(notebook)
        if solutions is None:
            return Message(CLASS_EDITION)
        if missing := self._missing_try(exercise, notebook):
            return Message(missing, f"The solution of {exercise.name}")
        return solution_message(exercise, read_solution(solutions, exercise.name))

    def _missing_try(self, exercise: Exercise, notebook: Path | None) -> str:
        """What is missing for an honest try at `exercise`; nothing if it has been made."""
        if exercise.kind == "prose":
            return "" if has_prose(exercise, notebook) else UNWRITTEN
        tried = honest_try(exercise, self.hints_given.get(exercise.name, 0), self.log.read())
        return "" if tried.is_enough(exercise) else tried.words_for_the_rest(exercise)

    @used_as('`progress()` shows what is done, and `progress("indexing")` another lesson: write its name in quotes.')
    def progress(self, lesson: str = "") -> Message:
        """Show what is done in this lesson, or in the one named, what comes next, and the other lessons in a line."""
        return progress_message(self.log.read(), self._lesson_here() if lesson == "" else get_lesson(lesson))

    @used_as("`contents()` shows all lessons: leave the parentheses empty.")
    def contents(self) -> Message:
        """Show all lessons in order, what is done in each, and where to go on."""
        return contents_message(self.log.read(), is_self_study=find_solutions(notebook_path()) is not None)

    @used_as(
        '`recall()` asks from all lessons, and `recall("indexing")` from those before one: write its name in quotes.'
    )
    def recall(self, lesson: str = "") -> Message:
        """Ask four questions from earlier lessons; those that were missed, or last right long ago, come first."""
        return questions_message(self._round(lesson if lesson == "" else get_lesson(lesson)))

    @used_as("`%%recall indexing` is the first line of a cell with answers, such as `1: b`.")
    def answer_recall(self, lesson: str, cell: str) -> Message:
        """Write down the answers in a `%%recall` cell, and explain every option of the questions answered."""
        lesson = lesson if lesson == "" else get_lesson(lesson)
        questions = self._round(lesson)
        answers = read_recall_answers(questions, cell)
        record_recall(lesson, questions, answers, self.log)
        return answers_message(questions, answers)

    def _round(self, lesson: str) -> list[Question]:
        """The questions for `lesson`; the same in this session even if the log cannot be written."""
        if lesson not in self.rounds:
            self.rounds[lesson] = begin_round(lesson, self.log)
        return self.rounds[lesson]

    @used_as("`hand_in()` saves a copy of this notebook for whoever grades it: leave the parentheses empty.")
    def hand_in(self) -> Message:
        """Save a copy of this lesson's notebook for whoever grades it, and say what is not answered yet."""
        return hand_in_message(notebook_path(), self._lesson_here())

    @used_as('`save_attempts("indexing")` saves what you checked in a lesson: write the name of the lesson in quotes.')
    def save_attempts(self, lesson: str = "") -> Message:
        """Write what was checked in this lesson to attempts.jsonl beside the notebook, for whoever asks for it."""
        lesson = self._lesson_here() if lesson == "" else get_lesson(lesson)
        if not lesson:
            raise Misuse
        entries = self.log.entries_of(lesson)
        if not entries:
            return Message(f"Nothing of the lesson {lesson} has been checked on this computer.")
        notebook = notebook_path()
        path = write_attempts(entries, notebook.parent if notebook else Path.cwd())
        return Message(f"{quantity(len(entries), 'line')} in `{path.name}` beside this notebook: hand it in with it.")

    @used_as("`own_card()` writes your own card, of the answers that were right: leave the parentheses empty.")
    def own_card(self) -> Message:
        """Write the student's own card beside the notebook: each row whose answer was right when it was checked."""
        rows, notebook = read_rows(), notebook_path()
        texts = {row.name: self._texts_of(get_exercise(row.name), notebook) for row in rows}
        folder = notebook.parent if notebook else Path.cwd()
        return card_message(rows, find_checked(rows, texts, self.log.read()), folder)

    def _texts_of(self, exercise: Exercise, notebook: Path | None) -> list[str]:
        """The answers to `exercise` there are: those run in this session, the last one first, then the saved one."""
        run = [self.last_run(exercise), *reversed(self.answers.get(exercise.name, {}).values())]
        return [*(one.text for one in run), *saved_text(exercise, notebook)]

    def _lesson_here(self) -> str:
        """The lesson that the saved notebook says it is of, else that of the last answer, else ""."""
        path = notebook_path()
        with contextlib.suppress(UnreadableNotebook):
            lesson_id = named_lesson(read_notebook(path)) if path else ""
            for lesson in list_lessons():
                if key_file(lesson)["id"] == lesson_id:
                    return lesson
        if not any(self.answers.values()):
            return ""
        times = {name: max(run.time for run in runs.values()) for name, runs in self.answers.items() if runs}
        return get_exercise(max(times, key=times.__getitem__)).lesson
