"""What the build does not try of the lesson on the shop's repair: lazy answers, and those that are nearly right."""

from functools import partial

import pytest
from foreseen_answers import LESSONS, earns_little, judge_answer

from course_data import broken_shop
from graders.checks.shop_repair.pages import SIZES, Customers
from graders.checks.shop_repair.sheets import Sheet

LESSON = LESSONS["shop-repair"]
report_on = partial(judge_answer, LESSON.name)
SOLUTIONS = {name: task.solution for name, task in LESSON.tasks.items()}

LAZY = {
    "short-orders": ["SELECT order_id, 0 FROM parcels", "SELECT order_id, 1 FROM parcels WHERE 0"],
    "sent-twice": ["b f d", "b", "b f d h a"],
    "find-the-losses": [
        "INSERT INTO findings SELECT 'cut cent', order_id, missing_cents FROM short_orders",
        "INSERT INTO findings SELECT 'odd status', order_id, missing_cents FROM short_orders",
        "DELETE FROM findings",
    ],
    "read-the-prices": ["SELECT line_no, NULL AS cents FROM sheet", "SELECT line_no, 100 AS cents FROM sheet"],
    "import-the-file": [
        "INSERT INTO rejected SELECT line_no FROM sheet",
        "DELETE FROM order_lines; DELETE FROM payments; DELETE FROM orders",
    ],
    "newest-orders": [
        "def newest_orders(connection, customer_id, size):\n    return []",
        "def newest_orders(connection, customer_id, size):\n    return [(1, 2, [])] * size",
    ],
}


@pytest.mark.parametrize(("name", "text"), [(n, text) for n, texts in LAZY.items() for text in texts])
def test_lazy_answers_earn_nothing_and_never_break_a_check(name, text):
    assert earns_little(report_on(name, text), share=0)


def test_a_list_of_the_open_shop_earns_nothing_on_another():
    """Do findings that are copied from the notebook's shop earn nothing where the data are secret?"""
    rows = ", ".join(map(str, broken_shop.find_losses(1)))
    assert report_on("find-the-losses", f"INSERT INTO findings VALUES {rows}", seed=1).score == 3
    assert report_on("find-the-losses", f"INSERT INTO findings VALUES {rows}", seed=77).score == 0


# A change of the solution that leaves it nearly right.
ALMOST_RIGHT = {
    "find-the-losses": [
        ("round(o.total * 100) <> (SELECT", "round(o.total * 100) < (SELECT 1 - 2 +"),
        ("c.customer_id = o.customer_id", "c.customer_id <> o.customer_id"),
        ("'no customer', o.order_id, s.missing_cents", "'no customer', o.order_id, s.missing_cents + 1"),
    ],
    "import-the-file": [
        ("lower(trim(s.title))", "trim(s.title)"),
        ("lower(c.email) = lower(trim(s.email))", "lower(c.email) LIKE '%' || lower(trim(s.email))"),
        ("lower(p.title) = lower(trim(s.title))", "lower(trim(s.title)) LIKE lower(p.title)"),
        ("trim(s.request_key) <> '' AND", ""),
        ("trim(s.request_key) <> ''", "s.request_key <> ''"),
        ("AND s.cents IS NOT NULL", "AND s.cents > 900"),
        ("'shipped'", "'paid'"),
        ("sum(pieces * cents)", "sum(cents)"),
        ("AND trim(s.request_key) NOT IN (SELECT request_key FROM orders)", ""),
        ("WHERE line_no NOT IN (SELECT line_no FROM good)", ""),
        ("g.pieces, g.cents FROM good", "g.cents, g.pieces FROM good"),
    ],
    "newest-orders": [
        ("ORDER BY p.title", "ORDER BY p.product_id"),
        ("LIMIT ?", "LIMIT ? + 1"),
        ("placed_at DESC, order_id DESC", "placed_at, order_id DESC"),
        ("WHERE customer_id = ?", "WHERE customer_id <> ?"),
    ],
}


@pytest.mark.parametrize(
    ("name", "old", "new"), [(name, *change) for name, changes in ALMOST_RIGHT.items() for change in changes]
)
def test_answers_that_are_nearly_right_lose_points(name, old, new):
    assert old in SOLUTIONS[name]
    report = report_on(name, SOLUTIONS[name].replace(old, new))
    assert report.score < report.points


def test_two_mistakes_at_once_get_no_hint_of_one():
    """Is no hint given where lines are chosen before they are checked, and compared with their capitals?"""
    text = SOLUTIONS["import-the-file"].replace("lower(trim(s.title))", "trim(s.title)").replace("min(s", "max(s")
    assert report_on("import-the-file", text).hints == []


@pytest.mark.parametrize("seed", range(1, 31))
def test_every_sheet_tells_the_mistakes_apart(seed):
    """Does each way of choosing a line give another shop, and is each line in one place?"""
    sheet = Sheet(seed)
    right = sheet.books()
    forms = [
        right,
        sheet.books("first"),
        sheet.books("last good"),
        sheet.books(plain=str),
        sheet.books(plain=str.lower),
    ]
    assert len({repr(form.lines) for form in forms}) == len(forms)
    new = len(right.lines) - len(sheet.data["order_lines"])
    assert new + len(right.rejected) == len(sheet.rows)


@pytest.mark.parametrize("seed", range(1, 31))
def test_every_page_has_ties_and_an_order_without_lines(seed):
    pages = [Customers(seed, size) for size in SIZES]
    assert all(len(each.page) == each.size for each in pages)
    assert any(not lines for each in pages for *_, lines in each.page)
    assert any(each.page != each.pages(lambda order: (order[5], -order[0]))[: each.size] for each in pages)
