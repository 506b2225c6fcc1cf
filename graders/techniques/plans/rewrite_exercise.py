"""Exercises whose answer is a query that gives the same rows as a slow one, with less work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from graders.kernel.claims import Attempt, KeyRequest, claim, experiment, key_for, lab_for
from graders.kernel.report import Mismatch
from graders.techniques.plans.cost import SIZES, Cost, Growth, Opener, SizedData, max_work, measure_cost, read_accesses
from graders.techniques.plans.query_shape import rewrite_hint
from graders.techniques.queries import (
    QueryExercise,
    QueryKey,
    make_query_key,
    read_query,
    read_tables,
    state_query_claims,
)

FAR_TOO_MUCH = 5


@dataclass(frozen=True)
class RewriteExercise:
    """What an exercise asks of a query that must not read too much."""

    query: QueryExercise
    """What its rows are judged by, on many small data sets."""
    opener: Opener
    """Opens the data on which its work is counted, given an engine, a seed and a number of rows."""
    setup: str = ""
    """A script that prepares these data: the indexes, say."""
    sizes: Sequence[int] = SIZES
    work_factor: float = 2
    """How many times the solution's work it may take, and a little more."""

    @property
    def data(self) -> SizedData:
        """The data on which the work is counted."""
        return SizedData(self.opener, self.query.engine, self.setup, tuple(self.sizes))


@dataclass(frozen=True)
class RewriteKey:
    """What a check of a rewritten query needs to know without knowing the solution."""

    query: QueryKey
    """What its rows are judged by."""
    work: list[int]
    """The work of the solution at each size."""


@dataclass(frozen=True)
class WorkOfQuery:
    """What a query took at each size, up to the one at which it is far too much, and why, where that is recognised."""

    growth: Growth
    hint: str = ""


def rewrite_exercise(name: str, description: RewriteExercise) -> None:
    """Declare that the answer to the exercise `name` is a SELECT with the solution's rows and about its work.

    rewrite_exercise("example-3", RewriteExercise(QueryExercise(loans.SCHEMA), loans.open_sized, setup=BY_DAY))
    """
    # The slow query has the right rows, so they are a condition and earn nothing.
    state_query_claims(name, description.query, lambda key: key.query, weight=0)

    @experiment(name, description=description)
    def work(attempt: Attempt) -> WorkOfQuery:
        return measure_query(description, attempt)

    claim(work, after="gives_the_rows")(takes_little)
    key_for(name, of=RewriteKey)(partial(make_rewrite_key, description))
    lab_for(name)(description.data.open)


def make_rewrite_key(description: RewriteExercise, request: KeyRequest) -> RewriteKey:
    """What the solution gives, and what it takes at each size."""
    query, work = request.solution.strip().rstrip(";"), []
    for rows in description.data.sizes:
        with description.data.open(request.seed, rows) as lab:
            work.append(measure_cost(lab, query).count)
    return RewriteKey(make_query_key(description.query, request), work)


def measure_query(description: RewriteExercise, attempt: Attempt) -> WorkOfQuery:
    """Count the work of the answer, from the smallest size up to one, not the first, at which it is far too much."""
    costs: list[Cost] = []
    data, allowed = description.data, [max_work(reference, description.work_factor) for reference in attempt.key.work]
    for rows, most in zip(data.sizes, allowed, strict=True):
        with data.open(attempt.seed, rows) as lab:
            costs.append(measure_cost(lab, read_query(lab, attempt.answer)))
        if len(costs) > 1 and costs[-1].count > FAR_TOO_MUCH * most:
            break
    counts = [cost.count for cost in costs]
    growth = Growth(data.sizes[: len(counts)], counts, allowed[: len(counts)], costs[-1].unit)
    return WorkOfQuery(growth, _find_hint(data, attempt) if growth.exceeds else "")


def _find_hint(data: SizedData, attempt: Attempt) -> str:
    with data.open(attempt.seed, data.sizes[0]) as lab:
        query, tables = read_query(lab, attempt.answer), {table.name: table for table in read_tables(lab)}
        scanned = dict.fromkeys(access.table for access in read_accesses(lab, query) if not access.searches)
        return rewrite_hint(query, [tables[name] for name in scanned if name in tables], lab.engine)


def takes_little(work: WorkOfQuery) -> None:
    """the work grows with what is found, not with the table"""
    growth = work.growth
    if growth.exceeds:
        expected = f"at most {growth.allowed[-1]:,} {growth.unit} at {growth.sizes[-1]:,} rows"
        raise Mismatch(expected, growth.describe(), work.hint, [growth.table()])
