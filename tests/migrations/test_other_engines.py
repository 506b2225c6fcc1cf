"""Does the judge tell correct migrations from faulty ones, and name each fault, on DuckDB and on PostgreSQL?"""

import json
import os
from functools import partial

import duckdb_catalogue
import duckdb_plans
import postgresql_catalogue
import postgresql_plans
import pytest

from graders.labs import labs_opened_by, why_no_postgres
from graders.labs.lab_server import LabServer
from graders.sandbox.plain_data import decode, encode
from graders.sandbox.remote_labs import call_remotely
from graders.techniques.migrations import HINTS, Migration, read_plan, run_migration, run_timeline

CATALOGUES = {"DuckDB": duckdb_catalogue, "PostgreSQL": postgresql_catalogue}
OF_PLANS = {"DuckDB": duckdb_plans, "PostgreSQL": postgresql_plans}
# In CI a missing PostgreSQL is a failure, not a reason to skip.
EXTRA = pytest.mark.skipif(bool(why_no_postgres()) and not os.environ.get("CI"), reason=why_no_postgres())


def cases(part, catalogues=CATALOGUES):
    """Every entry of this part of the catalogues, by its engine and name."""
    return [
        pytest.param(catalogue, name, id=f"{engine}-{name}", marks=[EXTRA] * (engine == "PostgreSQL"))
        for engine, catalogue in catalogues.items()
        for name in getattr(catalogue, part)
    ]


def timeline(catalogue, plan):
    with catalogue.people() as lab:
        return run_timeline(lab, read_plan(plan), [catalogue.OLD, catalogue.NEW], catalogue.PEOPLE, ["old"])


@pytest.mark.parametrize(("catalogue", "name"), cases("CORRECT"))
def test_a_correct_migration_has_no_fault(catalogue, name):
    """Up, down, up again and a power cut before every statement: is nothing wrong?"""
    change, up, down = catalogue.CORRECT[name]
    assert run_migration(change, Migration(up, down)).fault is None


@pytest.mark.parametrize(("catalogue", "name"), cases("FAULTY"))
def test_a_faulty_migration_is_named(catalogue, name):
    """Is the first fault of the kind that was planted, in words, with a hint?"""
    change, up, down, kind = catalogue.FAULTY[name]
    fault = run_migration(change, Migration(up, down)).fault
    assert fault.kind == kind
    assert fault.expected and fault.found and HINTS[kind] == fault.hint


@EXTRA
def test_a_sequence_of_its_own_will_do():
    """Is a new table with a sequence of its own right, if that goes on where the other one stopped?"""
    up = postgresql_catalogue.ANEW.replace("COMMIT", f"{postgresql_catalogue.GOES_ON} COMMIT")
    assert run_migration(postgresql_catalogue.INITIAL, Migration(up)).up is None


def test_labs_in_another_process_are_judged_alike():
    """Do a migration and a plan meet the same faults where the engine is behind a pipe?"""
    server = LabServer(encode, decode)

    def ask(request):
        return json.loads(server.reply(json.loads(json.dumps(request))))

    change, up, down, kind = duckdb_catalogue.FAULTY["no transaction"]
    with labs_opened_by(partial(call_remotely, ask, "open", None)):
        assert run_migration(change, Migration(up, down)).fault.kind == kind
        plan, waits = duckdb_plans.PLANS["in a transaction"]
        assert timeline(duckdb_plans, plan).waits == waits


@pytest.mark.parametrize(("catalogue", "name"), cases("PLANS", OF_PLANS))
def test_both_applications_work_through_a_correct_plan(catalogue, name):
    """Is no application refused or misled, and is every request counted that had to wait?"""
    plan, waits = catalogue.PLANS[name]
    line = timeline(catalogue, plan)
    assert line.fault is None
    assert line.waits == waits


@pytest.mark.parametrize(("catalogue", "name"), cases("FAULTY_PLANS", OF_PLANS))
def test_a_faulty_plan_is_named(catalogue, name):
    """Is the first fault of the kind that was planted, at the step where it was planted?"""
    plan, kind, step = catalogue.FAULTY_PLANS[name]
    line = timeline(catalogue, plan)
    assert line.fault.kind == kind
    bad = [
        place
        for place in range(len(line.steps))
        if any(ticks[place].state in ("refused", "misled") for ticks in line.apps.values())
    ]
    assert (bad or [len(line.steps) - 1])[0] + 1 == step
