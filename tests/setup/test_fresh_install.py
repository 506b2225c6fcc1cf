"""Do all lessons run where only the README's line for Colab was run: from what the package itself declares?"""

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from graders.build.bundle import build_wheel
from graders.build.notebook import source_notebook, write_notebook
from graders.build.pages import Address, ways_online
from graders.course.course import read_course

pytestmark = pytest.mark.slow
# What Colab has already, as far as a notebook needs it to run at all.
COLAB = ("ipykernel", "nbclient")
ADDRESS = Address("somebody", "course")
URL = f"git+{ADDRESS.url}"


@pytest.fixture(scope="module")
def python(root, tmp_path_factory):
    """The Python of a new environment in which the README's line was run, with this checkout in place of the URL."""
    folder = tmp_path_factory.mktemp("colab")
    (line,) = re.findall(r"^!pip install (.*)$", ways_online(ADDRESS), re.M)
    words = [word.strip('"') for word in line.split()]
    assert words.count(URL) == 1
    wheel = build_wheel(root, folder)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    path = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = [str(wheel) if word == URL else word for word in words]
    subprocess.run([*_installer(path), *COLAB, *install], check=True)
    return path


def _installer(python):
    """How packages are installed for `python`: with uv where it is there, which takes a third of pip's time.

    Python compiles what is imported, a tenth of what pip would compile.
    """
    if find_spec("uv"):
        return [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", python]
    return [sys.executable, "-m", "pip", "--python", python, "install", "--disable-pip-version-check", "--no-compile"]


def test_every_lesson_runs_and_its_solutions_earn_full_marks(python, course, tmp_path):
    """Does no cell of a solved lesson fail, and does each check give all its points?"""
    for lesson in read_course(course):
        write_notebook(source_notebook(lesson), tmp_path / lesson.id / f"{lesson.id}.ipynb")
    script = Path(__file__).with_name("run_lessons.py")
    done = subprocess.run([python, script, tmp_path], capture_output=True, text=True, cwd=tmp_path, timeout=900)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found == {lesson.id: [] for lesson in read_course(course)}
