"""Does the judge of migrations tell correct ones from faulty ones, and name each fault?"""

from dataclasses import replace

import pytest
from sqlite_catalogue import CORRECT, FAULTY
from sqlite_plans import FAULTY_PLANS, PLANS, REFUSED_INSIDE

from graders.checks.live_migrations.rollouts import NEW, OLD, PEOPLE, open_people
from graders.figures.migrations import draw_schema_difference, draw_timeline
from graders.kernel.report import Mismatch
from graders.labs import labs_opened_by, open_lab
from graders.labs.engines import open_here
from graders.techniques.migrations import (
    HINTS,
    Change,
    Migration,
    compare_schemas,
    read_migration,
    read_plan,
    read_schema,
    run_migration,
    run_timeline,
)
from graders.techniques.migrations.change import read_state


def timeline(plan):
    with open_people(1) as lab:
        return run_timeline(lab, read_plan(plan), [OLD, NEW], PEOPLE, ["old"])


@pytest.mark.parametrize("name", CORRECT)
def test_a_correct_migration_has_no_fault(name):
    """Up, down, up again and a power cut before every statement: is nothing wrong?"""
    change, up, down = CORRECT[name]
    assert run_migration(change, Migration(up, down)).fault is None


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_migration_is_named(name):
    """Is the first fault of the kind that was planted, in words, with a hint?"""
    change, up, down, kind = FAULTY[name]
    fault = run_migration(change, Migration(up, down)).fault
    assert fault.kind == kind
    assert fault.expected and fault.found and HINTS[kind] == fault.hint


def test_every_object_of_a_schema_has_its_hints():
    """Is there a hint for whatever can be lost, left over or changed, and are there enough plants?"""
    kinds = ("table", "column", "index", "trigger", "view", "foreign key", "unique", "check", "sequence")
    assert {f"{kind} {how}" for kind in kinds for how in ("lost", "left", "changed")} <= set(HINTS)
    assert len(CORRECT) + len(PLANS) == 11
    assert len(FAULTY) + len(FAULTY_PLANS) >= 40


@pytest.mark.parametrize("name", PLANS)
def test_both_applications_work_through_a_correct_plan(name):
    """Is no application refused or misled after any step?"""
    line = timeline(PLANS[name])
    assert line.fault is None
    assert "fails" not in line.words


@pytest.mark.parametrize("name", FAULTY_PLANS)
def test_a_faulty_plan_is_named(name):
    """Is the first fault of the kind that was planted, at the step where it was planted?"""
    plan, kind, step = FAULTY_PLANS[name]
    line = timeline(plan)
    assert line.fault.kind == kind
    bad = [
        place
        for place in range(len(line.steps))
        if any(t[place].state in ("refused", "misled") for t in line.apps.values())
    ]
    assert (bad or [len(line.steps) - 1])[0] + 1 == step


def test_requests_wait_for_a_transaction_and_go_through():
    """Is every write counted that met the lock of a transaction, and is it in the ledger once it happened?"""
    line = timeline(PLANS["expanded in one transaction"])
    # Two writes after each of seven statements; reads pass beside a writer that has not committed.
    assert [tick.waits for tick in line.apps["old"]] == [14, 0, 0, 0]
    assert line.waits == 14 and line.fault is None
    assert "requests that had to wait: 14 during step 1 (at once)." in line.words
    assert "✓ works, waits 14" in draw_timeline(line).svg


def test_what_waits_for_a_plan_that_stops_has_not_happened():
    """Does a refused statement in a transaction leave nobody waiting, and nothing written?"""
    with open_people(1) as lab:
        line = run_timeline(lab, read_plan(REFUSED_INSIDE), [OLD, NEW], PEOPLE, ["old"])
        kept = lab.run("SELECT count(*) FROM customers").rows
    assert line.fault.kind == "refused" and line.waits == 2
    # One was added before the transaction took its lock.
    assert kept == [(len(PEOPLE) + 1,)]


