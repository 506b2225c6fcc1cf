"""What the build does not try of the lesson on a night of the shop: lazy answers, and those that are nearly right."""

from functools import partial

import pytest
from foreseen_answers import LESSONS, earns_little, judge_answer

LESSON = LESSONS["shop-night"]
report_on = partial(judge_answer, LESSON.name)

LAZY = {
    "order-the-rollout": ["b f", "d b f", "g b f a", "g"],
    "move-the-payments": ["-- step: none\nSELECT 1;\n", "-- start: new\n-- stop: old\n-- step: none\nSELECT 1;"],
    "back-up-the-shop": ["def backup(source, target):\n    open(target, 'w').close()"],
    "recover-the-shop": ["def recover(copies, taken, changes, moment, target):\n    pass"],
    "forget-a-customer": ["def delete_customer(connection, customer):\n    pass"],
}


@pytest.mark.parametrize(("name", "text"), [(n, text) for n, texts in LAZY.items() for text in texts])
def test_lazy_answers_earn_nothing(name, text):
    assert earns_little(report_on(name, text), share=0)


def test_a_night_without_a_part_is_told_which_one():
    text = LESSON.tasks["the-whole-night"].solution.replace("def backup(", "def copy_all(")
    report = report_on("the-whole-night", text)
    assert earns_little(report, share=0)
    assert "backup" in " ".join(verdict.found + verdict.expected for verdict in report.verdicts)


def test_one_broken_promise_leaves_the_others_their_points():
    text = LESSON.tasks["the-whole-night"].solution.replace("< time < moment", "< time <= moment")
    outcomes = [verdict.outcome.value for verdict in report_on("the-whole-night", text).verdicts]
    assert outcomes == ["holds"] * (len(outcomes) - 1) + ["does not hold"]
