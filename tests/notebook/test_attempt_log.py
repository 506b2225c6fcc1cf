"""Does the log of attempts keep every line that was written, whatever interrupts the writing of the next one?"""

import json
import mmap
import os
import random
import signal
import stat
import struct
import time
from datetime import datetime, timedelta, timezone

import pytest

from graders.course.attempts import (
    MAX_BYTES,
    LoggedAttempt,
    RecallRound,
    attempts_in,
    read_entries,
    read_line,
    write_line,
)
from graders.notebook.attempt_log import AttemptLog

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=timezone(timedelta(hours=1)))
KILLS, WRITERS = 1_000, 3
ATTEMPT = LoggedAttempt(NOW, "indexing", "first-index", 1.5, 2, "partly right", "00ff", ("Which column?",))
ROUND = RecallRound(NOW, "indexing", ("equals-null", "none-is-not-zero"))


def attempt(number, name="first-index", **details):
    return LoggedAttempt(NOW, "indexing", name, 0, 2, "wrong", str(number), **details)


@pytest.fixture
def log(tmp_path):
    return AttemptLog(tmp_path / "a folder that is not there yet" / "attempts.jsonl")


def test_an_entry_is_read_back_as_it_was_written():
    """Is a line whole, with a time that has its zone, and is nothing of the answer in it but a digest?"""
    recalled = LoggedAttempt(NOW, "indexing", "equals-null", 1, 1, "right", "00ff", recall=True)
    for entry in (ATTEMPT, ROUND, recalled):
        assert read_line(write_line(entry)) == entry
        assert "\n" not in write_line(entry)
    assert json.loads(write_line(ATTEMPT)) == {
        "time": "2026-03-02T09:30:00+01:00",
        "lesson": "indexing",
        "exercise": "first-index",
        "score": 1.5,
        "points": 2,
        "status": "partly right",
        "hints": ["Which column?"],
        "answer": "00ff",
    }


def test_lines_are_appended_for_the_user_alone(log):
    """Are lines kept in their order, in a file that others on the computer cannot read?"""
    log.append(ATTEMPT, ROUND)
    log.append(attempt(3))
    assert log.read() == [ATTEMPT, ROUND, attempt(3)]
    if os.name == "posix":
        assert stat.S_IMODE(log.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("lost", range(len(write_line(attempt(1)))))
def test_a_line_that_was_cut_off_costs_that_line_alone(log, lost):
    """Does the next line begin anew, wherever the one before it ends?"""
    log.append(attempt(0), attempt(1))
    os.truncate(log.path, log.path.stat().st_size - 1 - lost)
    log.append(attempt(2), attempt(3))
    assert log.read() == [attempt(0), attempt(2), attempt(3)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_thousand_kills_lose_the_last_line_of_each_at_most(tmp_path):
    """Is every line there that a process had written before it was killed, with several writing at once?"""
    random.seed(1)
    for number in range(-(-KILLS // WRITERS)):
        log = AttemptLog(tmp_path / str(number) / "attempts.jsonl")
        written = kill_writers(log)
        entries = log.read()
        for writer, count in enumerate(written):
            found = [int(entry.answer) for entry in entries if entry.name == f"writer-{writer}"]
            assert found in (list(range(count)), list(range(count + 1)))


def kill_writers(log):
    """Fork some writers, kill each at a random moment, and give how many lines each knew to be written."""
    counts = [mmap.mmap(-1, 8) for _ in range(WRITERS)]
    processes = []
    for writer, count in enumerate(counts):
        process = os.fork()
        if not process:
            write_forever(log, writer, count)
        processes.append(process)
    random.shuffle(processes)
    for process in processes:
        time.sleep(random.uniform(0, 0.002))
        os.kill(process, signal.SIGKILL)
    for process in processes:
        os.waitpid(process, 0)
    return [struct.unpack("q", count[:])[0] for count in counts]


def write_forever(log, writer, count):
    try:
        for number in range(50):
            log.append(attempt(number, f"writer-{writer}", hints=("What does it do to NULL? " * random.randrange(60),)))
            count[:] = struct.pack("q", number + 1)
            # Two cores are shared by all writers and the one who kills them.
            time.sleep(random.uniform(0, 0.0002))
        time.sleep(60)
    finally:
        os._exit(1)


def test_a_log_that_cannot_be_written_stops_nobody(tmp_path):
    """Is a folder in the file's place, or a file in its folder's, as good as an empty log?"""
    (tmp_path / "attempts.jsonl").mkdir()
    (tmp_path / "file").touch()
    for path in (tmp_path / "attempts.jsonl", tmp_path / "file" / "attempts.jsonl"):
        AttemptLog(path).append(ATTEMPT)
        assert AttemptLog(path).read() == []


GOOD = json.loads(write_line(ATTEMPT))
BAD = {
    "no JSON": "{",
    "no mapping": "[]",
    "a number": "7",
    "nothing": "{}",
    "deep": '{"a":' * 3_000,
    "long": json.dumps(GOOD | {"hints": ["x" * 20_000]}),
    "a giant number": '{"time": 1' + "0" * 5_000 + "}",
    **{
        name: json.dumps(GOOD | change)
        for name, change in {
            "no time": {"time": None},
            "a time without a zone": {"time": "2026-03-02T09:30:00"},
            "the year 1": {"time": "0001-01-01T00:00:00+14:00"},
            "the year 9999": {"time": "9999-12-31T23:59:59-14:00"},
            "a list for a name": {"exercise": ["first-index"]},
            "a long name": {"exercise": "x" * 200},
            "points as text": {"points": "2"},
            "a true score": {"score": True},
            "no number": {"score": float("nan")},
            "no end of points": {"score": float("inf")},
            "less than nothing": {"score": -1},
            "a status of their own": {"status": "perfect"},
            "hints as text": {"hints": "all"},
            "numbers for hints": {"hints": [1, 2]},
            "many hints": {"hints": ["x"] * 100},
            "a mapping for a digest": {"answer": {}},
            "a round of one text": {"recall": "equals-null"},
        }.items()
    },
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_entry_is_skipped(tmp_path, name):
    """Is a bad line left out, and the lines around it kept?"""
    assert read_line(BAD[name]) is None
    path = tmp_path / "attempts.jsonl"
    path.write_bytes(b"\xff\xfe\0\n" + f"{write_line(ROUND)}\n{BAD[name]}\n{write_line(ATTEMPT)}\r\n".encode())
    assert read_entries(path) == [ROUND, ATTEMPT]


def test_of_a_giant_log_the_end_is_read(tmp_path):
    """Is the work bounded, and the newest of it what counts?"""
    path = tmp_path / "attempts.jsonl"
    line = f"{write_line(attempt(1))}\n".encode()
    with path.open("wb") as file:
        file.write(line * (MAX_BYTES // len(line) * 2))
        file.write(write_line(ATTEMPT).encode())
    entries = read_entries(path)
    assert entries[-1] == ATTEMPT
    assert len(entries) <= MAX_BYTES // len(line) + 1


def test_the_same_answer_once_more_is_no_new_attempt():
    """Does "Run All" count for nothing, and the same answer to a question in a new round for something?"""
    recalled = LoggedAttempt(NOW, "", "equals-null", 1, 1, "right", "00ff", recall=True)
    today = RecallRound(NOW, "", ("equals-null",))
    entries = [today, recalled, recalled, attempt(1), attempt(1), attempt(2), attempt(1), today, recalled, attempt(1)]
    assert list(attempts_in(entries)) == [recalled, attempt(1), attempt(2), attempt(1), recalled]
