"""Do the claims on indexing tell every mutant of an index from it, and leave nobody a point for doing nothing?"""

import re
from itertools import permutations

import pytest
from foreseen_answers import share_earned, solution_of

from course_data import loans

LESSON = "indexing"
SEEDS = {"open": 1, "secret": 90_210}
INDEX = re.compile(r"CREATE INDEX (\w+)\s+ON (\w+) \((.*)\)( WHERE .*)?")
# What is as good as the solution, and why.
AS_GOOD = {
    # Two equalities may stand in either order.
    "CREATE INDEX loans_for_reminders ON loans (status, member_id, due_on)",
    # The exercise does not ask how wide the index is.
    "CREATE INDEX loans_by_title ON loans (title, fine)",
    # Two loans in a hundred take no page more for it.
    "CREATE INDEX open_loans ON loans (due_on, fine) WHERE status = 'open'",
}


def mutants(index: str) -> list[str]:
    """The index with its columns in another order, with one less, with one more, and without its WHERE."""
    name, table, columns, where = INDEX.fullmatch(index.strip().rstrip(";")).groups(default="")
    names = columns.split(", ")
    lists = [list(order) for order in permutations(names) if list(order) != names]
    lists += [names[:place] + names[place + 1 :] for place in range(len(names)) if len(names) > 1]
    lists += [[*names, "fine" if "fine" not in names else "title"]]
    made = [f"CREATE INDEX {name} ON {table} ({', '.join(one)}){where}" for one in lists]
    return made + ([f"CREATE INDEX {name} ON {table} ({columns})"] if where else [])


@pytest.mark.parametrize("seed", SEEDS.values(), ids=SEEDS)
@pytest.mark.parametrize("exercise", ["first-index", "index-three-conditions", "covering-index", "index-open-loans"])
def test_every_mutant_of_an_index_is_told_apart(exercise, seed):
    """Does each mutant lose marks, but for those that are as good?"""
    trial = solution_of(LESSON, exercise, seed)
    made = mutants(" ".join(trial.text.split()))
    kept = {mutant for mutant in made if share_earned(trial, mutant, seed) == 1}
    assert kept == AS_GOOD & set(made)


def test_a_right_answer_opens_at_most_three_labs(monkeypatch):
    """Is an answer run once at each size, and no more?"""
    trial, opened, open_cached = solution_of(LESSON, "covering-index", 1), [], loans.open_cached
    monkeypatch.setattr(loans, "open_cached", lambda *given: opened.append(given) or open_cached(*given))
    assert share_earned(trial, trial.text, 1) == 1
    assert len(opened) <= 3


JUDGED_BY_WORK = ["first-index", "index-three-conditions", "covering-index", "search-the-month", "index-open-loans"]


@pytest.mark.parametrize("exercise", JUDGED_BY_WORK)
@pytest.mark.parametrize("answer", ["SELECT 1", "CREATE TABLE t (x)", "CREATE INDEX"])
def test_doing_nothing_earns_nothing(exercise, answer):
    """Is an answer that changes nothing, or something else, worth 0?"""
    assert share_earned(solution_of(LESSON, exercise, 1), answer, 1) == 0


def test_the_query_given_back_earns_nothing():
    """Is the slow query itself worth 0, although its rows are right?"""
    given = "SELECT visit_id, came_at FROM visits WHERE substr(came_at, 1, 7) = '2024-02'"
    assert share_earned(solution_of(LESSON, "search-the-month", 1), given, 1) == 0


MEAN = (
    "BEGIN; {}",
    "SAVEPOINT s; {}",
    "{}; PRAGMA query_only = ON",
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE' WHERE name = 'loans'; {}",
    "{}; PRAGMA max_page_count = 1",
    "CREATE TEMP TABLE loans (x); {}",
    "CREATE TEMP VIEW orders AS SELECT 1; {}",
    "{}; ALTER TABLE members RENAME TO people",
    "{}; ROLLBACK",
)


@pytest.mark.parametrize("mean", MEAN)
@pytest.mark.parametrize("exercise", ["first-index", "index-three-conditions", "index-open-loans"])
def test_no_answer_breaks_a_claim(exercise, mean):
    """Is everything that a script leaves behind the student's affair, and never our fault?"""
    trial = solution_of(LESSON, exercise, 1)
    share_earned(trial, mean.format(trial.text.strip().rstrip(";")), 1)
