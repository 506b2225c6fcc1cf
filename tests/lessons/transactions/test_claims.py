"""What the build does not try of the lesson on transactions: lazy and hostile answers, and forms nobody foresaw."""

from functools import partial

import pytest
from foreseen_answers import LESSONS, earns_little, judge_answer

from graders.build.keys import exercise_of, task_key
from graders.kernel.judge import judge
from graders.labs import labs_opened_by
from graders.labs.engines import open_here
from graders.sandbox import best_isolation

LESSON = LESSONS["transactions"]
report_on = partial(judge_answer, LESSON.name)


LAZY = {
    "order-a-transfer": ["a", "h", "d a", "d h a", "f"],
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
def test_lazy_answers_earn_nothing_and_never_break_a_check(name, text):
    assert earns_little(report_on(name, text), share=0)


RUN_ALL = """def run_all(c, statements):
    {first}
    c.execute("BEGIN IMMEDIATE")
    try:
        for statement in {statements}:
            c.execute({statement})
        c.execute("COMMIT")
    except BaseException:
        c.execute("ROLLBACK")
        raise
"""


def run_all(first="pass", statements="statements", statement="statement"):
    return RUN_ALL.format(first=first, statements=statements, statement=statement)


TRANSFER = """def transfer(c, payer, payee, amount):
    {first}
    c.execute("BEGIN IMMEDIATE")
    with c:
        take = "UPDATE accounts SET balance = balance - ? WHERE id = ? AND balance >= ?"
        taken = c.execute(take, (amount, payer, {least}))
        given = c.execute("UPDATE accounts SET balance = balance + ? WHERE {payee}", (amount, payee))
        if taken.rowcount != 1 or given.rowcount != 1:
            raise ValueError("refused")
"""


def transfer(first="pass", least="amount", payee="id = ?"):
    return TRANSFER.format(first=first, least=least, payee=payee)


SWALLOWS_LOCKS = (
    transfer().replace("def transfer", "import sqlite3\n\ndef move")
    + """
def transfer(c, payer, payee, amount):
    try:
        move(c, payer, payee, amount)
    except sqlite3.OperationalError:
        pass
"""
)


IMPORT = """import sqlite3
def import_orders(c, orders):
    bad = []
    c.execute("BEGIN IMMEDIATE")
    with c:
        for order_id, lines in {orders}:
            c.execute("SAVEPOINT one")
            try:
                c.execute("INSERT INTO orders VALUES (?)", (order_id,))
                for sku, quantity in {lines}:
                    c.execute("INSERT INTO lines VALUES (?, ?, ?)", (order_id, {sku}, {quantity}))
            except sqlite3.IntegrityError:
                c.execute("ROLLBACK TO one")
                bad.append(order_id)
    return bad
"""


def import_orders(orders="orders", lines="lines", sku="sku", quantity="quantity"):
    return IMPORT.format(orders=orders, lines=lines, sku=sku, quantity=quantity)


ALMOST_RIGHT = {
    "all-or-nothing": [
        run_all(statements="dict.fromkeys(statements)"),
        run_all(statements="statements[:100]"),
        run_all(statements="sorted(statements)"),
        run_all(statement="statement.split(';')[0]"),
        run_all(statement="statement.lower()"),
        run_all().replace("COMMIT", "ROLLBACK"),
    ],
    "transfer-money": [
        transfer("if payee not in (1, 2, 3): raise ValueError"),
        transfer(least="amount + 1"),
        transfer(least="amount - 1"),
        transfer(least="0"),
        transfer(payee="owner = (SELECT owner FROM accounts WHERE id = ?)"),
        SWALLOWS_LOCKS,
    ],
    "import-the-orders": [
        import_orders(orders="orders[:30]"),
        import_orders(orders="dict(orders).items()"),
        import_orders(lines="set(lines)"),
        import_orders(lines="lines[:2]"),
        import_orders(lines="lines[:30]"),
        import_orders(sku="sku.lower()"),
        import_orders(sku="sku.strip()"),
        import_orders(quantity="abs(quantity)"),
        import_orders(quantity="quantity or 1"),
    ],
}


@pytest.mark.parametrize(("name", "text"), [(n, text) for n, texts in ALMOST_RIGHT.items() for text in texts])
def test_answers_that_are_right_for_a_few_values_only_lose_points(name, text):
    """Do the drawn values tell what is right from what is right for some of them?"""
    report = report_on(name, text)
    assert report.score < report.points


def test_the_answers_that_are_spoiled_above_are_right_as_they_are():
    """Does each of them lose its points for what is spoiled in it, and for nothing else?"""
    whole = {"all-or-nothing": run_all(), "transfer-money": transfer(), "import-the-orders": import_orders()}
    reports = [report_on(name, text) for name, text in whole.items()]
    assert [report.score for report in reports] == [report.points for report in reports]


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
