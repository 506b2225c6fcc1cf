"""Can the course be set up as the README says: pins, Binder, devcontainer, Makefile, student bundle?"""

import json
import os
import re
import subprocess
import sys
import tomllib

import pytest
from ending import run_to_end
from setuptools import find_packages


def test_pins_are_exact_and_flat(root):
    """Is every requirement one exact version, and Binder's list the very same?"""
    text = (root / "requirements.txt").read_text()
    lines = [line for line in text.splitlines() if line.strip()]
    assert [line for line in lines if not re.match(r"^[\w.-]+==[\w.]+( ; .*)?$", line)] == []
    assert (root / ".binder/requirements.txt").read_text() == text


def test_test_pins_agree_with_the_course(root):
    """Does no pin of the tests contradict one of the course?"""

    def pins(name):
        lines = (root / name).read_text().splitlines()
        return dict(line.split(" ;")[0].split("==") for line in lines if "==" in line and " ;" not in line)

    course, tests, postgres, hub = (pins(f"requirements{more}.txt") for more in ("", "-test", "-postgres", "-hub"))
    assert {name: v for name, v in tests.items() if course.get(name, v) != v} == {}
    assert {name: v for name, v in postgres.items() if (course | tests).get(name, v) != v} == {}
    assert {name: v for name, v in hub.items() if course.get(name, v) != v} == {}


def test_every_package_is_in_the_wheel(root):
    """Does what pyproject.toml has setuptools look for find every folder of Python files?"""
    find = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]
    packed = {name for place in find["where"] for name in find_packages(str(root / place), include=find["include"])}
    folders = {path.parent.relative_to(root) for path in (root / "graders").rglob("__init__.py")}
    assert packed == {".".join(folder.parts) for folder in folders} | {"course_data"}


@pytest.mark.slow
def test_binder_configuration_is_accepted(root):
    """Does repo2docker make a Dockerfile of this folder, with Python 3.12 and our pins?"""
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(root)]
    done = run_to_end(command)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-2000:]
    assert "environment.py-3.12.yml" in said or "3.12" in said
    assert ".binder/requirements.txt" in said
    assert ".binder/postBuild" in said
    assert os.access(root / ".binder/postBuild", os.X_OK)
    assert subprocess.run(["bash", "-n", str(root / ".binder/postBuild")]).returncode == 0


def test_devcontainer_is_json(root):
    """Does the devcontainer install the pins, then the package, and open the contents?"""
    settings = json.loads((root / ".devcontainer/devcontainer.json").read_text())
    steps = settings["postCreateCommand"].split(" && ")
    assert steps == [
        "pip install -r requirements.txt",
        "pip install --no-deps -e .",
        "python -m graders install-frontend",
    ]
    assert "default_url=/lab/tree/contents.ipynb" in settings["postAttachCommand"]


def test_make_help_lists_the_verbs(root):
    """Are the verbs that the README names in `make help`?"""
    said = subprocess.run(["make", "help"], cwd=root, capture_output=True, text=True, check=True).stdout
    named = set(re.findall(r"^make (\w+)", (root / "README.md").read_text(), re.M))
    assert {"lab", "test", "build", "check", "student", "help"} <= named
    assert [verb for verb in named if f"make {verb}" not in said] == []


def test_links_in_the_texts_lead_somewhere(root):
    """Does every relative link of the Markdown files and lessons name a file that is there?"""
    texts = [*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("lessons/*/*.md")]
    broken = []
    for path in texts:
        in_notebook = path.parent.parent == root / "lessons"
        base = root / "notebooks" / path.parent.name if in_notebook else path.parent
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8")):
            if "://" not in link and not (base / link).exists():
                broken.append(f"{path.name}: {link}")
    assert broken == []
