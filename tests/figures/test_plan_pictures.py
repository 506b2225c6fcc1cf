"""Pictures of b-trees, plans and growth: what they say in words is what was read and counted."""

import re
from xml.etree import ElementTree

import pytest

from course_data import loans
from graders.figures.line_charts import draw_crossover, draw_growth, find_crossing
from graders.figures.plans import draw_plan, draw_scan, draw_search
from graders.labs import open_lab
from graders.techniques.plans import PlanNode, open_b_tree, read_plan


@pytest.fixture(scope="module")
def lab():
    with loans.open_sized("SQLite", 1, 16_000) as lab:
        lab.run("CREATE INDEX md ON loans (member_id, due_on)")
        yield lab


def texts(picture):
    """Every text of a drawing; the drawing must be well formed, and say in its description what stands below it."""
    root = ElementTree.fromstring(picture.svg)
    space = {"s": "http://www.w3.org/2000/svg"}
    assert root.find("s:desc", space).text == picture.words
    assert root.find("s:title", space).text
    return [one.text for one in root.iterfind(".//s:text", space)]


def test_a_search_shows_the_pages_it_reads(lab):
    tree = open_b_tree(lab, "md")
    picture = draw_search("md", tree, (7,), table="loans")
    visit, found = tree.search((7,), (7,)), lab.execute("SELECT count(*) FROM loans WHERE member_id = 7").rows[0][0]
    assert f"The search reads {visit.pages} pages" in picture.words
    assert f"finds {found:,} entries. For each of them one row is looked up in loans." in picture.words
    assert f"A scan would read all {tree.scan().pages} pages." in picture.words
    read = [int(text.split()[1]) for text in texts(picture) if text.endswith("✓ read")]
    assert set(read) <= {number for level in visit.levels for number in level}
    assert read[0] == tree.root
    assert picture.svg.count('stroke-width="3"') >= len(read)


def test_a_range_names_both_ends_and_a_miss_finds_nothing(lab):
    tree = open_b_tree(lab, "md")
    assert "md: search from 7, 2025-06-01 to 7" in texts(draw_search("md", tree, (7, "2025-06-01"), (7,)))
    assert "finds 0 entries" in draw_search("md", tree, (10_000,)).words


def test_a_scan_reads_all_pages(lab):
    whole = open_b_tree(lab, "loans").scan()
    picture = draw_scan("loans", open_b_tree(lab, "loans"))
    assert picture.words == (
        f"loans has {len(whole.levels)} levels, {whole.pages} pages and 16,000 entries. A scan reads all of them."
    )
    told = texts(picture)
    left_out = sum(int(text.split()[0].replace(",", "")) for text in told if text.endswith(" more"))
    assert left_out + sum(text.startswith("page ") for text in told) == whole.pages
    assert "✓ all read" in told


def test_one_page():
    with open_lab("SQLite", "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (5)") as lab:
        assert "The search reads 1 page (2) and finds 1 entry." in draw_search("t", open_b_tree(lab, "t"), (5,)).words


def test_a_plan_says_each_step(lab):
    plan = draw_plan(read_plan(lab, "SELECT title FROM loans WHERE member_id = 7 OR loan_id = 3 ORDER BY fine"))
    assert "search of loans by the index md: member_id =" in plan.words
    assert {"search of loans by the index md", "search of loans by its primary key", "sort"} <= set(texts(plan))


def test_the_area_of_a_square_is_the_number_of_rows():
    plan = PlanNode(
        "join", "both", rows=100, children=(PlanNode("step", "one", rows=400), PlanNode("step", "two", rows=0))
    )
    picture = draw_plan(plan)
    sides = [
        float(side) for side in re.findall(r'<rect [^>]*width="([\d.]+)" height="\1" fill="#2563eb"/>', picture.svg)
    ]
    assert len(sides) == 2
    assert (sides[1] / sides[0]) ** 2 == pytest.approx(4, rel=0.01)
    assert picture.words == "both, 100 rows; one, 400 rows; two, 0 rows."
    assert "→ 400 rows" in texts(picture)


def test_duckdbs_plan_is_drawn_with_its_rows():
    with open_lab("DuckDB", "CREATE TABLE t AS SELECT i FROM range(5000) s(i)") as lab:
        assert "scan of t, 10 rows" in draw_plan(read_plan(lab, "SELECT sum(i) FROM t WHERE i < 10")).words


def test_a_plan_without_steps():
    assert draw_plan(PlanNode("step")).words == "A plan without steps."


def test_growth_in_words_and_on_the_axes():
    picture = draw_growth({"scan": [(1_000, 3_012), (1_000_000, 3_000_012)], "search": [(1_000, 18), (1_000_000, 18)]})
    assert (
        "scan: 3,012 at 1,000 and 3,000,012 at 1,000,000, 996 times as much for 1,000 times the rows" in picture.words
    )
    assert "search: 18 at 1,000 and 18 at 1,000,000, the same for 1,000 times" in picture.words
    assert {"scan", "search", "1,000", "1,000,000", "rows in the table", "steps"} <= set(texts(picture))
    assert picture.svg.count("<circle") == 2
    assert picture.svg.count('width="8"') == 2


def test_where_two_ways_cost_the_same():
    series = {
        "index": [(10, 50), (1_000, 5_000), (100_000, 500_000)],
        "scan": [(10, 50_000), (1_000, 50_000), (100_000, 50_000)],
    }
    assert find_crossing(series) == pytest.approx((10_000, 50_000))
    picture = draw_crossover(series)
    assert "index costs less up to about 10,000, scan beyond it." in picture.words
    assert "same at about 10,000" in texts(picture)
    never = {"index": series["index"][:2], "scan": series["scan"][:2]}
    assert find_crossing(never) is None
    assert "index costs less than scan all the way." in draw_crossover(never).words
