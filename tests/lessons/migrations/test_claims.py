"""Is every order of the rebuild that keeps what must come first right, and every other one wrong?"""

import random

import pytest
from foreseen_answers import share_earned, solution_of

SEED = 7
FIRST = {"c": "i", "e": "ic", "h": "e", "g": "c", "a": "h", "j": "ag", "b": "j", "k": "j", "f": "bk"}
"""For each step of `order-the-rebuild`, the steps that must come before it; `i` is foreign keys off, `f` COMMIT."""
BROKEN = (
    "c i e h g a j b k f",
    "i c e a h g j b k f",
    "i c e h a j g k b f",
    "i e c h g a j b k f",
    "i c e h g a j k f b",
)


def draw_order(rng):
    """A random order in which every step comes behind those that it needs."""
    order = []
    while len(order) < 10:
        ready = [step for step in "abcefghijk" if step not in order and set(FIRST.get(step, "")) <= set(order)]
        order.append(rng.choice(ready))
    return " ".join(order)


def share(order):
    return share_earned(solution_of("migrations", "order-the-rebuild", SEED), order, SEED)


@pytest.mark.parametrize("number", range(8))
def test_every_order_that_keeps_what_is_needed_is_right(number):
    """Is an order right that no author wrote down?"""
    assert share(draw_order(random.Random(number))) == 1


@pytest.mark.parametrize("order", BROKEN)
def test_an_order_that_breaks_one_need_is_wrong(order):
    """Does it cost points to put one step too early?"""
    assert share(order) < 1
