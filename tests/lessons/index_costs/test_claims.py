"""Do the claims on what indexes cost count every index, and leave nobody a point for doing nothing?"""

import random
from itertools import permutations

import pytest
from foreseen_answers import share_earned, solution_of

from graders.checks.index_costs import bulk_load, row_groups, unused_indexes, workload
from graders.checks.index_costs.step_counts import count_steps, count_steps_without, read_index_names
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
    statements = unused_indexes.draw_statements(random.Random(1))
    with unused_indexes.open_shop(1) as lab:
        before, names = lab.dump(), read_index_names(lab)
        counts = count_steps(lab, statements)
        count_steps_without(lab, names[0], statements)
        assert (lab.dump(), read_index_names(lab)) == (before, names)
        assert count_steps(lab, statements) == counts


@pytest.mark.parametrize(
    "nothing",
    ["DROP INDEX idx_users_email; CREATE INDEX again ON users (email)", "CREATE INDEX more ON orders (status, id)"],
)
def test_no_index_fewer_earns_nothing(nothing):
    """Is a shop worth 0 that has all its indexes still, under whatever name?"""
    assert share_earned(solution_of(LESSON, "drop-unused-indexes", 1), nothing, 1) == 0


@pytest.mark.parametrize("seed", [*range(2, 12), 90_210])
@pytest.mark.parametrize(
    ("exercise", "for_one", "share"),
    [
        ("drop-unused-indexes", "DROP INDEX idx_order_items_order_id;"
         "CREATE INDEX o ON order_items (product_id) WHERE order_id = 77", 0),
        ("index-the-workload", "DROP INDEX loans_of_member;"
         "CREATE INDEX o ON loans (due_on, status) WHERE member_id = 7", 0.25),
        ("index-the-workload", "DROP INDEX members_by_email;"
         "CREATE INDEX o ON members (name) WHERE lower(email) = 'ada.sato17@example.com'", 0.25),
        ("index-the-workload", "DROP INDEX open_loans;"
         "CREATE INDEX o ON loans (loan_id) WHERE status = 'open' AND due_on < '2023-06-01'", 0.25),
    ],
)  # fmt: skip
def test_an_index_for_the_values_shown_serves_no_other(exercise, for_one, share, seed):
    """Does an index lose marks that fits the one order, member, address or day that the lesson shows?"""
    trial = solution_of(LESSON, exercise, seed)
    assert share_earned(trial, f"{trial.text}\n{for_one};", seed) <= share


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
