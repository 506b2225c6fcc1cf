"""Do the claims on indexing tell every mutant of an index from it, and leave nobody a point for doing nothing?"""

import re
from itertools import permutations

import pytest
from foreseen_answers import trials_of

from course_data import loans
from graders.checks.indexing import bulk_load, single_query, workload
from graders.checks.indexing.workload import count_steps, count_steps_without, read_index_names
from graders.kernel.report import Mismatch
from graders.techniques.plans import measure_cost, run_index_script

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


def solved(exercise: str, seed: int):
    return next(trial for trial in trials_of("indexing", seed)[exercise] if trial.role == "solution")


def score(trial, answer: str, seed: int) -> float:
    report = type(trial)(trial.exercise, "right", answer, 0, "", trial.solution).report(seed)
    assert report.status != "needs review", report.verdicts
    return report.score / report.points


@pytest.mark.parametrize("seed", SEEDS.values(), ids=SEEDS)
@pytest.mark.parametrize("exercise", ["first-index", "index-three-conditions", "covering-index", "index-open-loans"])
def test_every_mutant_of_an_index_is_told_apart(exercise, seed):
    """Does each mutant lose marks, but for those that are as good?"""
    trial = solved(exercise, seed)
    made = mutants(" ".join(trial.text.split()))
    kept = {mutant for mutant in made if score(trial, mutant, seed) == 1}
    assert kept == AS_GOOD & set(made)


def test_a_right_answer_opens_at_most_three_labs(monkeypatch):
    """Is an answer run once at each size, and no more?"""
    trial, opened, open_cached = solved("covering-index", 1), [], loans.open_cached
    monkeypatch.setattr(loans, "open_cached", lambda *given: opened.append(given) or open_cached(*given))
    assert score(trial, trial.text, 1) == 1
    assert len(opened) <= 3


@pytest.mark.parametrize("seed", SEEDS.values(), ids=SEEDS)
def test_each_of_the_three_indexes_is_needed(seed):
    """Does the hour take too much without any one of them?"""
    trial = solved("index-the-workload", seed)
    indexes = [line for line in trial.text.splitlines() if line.startswith("CREATE")]
    assert len(indexes) == 3
    for left_out in indexes:
        assert score(trial, "\n".join(line for line in indexes if line != left_out), seed) < 1


@pytest.mark.parametrize("seed", SEEDS.values(), ids=SEEDS)
def test_each_dropped_index_counts(seed):
    """Does a shop lose marks for every index that is left too many, and for every one that is dropped too many?"""
    trial = solved("drop-unused-indexes", seed)
    drops = trial.text.splitlines()
    for left_out in drops:
        assert score(trial, "\n".join(line for line in drops if line != left_out), seed) < 1
    for needed in ("idx_orders_user_id", "idx_order_items_order_id"):
        assert score(trial, f"{trial.text}\nDROP INDEX {needed};", seed) == 0


JUDGED_BY_WORK = [
    *(
        "first-index",
        "index-three-conditions",
        "covering-index",
        "search-the-month",
        "index-open-loans",
        "drop-unused-indexes",
        "one-row-group",
        "index-the-workload",
    ),
]


@pytest.mark.parametrize("exercise", JUDGED_BY_WORK)
@pytest.mark.parametrize("answer", ["SELECT 1", "CREATE TABLE t (x)", "CREATE INDEX"])
def test_doing_nothing_earns_nothing(exercise, answer):
    """Is an answer that changes nothing, or something else, worth 0?"""
    assert score(solved(exercise, 1), answer, 1) == 0


def test_the_query_given_back_earns_nothing():
    """Is the slow query itself worth 0, although its rows are right?"""
    given = "SELECT visit_id, came_at FROM visits WHERE substr(came_at, 1, 7) = '2024-02'"
    assert score(solved("search-the-month", 1), given, 1) == 0


@pytest.mark.parametrize("order", ["".join(one) for one in permutations("fcb")] + ["fcba", "cfbda", "fcbde"])
def test_no_part_of_the_steps_is_enough(order):
    """Does every order that lacks a step lose marks?"""
    assert score(solved("clean-the-barcodes", 1), " ".join(order), 1) < 1


@pytest.mark.parametrize("seed", range(5))
def test_the_delivery_has_doubles_of_both_kinds(seed):
    """Are there doubles among the copies and between them and the delivery, whatever the seed?"""
    with bulk_load.open_delivery(seed) as lab:
        among = "SELECT count(*) - count(DISTINCT barcode) FROM copies"
        between = "SELECT count(*) FROM delivery WHERE barcode IN (SELECT barcode FROM copies)"
        assert lab.execute(among).rows[0][0] > 20
        assert lab.execute(between).rows[0][0] > 20


@pytest.mark.parametrize("seed", range(5))
def test_the_readings_are_scattered(seed):
    """Does the range lie in every row group before anything is done, whatever the seed?"""
    with single_query.open_readings(seed) as lab:
        parts = measure_cost(lab, single_query.QUERY).parts
        assert parts["row groups scanned"] == parts["row groups in all"] > single_query.MAX_GROUPS


def test_counting_leaves_no_trace():
    """Is the shop after counting what it was before, the DELETE and the dropped index too?"""
    with workload.open_shop(1) as lab:
        before, names = lab.dump(), read_index_names(lab)
        counts = count_steps(lab, workload.SHOP_STATEMENTS)
        count_steps_without(lab, names[0], workload.SHOP_STATEMENTS)
        assert (lab.dump(), read_index_names(lab)) == (before, names)
        assert count_steps(lab, workload.SHOP_STATEMENTS) == counts


@pytest.mark.parametrize(
    "script",
    [
        "DELETE FROM loans WHERE loan_id = 1",
        "CREATE VIEW v AS SELECT * FROM loans",
        "ALTER TABLE loans ADD COLUMN x INTEGER",
        "CREATE TRIGGER t AFTER INSERT ON loans BEGIN DELETE FROM loans; END",
        "CREATE INDEX a ON nowhere (x)",
    ],
)
def test_scripts_of_indexes_do_nothing_else(script):
    """Is a script refused that changes rows, tables or views, or does not run?"""
    with workload.open_library(1) as lab, pytest.raises(Mismatch):
        run_index_script(lab, script)


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
@pytest.mark.parametrize(
    "exercise",
    [
        "first-index",
        "index-three-conditions",
        "index-open-loans",
        "drop-unused-indexes",
        "one-row-group",
        "index-the-workload",
    ],
)
def test_no_answer_breaks_a_claim(exercise, mean):
    """Is everything that a script leaves behind the student's affair, and never our fault?"""
    trial = solved(exercise, 1)
    score(trial, mean.format(trial.text.strip().rstrip(";")), 1)
