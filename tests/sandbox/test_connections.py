"""Does a proxied connection behave as the engine's own does, and does nothing that comes over it break a limit?"""

import sqlite3

import pytest
from student_words import in_student_words

from graders.kernel.report import Mismatch
from graders.labs import EngineError, open_shared_lab
from graders.sandbox import Bounds, Sandbox, SandboxError, isolations, no_isolation, weakness

each_isolation = pytest.mark.parametrize(
    "isolation",
    [no_isolation(), *(isolation for isolation in isolations() if not weakness(isolation))],
    ids=lambda isolation: isolation.name,
)
SCHEMA = "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER CHECK (n >= 0)); CREATE TABLE u (x)"
DATA = {"t": [(1, 10), (2, 20)]}
# Each is the body of a function of a connection; what it gives must be what sqlite3 itself gives.
BODIES = [
    "return c.execute('SELECT id, n FROM t WHERE n > ?', (15,)).fetchone()",
    "return c.execute('SELECT id, n FROM t WHERE n > :n', {'n': 5}).fetchall()",
    "return [row for row in c.execute('SELECT n FROM t')]",
    "k = c.cursor(); return k.execute('SELECT n FROM t').fetchmany(1), k.fetchone(), k.fetchone()",
    "return c.execute('SELECT 1 AS a, 2 AS b').description",
    "k = c.execute('UPDATE t SET n = 1'); return k.rowcount, k.description, k.fetchall(), c.total_changes",
    "return c.execute('SELECT 1').rowcount",
    "return c.execute('INSERT INTO t VALUES (NULL, 3)').lastrowid",
    "c.executemany('INSERT INTO t VALUES (?, ?)', ((n, n) for n in range(5, 9))); return c.total_changes",
    "c.execute('INSERT INTO u VALUES (1)'); return c.in_transaction, c.isolation_level",
    "c.execute('INSERT INTO u VALUES (1)'); c.rollback(); return c.execute('SELECT * FROM u').fetchall()",
    "c.execute('INSERT INTO u VALUES (1)'); c.executescript('SELECT 1;'); return c.in_transaction",
    "c.isolation_level = None; c.execute('INSERT INTO u VALUES (1)'); return c.in_transaction",
    "c.execute('INSERT INTO u VALUES (1)'); c.isolation_level = None; return c.in_transaction",
    "with c: c.execute('INSERT INTO u VALUES (2)')\n"
    "    return c.in_transaction, c.execute('SELECT x FROM u').fetchall()",
    "try:\n        with c: c.execute('INSERT INTO u VALUES (2)'); 1 / 0\n    except ZeroDivisionError: pass\n"
    "    return c.in_transaction, c.execute('SELECT x FROM u').fetchall()",
    "c.row_factory = sqlite3.Row; r = c.execute('SELECT id AS \"a b\", n FROM t').fetchone()\n"
    "    return r['a b'], r['N'], r.keys(), tuple(r), type(r).__name__",
    "c.row_factory = lambda k, r: dict(zip([d[0] for d in k.description], r))\n"
    "    return c.execute('SELECT * FROM t').fetchall()",
    "import datetime; c.execute('INSERT INTO u VALUES (?)', (datetime.date(2026, 1, 2),))\n"
    "    return c.execute('SELECT x, typeof(x) FROM u').fetchone()",
    "return c.execute('SELECT ?, ?, ?, ?', (None, 1.5, b'\\x00\\xff', 'O\\'Brien\\n')).fetchone()",
    "return c.execute('SELECT 9e999, -9e999').fetchone()",
]
# Each raises; class, code and name of the error must be sqlite3's.
FAILING = [
    "c.execute('INSERT INTO t VALUES (1, 1)')",
    "c.execute('INSERT INTO t VALUES (3, -1)')",
    "c.execute('INSERT INTO t VALUES (\\'x\\', 1)')",
    "c.execute('SELEC')",
    "c.execute('SELECT * FROM nowhere')",
    "c.execute('SELECT ?', ())",
    "c.execute('SELECT ?', (object(),))",
    "c.execute('SELECT ?', ({1},))",
    "c.execute('SELECT ?', (1 << 80,))",
    "c.execute('SELECT ?', ('\\ud800',))",
    "c.execute(3)",
    "c.execute('ROLLBACK')",
    "c.executemany('SELECT 1', [()])",
    "c.close(); c.execute('SELECT 1')",
    "c.close(); c.in_transaction",
    "c.execute('SELECT zeroblob(20000000)').fetchall()",
    "import threading; seen = []\n"
    "        def g():\n            try: c.execute('SELECT 1')\n            except Exception as e: seen.append(e)\n"
    "        t = threading.Thread(target=g); t.start(); t.join(); raise seen[0]",
]
CAUGHT = """import sqlite3
def f(c):
    try:
        {}
    except Exception as error:
        kind, told = type(error), ('sqlite_errorname', 'sqlite_errorcode')
        return kind.__module__, kind.__name__, [getattr(error, name, None) for name in told]
"""


