"""What the build does not try of the lesson on orders: lazy answers, and those that are nearly right."""

from functools import partial

import pytest
from foreseen_answers import LESSONS, earns_little, judge_answer

LESSON = LESSONS["shop-orders"]
report_on = partial(judge_answer, LESSON.name)
SOLUTION = LESSON.tasks["place-an-order"].solution
PLACE = "def place_order(connection, customer, lines, request_key):\n"

LAZY = {
    "order-the-purchase": ["d b", "b", "d g b", "h"],
    "place-an-order": [
        PLACE + "    return 15",
        PLACE + "    raise ValueError('not enough')",
        PLACE + "    return connection.execute('SELECT max(order_id) + 1 FROM orders').fetchone()[0]",
    ],
    "steal-the-hashes": ["text = ''", "text = 'scrypt$'"],
    "repair-the-login": ["def login(connection, email, password):\n    return 1"],
}


@pytest.mark.parametrize(("name", "text"), [(n, text) for n, texts in LAZY.items() for text in texts])
def test_lazy_answers_earn_nothing(name, text):
    assert earns_little(report_on(name, text), share=0)


@pytest.mark.parametrize(
    ("old", "new", "fails"),
    [
        ("* price for", "* price // 100 * 100 for", "each total"),
        ("return order\n    except", "return str(order)\n    except", "an order for what is in stock"),
        ('"BEGIN IMMEDIATE"', '"BEGIN EXCLUSIVE"', None),
    ],
)
def test_nearly_right_orders_lose_the_promise_that_they_break(old, new, fails):
    report = report_on("place-an-order", SOLUTION.replace(old, new))
    assert old in SOLUTION
    failed = [verdict.sentence for verdict in report.verdicts if verdict.outcome.value != "holds"]
    assert [sentence[: len(fails)] for sentence in failed[:1]] == [fails] if fails else failed == []


def test_a_crowd_is_shown_as_a_picture_of_two_buyers():
    careless = next(one for one in LESSON.tasks["place-an-order"].wrong if "another buyer" in one.says)
    report = report_on("place-an-order", careless.text)
    pictures = [verdict.picture for verdict in report.verdicts if verdict.picture]
    assert pictures and all("<svg" in picture for picture in pictures)
