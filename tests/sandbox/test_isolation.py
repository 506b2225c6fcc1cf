"""Does every isolation here hold against every attempt to break out, and would the attempts notice if not?"""

import os
import shutil
import sys
import tempfile
import time
import venv
from importlib import metadata
from pathlib import Path

import duckdb
import psutil
import pytest
from ending import FAR_NET, run_to_end
from student_words import in_student_words

from graders.commands.breakout_trial import Stage, find_child_processes
from graders.commands.breakouts import ATTEMPTS
from graders.kernel.report import Mismatch
from graders.labs import open_shared_lab
from graders.sandbox import (
    Bounds,
    IsolationUnavailable,
    Sandbox,
    SandboxTimeout,
    best_isolation,
    choose_isolation,
    isolations,
    no_isolation,
    weakness,
)
from graders.sandbox.fork_server import servers

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = Path(duckdb.__file__).parents[1]
HERE = [isolation for isolation in isolations() if sys.platform == "linux" and not weakness(isolation)]
# Without isolation these reach nothing: no process is shared, and root needs no means to become what it is.
HARMLESS = {
    "read the environment and the secret seed",
    "leave a process behind",
    "mount, or become another user",
    "reach what the fork server holds open",
    "find an earlier answer or a neighbour's in memory",
}
BOUNDS = ("start processes", "start threads", "take 4 GB", "fill the disk", "make files", "nest folders", "flood")

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="isolation is for Linux alone; elsewhere grading refuses")
each_isolation = pytest.mark.parametrize("isolation", HERE, ids=lambda isolation: isolation.name)


@pytest.fixture
def open_folder():
    """A folder that every user of this machine can open; pytest's own are closed."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@on_linux
def test_the_best_isolation_holds_here():
    """Does bubblewrap hold on the machine that tests the project? `apt-get install bubblewrap` if this fails."""
    assert {isolation.name: weakness(isolation) for isolation in isolations()}["bubblewrap"] == ""
    assert best_isolation().name == "bubblewrap"


@on_linux
@each_isolation
@pytest.mark.parametrize("name", ATTEMPTS)
def test_no_attempt_comes_through(isolation, name):
    """Does the isolation hold?"""
    with Stage(ROOT) as stage:
        assert stage.try_attempt(name, isolation).reached == ()


@on_linux
@pytest.mark.parametrize("name", [name for name in ATTEMPTS if not name.startswith(BOUNDS)])
def test_attempts_come_through_where_no_isolation_is(name):
    """Would the test above fail if there were no isolation? (The others would do this machine harm.)"""
    with Stage(ROOT) as stage:
        reached = stage.try_attempt(name, no_isolation()).reached
    assert reached or name in HARMLESS


@on_linux
@each_isolation
def test_databases_and_libraries_work_in_isolation(isolation):
    """Can an answer use what the course teaches: a database of ours, files, threads, pandas, DuckDB, SQLAlchemy?"""
    source = """
import asyncio, concurrent.futures, duckdb, pandas, pathlib, shutil, sqlalchemy, sqlite3, tempfile
def f(connection):
    connection.execute("INSERT INTO t SELECT value FROM json_each('[1, 2]')")
    path = str(pathlib.Path("own.db").resolve())
    with sqlite3.connect(path) as own:
        own.executescript("CREATE TABLE t (n); INSERT INTO t VALUES (1), (2)")
    shutil.copy(path, path + ".copy")
    frame = pandas.DataFrame({"n": [1, 2, 3]})
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        sums = list(pool.map(sum, [[1], [2, 3]]))
    with sqlalchemy.create_engine(f"sqlite:///{path}").connect() as session:
        count = session.execute(sqlalchemy.text("SELECT count(*) FROM t")).scalar()
    with tempfile.TemporaryFile() as file:
        file.write(b"x")
    return (duckdb.sql("SELECT sum(n) FROM frame").fetchall()[0][0], sums, count, asyncio.run(asyncio.sleep(0, 7)))
"""
    with (
        open_shared_lab("SQLite", "CREATE TABLE t (n)") as lab,
        Sandbox(bounds=Bounds(work=30), isolation=isolation) as sandbox,
    ):
        assert sandbox.define(source, "f")(lab.connect()) == (6, [1, 5], 2, 7)
        assert lab.execute("SELECT n FROM t").rows == [(1,), (2,)]


@on_linux
@each_isolation
def test_a_sandbox_knows_only_four_variables(isolation, monkeypatch):
    """Is nothing of our environment handed on?"""
    monkeypatch.setenv("COURSE_SEED", "secret")
    with Sandbox(isolation=isolation) as sandbox:
        names = set(sandbox.define("import os\nf = sorted(os.environ)", "f"))
    assert names - {"PWD", "LC_CTYPE"} == {"PATH", "LANG", "HOME", "TMPDIR"}


def test_no_isolation_hands_no_seed_on(monkeypatch):
    """Does a sandbox without isolation get no secret either?"""
    monkeypatch.setenv("COURSE_SEED", "secret")
    monkeypatch.setenv("PGPASSWORD", "secret")
    with Sandbox() as sandbox:
        values = sandbox.define("import os\nf = dict(os.environ)", "f").values()
    assert "secret" not in values


@on_linux
@each_isolation
def test_an_installed_course_is_taken_out_of_the_packages(isolation, open_folder):
    """Is the course's package out of sight where it lies among the packages that a sandbox may read?"""
    venv.create(open_folder / "venv")
    (packages,) = (open_folder / "venv/lib").glob("python3.*/site-packages")
    shutil.copytree(ROOT / "graders", packages / "graders")
    (packages / "other.py").write_text("")
    needed = [path for name in ("click", "duckdb", "psutil") for path in metadata.files(name)]
    for top in {path.parts[0] for path in needed if path.parts[0] != ".."}:
        copy = shutil.copytree if (PACKAGES / top).is_dir() else shutil.copy
        copy(PACKAGES / top, packages / top)
    script = f"""
from pathlib import Path
from graders.sandbox import Sandbox, isolations
from graders.commands.breakout_trial import Stage
isolation = {{each.name: each for each in isolations()}}[{isolation.name!r}]
with Stage(Path.cwd()) as stage:
    assert stage.try_attempt("read the course's own package", isolation).reached == ()
with Sandbox(isolation=isolation) as sandbox:
    assert sandbox.define("import other, os\\nf = os.path.dirname(other.__file__)", "f") == {str(packages)!r}
"""
    python = open_folder / "venv/bin/python"
    done = run_to_end([python, "-I", "-c", script], cwd=open_folder)
    assert done.returncode == 0, done.stderr


