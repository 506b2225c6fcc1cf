"""Does a conversation end, whatever the process at its other end does?"""

import os
import subprocess
import sys

import pytest

from graders.sandbox.channel import MAX_BYTES, Lines, ThreadedLines

ECHO = "import sys\nfor line in sys.stdin:\n    print(line, end='', flush=True)"


def nobody_looks():
    """What is called while nothing is said, by who is in no hurry."""


@pytest.fixture(params=[Lines, ThreadedLines])
def talk(request):
    """Starts Python on a script and gives the conversation with it."""
    started = []

    def start(script):
        process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        started.append((process, request.param(os.dup(process.stdin.fileno()), os.dup(process.stdout.fileno()))))
        process.stdin.close()
        process.stdout.close()
        return started[-1][1]

    yield start
    for process, lines in started:
        process.kill()
        process.wait()
        lines.close()


def test_lines_come_back_whole(talk):
    """Are short, empty, long and non-ASCII lines given back as they were sent, one for one?"""
    lines = talk(ECHO)
    for text in ("x", "", "Ω" * 10, "y" * 1_000_000, "after"):
        assert lines.exchange(text, nobody_looks) == text + "\n"


def test_a_process_that_listens_to_nothing(talk):
    """Does a message larger than a pipe, to a process that never reads, end when whoever looks has seen enough?"""
    lines = talk("import time\ntime.sleep(60)")
    with pytest.raises(StopIteration):
        lines.exchange("x" * 10_000_000, iter(range(3)).__next__)


def test_a_process_that_says_too_much_on_one_line(talk):
    """Is a line without end cut at the limit?"""
    lines = talk("import sys\nwhile True:\n    sys.stdout.write('x' * 100_000)")
    assert len(lines.exchange("go", nobody_looks)) == MAX_BYTES


def test_a_process_that_goes_away(talk):
    """Is its last line heard, and after it nothing, at once?"""
    lines = talk("import os, sys\nsys.stdin.readline()\nprint('last', flush=True)\nos._exit(0)")
    assert lines.exchange("go", nobody_looks) == "last\n"
    assert lines.exchange("more", nobody_looks) == ""
    assert lines.exchange("more", nobody_looks) == ""


def test_half_a_line_is_no_answer(talk):
    """Is what a process said before it died in the middle of a line left out?"""
    lines = talk("import os, sys\nsys.stdin.readline()\nsys.stdout.write('half')\nsys.stdout.flush()\nos._exit(0)")
    assert lines.exchange("go", nobody_looks) == ""


def test_answers_sent_ahead_fill_no_memory(talk):
    """Does a process that answers without end get no further than the pipe's own size?"""
    lines = talk("while True:\n    print('x' * 1000, flush=True)")
    assert [lines.exchange("go", nobody_looks) for _ in range(3)] == ["x" * 1000 + "\n"] * 3
