"""The course as it lies in the project's folder, and reading its lessons."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from graders.course.faults import FaultList, LessonError
from graders.course.lesson import Lesson, name_of
from graders.course.markdown import read_front_matter
from graders.course.misconceptions import Misconception, read_misconceptions, unknown_misconceptions
from graders.course.reading import part_files, read_lesson
from graders.course.rules import broken_rules


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
    def lesson_folders(self) -> list[Path]:
        """The folders of the lessons in course order."""
        return sorted(path for path in self.lessons.iterdir() if path.is_dir() and path.name[:1].isdigit())

    def claim_files(self, lesson: str) -> list[Path]:
        """The modules of claims of the lesson called `lesson`, if it has any."""
        return sorted((self.claims / lesson.replace("-", "_")).glob("*.py"))

    def made_of(self, lesson_id: str) -> list[Path]:
        """The files that a build makes of the lesson with this id: source, released notebook, key file."""
        notebook = f"{lesson_id}/{lesson_id}.ipynb"
        return [self.source / notebook, self.notebooks / notebook, self.keys / f"{name_of(lesson_id)}.json"]


def following_lesson(course: Course, folder: Path) -> tuple[str, str] | None:
    """The id and the title of the lesson after the one in `folder`; None after the last, or where it has no title."""
    later = next((path for path in course.lesson_folders if path.name > folder.name), None)
    if later is None:
        return None
    with contextlib.suppress(LessonError):
        first = part_files(later)[0]
        front, _ = read_front_matter(first, first.read_text(encoding="utf-8").splitlines())
        return (later.name, str(front["title"])) if "title" in front else None
    return None


def read_course(course: Course) -> list[Lesson]:
    """The lessons in course order; raise `LessonError` with every fault that can be found by reading them."""
    faults = FaultList()
    lessons = read_lessons(course, faults)
    faults.raise_any()
    return lessons


def read_lessons(course: Course, faults: FaultList) -> list[Lesson]:
    """The lessons that can be read, in course order; what is wrong with them and with the others goes to `faults`."""
    lessons: list[Lesson] = []
    catalogue: dict[str, Misconception] = {}
    with faults.collect():
        catalogue = read_misconceptions(course.lessons)
    for folder in course.lesson_folders:
        with faults.collect():
            lesson = read_lesson(folder)
            faults.faults += broken_rules(lesson)
            faults.faults += unknown_misconceptions(lesson, catalogue)
            _refuse_names_of(lessons, lesson)
            lessons.append(lesson)
    return lessons


def _refuse_names_of(others: list[Lesson], lesson: Lesson) -> None:
    """Raise `LessonError` if `lesson`, or an exercise or a recall question in it, is called what another is."""
    faults = FaultList()
    for other in others:
        if other.name == lesson.name:
            faults.faults.append(lesson.place.fault(f"{other.id} has the same name.", "Rename one of them."))
        for name in lesson.tasks.keys() & other.tasks.keys():
            wrong = f"`{name}` is an exercise of {other.id} too."
            faults.faults.append(lesson.tasks[name].place.fault(wrong, "Rename one of them."))
        for name in lesson.recalls.keys() & other.recalls.keys():
            wrong = f"`{name}` is a recall question of {other.id} too."
            faults.faults.append(lesson.recalls[name].place.fault(wrong, "Rename one of them."))
    faults.raise_any()
