"""The course as it lies in the project's folder, and reading its lessons."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from graders.build.rules import broken_rules
from graders.course.faults import FaultList, LessonError
from graders.course.lesson import Lesson, read_lesson


@dataclass(frozen=True)
class Course:
    """Where the parts of the course lie: lessons and claims are read, the other folders are written."""

    root: Path
    lessons: Path
    claims: Path
    source: Path
    notebooks: Path
    keys: Path

    @classmethod
    def at(cls, root: Path) -> Course:
        """The course whose project folder is `root`."""
        root = root.resolve()
        package = root / "graders"
        return cls(
            root, root / "lessons", package / "checks", root / "build/source", root / "notebooks", package / "keys"
        )

    def written_to(self, out: Path) -> Course:
        """The same course, with everything made put under `out` instead."""
        return Course(self.root, self.lessons, self.claims, out / "source", out / "notebooks", out / "keys")

    @property
    def lesson_files(self) -> list[Path]:
        """The lesson files in course order."""
        return sorted(self.lessons.glob("*.md"))

    def claim_files(self, lesson: str) -> list[Path]:
        """The modules of claims of the lesson called `lesson`, if it has any."""
        return sorted((self.claims / lesson.replace("-", "_")).glob("*.py"))

    def made_of(self, lesson_id: str) -> list[Path]:
        """The files that a build makes of the lesson with this id: source, released notebook, key file."""
        notebook, name = f"{lesson_id}/{lesson_id}.ipynb", lesson_id.partition("-")[2]
        return [self.source / notebook, self.notebooks / notebook, self.keys / f"{name}.json"]


def read_course(course: Course) -> list[Lesson]:
    """The lessons in course order; raise `LessonError` with every fault that can be found by reading them."""
    faults = FaultList()
    lessons = read_lessons(course, faults)
    faults.raise_any()
    return lessons


def read_lessons(course: Course, faults: FaultList) -> list[Lesson]:
    """The lessons that can be read, in course order; what is wrong with them and with the others goes to `faults`."""
    lessons: dict[str, Lesson] = {}
    for path in course.lesson_files:
        with faults.collect():
            lesson = read_lesson(path)
            if lesson.name in lessons:
                same = lessons[lesson.name].path.name
                raise lesson.error(1, f"{same} has the same name.", "Rename one of them.")
            lessons[lesson.name] = lesson
            faults.faults += broken_rules(lesson)
    return list(lessons.values())


__all__ = ["Course", "LessonError", "read_course", "read_lessons"]