@on_linux
@each_isolation
def test_more_replies_than_asked_fill_no_memory(isolation):
    """Is our memory safe from a process that goes on answering?"""
    source = """
import fcntl, os, threading
def writable(number):
    try:
        return fcntl.fcntl(number, fcntl.F_GETFL) & os.O_WRONLY
    except OSError:
        return False
def flood():
    while True:
        os.write(channel, b'{"value": 1}' + b" " * 1000 + b"\\n")
def f():
    threading.Thread(target=flood, daemon=True).start()
channel = next(number for number in range(3, 20) if writable(number))
"""
    with Sandbox(isolation=isolation) as sandbox:
        f = sandbox.define(source, "f")
        for _ in range(5):
            f()
            time.sleep(0.1)
        assert len(sandbox._process._lines._buffer) < 1_000_000


@on_linux
@each_isolation
@pytest.mark.parametrize(
    ("body", "found"),
    [("while True: pass", "it was still running"), ("import time; time.sleep(600)", "it waited and did nothing")],
)
def test_work_and_sleep_are_bounded_in_isolation(isolation, body, found):
    """Is an endless loop ended, or a long sleep, and its process with it?"""
    Sandbox(isolation=isolation).close()
    before = find_child_processes(os.getpid())
    with (
        Sandbox(bounds=Bounds(work=1, asleep=1), isolation=isolation) as sandbox,
        pytest.raises(Mismatch, match=found),
        in_student_words(),
    ):
        sandbox.define(f"def f():\n    {body}", "f")()
    assert find_child_processes(os.getpid()) == before


@on_linux
@each_isolation
def test_a_process_that_stops_listening_keeps_nobody_waiting(isolation):
    """Is a long request to a process that has stopped itself given up, and nobody blamed for it?"""
    source = "import os, signal, threading\ndef f(x):\n    threading.Timer(0.2, os.kill, (os.getpid(), 19)).start()"
    with Sandbox(bounds=Bounds(work=1, net=1), isolation=isolation) as sandbox:
        f = sandbox.define(source, "f")
        f("")
        stopped = psutil.Process(sandbox._process._running.number())
        until = time.monotonic() + FAR_NET
        while stopped.status() != psutil.STATUS_STOPPED and time.monotonic() < until:
            time.sleep(0.01)
        with pytest.raises(SandboxTimeout, match="too busy, or the process was stopped"):
            f("x" * 1_000_000)


@on_linux
def test_isolation_that_cannot_be_built_is_our_fault_not_the_answers(monkeypatch):
    """Is a sandbox that cannot start an error of ours, rather than a wrong answer?"""
    monkeypatch.setattr("graders.sandbox.isolation.shutil.which", lambda name: "/bin/false")
    servers.cache_clear()
    with pytest.raises(RuntimeError, match="a sandbox could not be started"):
        Sandbox(isolation=isolations()[0])
    servers.cache_clear()


def test_without_isolation_grading_refuses(monkeypatch):
    """Is the refusal one sentence that says what to install?"""
    choose_isolation.best_isolation.cache_clear()
    monkeypatch.setattr(choose_isolation, "weakness", lambda isolation: "not here")
    with pytest.raises(IsolationUnavailable, match="apt install bubblewrap"):
        best_isolation()
    choose_isolation.best_isolation.cache_clear()


@pytest.mark.skipif(os.name != "posix", reason="user numbers are POSIX's")
@each_isolation
def test_a_sandbox_is_nobody(isolation):
    """Is root never root in a sandbox, and an ordinary user without rights?"""
    source = """
import ctypes, os
libc, header, sets = ctypes.CDLL(None), (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
assert libc.capget(header, sets) == 0
f = (os.getuid(), list(sets), [libc.prctl(23, n) for n in range(41)].count(1), libc.prctl(39, 0, 0, 0, 0))
"""
    with Sandbox(isolation=isolation) as sandbox:
        uid, capabilities, bounds, no_new_privileges = sandbox.define(source, "f")
    assert uid in (os.getuid(), 65_534) if os.getuid() else 62_000 <= uid < 65_000
    assert (capabilities, no_new_privileges) == ([0] * 6, 1)
    assert bounds == 0 or os.getuid()
