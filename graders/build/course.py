"""Builds the whole course: source notebooks, released notebooks and key files, from the lesson files."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from graders.build.foreseen import check_foreseen
from graders.build.keys import write_key_file
from graders.course.lesson import Lesson, LessonError, read_lesson
from graders.build.notebook import source_notebook, write_notebook
from graders.build.release import release, released_answers


@dataclass(frozen=True)
class Course:
    """Where the parts of the course lie: the lessons are read, the other three folders are written."""

    root: Path
    lessons: Path
    source: Path
    notebooks: Path
    keys: Path

    @classmethod
    def at(cls, root: Path) -> Course:
        """The course whose project folder is `root`."""
        root = root.resolve()
        return cls(root, root / "lessons", root / "build/source", root / "notebooks", root / "graders/keys")

    def written_to(self, out: Path) -> Course:
        """The same course, with everything made put under `out` instead."""
        return Course(self.root, self.lessons, out / "source", out / "notebooks", out / "keys")


def read_course(course: Course) -> list[Lesson]:
    """The lessons in course order; raise `LessonError` if two share a name or an objective has no exercise."""
    lessons = [read_lesson(path) for path in sorted(course.lessons.glob("*.md"))]
    seen: dict[str, Lesson] = {}
    for lesson in lessons:
        if lesson.name in seen:
            raise lesson.error(1, f"{seen[lesson.name].path.name} has the same name.", "Rename one of them.")
        seen[lesson.name] = lesson
        _check_objectives(lesson)
    return lessons


def _check_objectives(lesson: Lesson) -> None:
    for goal in lesson.front["objectives"]:
        for name in goal.get("by", ["?"]):
            if name not in lesson.tasks:
                raise lesson.error(
                    1, f"an objective is met by `{name}`, which is no exercise of this lesson.", "Correct `by:`."
                )


def build_lesson(course: Course, lesson: Lesson, try_answers: bool = True) -> None:
    """Write everything made from `lesson`; raise `LessonError` if a foreseen answer comes out otherwise."""
    source = course.source / lesson.id / f"{lesson.id}.ipynb"
    write_notebook(source_notebook(lesson), source)
    stubs = released_answers(release(course.root, course.source, course.notebooks, lesson.id))
    write_key_file(lesson, stubs, course.keys)
    if try_answers:
        check_foreseen(lesson, stubs)


def build(
    course: Course,
    *,
    only: Collection[str] = (),
    try_answers: bool = True,
    tell: Callable[[str], None] = lambda line: None,
) -> list[Lesson]:
    """Build the lessons, or `only` those named, and remove what no lesson makes any more.

    `tell` is given one line a lesson. Every lesson file is read, so that a mistake in one is told.
    """
    lessons = read_course(course)
    known = [lesson.name for lesson in lessons]
    if unknown := [name for name in only if name not in known]:
        raise LessonError(course.lessons, 1, f"there is no lesson {unknown[0]}.", f"There are {', '.join(known)}.")
    _remove_orphans(course, lessons)
    for lesson in [lesson for lesson in lessons if not only or lesson.name in only]:
        build_lesson(course, lesson, try_answers)
        tell(f"{lesson.id}: {len(lesson.tasks)} exercises, {sum(t.points for t in lesson.tasks.values()):g} points")
    return lessons


def _remove_orphans(course: Course, lessons: list[Lesson]) -> None:
    ids, names = {lesson.id for lesson in lessons}, {lesson.name for lesson in lessons}
    for folder in (course.source, course.notebooks):
        for path in folder.glob("*/"):
            if path.name not in ids:
                shutil.rmtree(path)
    for path in course.keys.glob("*.json"):
        if path.stem not in names:
            path.unlink()


def drift(course: Course, out: Path) -> list[str]:
    """Build anew under `out` and name the committed files that differ from what was made."""
    fresh = course.written_to(out)
    build(fresh, try_answers=False)
    pairs = ((course.notebooks, fresh.notebooks), (course.keys, fresh.keys))
    return [line for committed, made in pairs for line in _differences(committed, made)]


def _differences(committed: Path, made: Path) -> list[str]:
    names = {p.relative_to(base) for base in (committed, made) for p in base.rglob("*") if p.is_file()}
    suffixes = {".ipynb", ".json"}
    return sorted(
        f"{committed.name}/{name.as_posix()}"
        for name in names
        if name.suffix in suffixes and ".ipynb_checkpoints" not in name.parts
        if _bytes(committed / name) != _bytes(made / name)
    )


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


__all__ = ["Course", "LessonError", "build", "build_lesson", "drift", "read_course"]
