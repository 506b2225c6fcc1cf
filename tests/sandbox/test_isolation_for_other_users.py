"""Does each isolation hold for root and for an ordinary user, where both can open the interpreter?

The doctor is run in a view of this machine in which the folders that lead to the interpreter are open to everybody,
so that it makes no difference where Python was installed.
"""

import os
import runpy
import sys

import pytest
from other_users import ORDINARY, ROOT, run_as

from graders.commands.breakouts import ATTEMPTS

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root can try what other users can"
)


def landlock_version() -> int:
    """What the kernel says of itself."""
    return runpy.run_path(str(ROOT / "graders/sandbox/in_sandbox/locks.py"))["landlock_version"]()


@pytest.fixture
def home(tmp_path_factory):
    """A home folder with something in it."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "diary.txt").write_text("private")
    return folder


each_user = pytest.mark.parametrize("uid", [0, ORDINARY], ids=["root", "ordinary user"])
each_isolation = pytest.mark.parametrize("isolation", ["bubblewrap", "landlock"])


def need(isolation: str) -> None:
    """Skip where the kernel is too old for Landlock; bubblewrap is needed always."""
    if isolation == "landlock" and landlock_version() < 3:
        pytest.skip("this kernel's Landlock is too old; bubblewrap is tried all the same")


@each_user
@each_isolation
def test_the_doctor_finds_every_attempt_refused(isolation, uid, home):
    """Does each isolation hold for each kind of user, from the doctor's own words?"""
    need(isolation)
    done = run_as(uid, home, "-m", "graders", "doctor", "--isolation", isolation)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(ATTEMPTS)} of {len(ATTEMPTS)} attempts failed" in done.stdout


@each_user
@each_isolation
def test_libraries_work_behind_each_isolation(isolation, uid, home):
    """Can an answer of each kind of user use what the course teaches?"""
    need(isolation)
    tests = "tests/sandbox/test_isolation.py::test_databases_and_libraries_work_in_isolation"
    done = run_as(uid, home, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"{tests}[{isolation}]")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_the_fork_server_serves_an_ordinary_user(home):
    """Do the fork server's own tests hold for an ordinary user?"""
    done = run_as(
        ORDINARY,
        home,
        "-m",
        "pytest",
        "-q",
        "-m",
        "not slow",
        "-p",
        "no:cacheprovider",
        "tests/sandbox/test_fork_server.py",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "test_sandboxes_that_cannot_be_kept_apart" not in done.stdout
