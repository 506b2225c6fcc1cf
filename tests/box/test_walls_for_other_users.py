"""Do the walls hold for root and for an ordinary user, where both can open the interpreter?

The doctor is run in a view of this machine in which the folders that lead to the interpreter are open to everybody,
so that it makes no difference where Python was installed.
"""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from graders.box.breakouts import ATTEMPTS
from graders.box.interpreter import needed

ROOT = Path(__file__).resolve().parents[2]
ORDINARY = 20_001

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root can try what other users can"
)


def open_view(*paths: Path) -> list[str]:
    """The words that start a program where closed folders above `paths` are open, and hold nothing but `paths`."""
    words = ["bwrap", "--dev-bind", "/", "/"]
    closed = {folder for path in paths for folder in path.parents if not folder.stat().st_mode & 0o001}
    for folder in sorted(closed):
        words += ["--perms", "0755", "--tmpfs", str(folder)]
    for path in paths:
        if closed & set(path.parents):
            parents = [parent for parent in reversed(path.parents) if closed & set(parent.parents)]
            words += [word for parent in parents for word in ("--perms", "0755", "--dir", str(parent))]
            words += ["--bind", str(path), str(path)]
    return words


def landlock_version() -> int:
    """What the kernel says of itself."""
    return runpy.run_path(str(ROOT / "graders/box/locks.py"))["landlock_version"]()


def as_user(uid: int) -> list[str]:
    """The words that make an ordinary user of root."""
    return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--inh-caps=-all"] if uid else []


@pytest.fixture
def home(tmp_path_factory):
    """A home folder with something in it."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "diary.txt").write_text("private")
    return folder


def run_as(uid: int, home: Path, *words: str) -> subprocess.CompletedProcess:
    """Run `python -m` with `words` from the project's folder, as the user `uid`, in the open view."""
    paths = {Path(sys.base_prefix), Path(sys.prefix), ROOT, home, *needed()}
    return subprocess.run(
        [*open_view(*sorted(paths)), *as_user(uid), sys.executable, "-m", *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )


each_user = pytest.mark.parametrize("uid", [0, ORDINARY], ids=["root", "ordinary user"])
each_wall = pytest.mark.parametrize("wall", ["bubblewrap", "landlock"])


def need(wall: str) -> None:
    """Skip where the kernel is too old for Landlock; bubblewrap is needed always."""
    if wall == "landlock" and landlock_version() < 3:
        pytest.skip("this kernel's Landlock is too old; bubblewrap is tried all the same")


@each_user
@each_wall
def test_the_doctor_finds_every_attempt_refused(wall, uid, home):
    """Does each wall hold for each kind of user, from the doctor's own words?"""
    need(wall)
    done = run_as(uid, home, "graders", "doctor", "--wall", wall)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(ATTEMPTS)} of {len(ATTEMPTS)} attempts failed" in done.stdout


@each_user
@each_wall
def test_libraries_work_behind_each_wall(wall, uid, home):
    """Can an answer of each kind of user use what the course teaches?"""
    need(wall)
    tests = "tests/box/test_walls.py::test_databases_and_libraries_work_behind_a_wall"
    done = run_as(uid, home, "pytest", "-q", "-p", "no:cacheprovider", f"{tests}[{wall}]")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_the_fork_server_serves_an_ordinary_user(home):
    """Do the fork server's own tests hold for an ordinary user?"""
    done = run_as(
        ORDINARY, home, "pytest", "-q", "-m", "not slow", "-p", "no:cacheprovider", "tests/box/test_forkserver.py"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "test_boxes_that_cannot_be_kept_apart" not in done.stdout
