"""Our steps in nbgrader's `autograde` and `generate_feedback`: rebuild, judge, keep the claims, hide the rubrics."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

from nbformat.v4 import new_markdown_cell
from nbgrader.preprocessors import ClearMarkScheme, NbGraderPreprocessor
from nbgrader.preprocessors import SaveAutoGrades as NbgraderSaveAutoGrades
from traitlets import Bool

from graders.course.answer_cells import Answers, answers_in
from graders.course.course import Course
from graders.grading.exchange_files import exchange_files
from graders.grading.gradebook import Marks
from graders.grading.marker import Marker
from graders.grading.rebuild import rebuilt
from graders.grading.saved_outputs import cleaned
from graders.grading.seed import course_seed
from graders.grading.submissions import refused_file
from graders.kernel.failures import contain_failure
from graders.kernel.judge import undecided
from graders.kernel.report import Report

# Where the rebuilt notebook says that its submission could not be read; a student's metadata never get in.
FAULT = "fault"


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
        self._refuse_links(resources)
        faults: list[str] = []
        with contain_failure("reading it", faults.append):
            return self._taken(nb, resources), resources
        self.log.error("%s: needs review: %s", resources["nbgrader"]["student"], faults[0])
        self._take_nothing_else(resources)
        notebook = rebuilt(marker_of(course_of(self), resources["nbgrader"]["assignment"]), {}, {})
        notebook.metadata[FAULT] = faults[0]
        return notebook, resources

    def _taken(self, nb, resources):
        self._take_nothing_else(resources)
        marker = marker_of(course_of(self), resources["nbgrader"]["assignment"])
        answers = answers_in(nb, list(marker.exercises))
        for line in answers.odd:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], line)
        return rebuilt(marker, answers.texts, {}, _saved(answers), for_people=False)

    def _refuse_links(self, resources):
        refused = refused_file(Path(resources["metadata"]["path"]) / f"{resources['metadata']['name']}.ipynb")
        if refused:
            raise ValueError(f"{resources['nbgrader']['student']}: {refused}")

    def _take_nothing_else(self, resources):
        """Remove what nbgrader has copied beside the notebook, following links."""
        ids, path = resources["nbgrader"], Path(resources["metadata"]["path"])
        folders = self.config.CourseDirectory
        copied = Path(folders.root, folders.autograded_directory, ids["student"], ids["assignment"])
        kept = [file.name for file in exchange_files(path)]
        for other in copied.iterdir() if copied.is_dir() else ():
            if other.suffix != ".ipynb" and other.name not in kept:
                shutil.rmtree(other) if other.is_dir() else other.unlink()


class JudgeAnswers(NbGraderPreprocessor):
    """Judges the answers and puts each report where the output of its check cell belongs; runs no kernel."""

    unsafe = Bool(False, help="Run students' code without isolation; written on every such mark.").tag(config=True)

    def preprocess(self, nb, resources):
        faults = [nb.metadata[FAULT]] if FAULT in nb.metadata else []
        if not faults:
            with contain_failure("judging it", faults.append):
                return self._judged(nb, resources), resources
            self.log.error("%s: needs review: %s", resources["nbgrader"]["student"], faults[0])
        marker = self._marker(resources)
        resources["reports"] = _all_undecided(marker, faults[0])
        return rebuilt(marker, {}, resources["reports"]), resources

    def _marker(self, resources) -> Marker:
        return marker_of(course_of(self), resources["nbgrader"]["assignment"], self.unsafe)

    def _judged(self, nb, resources):
        marker = self._marker(resources)
        answers = answers_in(nb, list(marker.exercises))
        resources["reports"] = {name: _report(marker, name, answers.texts[name]) for name in marker.marked}
        return rebuilt(marker, answers.texts, resources["reports"], _saved(answers))


def _report(marker: Marker, name: str, text: str) -> Report:
    """The report on one answer, which is left to a person where judging it breaks."""
    faults: list[str] = []
    with contain_failure("judging it", faults.append):
        return marker.report(name, text)
    return undecided(marker.exercises[name], faults[0])


def _all_undecided(marker: Marker, fault: str) -> dict[str, Report]:
    return {name: undecided(marker.exercises[name], fault) for name in marker.marked}


class SaveAutoGrades(NbgraderSaveAutoGrades):
    """Saves nbgrader's marks, the verdict on each claim beside them, and asks for a person where we broke."""

    def preprocess(self, nb, resources):
        nb, resources = super().preprocess(nb, resources)
        faults: list[str] = []
        with contain_failure("entering its marks", faults.append):
            self._enter(resources, resources["reports"])
        if faults:
            self.log.error("%s: needs review: %s", resources["nbgrader"]["student"], faults[0])
            marker = marker_of(course_of(self), resources["nbgrader"]["assignment"])
            self._enter(resources, _all_undecided(marker, faults[0]))
        return nb, resources

    def _enter(self, resources, reports):
        ids = resources["nbgrader"]
        with Marks(course_of(self), ids["db_url"]) as marks:
            marks.enter_reports(ids["student"], ids["assignment"], reports)


class HideRubrics(ClearMarkScheme):
    """Takes the rubrics, which formgrader shows, out of the pages that students get; answers stay as they are."""

    def preprocess(self, nb, resources):
        faults: list[str] = []
        with contain_failure("hiding its rubrics", faults.append):
            return super().preprocess(nb, resources)
        self.log.error("%s: %s; its page says so", resources["nbgrader"]["student"], faults[0])
        nb.cells = [new_markdown_cell("This page could not be drawn. Your marks are kept: ask your teacher.")]
        return nb, resources

    def preprocess_cell(self, cell, resources, cell_index):
        if cell.metadata.get("nbgrader", {}).get("solution"):
            return cell, resources
        return super().preprocess_cell(cell, resources, cell_index)
