"""Do quick tests catch a bug in the judge or in a technique? Each is planted in a copy of the package."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("graders", "datasets", "tests", "benchmarks", "docs", "lessons", "notebooks")
JUDGE = "tests/test_judge.py"
INDEXES = "tests/techniques/test_index_exercise.py"
SCHEDULES = "tests/schedules/test_exploring.py"
CLOSURE = "tests/techniques/test_dependencies_closure.py"
COMPARISON = "tests/techniques/test_comparison.py"


@dataclass(frozen=True)
class Bug:
    """A line of a file of the package, the wrong line in its place, and the test that must fail then."""

    file: str
    old: str
    new: str
    test: str


BUGS = {
    "a claim's `after` is ignored": Bug(
        "kernel/judge.py",
        "return condition | ({claim.after} if claim.after else set())",
        "return condition",
        f"{JUDGE}::test_a_claim_that_waits_is_neither_right_nor_wrong",
    ),
    "the experiment is run again for each claim": Bug(
        "kernel/judge.py",
        "if run not in self._observed:",
        "if True:",
        f"{JUDGE}::test_an_experiment_is_run_once_for_all_its_claims",
    ),
    "a blank answer is judged": Bug(
        "kernel/judge.py",
        "if exercise.blank(text):",
        "if not text:",
        f"{JUDGE}::test_blank_is_not_attempted",
    ),
    "a slack of 40 steps becomes 400": Bug(
        "techniques/plans/cost.py",
        "SLACK = 40\n",
        "SLACK = 400\n",
        f"{INDEXES}::test_the_work_allowed_may_be_reached_and_no_more",
    ),
    "work at the bound is too much": Bug(
        "techniques/plans/cost.py",
        "return any(count > most for count, most",
        "return any(count >= most for count, most",
        f"{INDEXES}::test_the_work_allowed_may_be_reached_and_no_more",
    ),
    "a partial index meets the hint for a full one": Bug(
        "techniques/plans/index_hints.py",
        "    if index.partial:\n        return NOT_IMPLIED",
        "    if not index.partial:\n        return NOT_IMPLIED",
        f"{INDEXES}::test_a_partial_index_in_the_order_of_the_rest_is_as_good_as_a_search",
    ),
    "the writes are not undone": Bug(
        "techniques/plans/index_observations.py",
        'lab.execute("ROLLBACK TO writes")',
        "pass",
        f"{INDEXES}::test_the_writes_leave_nothing_behind",
    ),
    "ORDER BY is not compared": Bug(
        "techniques/queries/comparison.py",
        "position = find_out_of_order(rows, expected.rows, ties) if same_rows else None",
        "position = None",
        f"{COMPARISON}::test_order_counts_only_where_ties_are_given",
    ),
    "duplicates are ignored": Bug(
        "techniques/queries/comparison.py",
        "others[key] -= 1",
        "pass",
        f"{COMPARISON}::test_duplicates_count",
    ),
    "a schedule does not start from the first data": Bug(
        "techniques/schedules/interleaving.py",
        "        lab.rewind()\n",
        "",
        f"{SCHEDULES}::test_each_order_is_run_once",
    ),
    "a schedule's last step is dropped": Bug(
        "techniques/schedules/interleaving.py",
        "return Schedule(tuple(self._steps), state",
        "return Schedule(tuple(self._steps[:-1]), state",
        f"{SCHEDULES}::test_a_given_order_is_kept",
    ),
    "the power is never cut after the last statement": Bug(
        "techniques/power_cuts.py",
        'enumerate([*(step.statement for step in steps), ""]):',
        "enumerate([step.statement for step in steps]):",
        "tests/schedules/test_power_cuts.py::test_a_transaction_is_all_or_nothing[SQLite-{}]",
    ),
    "the closure forgets rules that fired late": Bug(
        "techniques/dependencies/fd.py",
        "if len(waiting) == len(rules):",
        "if True:",
        f"{CLOSURE}::test_steps_add_something_each_time_and_end_at_the_closure",
    ),
    "an attack that leaks is called a wrong statement": Bug(
        "techniques/attacks/probing.py",
        'fault = "leak" if leaked else self._fault_of',
        'fault = "structure" if leaked else self._fault_of',
        "tests/techniques/test_attacks.py::test_a_number_without_quotes_leaks[bare]",
    ),
    "a migration may lose rows": Bug(
        "techniques/migrations/change.py",
        "if len(there) < len(rows):",
        "if len(there) > len(rows):",
        "tests/migrations/test_migration_judge.py::test_a_faulty_migration_is_named[foreign keys on]",
    ),
}


def environment_of(folder: Path) -> dict[str, str]:
    """An environment in which the package of `folder` is imported before the one that is installed."""
    return {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{folder / 'datasets'}"}


def run_tests(folder: Path, *tests: str) -> subprocess.CompletedProcess:
    """Run `tests` of the copy in `folder` on the package there, until the first one fails."""
    words = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not slow", *tests]
    return subprocess.run(words, cwd=folder, env=environment_of(folder), capture_output=True, text=True)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of what tests need, in which one bug after the other is planted and removed."""
    folder = tmp_path_factory.mktemp("planted")
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.mark.slow
def test_the_copy_is_what_is_tested(copy):
    """Does the copy's own package run, and do the tests that must fail pass without a bug?"""
    words = [sys.executable, "-c", "import graders; print(graders.__file__)"]
    found = subprocess.run(words, cwd=copy, env=environment_of(copy), capture_output=True, text=True)
    assert found.stdout.strip() == str(copy / "graders/__init__.py")
    run = run_tests(copy, *sorted({bug.test for bug in BUGS.values()}))
    assert run.returncode == 0, run.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_caught(copy, name):
    """Does a test fail, and not merely break, once the bug is there?"""
    bug = BUGS[name]
    path = copy / "graders" / bug.file
    text = path.read_text(encoding="utf-8")
    assert text.count(bug.old) == 1, f"{bug.file} has no single {bug.old!r}: describe the bug anew"
    path.write_text(text.replace(bug.old, bug.new), encoding="utf-8")
    try:
        run = run_tests(copy, bug.test)
    finally:
        path.write_text(text, encoding="utf-8")
    assert run.returncode == 1, run.stdout
