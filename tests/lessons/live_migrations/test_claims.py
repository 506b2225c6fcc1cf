"""Of the orders of expand and contract, are exactly those right that never leave an application alone?"""

from itertools import permutations

import pytest
from foreseen_answers import share_earned, solution_of

SEED = 7


@pytest.mark.parametrize("steps", list(permutations("daj")), ids="".join)
def test_old_writes_are_carried_before_the_backfill(steps):
    """With the columns there: are the old application's triggers needed before the backfill, and no other order?"""
    answer = " ".join(["g", *steps, "e", "b", "h", "f"])
    share = share_earned(solution_of("live-migrations", "expand-and-contract", SEED), answer, SEED)
    assert (share == 1) == (steps.index("d") < steps.index("a"))


@pytest.mark.parametrize("late", "daj")
def test_all_is_in_step_before_the_new_application_starts(late):
    """Is a step that comes behind the start of the new application too late?"""
    early = [step for step in "gdaj" if step != late]
    answer = " ".join([*early, "e", late, "b", "h", "f"])
    assert share_earned(solution_of("live-migrations", "expand-and-contract", SEED), answer, SEED) == 0
