"""What the build does not try of the lesson on injection: lazy and odd answers, secrets, and isolation."""

import random
from functools import partial

import pytest
from foreseen_answers import LESSONS, earns_little, judge_answer

from graders.checks.injection import pages as shop
from graders.checks.injection.attacks import draw_secret, open_shop
from graders.sandbox import best_isolation
from graders.techniques.attacks.hints import HONEST_FIRST, NO_NUMBER

LESSON = LESSONS["injection"]
report_on = partial(judge_answer, LESSON.name)


LAZY = {
    "forge-the-login": [
        "form = {}",
        "form = ('a', 'b')",
        "form = {'name': 1, 'password': 2}",
        "form = {'name': '', 'password': ''}",
    ],
    "union-a-password": ["words = ''", "words = 7", "words = ';'", "words = '\\0'"],
    "extract-by-bisection": ["def extract(ask):\n    return ''", "def extract(ask):\n    return ask", "extract = 'a'"],
    "fix-the-search": [
        "def search(connection, words, most):\n    return []",
        "def search(connection, words, most):\n    raise ValueError",
        "def search(connection, words, most):\n    return list(connection.execute('SELECT title, price FROM books'))",
    ],
    "sortable-list": ["def listing(connection, column, direction):\n    return []"],
    "fix-both-ends": [
        "def change_password(connection, member_id, new):\n    pass",
        "def change_password(connection, member_id, new):\n    connection.execute('DROP TABLE log')",
        "def change_password(connection, who, new):\n    connection.execute('UPDATE members SET password = ?', [new])",
    ],
    "flaw-in-the-card": [
        "def find_user(connection, user_input):\n    return []",
        "def find_user(connection, user_input):\n    return list(connection.execute('SELECT name, role FROM users'))",
        "def find_user(connection, user_input):\n    connection.execute('DELETE FROM users')\n    return []",
    ],
    "lock-down-the-page": ["a", "b", "e"],
    "upgrade-password-hashes": [
        "def login(connection, name, password):\n    return True",
        "def login(connection, name, password):\n    return False",
        "def login(connection, name, password):\n    connection.execute('DELETE FROM members')\n    return False",
    ],
    "filters-from-json": ["def find_books(connection, filters, order):\n    return []"],
}


@pytest.mark.parametrize(("name", "text"), [(n, text) for n, texts in LAZY.items() for text in texts])
def test_lazy_answers_earn_little_and_never_break_a_check(name, text):
    assert earns_little(report_on(name, text))


@pytest.mark.parametrize(
    "name",
    [
        "forge-the-login",
        "union-a-password",
        "extract-by-bisection",
        "fix-the-search",
        "sortable-list",
        "fix-both-ends",
        "flaw-in-the-card",
        "lock-down-the-page",
        "upgrade-password-hashes",
        "filters-from-json",
    ],
)
def test_solutions_earn_full_marks_in_isolation(name):
    task = LESSON.tasks[name]
    report = report_on(name, task.solution, seed=99, isolation=best_isolation())
    assert report.status == "right", [(verdict.sentence, verdict.found) for verdict in report.verdicts]


def test_secrets_are_new_each_time_and_stand_with_the_clerk():
    rng = random.Random(1)
    one, other = draw_secret(rng), draw_secret(rng)
    assert one != other
    with open_shop(one, rng) as lab:
        assert lab.run("SELECT password FROM members WHERE role = 'clerk'").rows == [(one,)]
    with open_shop(one, rng) as lab, open_shop(one, rng) as again:
        everybody = "SELECT password FROM members WHERE role <> 'clerk'"
        assert lab.run(everybody).rows != again.run(everybody).rows


@pytest.mark.parametrize("name", ["login", "search", "in_stock", "listing"])
def test_every_page_has_its_hole(name):
    """Would a page that somebody has repaired make the lesson's attacks fail unnoticed?"""
    with open_shop("the secret", random.Random(1)) as lab:
        attack = "CASE WHEN 1 THEN title END" if name == "listing" else "' OR 1=1 -- "
        sent = (attack, "") if name == "login" else (attack,)
        assert getattr(shop, name)(lab, *sent)


@pytest.mark.parametrize(
    ("body", "expected", "found"),
    [
        ("raise ValueError('x')", "`extract(ask)` to run", "`ValueError: x` in line 3 of your cell"),
        ("return ask(1)", "`extract(ask)` to run", "`TypeError: ask takes a text, not int` in line 3 of your cell"),
        ("while True: ask('x')", "`extract(ask)` to ask 2,000 times at most", "it asked more often"),
    ],
)
def test_a_fault_in_an_extraction_is_told_in_the_students_words(body, expected, found):
    """Is the call named as the student knows it, with a line of the student's own?"""
    report = report_on("extract-by-bisection", f"def extract(ask):\n    {body}")
    failed = report.verdicts[1]
    assert (failed.expected, failed.found) == (expected, found)


SEARCHES = "def search(connection, words, most):\n    return connection.execute("
LIKES = "title LIKE ? ESCAPE '!' AND price <= ?\", (f'%{words}%', int(most))).fetchall()"


def test_a_plain_mistake_is_not_told_as_an_attack():
    """Is what is wrong for everybody counted, and does the claim on attacks send back to it instead of guessing?"""
    narrow = report_on("fix-the-search", f'{SEARCHES}"SELECT title FROM books WHERE {LIKES}')
    honest, safe = narrow.verdicts[1:3]
    assert honest.found.endswith("rows of 1 value") and safe.hint == HONEST_FIRST
    assert honest.expected.endswith("rows of 2 values")
    short = report_on("fix-the-search", f'{SEARCHES}"SELECT title, price FROM books WHERE price > 900 AND {LIKES}')
    assert "of those asked for missing" in short.verdicts[1].found
    nothing = report_on("fix-the-search", "def search(connection, words, most):\n    connection.execute('SELECT 1')")
    assert (nothing.verdicts[2].found, nothing.verdicts[2].hint) == ("it gave a value", NO_NUMBER)
