"""How long a whole term takes, and how much memory: collecting, grading, grading again, a regrade, marks and exports.

A realistic class hands in each lesson, some of them late. Each step is a process of its own, as when its command is
typed. LESSONS and STUDENTS in the environment change how many there are: 12 and 84 make about 1,000 submissions.
"""

from __future__ import annotations

import csv
import json
import logging
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from nbgrader.api import Gradebook

from benchmarks.classes import hand_in
from graders.build.release import let_nbgrader_find_alembic
from graders.course.course import Course
from graders.course.reading import read_lesson
from graders.grading.class_matrix import days_late
from graders.grading.collect import TABLE, Collection, keep_rows
from graders.grading.exports import write_canvas, write_exercises, write_moodle
from graders.grading.final_marks import read_final_marks, write_final_marks
from graders.grading.grade_class import grade_class
from graders.grading.grades import read_grades
from graders.grading.regrade import Regrade, regrade
from graders.grading.term_marks import apply_term
from graders.kernel.exercise import exercises_by_lesson
from graders.term.course_file import read_term
from graders.term.term import Term

ROOT = Path(__file__).resolve().parents[1]
LESSONS = int(os.environ.get("LESSONS", 12))
STUDENTS = int(os.environ.get("STUDENTS", 84))
SECTIONS = ("morning", "evening")
LATE = 0.1
HEAD = 'timezone = "UTC"\nroster = "roster.csv"\nlate = { percent_a_day = 10, at_most_percent = 50 }\n'
STEPS = ("collect", "grade", "grade again", "regrade", "marks", "exports")


def hand_in_term(folder: Path) -> None:
    """Write what a class hands in during a term to `folder/handed-in.zip`, with a course file and a roster beside it.

    When it came lies in `folder/submitted` already, as nbgrader's exchange writes it.
    """
    rng = random.Random("term")
    lessons = [read_lesson(path) for path in Course.at(ROOT).lesson_folders[:LESSONS]]
    for lesson in lessons:
        hand_in(lesson, folder / "submitted", STUDENTS, distinct=False)
    with ZipFile(folder / "handed-in.zip", "w", ZIP_DEFLATED) as archive:
        for path in sorted((folder / "submitted").glob("*/*/*.ipynb")):
            archive.write(path, path.relative_to(folder / "submitted").as_posix())
            path.unlink()
    for path in sorted((folder / "submitted").glob("*/*")):
        day = 13 if rng.random() < LATE else 11
        (path / "timestamp.txt").write_text(f"2027-01-{day} 18:00:00 UTC", encoding="ascii")
    blocks = [f"\n[lessons.{lesson.id}]\ndue = 2027-01-12T23:59:00\n" for lesson in lessons]
    (folder / "course.toml").write_text(HEAD + "".join(blocks), encoding="utf-8")
    with (folder / "roster.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [(f"s{number:04}", f"Student {number}", SECTIONS[number % 2]) for number in range(STUDENTS)]
        csv.writer(file).writerows([("student", "name", "section"), *rows])


def take_step(step: str, folder: Path) -> None:
    """Take one step of the term in `folder`."""
    course, submitted, out = Course.at(ROOT), folder / "submitted", folder / "results"
    term = read_term(folder / "course.toml", exercises_by_lesson())
    url = f"sqlite:///{(out / 'gradebook.db').as_posix()}"
    if step == "collect":
        _collect(course, folder / "handed-in.zip", submitted, term)
    elif step == "regrade":
        regrade(course, "benchmark", submitted, out, Regrade("asked", "s0001"), term=term)
    elif step.startswith("grade"):
        grade_class(course, "benchmark", submitted, out, term=term)
    elif step == "marks":
        marks, _ = read_final_marks(url, term, datetime(2027, 2, 1, tzinfo=UTC))
        write_final_marks(folder / "final-marks.csv", marks)
    else:
        _export(url, folder, term)


def _collect(course: Course, download: Path, submitted: Path, term: Term) -> None:
    lessons = [path.name for path in course.lesson_folders]
    how_late = partial(days_late, term=term)
    collection = Collection(submitted, lessons, "", list(term.people.values()), term.zone, how_late)
    keep_rows(submitted / TABLE, collection.collect(download))


def _export(url: str, folder: Path, term: Term) -> None:
    with Gradebook(url) as gradebook:
        grades = apply_term(read_grades(gradebook), term)
    for write in (write_canvas, write_moodle, write_exercises):
        write(folder / f"{write.__name__}.csv", grades)


def measure(step: str, folder: Path) -> dict[str, float]:
    """Take a step in this process: the seconds, and the most MB of memory of this process and its largest child."""
    logging.disable(logging.CRITICAL)
    let_nbgrader_find_alembic()
    began, before = time.perf_counter(), _processor_seconds()
    take_step(step, folder)
    seconds, work = time.perf_counter() - began, _processor_seconds() - before
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    own, child = (resource.getrusage(one).ru_maxrss >> 10 for one in who)
    return {"seconds": seconds, "work": work, "own": own, "child": child}


def _processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _in_a_fresh_process(step: str, folder: Path) -> dict[str, float]:
    words = [sys.executable, "-m", "benchmarks.term", step, str(folder)]
    told = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return json.loads(told.splitlines()[-1])


def main() -> None:
    """Run a term, and print for each step seconds, processor time and memory, and how large its results are."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        hand_in_term(folder)
        submissions = sum(1 for _ in (folder / "submitted").glob("*/*"))
        print(f"a term of {LESSONS} lessons and {STUDENTS} students: {submissions:,} submissions")
        for step in STEPS:
            found = _in_a_fresh_process(step, folder)
            times = f"{found['seconds']:.1f} s ({found['work']:.1f} s of processor time)"
            print(f"  {step}: {times}, {found['own']} MB of memory, {found['child']} MB its largest worker")
        page, table = folder / "results/class.html", folder / "final-marks.csv"
        print(f"  the class page has {page.stat().st_size / 1e6:.1f} MB, the table of marks {_lines(table)} students")


def _lines(table: Path) -> int:
    with table.open(newline="", encoding="utf-8") as file:
        return sum(1 for _ in csv.DictReader(file))


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
    else:
        main()
