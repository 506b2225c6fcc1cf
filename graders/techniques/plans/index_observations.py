"""Exercises whose answer makes indexes: what they ask for, the key, and what a script makes of the workload."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from graders.kernel.claims import Attempt, KeyRequest
from graders.kernel.report import Mismatch
from graders.labs import EngineError, Lab
from graders.sql import quote_identifier
from graders.techniques.plans import index_hints as hints
from graders.techniques.plans.cost import SIZES, Growth, Opener, SizedData, max_work, measure_cost
from graders.techniques.plans.indexes import (
    ALTERED,
    Index,
    count_largest,
    count_pages,
    created_indexes,
    read_indexes,
    run_index_script,
)
from graders.techniques.plans.plan import Access
from graders.techniques.plans.sqlite_plan import Program, read_program, read_trees
from graders.techniques.queries import BaseTable, read_tables

CLAIM_WEIGHTS: dict[str, float] = {"searches": 2, "covers": 1, "keeps_order": 1, "takes_little": 2, "costs_little": 1}


def _draw_no_queries(rng: random.Random) -> Sequence[str]:
    return ()


@dataclass(frozen=True)
class IndexExercise:
    """What an exercise on SQLite asks of a script of CREATE INDEX."""

    opener: Opener
    """Opens the data, given an engine, a seed and a number of rows."""
    workload: Sequence[str]
    """The queries that must search; they are numbered from 1."""
    setup: str = ""
    """A script that runs first."""
    writes: Sequence[str] = ()
    """Statements that must still run, and whose work may be `cost_factor` times that with the solution's indexes."""
    covering: Collection[int] = ()
    """The queries that an index alone must answer; they may read all of it."""
    ordered: Collection[int] = ()
    """The queries that must need no sort."""
    scannable: Collection[str] = ()
    """The tables that may be scanned."""
    other_queries: Callable[[random.Random], Sequence[str]] = _draw_no_queries
    """Draws the same queries with other values, so that no index fits one value only."""
    narrow: bool = False
    """Whether each column of an index must be searched, sorted by or, for a query to be covered, read there."""
    max_indexes: int = 1
    """How many indexes made by CREATE INDEX there may be in the end."""
    may_drop: bool = False
    """Whether indexes may be dropped."""
    sizes: Sequence[int] = SIZES
    """The numbers of rows that the answer is tried on, the smallest first."""
    work_factor: float = 2
    """How many times the solution's work each query may take, and a little more."""
    cost_factor: float = 1.25
    """How many times the pages of the solution's indexes the answer's may take."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """The weights of single claims, by their names, where they are not those of `CLAIM_WEIGHTS`."""
    engine: str = "SQLite"
    """No other engine counts the steps and pages by which indexes are judged."""

    def __post_init__(self) -> None:
        if self.engine != "SQLite":
            raise ValueError(f"indexes are judged on SQLite, not on {self.engine!r}")
        if unknown := {*self.covering, *self.ordered} - set(range(1, len(self.workload) + 1)):
            raise ValueError(f"there is no query {min(unknown)} in a workload of {len(self.workload)}")
        if unknown_claims := set(self.weights) - set(self.claim_weights):
            raise ValueError(f"this exercise has no claim {min(unknown_claims)!r} to be weighted")

    @property
    def claim_weights(self) -> dict[str, float]:
        """The weight of each claim of the exercise, by its name."""
        left_out = [name for name, queries in (("covers", self.covering), ("keeps_order", self.ordered)) if not queries]
        stated = [name for name in CLAIM_WEIGHTS if name not in left_out]
        return {name: self.weights.get(name, CLAIM_WEIGHTS[name]) for name in stated}

    @property
    def data(self) -> SizedData:
        """The data set that the answer is tried on."""
        return SizedData(self.opener, setup=self.setup, sizes=tuple(self.sizes))

    def name_of(self, number: int) -> str:
        """How query `number` is called in sentences."""
        return f"query {number}" if len(self.workload) > 1 else "the query"


@dataclass(frozen=True)
class IndexKey:
    """What the solution's indexes make of the workload: counts only, which name no index."""

    work: list[list[int]]
    """The steps of each query at each size."""
    writes: int
    """The steps of all writes at the largest size."""
    pages: int
    """The pages of all indexes made by CREATE INDEX at the largest size."""
    rows: int
    """How many rows the largest of these indexes holds."""


@dataclass(frozen=True)
class QueryPlan:
    """How SQLite runs one query behind the script."""

    query: str
    accesses: list[Access]
    sorts: bool