def real(source):
    """What the function in `source` gives on a connection of sqlite3's own."""
    names = {}
    exec(source, names)
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    connection.execute("INSERT INTO t VALUES (1, 10), (2, 20)")
    connection.commit()
    before = connection.total_changes
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 10_000_000)
    value = names["f"](connection)
    return value, before


def over_a_connection(source, isolation=None, **options):
    with Sandbox(isolation=isolation) as sandbox, open_shared_lab("SQLite", SCHEMA, DATA) as lab:
        return sandbox.define(source, "f")(lab.connect(**options))


@pytest.mark.filterwarnings("ignore:The default date adapter")
@pytest.mark.parametrize("body", BODIES)
def test_a_connection_gives_what_sqlite3_gives(body):
    """Is the value of the function the same over a proxied connection as on a connection of its own?"""
    source = f"import sqlite3\ndef f(c):\n    {body}"
    expected, before = real(source)
    if "total_changes" in body:
        expected = expected[:-1] + (expected[-1] - before,) if isinstance(expected, tuple) else expected - before
    assert over_a_connection(source, isolation_level="") == expected


@pytest.mark.parametrize("statement", FAILING)
def test_a_connection_raises_what_sqlite3_raises(statement):
    """Is the exception the same class, with the same code and name?"""
    source = CAUGHT.format(statement)
    assert over_a_connection(source, isolation_level="") == real(source)[0]


@pytest.mark.parametrize("call", ["create_function('half', 1, lambda n: n / 2)", "create_collation('C', max)"])
def test_a_connection_says_what_to_use_instead_of_a_function_in_sql(call):
    """Does whoever makes a function for SQL read why there is none, and what to do?"""
    with pytest.raises(SandboxError, match="SQL cannot call Python: read the rows, compute in Python, write"):
        over_a_connection(f"def f(c):\n    c.{call}")


@each_isolation
def test_a_connection_passes_every_isolation(isolation):
    """Does a function in isolation reach its database, for us to read?"""
    with Sandbox(isolation=isolation) as sandbox, open_shared_lab("SQLite", SCHEMA, DATA) as lab:
        f = sandbox.define("def f(c, n):\n    c.execute('INSERT INTO u VALUES (?)', (n,))\n    return 'ok'", "f")
        assert f(lab.connect(), 7) == "ok"
        assert lab.dump()["u"] == [(7,)]


def test_a_duckdb_connection_feels_like_duckdb():
    """Do rows, transactions and errors come over the connection as DuckDB's own?"""
    source = """import duckdb
def f(c):
    c.begin()
    c.execute("UPDATE t SET n = n + ? WHERE id = 1", [5])
    c.rollback()
    try:
        c.execute("INSERT INTO t VALUES (1, 1)")
    except duckdb.ConstraintException as error:
        caught = type(error).__name__
    total = c.execute("SELECT sum(n)::DECIMAL(9, 2), DATE '2026-01-02' FROM t").fetchone()
    c.executemany("INSERT INTO u VALUES (?)", [[1], [2]])
    return caught, total, c.execute("SELECT x FROM u").fetchall(), c.description[0][0]
"""
    schema = "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); CREATE TABLE u (x INTEGER)"
    with Sandbox() as sandbox, open_shared_lab("DuckDB", schema, DATA) as lab:
        caught, total, rows, column = sandbox.define(source, "f")(lab.connect())
        assert (caught, repr(total), rows, column) == (
            "ConstraintException",
            "(Decimal('30.00'), datetime.date(2026, 1, 2))",
            [(1,), (2,)],
            "x",
        )


def test_a_call_is_driven_statement_by_statement():
    """Does the function stand still at each statement until it is answered or refused?"""
    source = """import sqlite3
def f(c):
    c.execute("INSERT INTO u VALUES (1)")
    try:
        c.commit()
    except sqlite3.OperationalError as error:
        return error.sqlite_errorname
"""
    with Sandbox() as sandbox, open_shared_lab("SQLite", SCHEMA) as lab:
        session = lab.connect(isolation_level="")
        call = sandbox.define(source, "f").begin(session)
        assert str(call.waiting()) == "INSERT INTO u VALUES (1)" and not session.in_transaction()
        call.answer()
        assert (call.waiting().method, call.waiting().session) == ("commit", session)
        call.hand_back(EngineError("SQLite", "database is locked", "", "SQLITE_BUSY"))
        assert call.waiting() is None
        assert call.value() == "SQLITE_BUSY"
        assert session.in_transaction(), "what the function left open can be seen"


