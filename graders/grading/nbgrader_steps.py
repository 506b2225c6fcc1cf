"""Our steps in nbgrader: where it finds and puts files, rebuild, judge, keep the claims, draw the pages."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC
from functools import cache
from pathlib import Path

from nbconvert.exporters import Exporter
from nbformat import from_dict
from nbgrader.plugins import ExtractorPlugin
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.preprocessors import SaveAutoGrades as NbgraderSaveAutoGrades
from traitlets import Bool
from traitlets.config import Configurable

from graders.course.answer_cells import Answers
from graders.course.course import Course
from graders.course.notebook_cells import UnreadableNotebook
from graders.grading.collect import Collection, describe_row
from graders.grading.feedback import feedback_page, keep_graded, kept_graded
from graders.grading.gradebook import GradebookWriter
from graders.grading.lesson_grader import LessonGrader
from graders.grading.rebuild import clean_outputs, rebuild_notebook, unmarked_output
from graders.grading.review import undecided_reports
from graders.grading.secret_seed import course_seed
from graders.grading.submissions import GradedSubmission, Submission, exchange_files, file_refusal
from graders.kernel.exercise import exercises_by_lesson
from graders.kernel.failures import contain_failure
from graders.kernel.judge import undecided_report
from graders.kernel.report import Report
from graders.term.course_file import CourseFileError, find_term
from graders.term.term import Term

# Where the rebuilt notebook says why its submission could not be read, by our fault or not, and what was found in it;
# a student's metadata never get in.
FAULT, REASON, ANSWERS = "fault", "reason", "answers"
NO_PAGE = """<!doctype html>
<meta charset="utf-8">
<title>Feedback</title>
<p>This page could not be drawn. Your marks are kept: ask your teacher.</p>
"""


def course_of(step: Configurable) -> Course:
    """The course in whose folder nbgrader was started, as nbgrader_config.py says."""
    return Course.at(Path(step.config.CourseDirectory.root))


def term_of(root: Path) -> Term | None:
    """The term of the course in the folder `root`, if it has a course file; what is wrong in it ends the command."""
    try:
        return find_term(root, exercises_by_lesson())
    except CourseFileError as error:
        raise SystemExit(str(error)) from None


@cache
def grader_of(course: Course, lesson_id: str, unsafe: bool = False) -> LessonGrader:
    """The grader of the lesson, prepared once in a run of nbgrader."""
    return LessonGrader.prepare(course, lesson_id, course_seed(course.root)[0], unsafe)


class TakeAnswers(NbGraderPreprocessor):
    """Replaces the submitted notebook by the instructor's copy with the student's answer texts in it."""

    def preprocess(self, nb, resources):
        self._refuse_links(resources)
        with contain_failure("reading it") as faults:
            return self._rebuild(nb, resources), resources
        self._say(resources, f"needs review: {faults[0]}")
        self._remove_other_files(resources)
        return self._without_answers(resources, FAULT, faults[0]), resources

    def _rebuild(self, nb, resources):
        self._remove_other_files(resources)
        grader = self._grader(resources)
        try:
            answers = grader.content.read_from(nb)
        except UnreadableNotebook as reason:
            self._say(resources, f"unreadable: {reason}")
            return self._without_answers(resources, REASON, str(reason))
        for line in answers.remarks:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], line)
        answers.outputs = {name: clean_outputs(outputs) for name, outputs in answers.outputs.items()}
        notebook = rebuild_notebook(grader.source(), answers, {}, for_people=False)
        notebook.metadata[ANSWERS] = from_dict(asdict(answers))
        return notebook

    def _without_answers(self, resources, key, why):
        notebook = rebuild_notebook(self._grader(resources).source(), Answers(), {})
        notebook.metadata[key] = why
        return notebook

    def _say(self, resources, words):
        self.log.error("%s: %s", resources["nbgrader"]["student"], words)

    def _grader(self, resources) -> LessonGrader:
        return grader_of(course_of(self), resources["nbgrader"]["assignment"])

    def _refuse_links(self, resources):
        refusal = file_refusal(Path(resources["metadata"]["path"]) / f"{resources['metadata']['name']}.ipynb")
        if refusal:
            raise ValueError(f"{resources['nbgrader']['student']}: {refusal}")

    def _remove_other_files(self, resources):
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

    unsafe = Bool(False, help="Run students' code without isolation; written on every such report.").tag(config=True)

    def preprocess(self, nb, resources):
        if REASON in nb.metadata:
            return self._leave_unmarked(nb.metadata[REASON], resources), resources
        faults = [nb.metadata[FAULT]] if FAULT in nb.metadata else []
        if not faults:
            with contain_failure("judging it") as faults:
                return self._judge(nb, resources), resources
            self.log.error("%s: needs review: %s", resources["nbgrader"]["student"], faults[0])
        undecided = _undecided_reports(self._grader(resources), faults[0])
        return self._rebuild(resources, reports=undecided, reason=faults[0], our_fault=True), resources

    def _grader(self, resources) -> LessonGrader:
        return grader_of(course_of(self), resources["nbgrader"]["assignment"], self.unsafe)

    def _rebuild(self, resources, **found):
        """The notebook with what was `found` in it, as a graded submission holds it."""
        ids = resources["nbgrader"]
        graded = GradedSubmission(Submission(ids["student"], ids["assignment"], Path()), **found)
        resources["graded"] = graded
        source = self._grader(resources).source()
        return keep_graded(rebuild_notebook(source, graded.answers, graded.reports, graded.notes), graded)

    def _leave_unmarked(self, reason, resources):
        """The notebook without reports; nbgrader takes a check cell without an output for one that gave full marks."""
        notebook = self._rebuild(resources, reason=reason)
        for cell in notebook.cells:
            if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade"):
                cell.outputs = [unmarked_output()]
        return notebook

    def _judge(self, nb, resources):
        grader = self._grader(resources)
        answers = Answers(**nb.metadata[ANSWERS])
        reports = {name: _report(grader, name, answers.texts[name]) for name in grader.autograded}
        reports = {name: answers.remark_on(report) for name, report in reports.items()}
        return self._rebuild(resources, reports=reports, answers=answers)


def _report(grader: LessonGrader, name: str, text: str) -> Report:
    """The report on one answer, which is left to a person where judging it breaks."""
    with contain_failure("judging it") as faults:
        return grader.judge(name, text)
    return undecided_report(grader.exercises[name], faults[0])


def _undecided_reports(grader: LessonGrader, fault: str) -> dict[str, Report]:
    return undecided_reports([grader.exercises[name] for name in grader.autograded], fault)


class SaveAutoGrades(NbgraderSaveAutoGrades):
    """Saves nbgrader's scores, the verdict on each claim beside them, and asks for a person where we broke."""

    def preprocess(self, nb, resources):
        nb, resources = super().preprocess(nb, resources)
        graded = resources["graded"]
        with contain_failure("entering its scores") as faults:
            self._enter(resources, graded)
        if faults:
            self.log.error("%s: needs review: %s", resources["nbgrader"]["student"], faults[0])
            undecided = _undecided_reports(self._grader(resources), faults[0])
            self._enter(resources, GradedSubmission(graded.submission, undecided, reason=faults[0], our_fault=True))
        return nb, resources

    def _grader(self, resources) -> LessonGrader:
        return grader_of(course_of(self), resources["nbgrader"]["assignment"])

    def _enter(self, resources, graded):
        with GradebookWriter(course_of(self), resources["nbgrader"]["db_url"]) as gradebook:
            gradebook.enter_graded(self._grader(resources), graded)


