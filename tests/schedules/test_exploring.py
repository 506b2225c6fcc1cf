"""Is every interleaving run, a planted anomaly always found, and a serialisable set of scripts never reported?"""

import random
from itertools import permutations

import pytest
from student_words import in_student_words

from graders.kernel.report import Mismatch
from graders.labs import open_shared_lab
from graders.sandbox import Bounds, Sandbox
from graders.techniques.power_cuts import sweep_crashes
from graders.techniques.schedules import explore, make_script, run_in_order

SCHEMA = "CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER)"
DATA = {"accounts": [(1, 100), (2, 50)]}
MANY = "r (value) AS (SELECT 3 UNION ALL SELECT value + 1 FROM r WHERE value < 150000)"
WAYS = {"SQLite": {}, "SQLite in WAL mode": {"journal_mode": "wal"}, "DuckDB": {}}
each_way = pytest.mark.parametrize("way", WAYS)


def opener(way="SQLite", schema=SCHEMA, data=DATA):
    return lambda: open_shared_lab(way.split()[0], schema, data, **WAYS[way])


def explored(start, scripts, invariant=None, **limits):
    with start() as lab:
        return explore(lab, scripts, invariant, **limits)


def total(lab):
    found = lab.execute("SELECT sum(balance) FROM accounts").rows[0][0]
    return "" if found == 150 else f"{found} in all accounts instead of 150"


def move(amount, one, two):
    return (
        f"BEGIN; UPDATE accounts SET balance = balance - {amount} WHERE id = {one};"
        f"UPDATE accounts SET balance = balance + {amount} WHERE id = {two}; COMMIT"
    )


def test_all_seventy_interleavings_are_run():
    """Are two scripts of four statements, which never meet a lock, run in each of their 70 orders, once?"""
    script = "SELECT 1; SELECT 2; SELECT 3; INSERT INTO accounts SELECT coalesce(max(id), 0) + 1, {} FROM accounts"
    found = explored(opener(), {"A": script.format(7), "B": script.format(8)}, lambda lab: "")
    assert (found.schedule_count, found.exhaustive, found.counterexample, found.violation_count) == (70, True, None, 0)


def test_a_rule_sees_what_functions_gave():
    """Is a function found that says it was first in an order in which it was not?"""

    def first(connection):
        (count,) = connection.execute("SELECT count(*) FROM accounts WHERE id > 2").fetchone()
        connection.execute("INSERT INTO accounts SELECT max(id) + 1, 0 FROM accounts")
        return count == 0

    def both_were_first(schedule):
        return "both were first" if list(schedule.values.values()) == [True, True] else ""

    scripts = {"A": make_script(first), "B": make_script(first)}
    with opener()() as lab:
        found = explore(lab, scripts, rule=both_were_first)
        broken = found.counterexample
    assert (found.schedule_count, found.violation_count, broken.violation) == (6, 4, "both were first")
    assert broken.writes_from_stale_read("A") != broken.writes_from_stale_read("B")
    assert not any(run.violation for run in found.serial.values())


def test_each_order_is_run_once():
    """Is the order of the sessions different each time?"""
    seen = []
    schema = "CREATE TABLE log (number INTEGER PRIMARY KEY, who TEXT)"
    say = "INSERT INTO log (who) VALUES ('{0}'); INSERT INTO log (who) VALUES ('{0}')"

    def note(lab):
        seen.append("".join(who for (who,) in lab.execute("SELECT who FROM log ORDER BY number").rows))
        return ""

    found = explored(opener(schema=schema, data={}), {name: say.format(name) for name in "AB"}, note)
    assert sorted(set(seen)) == sorted({"".join(order) for order in permutations("AABB")})
    assert found.schedule_count == 6


@each_way
def test_serialisable_scripts_are_never_reported(way):
    """Do whole transactions of one statement each way always leave what some serial order leaves?"""
    found = explored(opener(way), {"A": move(10, 1, 2), "B": move(5, 2, 1)}, total)
    assert (found.counterexample, found.left_open, found.exhaustive) == (None, None, True)
    assert explored(opener(way), {"A": move(10, 1, 2), "B": move(5, 2, 1)}).counterexample is None


@each_way
def test_a_transaction_that_reads_and_then_writes_loses_nothing(way):
    """Is a lost update inside transactions prevented by each engine, one transaction being refused instead?"""
    script = "BEGIN; SELECT balance FROM accounts WHERE id = 1; UPDATE accounts SET balance = {} WHERE id = 1; COMMIT"
    found = explored(opener(way), {"A": script.format(90), "B": script.format(70)})
    assert found.counterexample is None and found.exhaustive
    assert (found.deadlock_count > 0) == (way == "SQLite")


