"""Groups wrong answers that no hint explains by what they do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook

from graders.course.lesson import Task
from graders.grading.class_misconceptions import reports_in
from graders.grading.judge_requests import ReportStore
from graders.grading.lesson_grader import LessonGraders
from graders.grading.submissions import GradedSubmission, find_submissions
from graders.kernel.exercise import Exercise
from graders.kernel.report import Report
from graders.kernel.scoring import Outcome

MAX_EXAMPLE = 2_000


@dataclass(frozen=True)
class AnswerGroup:
    """Answers to an exercise that fail the same claims in the same words, on the same data, without a hint.

    `example` is the shortest of them.
    """

    exercise: Exercise
    found: tuple[str, ...]
    students: tuple[str, ...]
    example: str


def group_unexplained(read: Iterable[GradedSubmission], exercises: Sequence[Exercise]) -> list[AnswerGroup]:
    """The wrong answers to `exercises` that met no hint, by what was found in them, the largest groups first.

    All students' answers to an exercise are judged on the same data, so that what was found is equal, down to the rows
    and plans in the tables, where answers do the same.
    """
    by_name = {exercise.name: exercise for exercise in exercises}
    groups: dict[tuple, list[tuple[str, str]]] = {}
    for graded, name, report in reports_in(read, by_name):
        if behaviour := behaviour_of(report):
            text = graded.answers.texts.get(name, "")
            groups.setdefault((name, behaviour), []).append((graded.submission.student, text))
    found = [
        AnswerGroup(
            by_name[name],
            tuple(f"{sentence}: {words}" if words else sentence for _, sentence, words, _ in behaviour),
            tuple(student for student, _ in members),
            min((text for _, text in members), key=len)[:MAX_EXAMPLE],
        )
        for (name, behaviour), members in groups.items()
    ]
    return sorted(found, key=lambda group: (-len(group.students), group.exercise.number))


def behaviour_of(report: Report) -> tuple[tuple[str, str, str, str], ...]:
    """The claims that a wrong answer without a hint fails, and what was found; nothing for any other answer."""
    failed = [verdict for verdict in report.verdicts if verdict.outcome is Outcome.FAILS]
    if report.hints or not failed:
        return ()
    return tuple((one.claim, one.sentence, one.found, repr(one.tables)) for one in failed)


def read_judged(graders: LessonGraders, submitted: Path, store: ReportStore) -> list[GradedSubmission]:
    """The submissions below `submitted`, each with the reports that are in the `store`."""
    found = [graders.read(submission) for submission in find_submissions(submitted)]
    for graded in found:
        for name, request in graders.requests(graded).items():
            if report := store.find(request.digest):
                graded.reports[name] = report
    return found


def students_alike(judged: Iterable[GradedSubmission], exercise: str, student: str) -> list[tuple[str, str]]:
    """The students, each with the lesson, whose answer to `exercise` does what the answer of `student` does.

    Answers that met a hint are alike where the claims they fail, and the hints, are the same. Raise `LookupError` if
    that answer was not judged.
    """
    reports = {
        (one.submission.student, one.submission.lesson): one.reports[exercise]
        for one in judged
        if exercise in one.reports
    }
    own = next((report for (who, _), report in reports.items() if who == student), None)
    if own is None:
        raise LookupError(f"no answer of {student} to {exercise} has been judged")
    return [place for place, report in reports.items() if _outcome(report) == _outcome(own)]


def _outcome(report: Report) -> tuple:
    found = [(one.claim, one.outcome, one.found, repr(one.tables)) for one in report.verdicts]
    return report.hints, tuple(each[:2] if report.hints else each for each in found)


def write_comment(url: str, places: Iterable[tuple[str, str]], exercise: str, text: str) -> None:
    """Write `text` into the gradebook at `url` as the comment on the answers to `exercise` at `places`."""
    with Gradebook(url) as gradebook:
        for student, lesson in places:
            gradebook.find_comment(f"{exercise}-answer", lesson, lesson, student).manual_comment = text
        gradebook.db.commit()


def write_fence(task: Task, answer: str) -> str:
    """`answer` as a lesson file holds a foreseen wrong answer to `task`, with what its author has still to fill in."""
    answer = answer.strip("\n")
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", answer)), default=0))
    return f'{ticks}{task.kind} wrong="{task.name}" misconception="" says=""\n{answer}\n{ticks}'
