"""What the build does not try of the lesson on rules and keys: its data, and lazy answers."""

import random
from functools import partial

import pytest
from foreseen_answers import LESSONS, earns_little, judge_answer

from course_data import orders
from graders.labs import labs_opened_by
from graders.labs.engines import open_here
from graders.techniques.dependencies import holds_on, parse_fds

LESSON = LESSONS["normalization"]
report_on = partial(judge_answer, LESSON.name)


@pytest.mark.parametrize("seed", range(5))
def test_the_flat_rows_obey_every_rule(seed):
    rows = orders.flat(random.Random(seed), orders=300, customers=40, products=20)
    assert all(holds_on(rows, orders.COLUMNS, fd) for fd in parse_fds(orders.RULES))
    assert not holds_on(rows, orders.COLUMNS, parse_fds("product_id -> unit_price")[0])
    assert len({row[0] for row in rows if row[2] == 40}) == 1


LAZY = {
    "contradict-the-table": [
        "SELECT 1",
        "DELETE FROM order_lines",
        "UPDATE order_lines SET email = 'x'; DELETE FROM order_lines",
    ],
    "test-a-dependency": ["SELECT 1 WHERE 0", "SELECT 1"],
    "trace-a-closure": ["reached = [{'order_id', 'product_id'}]", "reached = []", "reached = 7"],
    "compute-the-closure": [
        "def closure(a, f):\n    return a",
        "def closure(a, f):\n    return 'AB'",
        "closure = {'A'}",
    ],
    "find-candidate-keys": [
        "def candidate_keys(a, f):\n    return []",
        "def candidate_keys(a, f):\n    return [a]",
        "candidate_keys = []",
    ],
}


@pytest.mark.parametrize(("name", "text"), [(n, text) for n, texts in LAZY.items() for text in texts])
def test_lazy_answers_earn_little_and_never_break_a_check(name, text):
    assert earns_little(report_on(name, text))


@pytest.mark.parametrize(
    "name",
    ["contradict-the-table", "test-a-dependency"],
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
