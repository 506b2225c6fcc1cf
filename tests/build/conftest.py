"""A course of one new lesson, `trial`, in a folder of its own."""

import shutil
import sys
from dataclasses import dataclass

import pytest

from graders.build.new_lesson import begin_lesson
from graders.course.course import Course
from graders.kernel.claims import CLAIMS, KEY_MAKERS


@dataclass(frozen=True)
class OwnCourse:
    """The course, and changes to the text of its lesson's only part."""

    course: Course

    @property
    def text(self) -> str:
        return self._path.read_text(encoding="utf-8")

    @property
    def _path(self):
        return self.course.lessons / "01-trial" / "1-what-went-wrong.md"

    def edit(self, old: str, new: str) -> None:
        """Replace the first `old` of the lesson's text by `new`."""
        assert old in self.text
        self._path.write_text(self.text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def own_course(root, tmp_path, monkeypatch):
    """A course whose claims are its own; they are forgotten afterwards."""
    import graders.checks

    for folder in ("lessons", "graders/checks"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(root / "nbgrader_config.py", tmp_path)
    shutil.copy(root / "lessons/misconceptions.yml", tmp_path / "lessons")
    begin_lesson(tmp_path, "trial")
    monkeypatch.setattr(graders.checks, "__path__", graders.checks.__path__)
    yield OwnCourse(Course.at(tmp_path))
    for module in ("graders.checks.trial", "graders.checks.trial.claims"):
        sys.modules.pop(module, None)
    for registry in (CLAIMS, KEY_MAKERS):
        registry.pop("trial-1", None)
