"""What the build does not try of the lesson on values: forms that nobody foresaw, hostile answers, and every order."""

from functools import partial
from itertools import permutations

import pytest
from foreseen_answers import judge_answer, share_earned, solution_of

from schema_values.hostile_answers import TRIES

SEED = 7
report_on = partial(judge_answer, "schema-values")


@pytest.mark.parametrize("one", TRIES, ids=lambda one: one.name)
def test_crafted_answers_earn_what_they_must(one):
    """Does each crafted answer get its points, and break no check?"""
    report = report_on(one.exercise, one.text)
    assert report.status != "needs review"
    assert report.score == one.score, [(verdict.claim, verdict.found) for verdict in report.verdicts]


@pytest.mark.parametrize("steps", list(permutations("abc")), ids="".join)
def test_one_order_renames_a_status(steps):
    """Is the order in which no step is refused the only right one?"""
    share = share_earned(solution_of("schema-values", "rename-a-status", SEED), " ".join(steps), SEED)
    assert (share == 1) == (steps == ("c", "a", "b"))


FORMS = {
    "WITHOUT ROWID is no key that is filled in": ("INTEGER PRIMARY KEY,", "INTEGER PRIMARY KEY NOT NULL DEFAULT 7,", 1),
    "a CHECK of the type": (") STRICT;", ", CHECK (typeof(cents) = 'integer'));", 1),
    "letters only": ("trim(name) <> ''", "name GLOB '[A-Z]*'", 0),
}


@pytest.mark.parametrize(("old", "new", "share"), FORMS.values(), ids=FORMS)
def test_other_forms_of_the_price_list(old, new, share):
    """Does a form that nobody foresaw earn what it should?"""
    from schema_values.hostile_answers import RIGHT

    assert old in RIGHT
    assert (report_on("price-list", RIGHT.replace(old, new)).score == 1) == bool(share)
