"""Claims on the order of the rows in DuckDB, by which row groups can be skipped."""

from __future__ import annotations

from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.labs import EngineError, Lab, open_lab
from graders.labs.lab import Row
from graders.techniques.plans import measure_cost

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
            raise Mismatch("statements that DuckDB accepts", error.says) from None


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
