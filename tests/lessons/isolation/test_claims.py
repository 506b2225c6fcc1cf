"""What the build does not try of the lesson on isolation: lazy and hostile answers, and forms nobody foresaw."""

from functools import partial

import pytest
from foreseen_answers import LESSONS, earns_little, judge_answer

from graders.build.keys import exercise_of, task_key
from graders.kernel.judge import judge
from graders.labs import labs_opened_by
from graders.labs.engines import open_here

LESSON = LESSONS["isolation"]
report_on = partial(judge_answer, LESSON.name)


LAZY = {
    "lose-two-visitors": ["turns = []", "turns = 7", "turns = 'D D D'", "turns = {'A': 1}"],
    "optimistic-lock": [
        "def save(c, p, s, t):\n    return True",
        "def save(c, p, s, t):\n    return False",
        "def save(c, p, s, t): ...",
    ],
    "name-the-anomaly": ["named = {}", "named = ['phantom']", "named = dict.fromkeys('abcdef', 'serializable')"],
    "one-seat-two-booths": ["SELECT 1", "DROP TABLE bookings", "SELEC", "CREATE TABLE x (y)"],
    "never-oversell": [
        "def reserve(c, k, s, n):\n    return True",
        "def reserve(c, k, s, n):\n    return False",
        "def reserve(c, k, s, n):\n    c.execute('DELETE FROM stock')\n    return True",
    ],
}


@pytest.mark.parametrize(("name", "text"), [(n, text) for n, texts in LAZY.items() for text in texts])
def test_lazy_answers_earn_nothing_and_never_break_a_check(name, text):
    assert earns_little(report_on(name, text), share=0)


SAVE = """def save(c, page, seen, text):
    done = c.execute("UPDATE pages SET text = ?, version = version + 1 WHERE {where}", ({text}, {values}))
    return {value}
"""


def save(where="id = ? AND version = ?", text="text", values="page, seen", value="done.rowcount == 1"):
    return SAVE.format(where=where, text=text, values=values, value=value)


RESERVE = """def reserve(c, key, sku, n):
    c.execute("BEGIN IMMEDIATE")
    with c:
        if c.execute("SELECT 1 FROM reservations WHERE {known}", ({key},)).fetchone():
            return True
        left = c.execute("SELECT remaining FROM stock WHERE {stock}", (sku,)).fetchone()
        if left is None or left[0] < n:
            return False
        c.execute("UPDATE stock SET remaining = remaining - ? WHERE sku = ?", (n, sku))
        c.execute("INSERT INTO reservations VALUES (?, ?, ?)", (key, sku, n))
        return True
"""


def reserve(known="key = ?", key="key", stock="sku = ?"):
    return RESERVE.format(known=known, key=key, stock=stock)


REMEMBERS = """known = set()
def reserve(c, key, sku, n):
    if key in known:
        return True
    known.add(key)
    done = c.execute("UPDATE stock SET remaining = remaining - ? WHERE sku = ? AND remaining >= ?", (n, sku, n))
    return done.rowcount == 1
"""
ALMOST_RIGHT = {
    "optimistic-lock": [
        save(where="version = ?", values="seen"),
        save(where="id = ? AND version <= ?"),
        save(where="id = ? AND version >= ?"),
        save(text="text.strip()"),
        save(text="text.lower()"),
        save(text="text[:20]"),
        save(value="True"),
    ],
    "one-seat-two-booths": [
        "CREATE TEMP TABLE bookings (seat TEXT PRIMARY KEY, passenger TEXT NOT NULL)",
        "ALTER TABLE bookings ADD COLUMN sold BOOLEAN",
        "DROP TABLE bookings; CREATE TABLE bookings (seat TEXT NOT NULL, passenger TEXT NOT NULL,"
        " CHECK (seat <> '1A' OR passenger = 'Ada'))",
        "CREATE UNIQUE INDEX once ON bookings (lower(seat))",
        "CREATE UNIQUE INDEX once ON bookings (substr(seat, 1, 2))",
        "DROP TABLE bookings; CREATE TABLE bookings (seat TEXT PRIMARY KEY, passenger TEXT)",
    ],
    "never-oversell": [
        reserve(known="sku || n = ?", key="sku + str(n)"),
        reserve(known="lower(key) = ?", key="key.lower()"),
        reserve(known="trim(key) = ?", key="key.strip()"),
        reserve(known="key LIKE ? || '%'"),
        reserve(stock="sku <> ?"),
        reserve(stock="remaining > 0 OR sku = ?"),
        reserve().replace("        if c", "    if c").replace("            return True", "        return True", 1)
        .replace('    c.execute("BEGIN IMMEDIATE")\n    with c:\n', "", 1)
        .replace("        left", '    c.execute("BEGIN IMMEDIATE")\n    with c:\n        left'),
        REMEMBERS,
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(n, text) for n, texts in ALMOST_RIGHT.items() for text in texts])
def test_answers_that_are_right_for_a_few_values_only_lose_points(name, text):
    """Do the drawn values tell what is right from what is right for some of them?"""
    report = report_on(name, text)
    assert report.score < report.points
    assert "SyntaxError" not in str(report.verdicts)


def test_the_answers_that_are_spoiled_above_are_right_as_they_are():
    """Does each of them lose its points for what is spoiled in it, and for nothing else?"""
    reports = [report_on("optimistic-lock", save()), report_on("never-oversell", reserve())]
    assert [report.score for report in reports] == [report.points for report in reports]


RIGHT = {
    "lose-two-visitors": ["turns = 'A B C A A B B C C'"],
    "one-seat-two-booths": [
        "CREATE TABLE b2 (passenger TEXT NOT NULL, seat TEXT UNIQUE NOT NULL);"
        "DROP TABLE bookings; ALTER TABLE b2 RENAME TO bookings"
    ],
    "never-oversell": [
        """
def reserve(connection, key, sku, n):
    connection.execute("BEGIN IMMEDIATE")
    known = connection.execute("SELECT sku FROM reservations WHERE key = ?", (key,)).fetchone()
    stock = connection.execute("SELECT remaining FROM stock WHERE sku = ?", (sku,)).fetchone()
    enough = stock is not None and stock[0] >= n
    if not known and enough:
        connection.execute("UPDATE stock SET remaining = ? WHERE sku = ?", (stock[0] - n, sku))
        connection.execute("INSERT INTO reservations VALUES (?, ?, ?)", (key, sku, n))
    connection.execute("COMMIT")
    return bool(known or enough)
"""
    ],
}


@pytest.mark.parametrize(("name", "text"), [(n, text) for n, texts in RIGHT.items() for text in texts])
def test_forms_that_nobody_foresaw_earn_full_marks(name, text):
    report = report_on(name, text)
    assert [(v.sentence, v.expected, v.found) for v in report.verdicts if v.found] == []
    assert report.score == report.points


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