def test_a_schema_is_the_same_in_another_spelling():
    """Do quotes, comments, case, white space, the order of columns and an implied key make no difference?"""
    one = """CREATE TABLE p (a INTEGER PRIMARY KEY, b TEXT DEFAULT 'x', CHECK (b <> 'no'));
        CREATE TABLE c (a INTEGER REFERENCES p); CREATE INDEX i ON p (b); CREATE VIEW v AS SELECT a FROM p;"""
    other = """create table "P" (b text DEFAULT 'x' check("b"<>'no'), -- a comment
        [a] integer primary key); create table c (a integer references `p` (a));
        create index if not exists i on "p"("b"); create view v as select "a" from p;"""
    with open_lab("SQLite", one) as first, open_lab("SQLite", other) as second:
        assert not compare_schemas(read_schema(first), read_schema(second))


@pytest.mark.parametrize(
    ("change", "object_changed"),
    [
        ("CREATE TABLE t (a TEXT) STRICT", ("table", "t")),
        ("CREATE TABLE t (a INTEGER)", ("column", "t.a")),
        ("CREATE TABLE t (a TEXT UNIQUE)", ("unique", "t (a)")),
        ("CREATE TABLE t (a TEXT REFERENCES u (a))", ("foreign key", "t (a)")),
        ("CREATE TABLE t (a TEXT CHECK (a > 'A'))", ("check", "t: a > 'A'")),
        ("CREATE TABLE t (a TEXT DEFAULT 'a')", ("column", "t.a")),
        ("CREATE TABLE t (a TEXT); CREATE UNIQUE INDEX i ON t (a)", ("index", "i")),
    ],
)
def test_every_part_of_a_schema_counts(change, object_changed):
    """Is each kind of object seen, and named?"""
    with open_lab("SQLite", "CREATE TABLE t (a TEXT)") as one, open_lab("SQLite", change) as other:
        found = compare_schemas(read_schema(one), read_schema(other))
    assert object_changed in [*found.extra, *(key for key, _, _ in found.changed)]
    assert object_changed[1] in found.words


def test_pictures_say_what_they_show():
    """Do the pictures carry signs and words, never a colour alone?"""
    drawn = draw_timeline(timeline(FAULTY_PLANS["renamed in place"][0]))
    assert "✗ refused" in drawn.svg and "fails after step 1 (rename)" in drawn.words
    change = CORRECT["SQLite's twelve steps"][0]
    drawn = draw_schema_difference(change.start("empty").schema, change.goal("empty").schema)
    assert "+ new" in drawn.svg and "customers.email" in drawn.words


@pytest.mark.parametrize("text", ["SELECT 1", "-- migrate:up\nSELECT 1;", "-- migrate:up\n-- migrate:down\nSELECT 1;"])
def test_a_text_with_a_part_missing_is_told(text):
    """Is a migration without up or down told in words?"""
    with pytest.raises(Mismatch):
        read_migration(text)


@pytest.mark.parametrize("text", ["", "SELECT 1;\n-- step: a\n", "-- step: a\nSELECT 1;\n" * 21])
def test_a_plan_that_cannot_be_read_is_told(text):
    """Is a plan without steps, with SQL before them, or with too many told in words?"""
    with pytest.raises(Mismatch):
        read_plan(text)


def test_a_change_on_an_unknown_engine_is_refused_in_words():
    """Does the author hear at once which engines there are?"""
    with pytest.raises(ValueError, match="`MySQL`: choose one of SQLite, DuckDB, PostgreSQL"):
        Change("", "", {}, dict, engine="MySQL")


def test_a_migration_is_run_in_few_labs():
    """Is each snapshot opened once, and once more over a new connection, and is there one lab for each power cut?"""
    change, up, down = CORRECT["SQLite's twelve steps"]
    opened = []

    def count(*arguments, **options):
        opened.append(arguments)
        return open_here(*arguments, **options)

    with labs_opened_by(count):
        assert run_migration(change, Migration(up, down)).fault is None
    assert len(opened) == 2 * len(change.snapshots) + 2


def test_each_state_is_made_once(monkeypatch):
    """Is the database before and after a change made once for each snapshot, however often it is compared with?"""
    made = []
    monkeypatch.setattr(
        "graders.techniques.migrations.change.read_state", lambda lab: made.append(lab) or read_state(lab)
    )
    change, up, down = next(iter(CORRECT.values()))
    change = replace(change)
    for _ in range(2):
        assert run_migration(change, Migration(up, down)).fault is None
    assert len(made) == 2 * len(change.snapshots)
