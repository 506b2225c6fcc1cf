"""What the build does not try of the lesson on transactions: lazy and hostile answers, and forms nobody foresaw."""

from functools import partial

import pytest
from foreseen_answers import LESSONS, earns_little, judge_answer

from graders.build.keys import exercise_of, task_key
from graders.kernel.judge import judge
from graders.labs import labs_opened_by
from graders.labs.opening import open_here
from graders.sandbox import best_isolation

LESSON = LESSONS["transactions"]
report_on = partial(judge_answer, LESSON.name)


LAZY = {
    "order-a-transfer": ["a", "h", "d a", "f"],
    "all-or-nothing": ["def run_all(c, s):\n    pass", "def run_all(c, s):\n    raise ValueError", "run_all = 7"],
    "transfer-money": [
        "def transfer(c, a, b, n):\n    raise ValueError",
        "def transfer(c, a, b, n):\n    pass",
        "def transfer(c, a, b, n):\n    c.execute('DROP TABLE accounts')",
        "def transfer(c, a, b, n):\n    c.close()",
        "def transfer(c, a, b, n):\n    while True: c.execute('SELECT 1')",
    ],
    "import-the-orders": [
        "def import_orders(c, o):\n    return []",
        "def import_orders(c, o):\n    return [n for n, _ in o]",
    ],
    "retry-when-busy": [
        "def withdraw(c, a, n):\n    raise ValueError",
        "def withdraw(c, a, n):\n    pass",
        "def withdraw(c, a, n):\n    try:\n        c.execute('DELETE FROM accounts')\n    except: pass",
    ],
}


@pytest.mark.parametrize(("name", "text"), [(n, text) for n, texts in LAZY.items() for text in texts])
def test_lazy_answers_earn_little_and_never_break_a_check(name, text):
    assert earns_little(report_on(name, text))


RIGHT = {
    "transfer-money": [
        """
import sqlite3
def transfer(connection, payer, payee, amount):
    connection.isolation_level = "IMMEDIATE"
    try:
        for who, change in ((payer, -amount), (payee, amount)):
            cursor = connection.execute("UPDATE accounts SET balance = balance + ? WHERE id = ?", (change, who))
            if cursor.rowcount == 0:
                raise LookupError(who)
        if connection.execute("SELECT min(balance) FROM accounts").fetchone()[0] < 0:
            raise ValueError("overdrawn")
    except Exception:
        connection.rollback()
        raise
    connection.commit()
""",
        """
def transfer(connection, payer, payee, amount):
    found = connection.execute("SELECT count(*) FROM accounts WHERE id IN (?, ?)", (payer, payee)).fetchone()
    if found != (2,):
        raise LookupError
    connection.executescript("BEGIN")
    with connection:
        connection.executemany(
            "UPDATE accounts SET balance = balance + ? WHERE id = ? AND balance + ? >= 0",
            [(-amount, payer, -amount), (amount, payee, amount)],
        )
        if connection.total_changes != 2:
            raise ValueError("refused")
""",
    ],
}


@pytest.mark.parametrize(("name", "text"), [(n, text) for n, texts in RIGHT.items() for text in texts])
def test_forms_that_nobody_foresaw_earn_full_marks(name, text):
    report = report_on(name, text)
    assert [(v.sentence, v.expected, v.found) for v in report.verdicts if v.found] == []
    assert report.score == report.points


WAITING = {
    "the engine's timeout": (
        "transfer-money",
        """
def transfer(connection, payer, payee, amount):
    connection.execute("PRAGMA busy_timeout = 1000000000")
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        taken = connection.execute(
            "UPDATE accounts SET balance = balance - ? WHERE id = ? AND balance >= ?", (amount, payer, amount)
        )
        given = connection.execute("UPDATE accounts SET balance = balance + ? WHERE id = ?", (amount, payee))
        if taken.rowcount != 1 or given.rowcount != 1:
            raise ValueError("not enough money")
""",
    ),
    "sleep between tries": (
        "transfer-money",
        """
import sqlite3
from time import monotonic, sleep

def begin(connection):
    give_up = monotonic() + 86_400
    while True:
        try:
            return connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            if monotonic() > give_up:
                raise
            sleep(3600)

def transfer(connection, payer, payee, amount):
    begin(connection)
    with connection:
        taken = connection.execute(
            "UPDATE accounts SET balance = balance - ? WHERE id = ? AND balance >= ?", (amount, payer, amount)
        )
        given = connection.execute("UPDATE accounts SET balance = balance + ? WHERE id = ?", (amount, payee))
        if taken.rowcount != 1 or given.rowcount != 1:
            raise ValueError("not enough money")
        sleep(3600)
""",
    ),
    "sleep before trying a withdrawal again": (
        "retry-when-busy",
        """
import time

def attempt(connection, account, amount):
    connection.execute("BEGIN")
    (balance,) = connection.execute("SELECT balance FROM accounts WHERE id = ?", (account,)).fetchone()
    if balance < amount:
        raise ValueError("not enough money")
    connection.execute("UPDATE accounts SET balance = ? WHERE id = ?", (balance - amount, account))
    connection.execute("COMMIT")

def withdraw(connection, account, amount):
    for number in range(1, 6):
        try:
            return attempt(connection, account, amount)
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            busy = getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY")
            if not busy or number == 5:
                raise
            time.sleep(3600 * number)
""",
    ),
}


@pytest.mark.parametrize("isolated", [False, True], ids=["as in a notebook", "as in the grader"])
@pytest.mark.parametrize("what", WAITING)
def test_who_waits_for_a_lock_waits_for_whoever_moves_next_and_not_for_the_clock(what, isolated):
    """Has an answer that would wait for hours all its points at once, in the notebook as in the grader?"""
    name, text = WAITING[what]
    report = report_on(name, text, isolation=best_isolation() if isolated else None)
    assert report.score == report.points, [verdict.found for verdict in report.verdicts if verdict.found]


@pytest.mark.parametrize(
    "name", [task.name for task in LESSON.tasks.values() if task.kind in ("python", "sql", "parsons")]
)
def test_a_right_answer_is_tried_in_three_labs_at_most(name):
    """Is the answer called, cut off and interleaved in one lab each, whatever the number of claims?"""
    labs = []

    def open_counted(*given, **options):
        labs.append(given)
        return open_here(*given, **options)

    task = LESSON.tasks[name]
    with labs_opened_by(open_counted):
        report = judge(exercise_of(task, "", task_key(task), LESSON.name), task.solution)
    assert (report.score, len(labs) <= 3) == (report.points, True)