@dataclass(frozen=True)
class IndexObservations:
    """What a script made of the workload."""

    exercise: IndexExercise
    key: IndexKey
    tables: dict[str, BaseTable]
    indexes: dict[str, Index]
    plans: list[QueryPlan]
    other_plans: list[QueryPlan]
    work: list[Growth]
    matches: dict[tuple[int, str], hints.Matches]
    """For the queries that take too much: to how many rows of a table their search leads."""
    writes: int | EngineError
    """The steps of all writes, or what the engine refused."""
    rows: int
    """How many rows the largest index made by CREATE INDEX holds."""
    pages: int

    @property
    def created(self) -> list[Index]:
        """The indexes made by CREATE INDEX."""
        return created_indexes(self.indexes)

    def index_of(self, access: Access) -> Index | None:
        """The index by which a table is reached, if there is one."""
        return self.indexes.get(access.index)

    def table_of(self, access: Access) -> BaseTable | None:
        """The table that is reached."""
        return self.tables.get(access.table)


def make_index_key(description: IndexExercise, request: KeyRequest) -> IndexKey:
    """What the solution's indexes make of the workload."""
    data, work = description.data, []
    for rows in data.sizes:
        with data.open(request.seed, rows) as lab:
            lab.run(request.solution)
            work.append([measure_cost(lab, query).count for query in description.workload])
            if rows == data.largest:
                writes, held, pages = _count_writes(lab, description.writes), count_largest(lab), count_pages(lab)
    if isinstance(writes, EngineError):
        raise writes
    return IndexKey([list(counts) for counts in zip(*work, strict=True)], writes, pages, held)


def observe_indexes(description: IndexExercise, attempt: Attempt) -> IndexObservations:
    """Run the script at every size, and read at the largest what came of it; raise `Mismatch` if it does not run."""
    data, work = description.data, []
    for rows in data.sizes:
        with data.open(attempt.seed, rows) as lab:
            changed = run_index_script(lab, attempt.answer, rows if rows != data.sizes[0] else 0)
            if rows == data.sizes[0]:
                _must_make_some(description, *changed)
            work.append([measure_cost(lab, query).count for query in description.workload])
            if rows == data.largest:
                return _read_largest(description, attempt, lab, work)
    raise ValueError("an exercise on indexes needs a size")


def _must_make_some(description: IndexExercise, before: dict[str, Index], after: dict[str, Index]) -> None:
    lost = [name for name in before if name not in after]
    if lost and not description.may_drop:
        raise Mismatch("the indexes that were there", f"`{lost[0]}` is gone", ALTERED)
    if after == before:
        raise Mismatch("a change of indexes" if description.may_drop else "a new index", "none", hints.NO_INDEX)


def _read_largest(description: IndexExercise, attempt: Attempt, lab: Lab, work: list[list[int]]) -> IndexObservations:
    sizes, key, trees = description.data.sizes, attempt.key, read_trees(lab)

    def read_query_plan(query: str) -> QueryPlan:
        program = Program(read_program(lab, query), trees)
        return QueryPlan(query, program.accesses(), program.count_sorts() > 0)

    growth = [
        Growth(sizes, counts, [max_work(count, description.work_factor) for count in reference])
        for counts, reference in zip(zip(*work, strict=True), key.work, strict=True)
    ]
    tables = {table.name: table for table in read_tables(lab)}
    indexes, plans = read_indexes(lab), [read_query_plan(query) for query in description.workload]
    return IndexObservations(
        description,
        key,
        tables,
        indexes,
        plans,
        [read_query_plan(query) for query in description.other_queries(attempt.rng)],
        growth,
        dict(_count_matches(lab, tables, indexes, plans, growth)),
        _count_writes(lab, description.writes),
        count_largest(lab),
        count_pages(lab),
    )


def _count_matches(
    lab: Lab,
    tables: Mapping[str, BaseTable],
    indexes: Mapping[str, Index],
    plans: Sequence[QueryPlan],
    growth: Sequence[Growth],
) -> Iterator[tuple[tuple[int, str], hints.Matches]]:
    for number, (plan, taken) in enumerate(zip(plans, growth, strict=True), start=1):
        for access in plan.accesses if taken.exceeds else ():
            if condition := hints.selective_condition(plan.query, access, tables.get(access.table)):
                held = f" AND ({indexes[access.index].condition})" if access.partial else ""
                count = f"SELECT count(*), total({condition}{held}) FROM {quote_identifier(access.table)}"
                yield (number, access.table), hints.Matches(*lab.execute(count).rows[0])


def _count_writes(lab: Lab, writes: Sequence[str]) -> int | EngineError:
    """The steps of all writes, one after another; they are undone."""
    lab.execute("SAVEPOINT writes")
    try:
        return sum(measure_cost(lab, write).count for write in writes)
    except EngineError as error:
        return error
    finally:
        lab.execute("ROLLBACK TO writes")
        lab.execute("RELEASE writes")
