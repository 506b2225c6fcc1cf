"""Tries out every answer that a lesson foresees: what must earn full marks does, what is wrong meets its hint."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from graders.build.keys import exercise_of, task_key
from graders.course.lesson import Lesson, Task
from graders.kernel.claims import load_claims
from graders.kernel.exercise import Exercise
from graders.kernel.judge import OPEN_SEED, Setting, judge
from graders.kernel.report import Outcome, Report
from graders.sandbox.runtimes import why_missing

LEAST_WRONG, LEAST_RIGHT = 3, 2


@dataclass(frozen=True)
class Trial:
    """An answer that the lesson foresees and what must come of it: "full", "blank", or the hint it must meet."""

    exercise: Exercise
    role: str
    text: str
    line: int
    says: str
    solution: str

    def report(self, seed: int = OPEN_SEED) -> Report:
        """Judge the answer as the grader does, with the solution at hand."""
        return judge(self.exercise, self.text, Setting(seed, self.solution))

    def fault(self, report: Report) -> str:
        """What is wrong with `report`, in words; empty if it is what the lesson foresees."""
        if report.status == "needs review":
            broken = next(verdict for verdict in report.verdicts if verdict.outcome is Outcome.OUR_FAULT)
            return f"breaks the claim `{broken.claim}`: {broken.found.partition('(')[2].partition(')')[0]}"
        if self.role in ("solution", "right"):
            return "" if report.score == report.points else f"earns {report.score:g} of {report.points:g}: {_why(report)}"
        if self.role == "blank":
            return "" if report.status == "not attempted" else f"a blank answer is {report.status}"
        if report.score >= report.points:
            return "earns full marks"
        met = " ".join(report.hints)
        return "" if self.says in met else f"meets the hint {met!r}, not {self.says!r} ({_why(report)})"


def _why(report: Report) -> str:
    failed = [f"{v.sentence}: expected {v.expected}, found {v.found}" for v in report.verdicts if v.found]
    return "; ".join(failed)


def trials(lesson: Lesson, stubs: dict[str, str], seed: int = OPEN_SEED) -> Iterator[Trial]:
    """Every answer that `lesson` foresees and that can be run here, exercise by exercise; prose is left to people."""
    load_claims(lesson.name)
    for task in lesson.tasks.values():
        if task.kind != "prose" and not why_missing(task.kind):
            exercise = exercise_of(task, stubs[task.name], task_key(task, seed))
            yield from _task_trials(task, exercise)


def _task_trials(task: Task, exercise: Exercise) -> Iterator[Trial]:
    def trial(role: str, text: str, line: int = task.line, says: str = "") -> Trial:
        return Trial(exercise, role, text, line, says, task.solution)

    yield trial("solution", task.solution)
    yield trial("blank", exercise.stub)
    if task.kind == "choice":
        for letters, because in misjudged(task):
            yield trial("wrong", letters, says=because)
    for wrong in task.wrong:
        yield trial("wrong", wrong.text, wrong.line, wrong.says)
    for right in task.right:
        yield trial("right", right.text, right.line)


def misjudged(task: Task) -> Iterator[tuple[str, str]]:
    """The wrong answers to a choice that misjudge one option, each with what must be said of that option."""
    options = task.body["options"]
    right = {letter for letter, option in options.items() if option.get("right")}
    for letter, option in options.items():
        if len(right) > 1:
            yield " ".join(sorted(right ^ {letter})), option["because"]
        elif letter not in right:
            yield letter, option["because"]


def check_foreseen(lesson: Lesson, stubs: dict[str, str]) -> None:
    """Raise `LessonError` at the first foreseen answer that does not come out as the lesson says."""
    for task in lesson.tasks.values():
        _check_numbers(lesson, task)
    met: list[str] = []
    for trial in trials(lesson, stubs):
        report = trial.report()
        met += report.hints
        if fault := trial.fault(report):
            what = f"this {trial.role} answer to `{trial.exercise.name}` {fault}."
            raise lesson.error(trial.line, what, "Correct the answer, or the claim that judges it.")
    for place, pattern in hints_in_claims(lesson.name):
        if not any(re.search(pattern, hint, re.S) for hint in met):
            raise lesson.error(
                1, f"no wrong answer reaches the hint in {place}.", "Add one to the lesson, or delete the hint."
            )


def _check_numbers(lesson: Lesson, task: Task) -> None:
    if task.kind in ("choice", "prediction", "prose"):
        return
    if len(task.wrong) < LEAST_WRONG:
        raise lesson.error(task.line, f"`{task.name}` has {len(task.wrong)} wrong answers.", "Give at least 3.")
    if len(task.right) < LEAST_RIGHT and task.kind != "parsons":
        raise lesson.error(task.line, f"`{task.name}` has {len(task.right)} right answers.", "Give 2 more.")


def claims_paths(lesson: str) -> list[Path]:
    """The modules of claims of `lesson`, if it has any."""
    folder = Path(import_module("graders.checks").__file__).parent / lesson.replace("-", "_")
    return sorted(folder.glob("*.py"))


def hints_in_claims(lesson: str) -> Iterator[tuple[str, str]]:
    """The place ("path:line") and a pattern of every hint written in the modules of claims of `lesson`."""
    for path in claims_paths(lesson):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "hint":
                yield from ((f"{path}:{text.lineno}", _pattern(text)) for text in _texts(node.value))


def _texts(node: ast.expr) -> Iterator[ast.expr]:
    """The texts that the expression `node` may come to."""
    if isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))
    elif isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and node.value):
        yield node


def _pattern(node: ast.expr) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(re.escape(p.value) if isinstance(p, ast.Constant) else ".*" for p in parts)
