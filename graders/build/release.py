"""Runs nbgrader's own `generate_assignment` on the source notebooks, with one step of its own."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbgrader.api import Base
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearSolutions as NbgraderClearSolutions
from sqlalchemy import create_engine
from traitlets import Dict, Unicode
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

CONFIG = "nbgrader_config.py"


def course_config(root: Path, **course_directory: str) -> Config:
    """The course's nbgrader configuration, with the given traits of `CourseDirectory` replaced."""
    config = PyFileConfigLoader(CONFIG, path=str(root)).load_config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.update(course_directory)
    # It is for the gradebook that nbgrader's own commands begin.
    config.GenerateAssignment.pop("pre_convert_hook", None)
    return config


def let_nbgrader_find_alembic() -> None:
    """Put the folder of this Python's scripts on PATH: a new gradebook runs `alembic` from there."""
    scripts = str(Path(sys.executable).parent)
    if scripts not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([scripts, os.environ.get("PATH", "")])


def release(root: Path, source: Path, notebooks: Path, lesson_id: str, gradebook: str = "") -> Path:
    """Make `notebooks/<id>/<id>.ipynb` from `source/<id>/<id>.ipynb`; raise `RuntimeError` with nbgrader's log.

    nbgrader enters the assignment into the database at the URL `gradebook`, or into one that is thrown away.
    """
    if gradebook:
        let_nbgrader_find_alembic()
    with tempfile.TemporaryDirectory(prefix="gradebook-", ignore_cleanup_errors=True) as scratch:
        config = course_config(
            root,
            source_directory=str(source),
            release_directory=str(notebooks),
            db_url=gradebook or _throwaway_gradebook(Path(scratch)),
        )
        api = NbGraderAPI(CourseDirectory(config=config), config=config)
        outcome = api.generate_assignment(lesson_id, force=True, create=True)
    if not outcome["success"]:
        raise RuntimeError(f"nbgrader could not release {lesson_id}: {outcome['log'] or outcome['error']}")
    return notebooks / lesson_id / f"{lesson_id}.ipynb"


def _throwaway_gradebook(folder: Path) -> str:
    """The URL of an empty gradebook in `folder`: its tables alone, for nbgrader takes seconds to stamp a new one."""
    url = f"sqlite:///{folder.as_posix()}/gradebook.db"
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()
    return url


def released_answers(notebook: Path) -> dict[str, str]:
    """The text of each answer cell of a released notebook, by exercise."""
    cells = nbformat.read(notebook, as_version=4).cells
    marked = {cell.metadata["nbgrader"]["grade_id"]: cell for cell in cells if "nbgrader" in cell.metadata}
    return {
        name.removesuffix("-answer"): cell.source
        for name, cell in marked.items()
        if cell.metadata["nbgrader"]["solution"]
    }


class ClearSolutions(NbgraderClearSolutions):
    """Puts a stub of the cell's own kind in place of the solution.

    Overrides a private method of nbgrader 0.9.6, which knows one stub per notebook; a test watches over it.
    """

    code_stub = Dict(
        {
            **{"sql": "-- YOUR SQL HERE", "python": "# YOUR CODE HERE\n...", "letters": "# YOUR LETTERS HERE"},
            **dict.fromkeys(("javascript", "java"), "// YOUR CODE HERE"),
            "shell": "# YOUR LINES HERE",
        }
    ).tag(config=True)
    text_stub = Unicode("*Your answer here.*").tag(config=True)

    def _replace_solution_region(self, cell, language):
        return super()._replace_solution_region(cell, cell.metadata.get("answer_kind", language))
