"""Do the claims on what indexes cost count every index, and leave nobody a point for doing nothing?"""

from itertools import permutations

import pytest
from foreseen_answers import share_earned, solution_of

from graders.checks.index_costs import bulk_load, row_groups, workload
from graders.checks.index_costs.workload import count_steps, count_steps_without, read_index_names
from graders.kernel.report import Mismatch
from graders.techniques.plans import measure_cost, run_index_script

LESSON = "index-costs"
SEEDS = {"open": 1, "secret": 90_210}


@pytest.mark.parametrize("seed", SEEDS.values(), ids=SEEDS)
def test_each_of_the_three_indexes_is_needed(seed):
    """Does the hour take too much without any one of them?"""
    trial = solution_of(LESSON, "index-the-workload", seed)
    indexes = [line for line in trial.text.splitlines() if line.startswith("CREATE")]
    assert len(indexes) == 3
    for left_out in indexes:
        assert share_earned(trial, "\n".join(line for line in indexes if line != left_out), seed) < 1


@pytest.mark.parametrize("seed", SEEDS.values(), ids=SEEDS)
def test_each_dropped_index_counts(seed):
    """Does a shop lose marks for every index that is left too many, and for every one that is dropped too many?"""
    trial = solution_of(LESSON, "drop-unused-indexes", seed)
    drops = trial.text.splitlines()
    for left_out in drops:
        assert share_earned(trial, "\n".join(line for line in drops if line != left_out), seed) < 1
    for needed in ("idx_orders_user_id", "idx_order_items_order_id"):
        assert share_earned(trial, f"{trial.text}\nDROP INDEX {needed};", seed) == 0


JUDGED_BY_WORK = ["drop-unused-indexes", "one-row-group", "index-the-workload"]


@pytest.mark.parametrize("exercise", JUDGED_BY_WORK)
@pytest.mark.parametrize("answer", ["SELECT 1", "CREATE TABLE t (x)", "CREATE INDEX"])
def test_doing_nothing_earns_nothing(exercise, answer):
    """Is an answer that changes nothing, or something else, worth 0?"""
    assert share_earned(solution_of(LESSON, exercise, 1), answer, 1) == 0


@pytest.mark.parametrize("order", ["".join(one) for one in permutations("fcb")] + ["fcba", "cfbda", "fcbde"])
def test_no_part_of_the_steps_is_enough(order):
    """Does every order that lacks a step lose marks?"""
    assert share_earned(solution_of(LESSON, "clean-the-barcodes", 1), " ".join(order), 1) < 1


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
    with row_groups.open_readings(seed) as lab:
        parts = measure_cost(lab, row_groups.QUERY).parts
        assert parts["row groups scanned"] == parts["row groups in all"] > row_groups.MAX_GROUPS


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
@pytest.mark.parametrize("exercise", ["drop-unused-indexes", "one-row-group", "index-the-workload"])
def test_no_answer_breaks_a_claim(exercise, mean):
    """Is everything that a script leaves behind the student's affair, and never our fault?"""
    trial = solution_of(LESSON, exercise, 1)
    share_earned(trial, mean.format(trial.text.strip().rstrip(";")), 1)
