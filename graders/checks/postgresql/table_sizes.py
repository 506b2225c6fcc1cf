"""Claims on a query that gives the size of every table: odd names, equal names in two schemas, with indexes."""

from __future__ import annotations

import random
from dataclasses import dataclass

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.checks.postgresql.shop import ENGINE, ON_POSTGRESQL, run_statement
from graders.labs import EngineError, SharedLab, open_shared_lab
from graders.labs.lab import Row
from graders.labs.postgres_extras import Extras
from graders.techniques.queries import read_query

TABLES = (("public", "users"), ("archive", "users"), ("public", "Order Items"), ("public", "payments"))
EXTRAS = Extras(schemas=("archive",))
# More tables than a list of the ten largest shows; each has its first row in a page of its own.
SMALL = tuple(("public", f"coupons_{year}") for year in range(2015, 2023))
SMALL_TABLES = [
    f"CREATE TABLE {table} AS SELECT n AS id, repeat('x', 900) AS words FROM generate_series(1, {24 + 8 * place}) AS n;"
    for place, (_, table) in enumerate(SMALL, start=1)
]
VIEW = "CREATE VIEW public.paying AS SELECT * FROM public.payments"
SIZE = "SELECT pg_total_relation_size($1::regclass), pg_relation_size($1::regclass)"
COLUMNS = ("schema", "table", "bytes")


@dataclass(frozen=True)
class Sizes:
    """What the query gave, what is there, and what the tables take without their indexes."""

    found: list[Row]
    expected: list[Row]
    bare: list[Row]


def open_tables(seed: int) -> SharedLab:
    """Tables of sizes that are drawn, with a key each, and a view."""
    counts = random.Random(seed).sample((500, 1_500, 3_000, 4_500), len(TABLES))
    script = [
        f"CREATE TABLE {quote(*table)} AS SELECT n AS id, 'a text' AS words FROM generate_series(1, {count}) AS n;"
        f"ALTER TABLE {quote(*table)} ADD PRIMARY KEY (id);"
        for table, count in zip(TABLES, counts, strict=True)
    ]
    return open_shared_lab(ENGINE, "".join([*script, *SMALL_TABLES, VIEW]), extras=EXTRAS)


def quote(schema: str, table: str) -> str:
    """The name of a table as SQL has it."""
    return f'"{schema}"."{table}"'


@experiment("sizes-of-tables", condition="your query runs", description=ON_POSTGRESQL)
def list_sizes(attempt: Attempt) -> Sizes:
    """Run the query, and measure each table."""
    with open_tables(attempt.seed) as lab, lab.connect() as session:
        query = read_query(lab.own, attempt.answer)
        sizes = {table: lab.execute(SIZE, (quote(*table),)).rows[0] for table in (*TABLES, *SMALL)}
        total, bare = ([(*table, size[place]) for table, size in sizes.items()] for place in (0, 1))
        return Sizes(_run(lab, session, query), sorted(total, key=lambda row: -row[2]), bare)


def _run(lab: SharedLab, session, query: str) -> list[Row]:
    (outcome,) = lab.own.outcomes([query])
    hint = ""
    if isinstance(outcome, EngineError) and outcome.code in ("42602", "42P01"):
        hint = "Text becomes a name as if it had been written in SQL. What does SQL make of capitals and blanks?"
    return run_statement(session, query, hint)


@claim(list_sizes, weight=3)
def lists_every_table(sizes: Sizes) -> None:
    """it gives `schema`, `table` and `bytes` of every table, indexes included, and of nothing else"""
    if sorted(map(repr, sizes.found)) != sorted(map(repr, sizes.expected)):
        tables = [Table("expected", COLUMNS, sizes.expected)]
        if sizes.found and len(sizes.found[0]) == len(COLUMNS):
            tables.append(Table("found", COLUMNS, sizes.found[:8]))
        raise Mismatch(
            f"{len(sizes.expected)} tables with their sizes", f"{len(sizes.found)} rows", _hint(sizes), tables
        )


def _hint(sizes: Sizes) -> str:
    listed = {tuple(map(str, row[:2])) for row in sizes.found}
    if ("public", "paying") in listed:
        return "A view takes no room of its own. Which column tells tables from views?"
    if listed == {table for table in (*TABLES, *SMALL) if table[0] == "public"}:
        return "A schema of the shop is missing. Which schemas are PostgreSQL's own?"
    if sorted(map(repr, sizes.found)) == sorted(map(repr, sizes.bare)):
        return "That is the table without its indexes. Which function counts these too?"
    if listed == {*TABLES, *SMALL}:
        return "Two tables have one name, and you have measured one of them twice. What tells them apart?"
    return ""


@claim(list_sizes, after=lists_every_table)
def lists_the_largest_first(sizes: Sizes) -> None:
    """the largest comes first"""
    # Tables of one size may come in any order.
    if [row[2] for row in sizes.found] != [row[2] for row in sizes.expected]:
        raise Mismatch("the largest first", "another order")
