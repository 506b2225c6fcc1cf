"""What the build does not try of the lesson on query patterns: lazy answers, and those that are nearly right."""

from functools import partial

import pytest
from foreseen_answers import LESSONS, earns_little, judge_answer

LESSON = LESSONS["query-patterns"]
report_on = partial(judge_answer, LESSON.name)

LAZY = {
    "each-order-once": ["SELECT id, total_amount, total_amount FROM orders", "SELECT id, 0, 0 FROM orders"],
    "never-ordered": ["SELECT name, email FROM users", "SELECT name, email FROM users WHERE 0"],
    "count-open-orders": ["g d", "a", "g d a", "b"],
    "three-best-lines": ["SELECT product, order_id, quantity FROM order_items"],
    "account-pages": [
        "def account_pages(connection, city):\n    return []",
        "def account_pages(connection, city):\n    connection.execute('DELETE FROM users')\n    return []",
    ],
    "next-page": [
        "def next_page(connection, after, size):\n    return []",
        "def next_page(connection, after, size):\n    return [after] * size",
        "def next_page(connection, after, size):\n    return connection.execute('SELECT * FROM orders').fetchall()",
    ],
    "order-summary": ["CREATE TABLE order_summary (id)", "CREATE VIEW order_summary AS SELECT * FROM orders"],
}


@pytest.mark.parametrize(("name", "text"), [(n, text) for n, texts in LAZY.items() for text in texts])
def test_lazy_answers_earn_nothing_and_never_break_a_check(name, text):
    assert earns_little(report_on(name, text), share=0)


USERS = "SELECT id, name FROM users WHERE city = ? ORDER BY id"
PAGE = """def account_pages(connection, city):
    page = {{n: (n, name, [], []) for n, name in connection.execute("{users}", (city,))}}
    for place, column, table in ((2, "total_amount", "orders"), (3, "stars", "reviews")):
        asked = f"SELECT c.user_id, c.{{column}} FROM {{table}} c JOIN users u ON u.id = c.user_id WHERE u.city = ?"
        for number, value in connection.execute(asked, ({city},)):
            page[number][place].append(value)
    return [(n, name, {totals}, sorted(stars)) for n, name, totals, stars in {accounts}]
"""


def account_pages(users=USERS, city="city", totals="sorted(totals)", accounts="page.values()"):
    return PAGE.format(users=users, city=city, totals=totals, accounts=accounts)


NEXT = '''def next_page(connection, after, size):
    {first}
    number, time = after or (0, "9999-12-31")
    page = """SELECT id, created_at FROM orders WHERE (created_at, id) < (?, ?)
              ORDER BY created_at {order}, id DESC LIMIT ?"""
    return connection.execute(page, (time, number, {size})).fetchall()
'''


def next_page(first="pass", order="DESC", size="size"):
    return NEXT.format(first=first, order=order, size=size)


ALMOST_RIGHT = {
    "account-pages": [
        account_pages(users=USERS.replace("ORDER BY id", "ORDER BY name, id")),
        account_pages(users=USERS.replace("= ?", "LIKE ?")).replace("(city,))}", "(city + '%',))}"),
        account_pages(totals="sorted(set(totals))"),
        account_pages(totals="sorted(totals)[:3]"),
        account_pages(accounts="list(page.values())[:20]"),
        account_pages(accounts="[one for one in page.values() if one[2] or one[3]]"),
    ],
    "next-page": [
        next_page("after = after and (after[0] - 1, after[1])"),
        next_page(order="ASC"),
        next_page(size="3"),
        next_page(size="size + 1"),
    ],
}


@pytest.mark.parametrize(("name", "text"), [(n, text) for n, texts in ALMOST_RIGHT.items() for text in texts])
def test_answers_that_are_right_for_a_few_values_only_lose_points(name, text):
    """Do the drawn values tell what is right from what is right for some of them?"""
    report = report_on(name, text)
    assert report.score < report.points


def test_the_answers_that_are_spoiled_above_are_right_as_they_are():
    """Does each of them lose its points for what is spoiled in it, and for nothing else?"""
    reports = [report_on("account-pages", account_pages()), report_on("next-page", next_page())]
    assert [(report.score, report.hints) for report in reports] == [(report.points, []) for report in reports]


def test_what_is_missing_is_shown():
    """Does the report on a page without the childless show an account that is missing, and nothing but that?"""
    spoiled = account_pages(accounts="[one for one in page.values() if one[2] and one[3]]")
    failed = next(verdict for verdict in report_on("account-pages", spoiled).verdicts if verdict.found)
    (table,) = failed.tables
    assert table.title == "not there" and table.rows
    assert all("[]" in row for row in table.rows)


def test_a_page_that_goes_wrong_in_two_ways_gets_no_hint():
    """Is no hint given for a mistake that none of the known ones explains?"""
    text = account_pages(totals="sorted(set(totals))", accounts="[one for one in page.values() if one[3]]")
    assert report_on("account-pages", text).hints == []


@pytest.mark.parametrize("seed", range(301, 306))
def test_a_mistake_in_turning_pages_is_told_on_every_seed(seed):
    """Is the hint of the missing ties given whatever is drawn?"""
    text = next_page().replace("(created_at, id) < (?, ?)", "(created_at < ? AND ? IS NOT NULL)")
    report = report_on("next-page", text, seed=seed)
    assert any("same time as the last one shown are missing" in hint for hint in report.hints)
