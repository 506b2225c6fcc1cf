"""What the build does not try of the lesson on taking tables apart: lazy answers, and designs nobody foresaw."""

from contextlib import ExitStack
from functools import partial

import pytest
from foreseen_answers import LESSONS, earns_little, judge_answer

from course_data import open_dataset, orders
from graders.checks.decomposition.gym import GYM_COLUMNS, GYM_RULES, draw_values
from graders.checks.decomposition.stored_tables import (
    StoredTables,
    require_legal_rows_accepted,
    require_violations_rejected,
)
from graders.figures.bar_charts import describe_costs, draw_costs
from graders.kernel.report import Mismatch
from graders.labs import labs_opened_by, open_image, open_lab
from graders.labs.engines import open_here

LESSON = LESSONS["decomposition"]
GYM = """
CREATE TABLE members (member_no INTEGER PRIMARY KEY, member_name TEXT NOT NULL, email TEXT NOT NULL UNIQUE);
CREATE TABLE trainers (trainer_no INTEGER PRIMARY KEY, phone TEXT NOT NULL);
CREATE TABLE courses (course_code TEXT NOT NULL PRIMARY KEY, course_title TEXT, trainer_no INTEGER REFERENCES trainers);
CREATE TABLE fees (member_no INTEGER REFERENCES members, course_code TEXT REFERENCES courses, fee INTEGER,
    PRIMARY KEY (member_no, course_code));
"""
LOOSE = """
CREATE TABLE members (member_no, member_name, email);
CREATE TABLE trainers (trainer_no, phone);
CREATE TABLE courses (course_code, course_title, trainer_no);
CREATE TABLE fees (member_no, course_code, fee);
"""
report_on = partial(judge_answer, LESSON.name)


def test_the_five_tables_hold_the_wide_rows_but_for_the_old_email():
    joined = (
        f"SELECT {', '.join(orders.COLUMNS)} FROM lines JOIN orders USING (order_id) JOIN customers "
        "USING (customer_id) JOIN products USING (product_id) JOIN categories USING (category)"
    )
    with open_dataset("orders") as wide, open_dataset("orders_normalized") as five:
        before, after = set(wide.run("SELECT * FROM order_lines").rows), set(five.run(joined).rows)
    assert len(before) == len(after)
    assert [row[4] for row in before - after] == [orders.OLD_EMAIL]


LAZY = {
    "minimal-cover": ["cover = []", "cover = ['order']"],
    "decompose-order-lines": [
        "tables = []",
        "tables = [[]]",
        "tables = {'order_id': 1}",
        "tables = [[], [1]]",
        f"tables = [{orders.COLUMNS}]",
        f"tables = [(name,) for name in {orders.COLUMNS}]",
    ],
    "split-to-bcnf": ["design = {'tables': ['student subject tutor office'], 'lost': []}", "design = []"],
    "order-the-move": ["a", "b", "c"],
    "split-the-loan-sheet": [
        "SELECT 1",
        "CREATE VIEW sheet_again AS SELECT * FROM sheet",
        "CREATE TABLE sheet_again AS SELECT * FROM sheet",
    ],
    "keep-the-total": [
        "CREATE TRIGGER t AFTER INSERT ON lines BEGIN DELETE FROM lines; END",
        "PRAGMA foreign_keys = OFF; DELETE FROM orders; CREATE TRIGGER t AFTER INSERT ON lines BEGIN SELECT 1; END",
        "CREATE TRIGGER t AFTER INSERT ON lines BEGIN SELECT 1; END; DROP TABLE orders",
        "SELECT 1",
        "CREATE TRIGGER t AFTER INSERT ON lines BEGIN SELECT 1; END",
    ],
    "design-a-gym": ["SELECT 1", f"CREATE TABLE gym ({', '.join(GYM_COLUMNS)})"],
}


@pytest.mark.parametrize(("name", "text"), [(n, text) for n, texts in LAZY.items() for text in texts])
def test_lazy_answers_earn_little_and_never_break_a_check(name, text):
    assert earns_little(report_on(name, text))


@pytest.fixture
def store():
    """Stores the tables that a script makes, to be tried with rows."""
    with ExitStack() as stack:

        def make(script: str) -> StoredTables:
            with open_lab("SQLite", script) as lab:
                image = lab.image()
            return StoredTables(stack.enter_context(open_image(image)), draw_values(1))

        yield make


def test_good_tables_pass_both_batteries(store):
    require_violations_rejected(store(GYM), GYM_RULES)
    require_legal_rows_accepted(store(GYM), GYM_RULES)


@pytest.mark.parametrize("fd", GYM_RULES, ids=str)
def test_tables_without_keys_are_caught_for_each_rule(store, fd):
    with pytest.raises(Mismatch, match=f"break {fd}"):
        require_violations_rejected(store(LOOSE), [fd])


@pytest.mark.parametrize(
    "narrow",
    [
        GYM.replace("PRIMARY KEY (member_no, course_code)", "PRIMARY KEY (member_no)"),
        GYM.replace("PRIMARY KEY (member_no, course_code)", "PRIMARY KEY (course_code)"),
        GYM.replace("course_title TEXT,", "course_title TEXT UNIQUE,"),
        GYM.replace("trainer_no INTEGER REFERENCES", "trainer_no INTEGER UNIQUE REFERENCES"),
    ],
)
def test_keys_that_are_too_narrow_are_caught(store, narrow):
    require_violations_rejected(store(narrow), GYM_RULES)
    with pytest.raises(Mismatch, match="UNIQUE constraint failed"):
        require_legal_rows_accepted(store(narrow), GYM_RULES)


@pytest.mark.parametrize(
    "name",
    [
        "order-the-move",
        "split-the-loan-sheet",
        "keep-the-total",
        "reconcile-totals",
        "design-a-gym",
    ],
)
def test_an_answer_is_judged_in_few_labs(name):
    """Is the solution run once, in at most four labs, however many rows and claims it is tried with?"""
    opened = []

    def count(*arguments, **options):
        opened.append(arguments)
        return open_here(*arguments, **options)

    with labs_opened_by(count):
        assert report_on(name, LESSON.tasks[name].solution).status == "right"
    assert 1 <= len(opened) <= 4


def test_counted_steps_repeat_and_leave_the_labs_own_limit():
    with open_lab("SQLite", "CREATE TABLE t (x); INSERT INTO t VALUES (1), (2), (3)") as lab:
        counts = {lab.count_steps("SELECT x FROM t") for _ in range(3)}
        assert len(counts) == 1
        assert counts < {lab.count_steps("SELECT a.x FROM t a, t b"), *counts}
        lab.max_steps = 200_000
        with pytest.raises(Exception, match="cut off"):
            lab.run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")


def test_costs_are_drawn_and_described():
    words = describe_costs({"rows": {"wide": 128, "five": 1}})
    assert words == "rows: wide 128, five 1 (wide takes 128 times as much)."
    assert describe_costs({"rows": {"wide": 0, "five": 0}}) == "rows: wide 0, five 0."
    drawn = draw_costs({"rows": {"wide": 128, "five": 1}, "bytes": {"wide": 3, "five": 3}})
    assert words in drawn.words
    assert drawn.svg.count("<rect") == 4
    assert "128 ◀ most" in drawn.svg