@pytest.mark.parametrize("level", ["", None], ids=["Python's default mode", "autocommit"])
@pytest.mark.parametrize("sandboxed", [True, False])
def test_a_lost_update_is_found(level, sandboxed):
    """Is money created where the read is outside the transaction, and is the shortest such schedule given?"""
    source = """def withdraw(c, amount):
    balance = c.execute("SELECT balance FROM accounts WHERE id = 1").fetchone()[0]
    c.execute("UPDATE accounts SET balance = ? WHERE id = 1", (balance - amount,))
    c.commit()
"""
    names = {}
    exec(source, names)
    with Sandbox() as sandbox:
        withdraw = sandbox.define(source, "withdraw") if sandboxed else names["withdraw"]
        scripts = {name: make_script(withdraw, n, isolation_level=level) for name, n in (("A", 10), ("B", 30))}
        found = explored(opener(), scripts)
    assert found.exhaustive and found.counterexample.switches == 2
    assert found.counterexample.violation == "no serial order of the scripts leaves this state"
    assert [step.rows for step in found.counterexample.executed_steps[:2]] == [((100,),), ((100,),)]
    assert len(found.counterexample.executed_steps) == (6 if level == "" else 4)
    assert "read 100" in found.counterexample.words and "changed 1 row" in found.counterexample.words


DOCTORS = "CREATE TABLE doctors (name TEXT PRIMARY KEY, on_call BOOLEAN)"
LEAVE = """def leave(c, name):
    c.execute("BEGIN")
    if c.execute("SELECT count(*) FROM doctors WHERE on_call").fetchone()[0] > 1:
        c.execute("UPDATE doctors SET on_call = false WHERE name = ?", [name])
    c.execute("COMMIT")
"""


@pytest.mark.parametrize(("way", "found"), [("DuckDB", True), ("SQLite", False), ("SQLite in WAL mode", False)])
def test_write_skew_needs_snapshots(way, found):
    """Do both doctors leave under DuckDB's snapshots, and never in SQLite?"""

    def someone_is_there(lab):
        there = lab.execute("SELECT count(*) FROM doctors WHERE on_call").rows[0][0]
        return "" if there else "nobody is on call"

    with Sandbox() as sandbox:
        leave = sandbox.define(LEAVE, "leave")
        scripts = {name: make_script(leave, name) for name in ("Ada", "Ben")}
        start = opener(way, DOCTORS, {"doctors": [("Ada", True), ("Ben", True)]})
        assert bool(explored(start, scripts, someone_is_there).counterexample) == found
        assert bool(explored(start, scripts).counterexample) == found


def test_a_function_that_tries_again_is_right():
    """Does a function that sees the refusal and starts over reach the right state in every schedule?"""
    source = """import sqlite3
def withdraw(c, amount):
    while True:
        try:
            c.execute("BEGIN")
            balance = c.execute("SELECT balance FROM accounts WHERE id = 1").fetchone()[0]
            c.execute("UPDATE accounts SET balance = ? WHERE id = 1", (balance - amount,))
            c.execute("COMMIT")
            return
        except sqlite3.OperationalError:
            c.execute("ROLLBACK")
"""

    def both_done(lab):
        found = lab.execute("SELECT balance FROM accounts WHERE id = 1").rows[0][0]
        return "" if found == 60 else f"{found} instead of 60"

    with Sandbox() as sandbox:
        withdraw = sandbox.define(source, "withdraw")
        found = explored(opener(), {"A": make_script(withdraw, 10), "B": make_script(withdraw, 30)}, both_done)
    assert found.counterexample is None and found.deadlock_count > 0 and found.exhaustive


def test_a_function_without_an_end_is_cut_off():
    """Is a function that asks for ever reported as such, and the exploration ended?"""
    with Sandbox() as sandbox:
        f = sandbox.define("def f(c):\n    while True: c.execute('SELECT 1')", "f")
        found = run_in_order(opener()(), {"A": make_script(f), "B": "SELECT 1"}, "AB")
        assert "have not ended after 400 statements" in found.violation
        g = sandbox.define("def f(c):\n    while True: pass", "f")
        sandbox.bounds = Bounds(work=0.5)
        with pytest.raises(Mismatch, match="still running"), in_student_words():
            explored(opener(), {"A": make_script(g), "B": "SELECT 1"})


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DROP TABLE accounts", "no such table: accounts"),
        (f"WITH RECURSIVE {MANY} INSERT INTO accounts SELECT value, 0 FROM r", "more than 100,000 rows"),
    ],
)
def test_a_database_that_cannot_be_looked_at_is_the_scripts_doing(statement, found):
    """Is a script that leaves nothing to look at told so, rather than the check be called broken?"""
    for experiment in (explore, sweep_crashes):
        with opener()() as lab, pytest.raises(Mismatch) as caught, in_student_words():
            experiment(lab, statement if experiment is sweep_crashes else {"A": statement}, total)
        assert found in caught.value.found


