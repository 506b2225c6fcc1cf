"""Does what a test starts as another user end with the test, even if that is killed?"""

import os
import shutil
import subprocess
import sys
import time

import psutil
import pytest
from ending import FAR_NET
from other_users import ORDINARY, ROOT

STARTS = """
import pathlib, sys, tempfile
sys.path[:0] = ["tests", "tests/sandbox"]
from other_users import run_as
home = pathlib.Path(sys.argv[2])
run_as(int(sys.argv[1]), home, "-c", "import time; time.sleep(3600)", shown=[home])
"""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("bwrap"),
    reason="only root becomes another user, and only bubblewrap shows it the interpreter",
)


def started(process: subprocess.Popen) -> list[psutil.Process]:
    """What `process` has started in turn, once the last of it is the Python that sleeps."""
    until = time.monotonic() + FAR_NET
    while time.monotonic() < until:
        found = psutil.Process(process.pid).children(recursive=True)
        if any(each.name().startswith("python") for each in found):
            return found
        time.sleep(0.05)
    raise AssertionError("nothing was started")


@pytest.mark.parametrize("uid", [0, ORDINARY], ids=["root", "ordinary user"])
def test_nothing_outlives_a_test_that_is_killed(uid, tmp_path):
    """Is every process gone when the one that runs the tests is killed?"""
    words = [sys.executable, "-c", STARTS, str(uid), str(tmp_path)]
    with subprocess.Popen(words, cwd=ROOT) as tests:
        left = started(tests)
        tests.kill()
    assert psutil.wait_procs(left, timeout=FAR_NET)[1] == []
