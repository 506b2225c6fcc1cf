"""Does giving out by git, as docs/hub.md has it, bring lessons and later corrections, and keep what students wrote?"""

import os
import shutil
import subprocess

import pytest
from hub_environment import FOLDER, ROOT, why_no_hub

pytestmark = pytest.mark.skipif(bool(why_no_hub()) and not os.environ.get("CI"), reason=why_no_hub())
LESSON, NEXT = "01-start-here", "02-schema-values"


@pytest.fixture
def repository(tmp_path):
    """A repository with one lesson, as an instructor makes it of the class edition's notebooks."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    publish(folder, LESSON)
    return folder


def git(folder, *words):
    who = ("-c", "user.name=Teacher", "-c", "user.email=teacher@example.org")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def publish(repository, lesson):
    """Add a lesson to the repository."""
    shutil.copytree(ROOT / "notebooks" / lesson, repository / lesson)
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", f"The lesson {lesson}")


def pull(repository, home):
    """What a student's server does when the link is followed, typed in a terminal."""
    words = [FOLDER / "bin/gitpuller", repository.as_uri(), "main", "databases"]
    environment = os.environ | {"HOME": str(home), "PATH": f"{FOLDER / 'bin'}:{os.environ['PATH']}"}
    subprocess.run(words, cwd=home, check=True, env=environment, capture_output=True)


def test_lessons_arrive_and_answers_stay(repository, tmp_path):
    """Is a new lesson there after the next pull, and the student's answer to the first still in its notebook?"""
    home = tmp_path / "home"
    home.mkdir()
    pull(repository, home)
    notebook = home / "databases" / LESSON / f"{LESSON}.ipynb"
    released = notebook.read_text(encoding="utf-8")
    notebook.write_text(released.replace("-- YOUR SQL HERE", "SELECT 42"), encoding="utf-8")
    publish(repository, NEXT)
    pull(repository, home)
    assert (home / "databases" / NEXT / f"{NEXT}.ipynb").is_file()
    assert "SELECT 42" in notebook.read_text(encoding="utf-8")
