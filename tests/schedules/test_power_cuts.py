"""Is a script cut off at every place, does the engine recover as after a killed process, and is a rerun judged?"""

import sqlite3
import sys

import pytest
import transfers
from ending import run_to_end

from graders.labs import in_order, open_shared_lab
from graders.sandbox import Sandbox
from graders.techniques.power_cuts import sweep_crashes
from graders.techniques.schedules import make_script

TRANSFER = (
    "BEGIN; UPDATE accounts SET balance = balance - 30 WHERE id = 1;"
    "UPDATE accounts SET balance = balance + 30 WHERE id = 2; COMMIT"
)
KINDS = [("SQLite", {}), ("SQLite", {"journal_mode": "wal"}), ("DuckDB", {"durable": True})]
each_kind = pytest.mark.parametrize(("engine", "options"), KINDS, ids=str)


def swept(start, script, invariant, **more):
    with start() as lab:
        return sweep_crashes(lab, script, invariant, **more)


def money(lab):
    total = lab.execute("SELECT sum(balance) FROM accounts").rows[0][0]
    return "" if total == 170 else f"{total} instead of 170 in all accounts"


def balances(sweep):
    return [[balance for _, balance in cut.state["accounts"]] for cut in sweep.crashes]


@each_kind
def test_a_transaction_is_all_or_nothing(engine, options):
    """Is the state before the COMMIT the old one at every place, and after it the new one?"""
    sweep = swept(lambda: open_shared_lab(engine, transfers.SCHEMA, transfers.DATA, **options), TRANSFER, money)
    assert sweep.first_violation is None
    assert balances(sweep) == [[100, 70]] * 4 + [[70, 100]]
    assert [cut.next.split()[0] if cut.next else "" for cut in sweep.crashes] == [
        "BEGIN",
        "UPDATE",
        "UPDATE",
        "COMMIT",
        "",
    ]
    assert sweep.words == "The power was cut at 5 places; something was wrong after none of them."


@each_kind
def test_two_transactions_lose_money_in_between(engine, options):
    """Is the one place between two changes found, and named by the statement that did not come?"""
    bare = TRANSFER.replace("BEGIN;", "").replace("; COMMIT", "")
    sweep = swept(lambda: open_shared_lab(engine, transfers.SCHEMA, transfers.DATA, **options), bare, money)
    assert [bool(cut.violation) for cut in sweep.crashes] == [False, True, False]
    assert sweep.first_violation.words == (
        "The power is cut after statement 1, before `UPDATE accounts SET balance = balance + 30 WHERE id = 2`: "
        "140 instead of 170 in all accounts."
    )


@pytest.mark.parametrize("sandboxed", [True, False])
def test_a_bare_except_cannot_swallow_a_crash(sandboxed):
    """Is a function that catches everything and puts the money back by hand caught by the cut?"""
    source = """def f(c):
    c.execute("UPDATE accounts SET balance = balance - 30 WHERE id = 1")
    try:
        c.execute("UPDATE accounts SET balance = balance + 30 WHERE id = 2")
    except:
        c.execute("UPDATE accounts SET balance = balance + 30 WHERE id = 1")
"""
    names = {}
    exec(source, names)
    with Sandbox() as sandbox:
        f = sandbox.define(source, "f") if sandboxed else names["f"]
        sweep = swept(lambda: open_shared_lab("SQLite", transfers.SCHEMA, transfers.DATA), make_script(f), money)
    assert [bool(cut.violation) for cut in sweep.crashes] == [False, True, False]


def test_a_rerun_must_come_to_its_end_and_be_right():
    """Is a step that cannot be run twice found, and one that can be left alone?"""

    def once(lab):
        there = lab.execute("SELECT count(*) FROM notes").rows[0][0]
        return "" if there == 1 else f"{there} notes instead of 1"

    def twice(script):
        opened = lambda: open_shared_lab("SQLite", "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)")  # noqa: E731
        return swept(opened, script, lambda lab: "", rerun=once)

    assert twice("INSERT INTO notes (text) VALUES ('a')").first_violation.rerun_violation == "2 notes instead of 1"
    assert "SQLITE_CONSTRAINT" in twice("INSERT INTO notes VALUES (1, 'a')").first_violation.rerun_violation
    assert twice("INSERT INTO notes VALUES (1, 'a') ON CONFLICT DO NOTHING").first_violation is None


