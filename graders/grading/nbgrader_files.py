"""Our part in where nbgrader finds and puts files: downloads of Canvas and Moodle, renamed notebooks, the gradebook."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from nbgrader.plugins import ExtractorPlugin

from graders.course.course import Course
from graders.course.notebook_cells import UnreadableNotebook
from graders.grading.collect import Collection, describe_row
from graders.grading.nbgrader_steps import grader_of


def make_gradebook_folder(notebooks: list[str], **_: object) -> None:
    """Make the folder of results, in which nbgrader is about to begin a gradebook; called in the course's folder."""
    Path("results").mkdir(exist_ok=True)


def name_notebook(assignment: str, notebooks: list[str], **_: object) -> None:
    """Give a student's one notebook of the lesson the lesson's name, by which nbgrader finds it; called before grading.

    The file that was handed in stays beside it.
    """
    path = Path(notebooks[0]).with_name(f"{Path(notebooks[0]).parent.name}.ipynb")
    if not path.exists():
        content = grader_of(Course.at(Path.cwd()), path.stem).content
        with suppress(UnreadableNotebook):
            shutil.copyfile(content.find(path), path)
            notebooks[:] = [str(path)]


class ExtractNotebooks(ExtractorPlugin):
    """Takes the notebooks of the assignment out of whatever was downloaded, to <student>/<lesson>/<lesson>.ipynb.

    nbgrader's own would unpack every zip where the zip says, and reads no names of students.
    """

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Take them from the folder `archive_path` to the folder `extracted_path`, and log what became of each file."""
        course, lesson = self.parent.coursedir, self.parent.coursedir.assignment_id
        lessons = [folder.name for folder in Course.at(Path(course.root)).lesson_folders]
        for row in Collection(Path(extracted_path), lessons, lesson).collect(Path(archive_path)):
            log = self.log.info if row.is_taken else self.log.warning
            log(describe_row(row))
