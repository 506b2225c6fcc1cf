"""How long a class took for each exercise, from the logs that were handed in, beside what the model of minutes says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median

from graders.course.attempts import LoggedAttempt, attempts_in, read_entries
from graders.course.lesson import Lesson, Task
from graders.course.minutes import minutes_by_exercise
from graders.grading.submissions import Submission, attempt_log_of
from graders.kernel.readable import quantity
from graders.kernel.report import Table

BREAK = timedelta(hours=2)
"""Whoever checks nothing for longer than this was away."""
COLUMNS = ("exercise", "title", "name", "students", "attempts", "most", "minutes", "model")


@dataclass
class ExercisePace:
    """How an exercise went: for each student who checked it the number of attempts, and the minutes where known.

    `model` is what the model says of the same stretch of the lesson: all that follows the exercise before.
    """

    task: Task
    model: float
    attempts: list[int] = field(default_factory=list)
    minutes: list[float] = field(default_factory=list)

    @property
    def figures(self) -> tuple[int | str, ...]:
        """Students, their attempts (the median and the most), the median of the minutes and the model's, rounded."""
        tries = (f"{median(self.attempts):g}", f"{max(self.attempts)}") if self.attempts else ("–", "–")
        minutes = f"{median(self.minutes):.0f}" if self.minutes else "–"
        return len(self.attempts), *tries, minutes, round(self.model)

    @property
    def row(self) -> tuple[int | str, ...]:
        """Its row in the table of its lesson."""
        return self.task.number, self.task.title, self.task.name, *self.figures


@dataclass(frozen=True)
class LessonPace:
    """How a lesson went for the `students` who handed in a log."""

    lesson: Lesson
    students: int
    exercises: Sequence[ExercisePace]

    @property
    def table(self) -> Table:
        """A row for each exercise, in the order of the notebook."""
        title = f"{self.lesson.id}, {quantity(self.students, 'log')}"
        return Table(title, COLUMNS, [one.row for one in self.exercises])

    @property
    def sentence(self) -> str:
        """What the figures come to, beside the model."""
        timed = [one for one in self.exercises if one.minutes]
        if not timed:
            return "No two exercises in a row were checked, so there are no minutes."
        took, model = sum(median(one.minutes) for one in timed), sum(one.model for one in timed)
        far = max(timed, key=lambda one: abs(median(one.minutes) - one.model))
        together = f"{quantity(len(timed), 'exercise')} took {took:.0f} minutes together, and {model:.0f} by the model"
        furthest = f"{far.task.number} · {far.task.title}: {median(far.minutes):.0f} minutes, and {far.model:.0f}"
        return f"{together}; furthest from it is {furthest}."


def measure_pace(lessons: Sequence[Lesson], submissions: Iterable[Submission]) -> list[LessonPace]:
    """How each of `lessons` went of which a log lies beside any of `submissions`, in course order.

    A log is what a student's own computer wrote, and anybody can change it: it is never more than a hint for planning.
    """
    by_id = {lesson.id: lesson for lesson in lessons}
    logs: dict[str, list[dict[str, list[LoggedAttempt]]]] = {}
    for submission in submissions:
        path, lesson = attempt_log_of(submission), by_id.get(submission.lesson)
        if path and lesson and (attempts := _read_attempts(path, lesson)):
            logs.setdefault(lesson.id, []).append(attempts)
    return [_lesson_pace(by_id[lesson_id], logs[lesson_id]) for lesson_id in sorted(logs)]


def _checked_tasks(lesson: Lesson) -> list[Task]:
    return [task for task in lesson.tasks.values() if task.kind != "prose"]


def _read_attempts(path: Path, lesson: Lesson) -> dict[str, list[LoggedAttempt]]:
    """The attempts at the exercises of `lesson` by time; what else is in the log is left out."""
    known = {task.name for task in _checked_tasks(lesson)}
    found: dict[str, list[LoggedAttempt]] = {}
    for attempt in sorted(attempts_in(read_entries(path)), key=lambda attempt: attempt.time):
        if attempt.name in known and not attempt.recall:
            found.setdefault(attempt.name, []).append(attempt)
    return found


def _lesson_pace(lesson: Lesson, logs: Sequence[Mapping[str, Sequence[LoggedAttempt]]]) -> LessonPace:
    model = minutes_by_exercise(lesson)
    paces = {task.name: ExercisePace(task, model[task.name]) for task in _checked_tasks(lesson)}
    for attempts in logs:
        for name, tries in attempts.items():
            paces[name].attempts.append(len(tries))
        for name, minutes in _minutes_between(list(paces), attempts):
            paces[name].minutes.append(minutes)
    return LessonPace(lesson, len(logs), list(paces.values()))


def _minutes_between(
    names: Sequence[str], attempts: Mapping[str, Sequence[LoggedAttempt]]
) -> Iterator[tuple[str, float]]:
    """For each exercise the minutes from the last check of the one before to its first, where nobody went back."""
    for before, name in zip(names, names[1:], strict=False):
        if before in attempts and name in attempts:
            passed = attempts[name][0].time - attempts[before][-1].time
            if timedelta(0) <= passed <= BREAK:
                yield name, passed / timedelta(minutes=1)
