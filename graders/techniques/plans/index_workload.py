"""What a script of indexes makes of a workload: plans, work at several sizes, and what the indexes cost."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from graders.kernel.claims import Attempt, KeyRequest
from graders.kernel.report import Mismatch
from graders.labs import EngineError, Lab
from graders.sql import quote_identifier
from graders.techniques.plans import index_hints as hints
from graders.techniques.plans.cost import measure_cost
from graders.techniques.plans.indexes import Index, count_pages, own_indexes, read_indexes, run_indexes
from graders.techniques.plans.plan import Access
from graders.techniques.plans.sized_data import SIZES, Growth, Opener, SizedData, bound
from graders.techniques.plans.sqlite_plan import Program, read_program, read_trees
from graders.techniques.queries import BaseTable, read_tables


@dataclass(frozen=True)
class IndexExercise:
    """What an exercise on SQLite asks of a script of CREATE INDEX."""

    opener: Opener
    """Opens the data, given an engine, a seed and a number of rows."""
    workload: Sequence[str]
    """The queries that must search; they are numbered from 1."""
    before: str = ""
    """A script that runs first."""
    writes: Sequence[str] = ()
    """Statements that must still run, and whose work may be `space` times that with the solution's indexes."""
    covering: Collection[int] = ()
    """The queries that an index alone must answer; they may read all of it."""
    ordered: Collection[int] = ()
    """The queries that must need no sort."""
    free: Collection[str] = ()
    """The tables that may be scanned."""
    others: Sequence[str] = ()
    """The same queries with other values, so that no index fits one value only."""
    max_indexes: int = 1
    """How many indexes made by CREATE INDEX there may be in the end."""
    drops: bool = False
    """Whether indexes may be dropped."""
    sizes: Sequence[int] = SIZES
    factor: float = 2
    """How many times the solution's work each query may take, and a little more."""
    space: float = 1.25
    """How many times the pages of the solution's indexes the answer's may take."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """The weights of single claims, by their names."""

    @property
    def data(self) -> SizedData:
        """The data set that the answer is tried on."""
        return SizedData(self.opener, before=self.before, sizes=tuple(self.sizes))

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


@dataclass(frozen=True)
class QueryPlan:
    """How SQLite runs one query behind the script."""

    query: str
    accesses: list[Access]
    sorts: bool


@dataclass(frozen=True)
class IndexesAtWork:
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
    pages: int

    @property
    def own(self) -> list[Index]:
        """The indexes made by CREATE INDEX."""
        return own_indexes(self.indexes)

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
        with data.lab(request.seed, rows) as lab:
            lab.run(request.solution)
            work.append([measure_cost(lab, query).count for query in description.workload])
            if rows == data.largest:
                writes, pages = _count_writes(lab, description.writes), count_pages(lab)
    if isinstance(writes, EngineError):
        raise writes
    return IndexKey([list(counts) for counts in zip(*work, strict=True)], writes, pages)


def observe_indexes(description: IndexExercise, attempt: Attempt) -> IndexesAtWork:
    """Run the script at every size, and read at the largest what came of it; raise `Mismatch` if it does not run."""
    data, key, work = description.data, attempt.key, []
    for rows in data.sizes:
        with data.lab(attempt.seed, rows) as lab:
            changed = run_indexes(lab, attempt.answer, rows if rows != data.sizes[0] else 0)
            if rows == data.sizes[0]:
                _must_make_some(description, *changed)
            work.append([measure_cost(lab, query).count for query in description.workload])
            if rows == data.largest:
                return _read_largest(description, key, lab, work)
    raise ValueError("an exercise on indexes needs a size")


def _must_make_some(description: IndexExercise, before: dict[str, Index], after: dict[str, Index]) -> None:
    lost = [name for name in before if name not in after]
    if lost and not description.drops:
        raise Mismatch("the indexes that were there", f"`{lost[0]}` is gone", hints.ALTERED)
    if after == before:
        raise Mismatch("a change of indexes" if description.drops else "a new index", "none", hints.NO_INDEX)


def _read_largest(description: IndexExercise, key: IndexKey, lab: Lab, work: list[list[int]]) -> IndexesAtWork:
    sizes, trees = description.data.sizes, read_trees(lab)

    def read_query_plan(query: str) -> QueryPlan:
        program = Program(read_program(lab, query), trees)
        return QueryPlan(query, program.accesses(), program.count_sorts() > 0)

    growth = [
        Growth(sizes, counts, [bound(count, description.factor) for count in reference])
        for counts, reference in zip(zip(*work, strict=True), key.work, strict=True)
    ]
    tables = {table.name: table for table in read_tables(lab)}
    plans = [read_query_plan(query) for query in description.workload]
    return IndexesAtWork(
        description,
        key,
        tables,
        read_indexes(lab),
        plans,
        [read_query_plan(query) for query in description.others],
        growth,
        dict(_count_matches(lab, tables, plans, growth)),
        _count_writes(lab, description.writes),
        count_pages(lab),
    )


def _count_matches(lab: Lab, tables: Mapping[str, BaseTable], plans: Sequence[QueryPlan], growth: Sequence[Growth]):
    for number, (plan, taken) in enumerate(zip(plans, growth, strict=True), start=1):
        for access in plan.accesses if taken.too_much else ():
            if condition := hints.selective_condition(plan.query, access, tables.get(access.table)):
                count = f"SELECT count(*), total({condition}) FROM {quote_identifier(access.table)}"
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
