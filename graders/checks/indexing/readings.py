"""Claims on a table in DuckDB that is written anew, so that zone maps skip what a range does not want."""

from __future__ import annotations

from graders import Mismatch, claim, lab_for
from graders.checks.indexing.work import run_to_the_end, told
from graders.labs import Lab, open_lab
from graders.techniques.plans import work_of

ROWS, CODES = 490_000, 2_000_003
QUERY = "SELECT count(*), min(read_on) FROM readings WHERE barcode BETWEEN 200000 AND 250000"
CONTENT = "SELECT count(*), sum(hash(reading_id, barcode, read_on)) FROM readings"
HIDING = "SELECT 1 FROM duckdb_tables() WHERE temporary AND table_name = 'readings'"
MOST_GROUPS = 2


@lab_for("indexing-16")
def readings(seed: int) -> Lab:
    """Readings in the order of time; their barcodes come in any order."""
    stride = 7919 + 2 * (seed % 1000)
    return open_lab(
        "DuckDB",
        f"""CREATE TABLE readings AS
        SELECT range AS reading_id, range * {stride} % {CODES} AS barcode,
               DATE '2010-01-01' + (range // 400)::INT AS read_on
        FROM range({ROWS})""",
    )


@claim("indexing-16", worth=0)
def keeps_every_reading(lab, script):
    """after your script `readings` is a table with the same rows"""
    before = lab.run(CONTENT).rows
    run_to_the_end(lab, script)
    if "readings" not in lab.tables():
        raise Mismatch("a table `readings`", "none of that name")
    if lab.run(HIDING).rows:
        hint = "A temporary table is gone when the connection ends. In which order are the rows stored that stay?"
        raise Mismatch("the rows in the table `readings` itself", "a temporary table that hides it", hint=hint)
    with told(lab):
        after = lab.run(CONTENT).rows
    if after != before:
        fewer = after[0][0] < before[0][0]
        hint = "The other readings are still needed. Which of your statements leaves them out?" if fewer else ""
        raise Mismatch(f"{before[0][0]:,} rows, as they were", f"{after[0][0]:,} rows, not the same", hint=hint)


@claim("indexing-16", worth=1, after=keeps_every_reading)
def reads_few_row_groups(lab, script):
    """the query on barcodes reads one row group, or two"""
    run_to_the_end(lab, script)
    # Rows that were deleted are still read until the next checkpoint.
    with told(lab):
        lab.run("CHECKPOINT")
        parts = work_of(lab, QUERY).parts
    read, groups = parts["row groups scanned"], parts["row groups in all"]
    if read > MOST_GROUPS or not read:
        raise Mismatch(f"at most {MOST_GROUPS} row groups read", f"{read} of {groups}", hint=_hint(lab))


def _hint(lab: Lab) -> str:
    found = lab.run(QUERY).rows[0][0]
    if lab.run("SELECT count(*) FROM duckdb_indexes()").rows[0][0]:
        return f"The range holds {found:,} readings. How many rows does DuckDB fetch through an index at most?"
    if lab.run("SELECT count(*) FROM duckdb_views() WHERE NOT internal").rows[0][0]:
        return "A view is a query with a name: in which order are the rows stored now?"
    return "In which order are the rows stored now, and by what does the query ask?"