class FeedbackExporter(Exporter):
    """Draws the page of feedback that `grade` draws, with the marks and comments that stand in the gradebook now."""

    file_extension = ".html"

    def __init__(self, **kwargs):
        """Read the course file before nbgrader removes a page; what is wrong in it ends the command."""
        super().__init__(**kwargs)
        self.term = term_of(course_of(self).root)

    def from_notebook_node(self, nb, resources=None, **_):
        """The page of the student's notebook `nb` and nbgrader's `resources`; a sentence where it cannot be drawn."""
        resources = {**resources, "output_extension": self.file_extension}
        with contain_failure("drawing its page") as faults:
            return self._page(nb, resources["nbgrader"], Path(resources["metadata"]["path"])), resources
        self.log.error("%s: %s; its page says so", resources["nbgrader"]["student"], faults[0])
        return NO_PAGE, resources

    def _page(self, nb, ids, folder: Path) -> str:
        course, student, lesson = course_of(self), ids["student"], ids["assignment"]
        with GradebookWriter(course, ids["db_url"]) as gradebook:
            by_hand, penalty = gradebook.hand_marks(student, lesson), gradebook.penalty(student, lesson)
        graded = kept_graded(nb, Submission(student, lesson, folder / f"{lesson}.ipynb"))
        return feedback_page(graded, grader_of(course, lesson), by_hand, self.term, penalty)


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
        term = term_of(Path(course.root))
        people, zone = (list(term.people.values()), term.zone) if term else ([], UTC)
        for row in Collection(Path(extracted_path), lessons, lesson, people, zone).collect(Path(archive_path)):
            log = self.log.info if row.is_taken else self.log.warning
            log(describe_row(row))