def test_too_many_orders_are_sampled_and_said():
    """Is a sample of the schedules of three scripts called a sample, and its anomaly found, shrunk and repeatable?"""
    script = (
        "SELECT balance FROM accounts WHERE id = 1; SELECT 1; SELECT 2; UPDATE accounts SET balance = 7 WHERE id = {}"
    )
    scripts = {name: script.format(number) for number, name in enumerate("ABC", 1)}

    def never_seven(lab):
        return "seven" if (7,) in lab.execute("SELECT balance FROM accounts").rows else ""

    found, again = (explored(opener(), scripts, never_seven, max_schedules=40) for _ in range(2))
    assert (found.exhaustive, found.schedule_count) == (False, 40) and "not all that there are" in found.words
    assert found.counterexample.switches == 2 and found.counterexample.order == again.counterexample.order


def test_a_deadlock_ends_with_one_refused():
    """Where two readers want to write, is the one that waited longest refused, and said so in words?"""
    script = "BEGIN; SELECT balance FROM accounts WHERE id = 1; UPDATE accounts SET balance = 0 WHERE id = 1; COMMIT"
    with opener()() as lab:
        found = run_in_order(lab, {"A": script, "B": script}, "AABBABAB")
    assert found.deadlocks == 1 and list(found.failures) == ["B"]
    assert [step.outcome for step in found.steps if step.session == "B"][2:] == ["waits", "deadlock"]
    assert "B: UPDATE accounts SET balance = 0 WHERE id = 1 → waits for a lock" in found.words
    assert "refused to end a deadlock (SQLITE_BUSY)" in found.words


def test_a_given_order_is_kept():
    """Are statements run in the order asked for, a waiting session going on as soon as it can?"""
    write = "BEGIN IMMEDIATE; UPDATE accounts SET balance = balance + 1; COMMIT"
    with opener()() as lab:
        found = run_in_order(lab, {"A": write, "B": write}, "ABABAB")
    assert found.order == list("AAABBB") and found.waits == 1
    assert [step.effect for step in found.steps[:3]] == ["done", "waits for a lock", "changed 2 rows"]
    assert found.state == {"accounts": [(1, 102), (2, 52)]}


def test_an_open_transaction_is_told():
    """Is a script that ends in the midst of a transaction named, and its work not in the state?"""
    found = explored(opener(), {"A": "BEGIN; UPDATE accounts SET balance = 0", "B": "SELECT 1"}, total)
    assert found.left_open.left_open == ("A",) and found.counterexample is None
    assert "A leaves a transaction open." in found.left_open.words


PIECES = [
    "BEGIN",
    "BEGIN IMMEDIATE",
    "COMMIT",
    "SELECT balance FROM accounts WHERE id = 1",
    "UPDATE accounts SET balance = 2 * balance WHERE id = 1",
    "UPDATE accounts SET balance = 1 + (SELECT balance FROM accounts WHERE id = 2) WHERE id = 1",
    "UPDATE accounts SET balance = balance - 3 WHERE id = 2",
    "INSERT INTO accounts SELECT max(id) + 1, 0 FROM accounts",
]


@pytest.mark.parametrize("way", ["SQLite", "SQLite in WAL mode"])
def test_no_outcome_of_any_order_is_missed(way):
    """Are the final states of random scripts, with all their waits and refusals, those of every order run by itself?"""
    rng = random.Random(11)
    for _ in range(6):
        scripts = {name: "; ".join(rng.choices(PIECES, k=3)) for name in "AB"}
        seen = set()
        explored(opener(way), scripts, lambda lab, seen=seen: seen.add(repr(lab.dump())) or "")
        with opener(way)() as lab:
            orders = sorted(set(permutations("AAABBB")))
            one_by_one = {repr(run_in_order(lab, scripts, order).state) for order in orders}
        assert one_by_one <= seen, scripts
