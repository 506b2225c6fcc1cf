"""Does the record of a call say how it ended and what it left, and does a series end where nothing can be observed?"""

import pytest

from graders.kernel.report import Mismatch
from graders.labs import EngineError, SharedLab, open_shared_lab
from graders.sandbox import Sandbox
from graders.techniques.power_cuts import sweep_crashes
from graders.techniques.schedules import make_script, observe_each, run_call, run_calls, run_in_order

SCHEMA = "CREATE TABLE t (n INTEGER PRIMARY KEY)"
BUSY = EngineError("SQLite", "database is locked", code="SQLITE_BUSY")


@pytest.fixture
def lab():
    with open_shared_lab("SQLite", SCHEMA, {"t": [(1,)]}) as lab:
        yield lab


@pytest.fixture
def define():
    """Defines a function `f` in a sandbox, which ends with the test."""
    with Sandbox() as sandbox:
        yield lambda source: sandbox.define(source, "f")


def read_rows(lab):
    return [n for (n,) in lab.execute("SELECT n FROM t ORDER BY n").rows]


def test_a_record_says_what_a_call_gave_and_left(lab, define):
    """Are value, statements and rows those of the call, and is what it did not commit undone?"""
    f = define(
        "def f(c, n):\n    c.execute('INSERT INTO t VALUES (?)', (n,))\n    c.execute('BEGIN')\n    return n + 1"
    )
    record = run_call(lab, f, 7, read=read_rows)
    assert (record.words, record.arguments, record.value, record.exception) == ("`f(connection, 7)`", (7,), 8, "")
    assert record.statements == ("INSERT INTO t VALUES (?) with 7", "BEGIN")
    assert (record.left_open, record.refused, record.state) == (True, (), [1, 7])


def test_a_refusal_is_handed_back_in_place_of_a_statement(lab, define):
    """Does the statement not happen, and does the function see the engine's error?"""
    f = define("def f(c):\n    c.execute('DELETE FROM t')")
    record = run_call(lab, f, read=read_rows, refuse=lambda request: BUSY)
    assert (record.exception, record.value, record.refused, record.state) == (
        "`OperationalError: database is locked` in line 3 of your cell",
        None,
        (0,),
        [1],
    )


def test_a_call_that_never_stops_asking_is_cut_short(lab, define):
    """Is a function that swallows every refusal ended after so many of them, and can it be called again?"""
    f = define("def f(c):\n    while True:\n        try: c.execute('DELETE FROM t')\n        except Exception: pass")
    for _ in range(2):
        record = run_call(lab, f, read=read_rows, refuse=lambda request: BUSY, max_refusals=4)
        assert (record.refused, record.value, record.exception, record.state) == ((0, 1, 2, 3), None, "", [1])


def test_each_call_of_a_series_begins_on_the_first_rows(lab, define):
    """Does no call see what the one before it left?"""
    f = define("def f(c, n):\n    c.execute('INSERT INTO t VALUES (?)', (n,))")
    assert [record.state for record in run_calls(lab, f, [(2,), (2,), (3,)], read=read_rows)] == [
        [1, 2],
        [1, 2],
        [1, 3],
    ]


def test_a_series_ends_where_nothing_can_be_observed(lab, define):
    """Are the calls before the end at hand, and is its reason given whenever somebody reads on?"""
    f = define("def f(c, statement):\n    c.execute(statement)")
    series = run_calls(lab, f, [("DELETE FROM t",), ("DROP TABLE t",), ("DELETE FROM t",)], read=read_rows)
    assert [record.state for record in series.observations] == [[]]
    for _ in range(2):
        with pytest.raises(Mismatch) as raised:
            list(series)
        assert raised.value.found == "SQLite says: no such table: t"


def test_what_breaks_through_our_fault_is_no_end_of_a_series():
    """Is an error of our own raised at once, so that nobody takes it for the answer's?"""
    with pytest.raises(ZeroDivisionError):
        observe_each(lambda case: 1 // case, [1, 0])


@pytest.mark.parametrize("sandboxed", [True, False], ids=["in a sandbox", "in this process"])
def test_a_power_cut_falls_into_a_script(lab, define, sandboxed):
    """Is a script that is handed over as one text cut between its statements, wherever the function runs?"""
    source = "def f(c):\n    c.executescript('INSERT INTO t VALUES (2); INSERT INTO t VALUES (3)')"
    names = {}
    exec(source, names)
    script = make_script(define(source) if sandboxed else names["f"])
    sweep = sweep_crashes(lab, script, lambda lab: "")
    assert [cut.state["t"] for cut in sweep.crashes] == [[(1,)], [(1,), (2,)], [(1,), (2,), (3,)]]


def test_a_function_of_this_process_may_give_anything(lab):
    """Does a demonstration that gives something other than plain data end well, and is an exception told?"""

    def gives_its_cursor(connection):
        return connection.execute("INSERT INTO t VALUES (2)")

    def fails(connection):
        raise LookupError("nothing there")

    schedule = run_in_order(lab, {"A": make_script(gives_its_cursor), "B": make_script(fails)}, "AB")
    assert schedule.failures == {"B": "`LookupError: nothing there`"}
    assert schedule.state == {"t": [(1,), (2,)]} == SharedLab.dump(lab)
