"""Does a sandbox give back exactly what a student's Python makes, and does nothing that the Python does get out?"""

import datetime
import time
from decimal import Decimal
from pathlib import Path

import pytest
from ending import FAR_NET
from student_words import in_student_words

from graders.kernel.report import Mismatch
from graders.sandbox import Bounds, Sandbox, SandboxedFunction, SandboxError, isolations, no_isolation, weakness
from graders.sandbox.limits import PYTHON_BOUNDS

each_isolation = pytest.mark.parametrize(
    "isolation",
    [no_isolation(), *(isolation for isolation in isolations() if not weakness(isolation))],
    ids=lambda isolation: isolation.name,
)


SHORT = Bounds(work=2, in_all=4, asleep=1)


def define(source, name="f", bounds=PYTHON_BOUNDS, isolation=None):
    sandbox = Sandbox(bounds=bounds, isolation=isolation)
    try:
        return sandbox, sandbox.define(source, name)
    except SandboxError:
        sandbox.close()
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
@each_isolation
def test_plain_data_come_back_unchanged(value, isolation):
    """Is a value the same, with the same types, after its way in and out?"""
    sandbox, same = define("def f(x): return x", isolation=isolation)
    with sandbox:
        assert same(value) == value
        assert repr(same(value)) == repr(value)


def test_a_value_may_be_the_answer():
    """Does a cell that defines data rather than a function give the data?"""
    sandbox, value = define("f = [{'a', 'b'}, {'b', 'c'}]")
    sandbox.close()
    assert value == [{"a", "b"}, {"b", "c"}]


def test_changed_arguments_are_named():
    """Can a claim see that a function changed what it was given?"""
    sandbox, f = define("def f(x, y):\n    y.append(1)\n    return x")
    with sandbox:
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
@each_isolation
def test_a_cell_that_defines_nothing_says_why(source, found, isolation):
    """Does the student read Python's word and the line of their own cell?"""
    with pytest.raises(Mismatch) as caught, in_student_words():
        define(source, isolation=isolation)
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
@each_isolation
def test_a_call_that_fails_says_why(body, found, isolation):
    """Is every way to fail told in one phrase?"""
    sandbox, f = define(f"def f(x):\n    {body}", bounds=SHORT, isolation=isolation)
    with sandbox, pytest.raises(Mismatch) as caught, in_student_words():
        f({})
    assert found in caught.value.found


WORK = """
import time
def f(seconds):
    began = time.process_time()
    while time.process_time() - began < seconds: pass
"""


@pytest.mark.parametrize("seconds", [0.02, 0.4])
@each_isolation
def test_many_slow_calls_end_too(seconds, isolation):
    """Is the work of all calls together bounded, where each alone is short, even too short to be looked at?"""
    sandbox, f = define(WORK, bounds=Bounds(work=2, in_all=1), isolation=isolation)
    with sandbox, pytest.raises(Mismatch, match="they took too long"), in_student_words():
        for _ in range(200):
            f(seconds)


@each_isolation
def test_many_short_sleeps_end_too(isolation):
    """Is the time that a function sleeps bounded in all calls together?"""
    sandbox, f = define("import time\ndef f(): time.sleep(0.4)", bounds=Bounds(asleep=1), isolation=isolation)
    with sandbox, pytest.raises(Mismatch, match="it waited and did nothing, for 1 s in all"), in_student_words():
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
    sandbox, f = define(source, bounds=SHORT)
    with sandbox, pytest.raises(Mismatch, match="it was still running"), in_student_words():
        f()


def test_the_work_of_processes_counts_together():
    """Is a function that leaves its work to programs it starts bounded as if it did it itself?"""
    source = "import subprocess, sys\ndef f(): subprocess.run([sys.executable, '-c', 'while True: pass'])"
    sandbox, f = define(source, bounds=SHORT)
    with sandbox, pytest.raises(Mismatch, match="it was still running"), in_student_words():
        f()


def test_what_an_answer_prints_goes_nowhere(capfd):
    """Do a hundred megabytes of output reach neither us nor the answer's value?"""
    sandbox, f = define("import sys\ndef f():\n    for _ in range(100): print('x' * 1_000_000)\n    return 1")
    with sandbox:
        assert f() == 1
    assert capfd.readouterr() == ("", "")


def test_a_closed_sandbox_leaves_nothing():
    """Are the process and its scratch folder gone, and a process it started too?"""
    sandbox, f = define("import subprocess\ndef f(): return subprocess.Popen(['sleep', '60']).pid")
    child = f()
    sandbox.close()
    assert not sandbox.folder.exists()
    with pytest.raises(Mismatch), in_student_words():
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
    sandbox, f = define("def f(x): return x")
    with sandbox:
        assert isinstance(f, SandboxedFunction)
        assert f.format_call({"A"}, [1]) == "`f({'A'}, [1])`"


@each_isolation
def test_calls_made_together_give_what_calls_one_by_one_give(isolation):
    """Do the values come in turn, also those before a call that raises, which is the one that is named?"""
    sandbox, f = define("def f(n): return {n: 60 // (60 - n)}", isolation=isolation)
    values = []
    with sandbox, pytest.raises(Mismatch) as caught, in_student_words():
        values.extend(f.call_each([(n,) for n in range(40)]))
        for value in f.call_each([(n,) for n in range(40, 80)]):
            values.append(value)
    assert values == [{n: 60 // (60 - n)} for n in range(60)]
    assert "f(60)" in caught.value.expected
    assert "ZeroDivisionError" in caught.value.found


@each_isolation
def test_of_calls_made_together_the_endless_one_is_named(isolation):
    """Do the values before it come, and is it that call that breaks the limit?"""
    source = "def f(n):\n    while n == 3: pass\n    return n"
    sandbox, f = define(source, bounds=Bounds(work=1, in_all=6, asleep=1), isolation=isolation)
    values = []
    with sandbox, pytest.raises(Mismatch) as caught, in_student_words():
        for value in f.call_each([(n,) for n in range(9)]):
            values.append(value)
    assert values == [0, 1, 2]
    assert "f(3)" in caught.value.expected


@each_isolation
def test_calls_that_are_slow_together_are_made_one_by_one(isolation):
    """Does a limit that each call keeps count for each call?"""
    wait = "end = time.process_time() + 0.3\n    while time.process_time() < end: pass"
    source = f"import time\ndef f(n):\n    {wait}\n    return n"
    sandbox, f = define(source, bounds=Bounds(work=1, in_all=20), isolation=isolation)
    with sandbox:
        assert list(f.call_each([(n,) for n in range(6)])) == list(range(6))