def test_calls_that_stand_still_have_processes_of_their_own():
    """Can two calls of one function be interleaved?"""
    source = "import os\ndef f(c):\n    c.execute('SELECT 1')\n    return os.getpid()"
    with Sandbox() as sandbox, open_shared_lab("SQLite") as lab:
        f = sandbox.define(source, "f")
        calls = [f.begin(lab.connect()) for _ in range(2)]
        for call in calls:
            call.answer()
        assert calls[0].value() != calls[1].value()
        assert f(lab.connect()) == calls[0].value()


def test_nothing_in_a_function_prevents_its_end():
    """Is a function that swallows every exception gone when it is abandoned, and the answer there for the next call?"""
    source = "def f(c):\n    while True:\n        try: c.execute('SELECT 1')\n        except: pass"
    with Sandbox() as sandbox, open_shared_lab("SQLite") as lab:
        f = sandbox.define(source, "f")
        for _ in range(2):
            call = f.begin(lab.connect())
            call.answer()
            call.abandon()
            assert call.waiting() is None


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("while True: c.execute('SELECT 1')", "it asked more often"),
        ("c.execute('SELECT ' + '1' * 20_000_000)", "more than 5 million characters"),
        ("c.execute('SELECT ?', ('x' * 20_000_000,))", "more than 5 million characters"),
        (
            "return c.execute('SELECT zeroblob(900000) FROM (VALUES (1), (2), (3), (4), (5), (6), (7))').fetchall()",
            "more than 5 million characters",
        ),
        ("c.execute('SELECT 1'); \n    while True: pass", "it was still running"),
        ("c._send(3, 'execute', '', [])", "something unreadable"),
        ("c._send(0, '__init__', '', [])", "something unreadable"),
        (
            "channel = c._send.__self__._channel\n    channel.write('{\"ask\": []}\\n')\n    channel.flush()",
            "something unreadable",
        ),
    ],
)
def test_a_connection_is_bounded(body, found):
    """Is a function that sends too much, or what no connection sends, cut off with one sentence?"""
    with Sandbox(bounds=Bounds(work=2)) as sandbox, open_shared_lab("SQLite", SCHEMA, DATA) as lab:
        f = sandbox.define(f"def f(c):\n    {body}", "f")
        with pytest.raises(Mismatch) as caught, in_student_words():
            f(lab.connect())
        assert found in caught.value.found


def test_sleep_costs_no_time_while_statements_are_interleaved():
    """Do all clocks agree on a sleep that did not happen, and does a function without a connection sleep in truth?"""
    source = """
import time
from time import sleep
READ = ("time", "monotonic", "perf_counter", "time_ns", "monotonic_ns", "perf_counter_ns")
def f(c, seconds=3600):
    before = [getattr(time, name)() for name in READ]
    sleep(seconds)
    after = [getattr(time, name)() for name in READ]
    return [(b - a) / (1e9 if name.endswith("_ns") else 1) for a, b, name in zip(before, after, READ)]
"""
    with Sandbox(bounds=Bounds(asleep=5)) as sandbox, open_shared_lab("SQLite") as lab:
        f = sandbox.define(source, "f")
        assert [round(each / 3600, 1) for each in f(lab.connect())] == [1.0] * 6
        assert all(each >= 0.19 for each in f(None, 0.2))
        for seconds in (-1, "1"):
            with pytest.raises(Mismatch, match="to run"), in_student_words():
                f(lab.connect(), seconds)


def test_a_timeout_is_kept_and_not_waited_for():
    """Does a session say the timeout that it was given, as SQLite reads it, while a lock is an error at once?"""
    with open_shared_lab("SQLite", SCHEMA, DATA) as lab:
        holder, other = lab.connect(), lab.connect()
        holder.execute("BEGIN IMMEDIATE")
        for given, kept in (("1000000000", 1_000_000_000), ("-3", 0), ("'7b'", 7)):
            assert other.execute(f"PRAGMA main.busy_timeout = {given}").rows == [(kept,)]
            assert other.execute("PRAGMA Busy_Timeout").rows == [(kept,)]
        for refused in ("BEGIN IMMEDIATE", "PRAGMA busy_timeout(1000000000); BEGIN IMMEDIATE"):
            with pytest.raises(EngineError) as caught:
                other.run_script(refused)
            assert caught.value.busy
