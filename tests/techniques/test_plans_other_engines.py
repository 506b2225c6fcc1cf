"""The same vocabulary for DuckDB, live, and for PostgreSQL, from recorded plans; and what work counts."""

import json
from pathlib import Path

import pytest

from course_data import loans
from graders.labs import EngineError, OutOfBounds, open_lab
from graders.techniques.plans import Access, measure_cost, read_accesses, read_plan
from graders.techniques.plans.plan import count_pages, plan_from_json

MADE = """
CREATE TABLE t AS SELECT i AS id, i % 100 AS a, (i * 7919) % 1000003 AS b FROM range(300000) s(i);
CREATE TABLE shuffled AS SELECT * FROM t ORDER BY hash(id);
CREATE INDEX ib ON t (b)
"""
RECORDED = json.loads((Path(__file__).parent / "postgresql_plans.json").read_text(encoding="utf-8"))["plans"]


@pytest.fixture(scope="module")
def duck():
    with open_lab("DuckDB", MADE) as lab:
        yield lab


@pytest.fixture(scope="module")
def sqlite():
    with loans.open_sized("SQLite", 1, 4_000) as lab:
        yield lab


def test_duckdb_scans_and_searches(duck):
    assert read_accesses(duck, "SELECT * FROM t WHERE b = 77") == [Access("t", "search")]
    assert read_accesses(duck, "SELECT * FROM t WHERE a = 77") == [Access("t", "scan")]


def test_duckdb_steps_and_rows(duck):
    plan = read_plan(
        duck, "SELECT u.a, count(*) FROM t JOIN shuffled u ON t.id = u.id WHERE u.a < 3 GROUP BY u.a ORDER BY 2"
    )
    kinds = [kind for kind in plan.kinds() if kind != "step"]
    assert kinds == ["sort", "group", "join", "scan", "scan"]
    rows = {node.table: node.rows for node in plan.walk() if node.access}
    assert set(rows) == {"t", "shuffled"}
    assert rows["shuffled"] == 9_000
    assert next(node.rows for node in plan.walk() if node.kind == "group") == 3


def test_duckdb_skips_row_groups_only_where_values_lie_together(duck):
    together, apart = (
        measure_cost(duck, f"SELECT max(a) FROM {table} WHERE id BETWEEN 10 AND 20") for table in ("t", "shuffled")
    )
    assert together.unit == "rows scanned"
    assert (together.parts["row groups scanned"], together.parts["row groups in all"]) == (1, 3)
    assert apart.parts["row groups scanned"] == 3
    assert together.count < 20_000 < 100_000 < apart.count


def test_duckdb_counts_repeat_and_an_index_counts_what_it_leads_to(duck):
    query = "SELECT * FROM t WHERE b IN (7919, 15838)"
    assert measure_cost(duck, query) == measure_cost(duck, query)
    assert measure_cost(duck, query).count == 2
    assert measure_cost(duck, "SELECT 1").count == 0


def test_a_refused_query_is_the_engines_error(duck):
    with pytest.raises(EngineError):
        read_plan(duck, "SELECT * FROM nowhere")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("select * from loans where fine = 9", Access("loans", "scan")),
        ("select * from loans where loan_id = 7", Access("loans", "search", "loans_pkey", ("loan_id",))),
        (
            "select due_on from loans where member_id = 7 and due_on >= '2024-01-01'",
            Access("loans", "search of a covering index", "md", ("member_id",), ("due_on",)),
        ),
        (
            "select * from loans where member_id = 7 and due_on >= '2024-01-01'",
            Access("loans", "search", "md", ("member_id",), ("due_on",)),
        ),
        (
            "select * from loans where member_id in (7, 8) order by fine",
            Access("loans", "search", "md", ("member_id",)),
        ),
    ],
)
def test_postgresql_accesses(query, expected):
    assert plan_from_json(RECORDED[query]).accesses() == [expected]


def test_postgresql_steps_rows_and_pages():
    query = "select name, count(*) from members join loans using (member_id) group by name order by 2 desc limit 3"
    plan = plan_from_json(RECORDED[query])
    assert plan.kinds() == ["step", "sort", "group", "join", "scan", "step", "scan"]
    assert {node.table: node.rows for node in plan.walk() if node.access} == {"loans": 20_000, "members": 500}
    assert sum(count_pages(RECORDED[query]).values()) > 100
    assert sum(count_pages(RECORDED["select * from loans where loan_id = 7"]).values()) == 3


def test_sqlite_steps_grow_as_the_plan_says(sqlite):
    scan, search = "SELECT max(title) FROM loans WHERE fine = 1", "SELECT title FROM loans WHERE loan_id = 77"
    with loans.open_sized("SQLite", 1, 16_000) as larger:
        assert 3.9 < measure_cost(larger, scan).count / measure_cost(sqlite, scan).count < 4.1
        assert measure_cost(larger, search) == measure_cost(sqlite, search)
    assert measure_cost(sqlite, search).count < 20 < 4_000 < measure_cost(sqlite, scan).count
    assert str(measure_cost(sqlite, search)).endswith(" steps")


def test_sqlite_counts_what_is_not_even_shown(sqlite, monkeypatch):
    monkeypatch.setattr(sqlite, "max_rows", 10)
    assert measure_cost(sqlite, "SELECT * FROM loans").count > 4_000
    monkeypatch.setattr(sqlite, "max_steps", 1_000)
    with pytest.raises(OutOfBounds):
        measure_cost(sqlite, "SELECT * FROM loans")
    with pytest.raises(EngineError):
        measure_cost(sqlite, "SELECT * FROM nowhere")
