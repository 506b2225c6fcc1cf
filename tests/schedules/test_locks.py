"""Does a call meet one lock at each statement that can meet one, and at no other?"""

import pytest

from graders.labs import open_shared_lab
from graders.sandbox import Sandbox
from graders.techniques.schedules import meet_each_lock

SCHEMA = "CREATE TABLE t (n INTEGER)"
# The statements of a function, and those of them that can meet a lock.
MEET = {
    ("BEGIN IMMEDIATE", "SELECT n FROM t", "UPDATE t SET n = 2", "COMMIT"): ("BEGIN IMMEDIATE", "COMMIT"),
    ("BEGIN", "SELECT n FROM t", "SELECT n FROM t", "UPDATE t SET n = 2", "DELETE FROM t", "COMMIT"): (
        "SELECT n FROM t",
        "UPDATE t SET n = 2",
        "COMMIT",
    ),
    ("UPDATE t SET n = 2", "DELETE FROM t"): ("UPDATE t SET n = 2", "DELETE FROM t"),
    ("BEGIN", "SELECT n FROM t", "COMMIT"): ("SELECT n FROM t",),
    ("UPDATE t SET n = 2", "SELECT changes()"): ("UPDATE t SET n = 2",),
    ("BEGIN", "UPDATE t SET n = 2", "ROLLBACK"): ("UPDATE t SET n = 2",),
}


@pytest.mark.parametrize("statements", MEET, ids=";".join)
def test_a_lock_is_met_where_a_stronger_one_is_needed(statements):
    """Is each lock that can be met met in a call of its own, which sees it as an exception and leaves nothing?"""
    source = f"def f(c):\n    for statement in {statements}:\n        c.execute(statement)"
    with Sandbox() as sandbox, open_shared_lab("SQLite", SCHEMA, {"t": [(1,)]}) as lab:
        f = sandbox.define(source, "f")
        calls = list(meet_each_lock(lab, f, read=lambda lab: lab.execute("SELECT n FROM t").rows))
    assert tuple(call.statements[call.refused[0]] for call in calls) == MEET[statements]
    assert all("database is locked" in call.exception for call in calls)
    assert calls[0].state == [(1,)]
