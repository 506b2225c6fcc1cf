"""Do the explorer of schedules and the sweep of power cuts see what PostgreSQL does?"""

import os

import pytest

from graders.labs import open_shared_lab, why_no_postgres
from graders.techniques.power_cuts import sweep_crashes
from graders.techniques.schedules import SQLScript, explore, run_in_order

pytestmark = pytest.mark.skipif(bool(why_no_postgres()) and not os.environ.get("CI"), reason=why_no_postgres())

SCHEMA = "CREATE TABLE account (id int PRIMARY KEY, amount int)"
ROWS = {"account": [(1, 10), (2, 20)]}
COUNTED = "BEGIN; INSERT INTO account SELECT 10 + $n, count(*) FROM account; COMMIT"


def opener():
    return open_shared_lab("PostgreSQL", SCHEMA, ROWS)


@pytest.mark.parametrize(("isolation", "serial"), [("REPEATABLE READ", False), ("SERIALIZABLE", True)])
def test_every_schedule_of_two_transactions(isolation, serial):
    """Is a state that no serial order leaves found under snapshot isolation, and none under SERIALIZABLE?"""
    scripts = {n: SQLScript(COUNTED.replace("$n", n), {"isolation": isolation}) for n in "12"}
    with opener() as lab:
        found = explore(lab, scripts)
    assert found.exhaustive and found.schedule_count == 20
    assert (found.counterexample is None) == serial


def test_a_deadlock_is_broken_by_the_engine():
    """Of two that lock in opposite order, is the one that closes the circle refused by PostgreSQL itself?"""
    move = "BEGIN; UPDATE account SET amount = 0 WHERE id = {}; UPDATE account SET amount = 0 WHERE id = {}; COMMIT"
    with opener() as lab:
        schedule = run_in_order(lab, {"a": move.format(1, 2), "b": move.format(2, 1)}, "aabbab")
    assert [(name, words[:5]) for name, words in schedule.failures.items()] == [("b", "40P01")]


@pytest.mark.parametrize(("script", "broken"), [("{}; {}", 1), ("BEGIN; {}; {}; COMMIT", 0)])
def test_power_cuts_before_each_statement(script, broken):
    """Does money get lost between two statements, but not within a transaction?"""
    both = (
        "UPDATE account SET amount = amount - 5 WHERE id = 1",
        "UPDATE account SET amount = amount + 5 WHERE id = 2",
    )

    def lost(lab):
        return "" if lab.execute("SELECT sum(amount) FROM account").rows == [(30,)] else "money is lost"

    with opener() as lab:
        sweep = sweep_crashes(lab, script.format(*both), lost)
    assert sum(bool(cut.violation) for cut in sweep.crashes) == broken
