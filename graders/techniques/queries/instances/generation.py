"""Makes small data sets from a seed: ties, duplicates, NULLs, unmatched rows, empty groups and tables."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from graders.techniques.queries.instances.bench import Bench
from graders.techniques.queries.instances.domains import domains
from graders.techniques.queries.instances.literals import literals
from graders.techniques.queries.instances.making import MOST_ROWS, Instance, Making
from graders.techniques.queries.instances.relations import Relation, relations
from graders.techniques.queries.rows.values import Row


def instances(
    schema: str,
    queries: Iterable[str],
    *,
    engine: str = "SQLite",
    seed: int = 0,
    count: int = 100,
    values: Mapping[str, Iterable[object]] | None = None,
    examples: Mapping[str, Sequence[Row]] | None = None,
) -> list[Instance]:
    """Give `count` small data sets for `schema` in which the literals of `queries` matter, smallest first.

    An instance maps every table to its rows, each table after those it refers to. The same seed gives the
    same instances. `values` adds values for columns, `examples` are rows that show what the columns are like.
    """
    made = islice(stream(schema, queries, engine=engine, seed=seed, values=values, examples=examples), count)
    return sorted(made, key=size)


def size(instance: Mapping[str, Sequence[Row]]) -> int:
    """The number of rows of all tables together."""
    return sum(map(len, instance.values()))


def stream(
    schema: str,
    queries: Iterable[str],
    *,
    engine: str = "SQLite",
    seed: int = 0,
    values: Mapping[str, Iterable[object]] | None = None,
    examples: Mapping[str, Sequence[Row]] | None = None,
    focus: Iterable[str] = (),
) -> Iterator[Instance]:
    """Give one instance after the other without end, the first with empty tables; see `instances`.

    Tables that are not in `focus` (if it names any) are mostly left empty.
    """
    queries = list(queries)
    with Bench(engine, schema) as bench:
        tables = relations(bench.lab)
        found = literals([*queries, schema], engine)
        chosen = domains(tables, found, engine, values, examples)
        most = max([7, *(min(number + 2, MOST_ROWS) for number in found.counts)])
        rng = random.Random(seed)
        yield {table.name: [] for table in tables}
        while True:
            yield Making(bench, tables, chosen, rng, most, _wanted(tables, focus, rng)).make()


def _wanted(tables: Sequence[Relation], focus: Iterable[str], rng: random.Random) -> set[str]:
    """The tables to fill: those in focus with the tables they refer to, and now and then all."""
    names = {name.casefold() for name in focus}
    if not names or rng.random() < 0.15:
        return {table.name for table in tables}
    for table in reversed(tables):
        if table.name.casefold() in names:
            names |= {key.table.casefold() for key in table.foreign_keys}
    return {table.name for table in tables if table.name.casefold() in names}
