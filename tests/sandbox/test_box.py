"""Does a box give back exactly what a student's Python makes, and does nothing that the Python does get out?"""

import datetime
import time
from decimal import Decimal
from pathlib import Path

import pytest
from ending import FAR_NET

from graders.kernel.report import Mismatch
from graders.sandbox import Bounds, Box, BoxedFunction, no_wall, walls, weakness
from graders.sandbox.box import BOUNDS

each_wall = pytest.mark.parametrize(
    "wall", [no_wall(), *(wall for wall in walls() if not weakness(wall))], ids=lambda wall: wall.name
)


SHORT = Bounds(work=2, in_all=4, asleep=1)


def define(source, name="f", bounds=BOUNDS, wall=None):
    box = Box(bounds=bounds, wall=wall)
    try:
        return box, box.define(source, name)
    except Mismatch:
        box.close()
        raise


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        0.1,
        "O'Brien\n\0",
        b"\x00\xff",
        Decimal("1.10"),
        datetime.date(2026, 2, 28),
        datetime.datetime(2026, 2, 28, 1, 2, 3),
        [1, (2, {3}), {frozenset({"A"}), frozenset()}],
        {("a", 1): [None], "b": {"c": set()}},
    ],
)
@each_wall
def test_plain_data_come_back_unchanged(value, wall):
    """Is a value the same, with the same types, after its way in and out?"""
    box, same = define("def f(x): return x", wall=wall)
    with box:
        assert same(value) == value
        assert repr(same(value)) == repr(value)


def test_a_value_may_be_the_answer():
    """Does a cell that defines data rather than a function give the data?"""
    box, value = define("f = [{'a', 'b'}, {'b', 'c'}]")
    box.close()
    assert value == [{"a", "b"}, {"b", "c"}]


def test_changed_arguments_are_named():
    """Can a claim see that a function changed what it was given?"""
    box, f = define("def f(x, y):\n    y.append(1)\n    return x")
    with box:
        assert f.changed_arguments({1}, []) == [1]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f(x) return x", "`SyntaxError: expected ':'` in line 2 of your cell"),
        ("g = 1", "a cell that defines `g`"),
        ("", "a cell that defines nothing"),
        ("import graders", "ModuleNotFoundError"),
        ("1 / 0", "`ZeroDivisionError: division by zero` in line 2 of your cell"),
        ("raise SystemExit", "`SystemExit` in line 2 of your cell"),
        ("import os; os._exit(0)", "it ended the Python process it ran in"),
    ],
)
@each_wall
def test_a_cell_that_defines_nothing_says_why(source, found, wall):
    """Does the student read Python's word and the line of their own cell?"""
    with pytest.raises(Mismatch) as caught:
        define(source, wall=wall)
    assert found in caught.value.found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("return x['k']", "`KeyError: 'k'` in line 3 of your cell"),
        ("return object()", "`object`"),
        ("return f(x)", "`RecursionError"),
        ("return 'x' * 20_000_000", "more than 5 million characters"),
        ("import os; os._exit(3)", "it ended the Python process it ran in"),
        ("import os; os.kill(os.getpid(), 9)", "it ended the Python process it ran in"),
        ("while True: pass", "it was still running"),
        ("import time; time.sleep(600)", "it waited and did nothing"),
        ("return bytearray(8 << 30)", "`MemoryError`"),
    ],
)
@each_wall
def test_a_call_that_fails_says_why(body, found, wall):
    """Is every way to fail told in one phrase?"""
    box, f = define(f"def f(x):\n    {body}", bounds=SHORT, wall=wall)
    with box, pytest.raises(Mismatch) as caught:
        f({})
    assert found in caught.value.found


WORK = """
import time
def f(seconds):
    began = time.process_time()
    while time.process_time() - began < seconds: pass
"""


@pytest.mark.parametrize("seconds", [0.02, 0.4])
@each_wall
def test_many_slow_calls_end_too(seconds, wall):
    """Is the work of all calls together bounded, where each alone is short, even too short to be looked at?"""
    box, f = define(WORK, bounds=Bounds(work=2, in_all=1), wall=wall)
    with box, pytest.raises(Mismatch, match="they took too long"):
        for _ in range(200):
            f(seconds)


@each_wall
def test_many_short_sleeps_end_too(wall):
    """Is the time that a function sleeps bounded in all calls together?"""
    box, f = define("import time\ndef f(): time.sleep(0.4)", bounds=Bounds(asleep=1), wall=wall)
    with box, pytest.raises(Mismatch, match="it waited and did nothing, for 1 s in all"):
        for _ in range(200):
            f()


def test_the_work_of_threads_counts_together():
    """Do four threads that work in C use up a limit four times as fast as one, and is it told as for one?"""
    source = """
import hashlib, threading
def work(): hashlib.pbkdf2_hmac("sha256", b"", b"", 1_000_000_000)
def f():
    for _ in range(4): threading.Thread(target=work, daemon=True).start()
    threading.Event().wait()
"""
    box, f = define(source, bounds=SHORT)
    with box, pytest.raises(Mismatch, match="it was still running"):
        f()


def test_the_work_of_processes_counts_together():
    """Is a function that leaves its work to programs it starts bounded as if it did it itself?"""
    source = "import subprocess, sys\ndef f(): subprocess.run([sys.executable, '-c', 'while True: pass'])"
    box, f = define(source, bounds=SHORT)
    with box, pytest.raises(Mismatch, match="it was still running"):
        f()


def test_what_an_answer_prints_goes_nowhere(capfd):
    """Do a hundred megabytes of output reach neither us nor the answer's value?"""
    box, f = define("import sys\ndef f():\n    for _ in range(100): print('x' * 1_000_000)\n    return 1")
    with box:
        assert f() == 1
    assert capfd.readouterr() == ("", "")


def test_a_closed_box_leaves_nothing():
    """Are the process and its scratch folder gone, and a process it started too?"""
    box, f = define("import subprocess\ndef f(): return subprocess.Popen(['sleep', '60']).pid")
    child = f()
    box.close()
    assert not box.folder.exists()
    with pytest.raises(Mismatch):
        f()
    assert _dies(child)


def _dies(pid: int) -> bool:
    """Whether the process, which has been killed, is gone in the end."""
    until = time.monotonic() + FAR_NET
    while _alive(pid) and time.monotonic() < until:
        time.sleep(0.01)
    return not _alive(pid)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] not in "ZX"
    except OSError:
        return False


def test_a_function_is_named_as_it_was_called():
    """Can a claim quote the call?"""
    box, f = define("def f(x): return x")
    with box:
        assert isinstance(f, BoxedFunction)
        assert f.said({"A"}, [1]) == "`f({'A'}, [1])`"
