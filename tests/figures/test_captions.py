"""Does one natural sentence stand below each picture, and is it true of what was drawn?"""

import pytest

from course_data import loans
from graders.checks.live_migrations.rollouts import NEW, OLD, PEOPLE, open_people
from graders.figures.bar_charts import draw_costs, draw_counts, draw_guess_rates, draw_query_costs
from graders.figures.dependencies import draw_chase, draw_closure, draw_spurious_join
from graders.figures.joins import draw_fan_out
from graders.figures.line_charts import draw_crossover, draw_growth
from graders.figures.migrations import draw_schema_difference, draw_timeline
from graders.figures.plans import draw_plan, draw_scan, draw_search
from graders.figures.schedules import draw_waits
from graders.figures.sent_statements import draw_sent_statements, draw_waterfall
from graders.figures.statements import draw_parse_trees, draw_statement
from graders.labs import open_lab, open_shared_lab
from graders.techniques.attacks import SentStatement
from graders.techniques.dependencies import Relation, SpuriousJoin, chase, join_all, parse_fds
from graders.techniques.migrations import read_plan as read_steps
from graders.techniques.migrations import read_schema, run_timeline
from graders.techniques.plans import compare_indexes, open_b_tree, read_plan
from graders.techniques.schedules import run_in_order

STEPS = "steps of the report"
RULES = parse_fds("student course -> instructor; instructor -> course")
PARTS = ["student course", "course instructor"], ["student instructor", "instructor course"]


@pytest.mark.parametrize(
    ("costs", "caption"),
    [
        ({STEPS: {"wide": 10, "split": 40}}, "Split has the most steps of the report (4 times the least)."),
        (
            {"bytes": {"wide": 300, "split": 100}, "rows": {"wide": 0, "split": 9}, "pages": {"wide": 3, "split": 2}},
            "Wide has the most bytes (3 times the least) and pages (1.5 times the least); split has the most rows.",
        ),
        ({"rows": {"a": 2, "b": 2}, "pages": {"a": 1, "b": 1}}, "All have the same rows and pages."),
    ],
)
def test_costs(costs, caption):
    assert draw_costs(costs).caption == caption


@pytest.mark.parametrize(
    ("counts", "caption"),
    [
        ({"one": 400, "two": 400}, "Of 400, one and two count all of them."),
        ({"one": 400, "two": 9}, "Of 400, two counts 9 and one counts all of them."),
        ({"one": 8, "two": 401}, "Of 400, one counts 8 and two counts 401."),
    ],
)
def test_counts(counts, caption):
    assert draw_counts(counts, 400).caption == caption


def test_guess_rates():
    assert draw_guess_rates({"a": 9e5, "b": 2.0}).caption == "a allows 450,000 times as many guesses as b."


@pytest.fixture(scope="module")
def lab():
    with loans.open_sized("SQLite", 1, 4_000) as lab:
        lab.run("CREATE INDEX md ON loans (member_id, due_on)")
        yield lab


def test_choices_of_indexes(lab):
    """Are the fewest and the most steps told, and their equality if they are equal?"""
    query, wide = "SELECT title FROM loans WHERE member_id = 7", "CREATE INDEX m2 ON loans (member_id)"
    costs = compare_indexes(query, {"an index": wide, "no index": "DROP INDEX md"}, lab)
    few, many = costs["an index"].steps, costs["no index"].steps
    words = f"The query takes the fewest steps, {few:,}, with an index, and the most, {many:,}, with no index."
    assert few < many and draw_query_costs(costs).caption == words
    same = compare_indexes("SELECT count(*) FROM members", {"a": wide, "b": ""}, lab)
    assert draw_query_costs(same).caption == f"The query takes {same['a'].steps:,} steps with each of them."


@pytest.mark.parametrize(
    ("query", "caption"),
    [
        ("SELECT title FROM loans", "The rows come from a scan of loans."),
        ("SELECT 1", "The plan reads no table."),
        (
            "SELECT name FROM members JOIN loans USING (member_id) WHERE member_id = 3",
            "The rows come from a search of members by its primary key, "
            "and then from a search of loans by the covering index md.",
        ),
    ],
)
def test_plans(lab, query, caption):
    assert draw_plan(read_plan(lab, query)).caption == caption


