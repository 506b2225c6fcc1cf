"""Tries out every answer that a lesson foresees: what must earn full marks does, what is wrong meets its hint."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from graders.build.keys import exercise_of, key_or_error, task_key
from graders.course.faults import Fault, Place
from graders.course.lesson import Lesson, Task
from graders.fairness.proof import FairnessTrial
from graders.kernel.claims import OPEN_SEED, claims_of, load_claims
from graders.kernel.exercise import Exercise
from graders.kernel.judge import JudgeOptions, judge
from graders.kernel.report import Report
from graders.kernel.scoring import Outcome
from graders.labs.engines import find_engine
from graders.sandbox.runtimes import why_missing

SAMPLE = 3


@dataclass(frozen=True)
class Trial:
    """An answer that the lesson foresees and what must come of it: "full", "blank", or the hint it must meet."""

    exercise: Exercise
    role: str
    text: str
    place: Place
    says: str
    solution: str

    def report(self, seed: int = OPEN_SEED) -> Report:
        """Judge the answer as the grader does, with the solution at hand."""
        return judge(self.exercise, self.text, JudgeOptions(seed, self.solution))

    def fault(self, report: Report) -> str:
        """What is wrong with `report`, in words; empty if it is what the lesson foresees."""
        if report.status == "needs review":
            broken = next(verdict for verdict in report.verdicts if verdict.outcome is Outcome.OUR_FAULT)
            return f"breaks the claim `{broken.claim}`: {broken.found.partition('(')[2].partition(')')[0]}"
        if self.role in ("solution", "right"):
            return (
                "" if report.score == report.points else f"earns {report.score:g} of {report.points:g}: {_why(report)}"
            )
        if self.role == "blank":
            return "" if report.status == "not attempted" else f"a blank answer is {report.status}"
        if report.score >= report.points:
            return "earns full marks"
        met = " ".join(report.hints)
        return "" if self.says in met else f"meets the hint {met!r}, not {self.says!r} ({_why(report)})"


def _why(report: Report) -> str:
    failed = [f"{v.sentence}: expected {v.expected}, found {v.found}" for v in report.verdicts if v.found]
    return "; ".join(failed)


@dataclass(frozen=True)
class AnswerResult:
    """What became of one foreseen answer: its score, the hints that it met, and the fault of the lesson, if any."""

    role: str
    place: Place
    score: float
    points: float
    hints: tuple[str, ...]
    fault: Fault | None


def trials(lesson: Lesson, stubs: dict[str, str], seed: int = OPEN_SEED) -> Iterator[Trial]:
    """Every answer that `lesson` foresees and that can be run here, exercise by exercise; prose is left to people."""
    load_claims(lesson.name)
    for task in lesson.tasks.values():
        if can_be_tried(task):
            yield from trials_of(task, exercise_of(task, stubs[task.name], task_key(task, seed), lesson.name))


def can_be_tried(task: Task) -> bool:
    """Whether claims, which have been loaded, judge the answers to `task`, and its language and its engine run here."""
    return task.kind != "prose" and not (why_missing(task.kind) or lacks_engine(task))


def lacks_engine(task: Task) -> bool:
    """Whether the engine on which the answers to `task` are judged is missing here."""
    return bool(find_engine(_engine_of(task.name)).why_missing())


def trials_of(task: Task, exercise: Exercise) -> Iterator[Trial]:
    """Every answer that `task` foresees: its solution, the blank cell, then the wrong ones and the right ones."""

    def trial(role: str, text: str, place: Place = task.place, says: str = "") -> Trial:
        return Trial(exercise, role, text, place, says, task.solution)

    yield trial("solution", task.solution)
    yield trial("blank", exercise.stub)
    for letters, because in task.misjudgements():
        yield trial("wrong", letters, says=because)
    for wrong in task.wrong:
        yield trial("wrong", wrong.text, wrong.place, wrong.says)
    for right in task.right:
        yield trial("right", right.text, right.place)


def open_exercise(lesson: Lesson, task: Task, stub: str) -> Exercise:
    """The exercise on open data; raise `LessonError` if no key can be made of its solution."""
    load_claims(lesson.name)
    return exercise_of(task, stub, key_or_error(task), lesson.name)


def try_exercise(exercise: Exercise, task: Task) -> Iterator[AnswerResult]:
    """Judge every answer that `task` foresees."""
    for trial in trials_of(task, exercise):
        report = trial.report()
        hints, fault = tuple(report.hints), _fault(trial, report)
        yield AnswerResult(trial.role, trial.place, report.score, report.points, hints, fault)


def fairness_trial(lesson: Lesson, task: Task, stub: str, seeds: tuple[int, ...]) -> FairnessTrial:
    """What an exercise needs to be proved fair."""
    load_claims(lesson.name)

    @cache
    def exercise_on(seed: int) -> Exercise:
        return exercise_of(task, stub, task_key(task, seed), lesson.name)

    def judge_on(text: str, seed: int) -> Report:
        return judge(exercise_on(seed), text, JudgeOptions(seed, task.solution))

    return FairnessTrial(task, stub, _engine_of(task.name), judge_on, seeds)


def quick_trial(exercise: Exercise, task: Task) -> FairnessTrial:
    """What an exercise needs to be proved fair by a sample, on open data alone."""

    def judge_on(text: str, seed: int) -> Report:
        return judge(exercise, text, JudgeOptions(seed, task.solution))

    return FairnessTrial(task, exercise.stub, _engine_of(task.name), judge_on, (OPEN_SEED,), SAMPLE)


def _engine_of(exercise: str) -> str:
    descriptions: Iterator[object] = (claim.experiment.description for claim in claims_of(exercise))
    return next((one.engine for one in descriptions if hasattr(one, "engine")), "SQLite")


def _fault(trial: Trial, report: Report) -> Fault | None:
    wrong = trial.fault(report)
    what = f"this {trial.role} answer to `{trial.exercise.name}` {wrong}."
    return trial.place.fault(what, "Correct the answer, or the claim that judges it.") if wrong else None


def unreached_hints(claim_files: Iterable[Path], met: Collection[str]) -> Iterator[Fault]:
    """A fault for each hint written in `claim_files` that is not among the hints that were `met`."""
    for path in claim_files:
        for line, pattern in _hints_in(path):
            if not any(re.search(pattern, hint, re.S) for hint in met):
                remedy = "Add one to the lesson, or delete the hint."
                yield Place(path, line).fault("no wrong answer reaches this hint.", remedy)


def _hints_in(path: Path) -> Iterator[tuple[int, str]]:
    """The line and a pattern of every hint written in the module at `path`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "hint":
            yield from ((text.lineno, _pattern(text)) for text in _texts(node.value))


def _texts(node: ast.expr) -> Iterator[ast.expr]:
    """The texts that the expression `node` may come to."""
    if isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))
    elif isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and node.value):
        yield node


def _pattern(node: ast.expr) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(re.escape(str(p.value)) if isinstance(p, ast.Constant) else ".*" for p in parts)
