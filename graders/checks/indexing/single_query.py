"""Claims on making one query cheap: an index, a rewritten query, another order of the rows."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from course_data import loans
from course_data.cache import open_cached
from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.labs import EngineError, Lab, open_lab
from graders.labs.lab import Row
from graders.techniques.plans import IndexExercise, RewriteExercise, index_exercise, measure_cost, rewrite_exercise
from graders.techniques.queries import QueryExercise

index_exercise(
    "first-index",
    IndexExercise(
        loans.open_sized,
        workload=["SELECT loan_id, due_on FROM loans WHERE title = 'The Red Map'"],
        other_queries=["SELECT loan_id, due_on FROM loans WHERE title = 'Dune'"],
        cost_factor=2,
    ),
)
index_exercise(
    "index-three-conditions",
    IndexExercise(
        loans.open_sized,
        workload=[
            "SELECT loan_id, title FROM loans"
            " WHERE due_on < '2025-06-01' AND status = 'open' AND member_id = 1 ORDER BY due_on"
        ],
        other_queries=[
            "SELECT loan_id, title FROM loans"
            " WHERE due_on < '2025-07-01' AND status = 'open' AND member_id = 2 ORDER BY due_on"
        ],
        ordered=[1],
        cost_factor=1.03,
        weights={"searches": 0.5, "keeps_order": 0.5, "takes_little": 3, "costs_little": 1},
    ),
)
index_exercise(
    "covering-index",
    IndexExercise(
        loans.open_sized,
        workload=["SELECT due_on, sum(fine) FROM loans WHERE member_id = 1 GROUP BY due_on"],
        other_queries=["SELECT due_on, sum(fine) FROM loans WHERE member_id = 2 GROUP BY due_on"],
        covering=[1],
        ordered=[1],
        cost_factor=1.03,
        weights={"searches": 0.5, "covers": 2, "keeps_order": 1.5, "takes_little": 3, "costs_little": 1},
    ),
)
index_exercise(
    "index-open-loans",
    IndexExercise(
        loans.open_sized,
        workload=["SELECT loan_id, member_id FROM loans WHERE status = 'open' AND due_on < '2023-06-01'"],
        other_queries=["SELECT loan_id, member_id FROM loans WHERE status = 'open' AND due_on < '2023-06-02'"],
        weights={"costs_little": 4},
    ),
)

VISITS = "CREATE TABLE visits (visit_id INTEGER PRIMARY KEY, member_id INTEGER NOT NULL, came_at TEXT NOT NULL)"
BY_TIME = "CREATE INDEX visits_by_time ON visits (came_at)"
EDGE_TIMES = (
    "2024-01-31 23:59:59",
    "2024-02-01",
    "2024-02-01 00:00:00",
    "2024-02-15 12:00:00",
    "2024-02-29",
    "2024-02-29 18:30:00",
    "2024-03-01",
    "2024-03-01 00:00:00",
    "2023-02-15 12:00:00",
)
TEN_YEARS = 10 * 365 * 24 * 60


def open_visits(engine: str, seed: int, rows: int) -> Lab:
    """A lab with `rows` visits at any minute of the ten years from 2020 on, one in 120 of them in February 2024."""
    return open_cached(engine, Path(__file__), VISITS, _draw_visits, seed, rows)


def _draw_visits(seed: int, rows: int) -> dict[str, list[tuple]]:
    rng = random.Random(seed)
    minutes = (datetime(2020, 1, 1) + timedelta(minutes=rng.randrange(TEN_YEARS)) for _ in range(rows))
    visits = [(number, rng.randint(1, 99), f"{when:%Y-%m-%d %H:%M:%S}") for number, when in enumerate(minutes, 1)]
    return {"visits": visits}


rewrite_exercise(
    "search-the-month",
    RewriteExercise(
        QueryExercise(
            f"{VISITS}; {BY_TIME};",
            values={"came_at": EDGE_TIMES},
            fixture={"visits": [(number, number, when) for number, when in enumerate(EDGE_TIMES, start=1)]},
        ),
        open_visits,
        setup=BY_TIME,
    ),
)


ROWS, CODES = 490_000, 2_000_003
QUERY = "SELECT count(*), min(read_on) FROM readings WHERE barcode BETWEEN 200000 AND 250000"
CONTENT = "SELECT count(*), sum(hash(reading_id, barcode, read_on)) FROM readings"
TEMPORARY_READINGS = "SELECT 1 FROM duckdb_tables() WHERE temporary AND table_name = 'readings'"
MAX_GROUPS = 2


@lab_for("one-row-group")
def open_readings(seed: int) -> Lab:
    """Readings in the order of time; their barcodes come in any order."""
    stride = 7919 + 2 * (seed % 1000)
    return open_lab(
        "DuckDB",
        f"""CREATE TABLE readings AS
        SELECT range AS reading_id, range * {stride} % {CODES} AS barcode,
               DATE '2010-01-01' + (range // 400)::INT AS read_on
        FROM range({ROWS})""",
    )


@dataclass(frozen=True)
class QueryScan:
    """How the query reads the table that the script left."""

    groups_read: int
    groups: int
    matches: int
    """The rows that the query finds."""
    indexes: int
    views: int


@experiment("one-row-group", condition="after your script `readings` is a table with the same rows")
def rewrite_table(attempt: Attempt) -> QueryScan:
    """Run the script, compare the rows, and count what the query reads."""
    with open_readings(attempt.seed) as lab:
        before = lab.run(CONTENT).rows[0]
        try:
            lab.run(attempt.answer)
            lab.outcomes(["COMMIT"])
            _require_same_rows(lab, before)
            return _measure_query(lab)
        except EngineError as error:
            raise Mismatch("statements that DuckDB accepts", f"DuckDB says: {error.sentence}") from None


def _require_same_rows(lab: Lab, before: tuple) -> None:
    if "readings" not in lab.tables():
        raise Mismatch("a table `readings`", "none of that name")
    if lab.run(TEMPORARY_READINGS).rows:
        hint = "A temporary table is gone when the connection ends. In which order are the rows stored that stay?"
        raise Mismatch("the rows in the table `readings` itself", "a temporary table that hides it", hint=hint)
    after = _one_row(lab, CONTENT)
    if after != before:
        fewer = after[0] < before[0]
        hint = "The other readings are still needed. Which of your statements leaves them out?" if fewer else ""
        raise Mismatch(f"{before[0]:,} rows, as they were", f"{after[0]:,} rows, not the same", hint=hint)


def _one_row(lab: Lab, query: str) -> Row:
    """The row that a query of our own gives, unless a macro of the answer's makes something else of it."""
    rows = lab.run(query).rows
    if len(rows) != 1:
        raise Mismatch("`count` and `sum` as DuckDB has them", "macros in their place")
    return rows[0]


def _measure_query(lab: Lab) -> QueryScan:
    # Rows that were deleted are still read until the next checkpoint.
    lab.run("CHECKPOINT")
    parts = measure_cost(lab, QUERY).parts
    counts = ("SELECT count(*) FROM duckdb_indexes()", "SELECT count(*) FROM duckdb_views() WHERE NOT internal")
    indexes, views, matches = (_one_row(lab, query)[0] for query in (*counts, QUERY))
    return QueryScan(parts["row groups scanned"], parts["row groups in all"], matches, indexes, views)


@claim(rewrite_table)
def reads_few_row_groups(found: QueryScan) -> None:
    """the query on barcodes reads one row group, or two"""
    if not 0 < found.groups_read <= MAX_GROUPS:
        expected = f"at most {MAX_GROUPS} row groups read"
        raise Mismatch(expected, f"{found.groups_read} of {found.groups}", hint=_hint_on_row_groups(found))


def _hint_on_row_groups(found: QueryScan) -> str:
    if found.indexes:
        return f"The range holds {found.matches:,} readings. How many rows does DuckDB fetch through an index at most?"
    if found.views:
        return "A view is a query with a name: in which order are the rows stored now?"
    return "In which order are the rows stored now, and by what does the query ask?"