def test_b_trees(lab):
    tree = open_b_tree(lab, "md")
    visit, whole = tree.search((7,), (7,)), tree.scan()
    words = f"The search reads {visit.pages} of {whole.pages} pages and finds {visit.entries} entries"
    assert draw_search("md", tree, (7,)).caption == f"{words}."
    assert draw_search("md", tree, (7,), table="loans").caption == (
        f"{words}, for each of which a row is looked up in loans."
    )
    assert draw_scan("md", tree).caption == f"A scan reads {whole.pages} pages with 4,000 entries."


def test_growth_and_crossing():
    series = {"scan": [(10, 100), (1000, 10_000)], "search": [(10, 7), (1000, 7)]}
    assert draw_growth(series).caption == (
        "With 100 times the rows in the table, scan takes 100 times as many steps and search takes as many steps."
    )
    assert draw_crossover(series).caption == "search costs less than scan all the way."


def test_dependencies():
    """Is what follows told, and what does not, and whether a split loses anything?"""
    assert draw_closure("student", RULES).caption == "student determines nothing else."
    assert draw_closure("student course", RULES).caption == "course student determines every attribute."
    assert draw_closure("instructor", RULES).caption == "instructor determines course, and not student."
    lossy, lossless = (draw_chase(chase("student course instructor", parts, RULES)).caption for parts in PARTS)
    assert lossy == "Nothing more changes and no row is all a, so the join can invent rows."
    assert lossless == "Row 1 is all a, so the parts are lossless."
    stored = Relation(("a", "b"), ((1, 1), (2, 2)))
    parts = (stored.project(("a",)), stored.project(("b",)))
    joined = join_all(parts, stored.columns)
    example = SpuriousJoin(stored, parts, joined, ((1, 2), (2, 1)))
    assert draw_spurious_join(example).caption == "2 rows were stored, and the join of the parts gives 4."


def test_statements():
    made = "SELECT a FROM t WHERE b = '{}'"
    for sent, caption in (
        ("x", "All of it is read as data."),
        ("x' OR 1=1 -- ", "The engine reads as SQL what was meant as data."),
        ("O'Neill", "The engine cannot read the statement that it makes: a quote stays open."),
    ):
        assert draw_statement(made.format(sent), sent).caption == caption
    assert draw_parse_trees("SELECT a FROM t", "SELECT a FROM t WHERE b").caption == (
        "2 nodes of the second tree are not in the first."
    )


def test_what_a_page_sends():
    one = SentStatement("SELECT 1", ())
    assert draw_sent_statements([one]).caption == "1 statement reached the driver."
    assert draw_waterfall({"lazy": 100, "joined": 1}, {"here": 0.5, "far": 20}).caption == (
        "Where one wait takes 20 ms (far), lazy waits 2 s and joined waits 20 ms."
    )
    assert draw_fan_out({"items": [("pump", 2), ("bell", 3)], "payments": [("May", 5)]}).caption == (
        "Each row of items stands in the join 1 time, and each row of payments 2 times."
    )


def test_schemas():
    with open_lab("SQLite", "CREATE TABLE a (x); CREATE TABLE b (x)") as lab:
        before = read_schema(lab)
        lab.run("DROP TABLE a; ALTER TABLE b ADD COLUMN y")
        after = read_schema(lab)
    assert draw_schema_difference(before, after).caption == "Of the objects 1 is gone, 1 is new and 2 are the same."
    assert draw_schema_difference(before, before).caption == "All 4 objects are the same."


def test_timelines():
    """Is it told after how many steps an application fails, and that the engine refuses one?"""
    plan = "-- step: rename\nALTER TABLE customers RENAME COLUMN fullname TO name;\n-- step: more\nSELECT broken;"
    with open_people(1) as lab:
        line = run_timeline(lab, read_steps(plan), [OLD, NEW], PEOPLE, ["old"])
    assert draw_timeline(line).caption == (
        "Of 2 steps the old application fails after 1 and the new application works whenever it runs, "
        "and the engine refuses a step."
    )


def test_waits():
    """Is it told how many steps of the change the other writer waits for at most?"""
    scripts = {"backfill": "BEGIN IMMEDIATE; UPDATE t SET x = 2; COMMIT", "app": "UPDATE t SET x = 3"}
    with open_shared_lab("SQLite", "CREATE TABLE t (x)", {"t": [(1,)]}) as lab:
        run = run_in_order(lab, scripts, ["backfill", "app", "backfill", "backfill", "app"])
    assert draw_waits({"at once": run}).caption == "at once: the other waits for 2 steps."
