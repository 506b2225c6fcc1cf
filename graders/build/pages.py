"""The pages for people that are made from lessons/: the table of lessons in README.md and docs/misconceptions.md."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from graders.course.course import Course
from graders.course.lesson import Lesson
from graders.course.minutes import shown_minutes, workload_of
from graders.course.misconceptions import misconceptions_page, read_misconceptions

BEGIN, END = "<!-- The table of lessons is made by `make build`. -->\n", "<!-- End of the table of lessons. -->"
BINDER = "https://mybinder.org/v2/gh/databases-by-experiment/course/HEAD?urlpath=lab/tree/"


def write_pages(course: Course, lessons: Sequence[Lesson]) -> None:
    """Write every page that differs from what `lessons` make of it."""
    for path, text in _pages(course, lessons).items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")


def stale_pages(course: Course, lessons: Sequence[Lesson]) -> list[str]:
    """The names of the pages that differ from what `lessons` make of them."""
    made = _pages(course, lessons)
    return [path.name for path, text in made.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]


def _pages(course: Course, lessons: Sequence[Lesson]) -> dict[Path, str]:
    """The text of each page; a course without a README or docs/, such as a test's, has none."""
    made, readme = {}, course.root / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    if BEGIN in text and END in text:
        before, _, rest = text.partition(BEGIN)
        made[readme] = f"{before}{BEGIN}{_table(lessons)}{END}{rest.partition(END)[2]}"
    catalogue = read_misconceptions(course.lessons)
    if catalogue and (course.root / "docs").is_dir():
        made[course.root / "docs" / "misconceptions.md"] = misconceptions_page(lessons, catalogue)
    return made


def _table(lessons: Sequence[Lesson]) -> str:
    rows = ["| lesson | minutes | you learn to | in Binder |", "|---|---|---|---|", *map(_row, lessons)]
    return "".join(f"{row}\n" for row in rows)


def _row(lesson: Lesson) -> str:
    notebook = f"notebooks/{lesson.id}/{lesson.id}.ipynb"
    minutes = shown_minutes(workload_of(lesson).minutes)
    title, summary = lesson.front["title"], lesson.front["summary"]
    return f"| [{title}]({notebook}) | {minutes} | {summary} | [open]({BINDER}{notebook}) |"
