"""Our steps in nbgrader's own `autograde`: rebuild the submission, judge the answers, keep the claims."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.preprocessors import SaveAutoGrades as NbgraderSaveAutoGrades
from traitlets import Bool

from graders.build.course import Course
from graders.course.answer_cells import Answers, answers_in
from graders.grading.gradebook import Marks
from graders.grading.marker import Marker
from graders.grading.rebuild import rebuilt
from graders.grading.saved_outputs import cleaned
from graders.grading.seed import course_seed
from graders.grading.submissions import refused_file


def course_of(step: NbGraderPreprocessor) -> Course:
    """The course in whose folder nbgrader was started, as nbgrader_config.py says."""
    return Course.at(Path(step.config.CourseDirectory.root))


@cache
def marker_of(course: Course, lesson_id: str, unsafe: bool = False) -> Marker:
    """The marker of the lesson, prepared once in a run of nbgrader."""
    return Marker.prepare(course, lesson_id, course_seed(course.root)[0], unsafe)


def _saved(answers: Answers) -> dict[str, list]:
    """What was saved below each answer, cleaned; what was cleaned before stays as it is."""
    return {name: cleaned(outputs) for name, outputs in answers.outputs.items()}


class TakeAnswers(NbGraderPreprocessor):
    """Replaces the submitted notebook by the instructor's copy with the student's answer texts in it."""

    def preprocess(self, nb, resources):
        self._take_nothing_else(resources)
        marker = marker_of(course_of(self), resources["nbgrader"]["assignment"])
        answers = answers_in(nb, list(marker.exercises))
        for line in answers.odd:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], line)
        return rebuilt(marker, answers.texts, {}, _saved(answers), for_people=False), resources

    def _take_nothing_else(self, resources):
        """Refuse a notebook that is a link, and remove what nbgrader has copied beside it, following links."""
        ids, path = resources["nbgrader"], Path(resources["metadata"]["path"])
        refused = refused_file(path / f"{resources['metadata']['name']}.ipynb")
        if refused:
            raise ValueError(f"{ids['student']}: {refused}")
        folders = self.config.CourseDirectory
        copied = Path(folders.root, folders.autograded_directory, ids["student"], ids["assignment"])
        for other in copied.iterdir() if copied.is_dir() else ():
            if other.suffix != ".ipynb":
                shutil.rmtree(other) if other.is_dir() else other.unlink()


class JudgeAnswers(NbGraderPreprocessor):
    """Judges the answers and puts each report where the output of its check cell belongs; runs no kernel."""

    unsafe = Bool(False, help="Run students' code without a wall; written on every such mark.").tag(config=True)

    def preprocess(self, nb, resources):
        marker = marker_of(course_of(self), resources["nbgrader"]["assignment"], self.unsafe)
        answers = answers_in(nb, list(marker.exercises))
        reports = {name: marker.report(name, answers.texts[name]) for name in marker.marked}
        resources["reports"] = reports
        return rebuilt(marker, answers.texts, reports, _saved(answers)), resources


class SaveAutoGrades(NbgraderSaveAutoGrades):
    """Saves nbgrader's marks, the verdict on each claim beside them, and asks for a person where we broke."""

    def preprocess(self, nb, resources):
        nb, resources = super().preprocess(nb, resources)
        ids, reports = resources["nbgrader"], resources["reports"]
        with Marks(course_of(self), ids["db_url"]) as marks:
            marks.enter_reports(ids["student"], ids["assignment"], reports)
        return nb, resources
