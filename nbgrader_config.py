"""Makes the ordinary nbgrader commands work from this folder, with the course's own steps in their places."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
c = get_config()  # noqa: F821

# A new gradebook runs `alembic`, which lies beside this Python whether or not its environment is active.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
# nbgrader takes the package from the folder that it is started in; its data must not be those of an installed copy.
if (HERE / "datasets" / "course_data").is_dir():
    sys.path[:0] = [str(HERE), str(HERE / "datasets")]

c.CourseDirectory.course_id = "databases-by-experiment"
c.CourseDirectory.root = str(HERE)
c.CourseDirectory.source_directory = "build/source"
c.CourseDirectory.release_directory = "notebooks"
c.CourseDirectory.submitted_directory = "submitted"
c.CourseDirectory.autograded_directory = "results/autograded"
c.CourseDirectory.feedback_directory = "results/feedback"
c.CourseDirectory.db_url = f"sqlite:///{(HERE / 'results' / 'gradebook.db').as_posix()}"

# What lies in downloaded/<lesson>/archive/, as Canvas or Moodle gave it.
c.ZipCollectApp.extractor_plugin = "graders.grading.nbgrader_steps.ExtractNotebooks"
c.FileNameCollectorPlugin.named_regexp = r".*[/\\](?P<student_id>[^/\\]+)[/\\][^/\\]+[/\\](?P<file_id>[^/\\]+)\.ipynb"

c.GenerateAssignment.pre_convert_hook = "graders.grading.nbgrader_steps.make_gradebook_folder"
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.LockCells",
    "graders.build.release.ClearSolutions",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# The rubric of a prose question stands above its answer cell: formgrader shows it, the released notebook does not.
c.ClearMarkScheme.enforce_metadata = False

# nbgrader's exchange, in the folder that a hub's own settings name. With another one, such as ngshare's, remove these.
c.ExchangeFactory.release_assignment = "graders.grading.exchange.ReleaseAssignment"
c.ExchangeFactory.release_feedback = "graders.grading.exchange.ReleaseFeedback"
c.ExchangeFactory.collect = "graders.grading.exchange.Collect"
c.ExchangeFactory.list = "graders.grading.exchange.List"

# The page that `grade` writes, drawn again each time: a mark may have been given by hand since.
c.GenerateFeedback.exporter_class = "graders.grading.nbgrader_steps.FeedbackExporter"
c.GenerateFeedback.preprocessors = []
c.GenerateFeedback.force = True

c.Autograde.pre_convert_hook = "graders.grading.nbgrader_steps.name_notebook"
c.Autograde.sanitize_preprocessors = [
    "graders.grading.nbgrader_steps.TakeAnswers",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "graders.grading.nbgrader_steps.JudgeAnswers",
    "graders.grading.nbgrader_steps.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
