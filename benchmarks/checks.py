"""How long `check` takes in the notebook: the solution and the slowest foreseen answer of each exercise."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from graders.build.foreseen import Trial, trials
from graders.build.release import released_answers
from graders.course.course import Course, read_course
from graders.kernel.judge import judge

ROOT = Path(__file__).resolve().parents[1]


def seconds(trial: Trial) -> float:
    """The time of one check, as in the notebook: with the key alone."""
    began = time.perf_counter()
    judge(trial.exercise, trial.text)
    return time.perf_counter() - began


def main() -> None:
    """Time every foreseen answer and print the median and the slowest."""
    course = Course.at(ROOT)
    times: dict[str, list[float]] = {}
    for lesson in read_course(course):
        stubs = released_answers(course.notebooks / lesson.id / f"{lesson.id}.ipynb")
        for trial in trials(lesson, stubs):
            times.setdefault(trial.exercise.name, []).append(seconds(trial))
    slowest = {name: max(each) for name, each in times.items()}
    worst = max(slowest, key=slowest.get)
    print(f"check, {len(times)} exercises: median of the slowest answers {statistics.median(slowest.values()):.3f} s")
    print(f"check, slowest: {worst} with {slowest[worst]:.3f} s")