def test_a_rerun_remembers_nothing_of_the_first_run():
    """Is a function that notes in its memory what it has done run again without these notes, as after a power cut?"""
    source = """known = []
def f(c):
    if not known:
        c.execute("INSERT INTO notes VALUES (1)")
    known.append(1)
"""
    opened = lambda: open_shared_lab("SQLite", "CREATE TABLE notes (id INTEGER PRIMARY KEY)")  # noqa: E731
    with Sandbox() as sandbox:
        script = make_script(sandbox.define(source, "f"))
        sweep = swept(opened, script, lambda lab: "", rerun=lambda lab: "")
    assert [bool(cut.rerun_violation) for cut in sweep.crashes] == [False, True]


def test_a_rerun_happens_where_it_is_due():
    """Is a step that cannot be run twice run once more only where it has not happened?"""
    opened = lambda: open_shared_lab("SQLite", "CREATE TABLE notes (id INTEGER PRIMARY KEY)")  # noqa: E731
    none = lambda lab: not lab.execute("SELECT * FROM notes").rows  # noqa: E731
    sweep = swept(opened, "INSERT INTO notes VALUES (1)", lambda lab: "", rerun=lambda lab: "", due=none)
    assert sweep.first_violation is None


def test_cuts_that_leave_the_same_database_share_a_rerun(monkeypatch):
    """Is a script run once more for each database that a power cut leaves, and not for each cut?"""
    begun = []
    monkeypatch.setattr("graders.techniques.power_cuts.forget", begun.append)
    opened = lambda: open_shared_lab("SQLite", transfers.SCHEMA, transfers.DATA)  # noqa: E731
    sweep = swept(opened, TRANSFER, money, rerun=money)
    assert sweep.first_violation is None
    assert (len(sweep.crashes), len(begun)) == (5, 2)


KILLED = """import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
for number, statement in enumerate(sys.argv[3:]):
    if number == int(sys.argv[2]):
        break
    connection.execute(statement)
os.kill(os.getpid(), signal.SIGKILL)
"""
FILL = "CREATE TABLE t (n INTEGER PRIMARY KEY, pad TEXT)"
WRITES = [
    "PRAGMA cache_size = 1",
    "BEGIN",
    "UPDATE t SET n = n + 1000, pad = hex(zeroblob(2000))",
    "DELETE FROM t WHERE n % 2",
    "COMMIT",
]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_power_cut_leaves_what_a_killed_process_leaves(tmp_path):
    """Is the recovered state the same after a real SIGKILL, with a journal left behind, at every place?"""
    data = {"t": [(n, "x" * 1000) for n in range(50)]}
    sweep = swept(lambda: open_shared_lab("SQLite", FILL, data), ";".join(WRITES), lambda lab: "")
    journals = 0
    for number, cut in enumerate(sweep.crashes):
        path = tmp_path / f"{number}.db"
        with sqlite3.connect(path) as connection:
            connection.execute(FILL)
            connection.executemany("INSERT INTO t VALUES (?, ?)", data["t"])
        connection.close()
        ended = run_to_end([sys.executable, "-c", KILLED, path, str(number), *WRITES])
        assert ended.returncode == -9
        journal = path.with_name(f"{number}.db-journal")
        journals += journal.exists() and journal.stat().st_size > 0
        recovered = sqlite3.connect(path)
        assert in_order(recovered.execute("SELECT * FROM t")) == cut.state["t"]
        assert recovered.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        recovered.close()
    assert journals == 2
    assert len({repr(cut.state) for cut in sweep.crashes}) == 2
