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


@pytest.mark.parametrize("uid", [0, ORDINARY], ids=["root", "ordinary user"])
@pytest.mark.parametrize("wall", ["bubblewrap", "landlock"])
def test_the_doctor_finds_every_attempt_refused(wall, uid, tmp_path_factory):
    """Does each wall hold for each kind of user, from the doctor's own words?"""
    if wall == "landlock" and landlock_version() < 3:
        pytest.skip("this kernel's Landlock is too old; bubblewrap is tried all the same")
    home = tmp_path_factory.mktemp("home")
    (home / "diary.txt").write_text("private")
    prefixes = {Path(sys.base_prefix), Path(sys.prefix), ROOT, home, *needed()}
    words = [*open_view(*sorted(prefixes)), *as_user(uid), sys.executable, "-m", "graders", "doctor", "--wall", wall]
    done = subprocess.run(
        words,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(ATTEMPTS)} of {len(ATTEMPTS)} attempts failed" in done.stdout
