"""nbgrader's formgrader for whoever reads prose: it lists what waits, opens there, and shows the rubric beside it."""

from __future__ import annotations

import json
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader.apihandlers import SubmittedNotebookCollectionHandler
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension
from nbgrader.server_extensions.formgrader.handlers import SubmissionNavigationHandler, template_path

from graders.kernel.exercise import exercises_by_lesson
from graders.term.course_file import CourseFileError, find_term

NOBODY = {"student": "", "last_name": "", "first_name": ""}
LIST = r"formgrader/api/submitted_notebooks/([^/]+)/([^/]+)"
PAGES = Path(__file__).parents[1] / "frontend" / "teacher" / "formgrader"
NAVIGATION = r"formgrader/submissions/([^/]+)/(next|prev)/?"


class ReadingNavigation(SubmissionNavigationHandler):
    """Leads from one submission to the next that waits for a person, and back to what was marked by hand."""

    def _next(self, assignment_id, notebook_id, submission):
        later = [one.id for one in self._read(assignment_id, notebook_id) if one.id > submission.id and waits(one)]
        return (
            self._submission_url(later[0]) if later else self._assignment_notebook_list_url(assignment_id, notebook_id)
        )

    def _prev(self, assignment_id, notebook_id, submission):
        earlier = [one.id for one in self._read(assignment_id, notebook_id) if one.id < submission.id]
        url = self._assignment_notebook_list_url(assignment_id, notebook_id)
        return self._submission_url(earlier[-1]) if earlier else url

    def _read(self, assignment_id, notebook_id):
        """The submissions that a person reads or has read, in nbgrader's order, which tells nothing of students."""
        found = self.api._filter_existing_notebooks(
            assignment_id, self.gradebook.notebook_submissions(notebook_id, assignment_id)
        )
        return sorted((one for one in found if waits(one) or _is_marked(one)), key=lambda one: one.id)


def waits(submission) -> bool:
    """Whether any answer in nbgrader's `submission` waits for a person."""
    return any(grade.needs_manual_grade for grade in submission.grades)


def _is_marked(submission) -> bool:
    return any(grade.manual_score is not None for grade in submission.grades)


class AnonymousList(SubmittedNotebookCollectionHandler):
    """The submissions of a lesson without their students."""

    def write(self, chunk):
        """Write the list that is the JSON `chunk`, and nobody's name."""
        super().write(json.dumps([one | NOBODY for one in json.loads(chunk)]))


class AnonymousExporter(HTMLExporter):
    """Draws a submission without its student, nor the path of the file, in which the name stands."""

    def from_filename(self, filename, resources=None, **kw):
        """The page of the notebook at `filename`, as nbgrader asks for it."""
        return super().from_filename(filename, {**(resources or {}), **NOBODY, "notebook_path": ""}, **kw)


class Formgrader(FormgradeExtension):
    """nbgrader's own, with pages and navigation for reading, and without names where the course file says so."""

    @property
    def anonymous(self) -> bool:
        """Whether names are hidden; also where the course file cannot be read, until it is mended."""
        try:
            term = find_term(Path(self.coursedir.root), exercises_by_lesson())
        except CourseFileError as error:
            self.log.error("%s: names are hidden until that is mended", error)
            return True
        return term is not None and term.file.anonymous

    def build_extra_config(self):
        config = super().build_extra_config()
        config.HTMLExporter.template_name = "reading"
        config.HTMLExporter.extra_template_basedirs = [str(PAGES), template_path]
        config.HTMLExporter.extra_template_paths = [template_path]
        return config

    def init_tornado_settings(self, webapp):
        super().init_tornado_settings(webapp)
        folders = [PAGES, template_path, Path(template_path).parent]
        pages = Environment(loader=FileSystemLoader(folders))
        pages.globals["anonymous"] = self.anonymous
        webapp.settings["nbgrader_jinja2_env"] = pages
        if self.anonymous:
            webapp.settings["nbgrader_exporter"] = AnonymousExporter(config=self.config)

    def init_handlers(self, webapp):
        # Of two handlers for an address the first added answers.
        ours = [(NAVIGATION, ReadingNavigation)] + [(LIST, AnonymousList)] * self.anonymous
        webapp.add_handlers(".*$", [(webapp.settings["base_url"] + path, handler) for path, handler in ours])
        super().init_handlers(webapp)


def load_jupyter_server_extension(server) -> None:
    """Load formgrader into the Jupyter `server` of an instructor."""
    formgrader = Formgrader(parent=server)
    formgrader.root_dir, formgrader.log = server.root_dir, server.log
    formgrader.initialize([])
    formgrader.init_tornado_settings(server.web_app)
    formgrader.init_handlers(server.web_app)
