"""Does what runs without end cost its limit once, and does nothing else wait for it or suffer from it?"""

import time

import pytest
from case import RIGHT_QUERY

from graders.grading.lesson_grader import LessonGrader
from graders.grading.workers import NoReport, Workers
from graders.kernel.claims import LABS
from graders.labs import DuckDBLab, EngineError, OutOfBounds, SQLiteLab
from graders.labs.lab import Allowance, bounded_work
from graders.sandbox import Bounds, watchdog

LOOP = "def days_late(due, returned):\n    while True:\n        pass"
# `instr` searches within a single step of SQLite's machine, which nothing but the end of the process can stop.
STUCK = "SELECT " + " + ".join(f"instr(printf('%.90000{n}c', 'a'), printf('%.450000c', 'a') || 'b')" for n in range(9))
SLOW = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000000) SELECT count(*) FROM n)"


@pytest.fixture(scope="module")
def grader(course):
    return LessonGrader.prepare(course, "01-start-here", "seed")


@pytest.fixture
def overruns(monkeypatch):
    """The bounds that are broken while the test runs, in their order."""
    found, init = [], watchdog.Overrun.__init__

    def note(overrun, bound, limit):
        found.append(bound)
        init(overrun, bound, limit)

    monkeypatch.setattr(watchdog.Overrun, "__init__", note)
    return found


@pytest.mark.slow
def test_an_endless_loop_costs_its_limit_once(grader, overruns):
    """Is the limit of a call worked through once, although the exercise has three claims?"""
    report = grader.judge("days-late", LOOP)
    assert sum("still running" in verdict.found for verdict in report.verdicts) == 3
    assert overruns == ["work"]


@pytest.mark.slow
def test_loops_harm_nobody_else_in_a_class(grader):
    """Are two endless loops in forty answers wrong, and all others right?"""
    right = "def days_late(due, returned):\n    return None if returned is None else max(0, (returned - due).days)"
    texts = [f"{right}  # {number}" for number in range(38)] + [LOOP, LOOP + "  # another"]
    with Workers(2) as judges:
        found = dict(judges.judge([grader.request("days-late", text) for text in texts]))
    statuses = [report.status for report in found.values()]
    assert (statuses.count("right"), statuses.count("wrong")) == (38, 2)


@pytest.mark.slow
def test_what_nothing_can_interrupt_is_left_to_a_person(grader):
    """Is a query stuck in one step given up with its process, and the next one judged as ever?"""
    units = [grader.request("open-loans", STUCK), grader.request("open-loans", RIGHT_QUERY)]
    with Workers(1, Bounds(work=6)) as judges:
        found = dict(judges.judge(units))
    assert isinstance(found[units[0]], NoReport)
    assert found[units[1]].status == "right"


def test_the_steps_of_one_answer_are_bounded_in_all_its_labs():
    """Is a slow query that keeps within the bound of one statement cut off when it is run again and again?"""
    with bounded_work(Allowance(steps=30_000_000)), pytest.raises(OutOfBounds, match="in all"):
        for _ in range(5):
            with SQLiteLab() as lab, bounded_work():
                lab.run("SELECT " + SLOW.replace("9000000", "900000"))
    with SQLiteLab() as lab:
        assert lab.run("SELECT 1").rows == [(1,)]


def test_seconds_on_duckdb_are_bounded_in_all_labs():
    """Does the second runaway query of an answer get only what the first has left?"""
    began = time.process_time()
    with bounded_work(Allowance(seconds=1)):
        for _ in range(4):
            with DuckDBLab() as lab, pytest.raises(OutOfBounds):
                lab.run("SELECT count(*) FROM range(10000000000) a, range(1000000) b")
    assert time.process_time() - began < 5


PROCESS_WIDE = ("hard_heap_limit = 1000", "soft_heap_limit = 1", "temp_store_directory = '/tmp'", "writable_schema = 1")


@pytest.mark.parametrize("pragma", PROCESS_WIDE)
def test_no_lab_changes_the_process(pragma):
    """Is a PRAGMA refused that would reach every other lab of the process?"""
    with SQLiteLab() as lab, pytest.raises(EngineError):
        lab.run(f"PRAGMA {pragma}")
    with SQLiteLab() as lab:
        assert lab.run("SELECT length(randomblob(100000))").rows == [(100_000,)]


FILES = (
    "COPY (SELECT 1) TO ':memory:.wal'", "FROM read_csv(':memory:.wal')", "COPY (SELECT 1) TO '.tmp/x'",
    "ATTACH 'x.db'", "FROM read_text('/etc/passwd')", "FROM glob('/*')", "INSTALL httpfs", "LOAD httpfs",
    "EXPORT DATABASE 'x'", "CREATE PERSISTENT SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')", "SET memory_limit = '9GB'",
    "SET disabled_filesystems = ''", "PRAGMA enable_profiling = 'json'", "CALL enable_logging(storage = 'file')",
    "COPY (SELECT 1) TO '/dev/stdout'", "FROM 'pyproject.toml'", "FROM sniff_csv('/etc/passwd')",
)  # fmt: skip


@pytest.mark.parametrize("statement", FILES)
def test_a_duckdb_lab_reaches_no_file(statement, tmp_path, monkeypatch):
    """Is no file read or written, not even those that a database in memory would have beside it?"""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".tmp").mkdir()
    with DuckDBLab() as lab, pytest.raises(EngineError):
        lab.run(statement)
    assert [path.name for path in tmp_path.rglob("*")] == [".tmp"]


BIG = {
    SQLiteLab: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT randomblob(900000) FROM n",
    DuckDBLab: "SELECT repeat('x', 100000) FROM range(1000000)",
}


@pytest.mark.parametrize("lab", BIG, ids=lambda lab: lab.engine)
def test_rows_are_bounded_in_bytes(lab):
    """Is a result of few giant rows cut off as one of many rows is?"""
    with lab() as opened, pytest.raises(OutOfBounds, match="more than 20 MB"):
        opened.run(BIG[lab])


def test_every_lab_of_the_course_is_bounded(course):
    """Does no exercise open a lab that lifts the bound?"""
    LessonGrader.prepare(course, "04-decomposition", "seed")
    assert len(LABS) >= 5
    for opener in LABS.values():
        with bounded_work() as allowance, opener(1) as lab:
            assert getattr(lab, "own", lab)._allowance is allowance
