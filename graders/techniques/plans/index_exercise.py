"""Exercises whose answer makes indexes, judged by plans, by work at several sizes, and by what the indexes cost."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from graders.kernel.claims import Attempt, KeyRequest, claim, experiment, key_for, lab_for
from graders.kernel.report import Mismatch, Table
from graders.labs import EngineError, Lab
from graders.sql import quote_identifier
from graders.techniques.plans import indexes as hints
from graders.techniques.plans.cost import SIZES, Growth, Opener, SizedData, max_work, measure_cost
from graders.techniques.plans.indexes import (
    Index,
    count_pages,
    created_indexes,
    find_redundant,
    read_indexes,
    run_index_script,
)
from graders.techniques.plans.plan import COVERING_SCAN, Access
from graders.techniques.plans.sqlite_plan import Program, read_program, read_trees
from graders.techniques.queries import BaseTable, read_tables

CLAIM_WEIGHTS: dict[str, float] = {"searches": 2, "covers": 1, "keeps_order": 1, "takes_little": 2, "costs_little": 1}


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
    other_queries: Sequence[str] = ()
    """The same queries with other values, so that no index fits one value only."""
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
                writes, pages = _count_writes(lab, description.writes), count_pages(lab)
    if isinstance(writes, EngineError):
        raise writes
    return IndexKey([list(counts) for counts in zip(*work, strict=True)], writes, pages)


def observe_indexes(description: IndexExercise, attempt: Attempt) -> IndexObservations:
    """Run the script at every size, and read at the largest what came of it; raise `Mismatch` if it does not run."""
    data, key, work = description.data, attempt.key, []
    for rows in data.sizes:
        with data.open(attempt.seed, rows) as lab:
            changed = run_index_script(lab, attempt.answer, rows if rows != data.sizes[0] else 0)
            if rows == data.sizes[0]:
                _must_make_some(description, *changed)
            work.append([measure_cost(lab, query).count for query in description.workload])
            if rows == data.largest:
                return _read_largest(description, key, lab, work)
    raise ValueError("an exercise on indexes needs a size")


def _must_make_some(description: IndexExercise, before: dict[str, Index], after: dict[str, Index]) -> None:
    lost = [name for name in before if name not in after]
    if lost and not description.may_drop:
        raise Mismatch("the indexes that were there", f"`{lost[0]}` is gone", hints.ALTERED)
    if after == before:
        raise Mismatch("a change of indexes" if description.may_drop else "a new index", "none", hints.NO_INDEX)


def _read_largest(description: IndexExercise, key: IndexKey, lab: Lab, work: list[list[int]]) -> IndexObservations:
    sizes, trees = description.data.sizes, read_trees(lab)

    def read_query_plan(query: str) -> QueryPlan:
        program = Program(read_program(lab, query), trees)
        return QueryPlan(query, program.accesses(), program.count_sorts() > 0)

    growth = [
        Growth(sizes, counts, [max_work(count, description.work_factor) for count in reference])
        for counts, reference in zip(zip(*work, strict=True), key.work, strict=True)
    ]
    tables = {table.name: table for table in read_tables(lab)}
    plans = [read_query_plan(query) for query in description.workload]
    return IndexObservations(
        description,
        key,
        tables,
        read_indexes(lab),
        plans,
        [read_query_plan(query) for query in description.other_queries],
        growth,
        dict(_count_matches(lab, tables, plans, growth)),
        _count_writes(lab, description.writes),
        count_pages(lab),
    )


def _count_matches(lab: Lab, tables: Mapping[str, BaseTable], plans: Sequence[QueryPlan], growth: Sequence[Growth]):
    for number, (plan, taken) in enumerate(zip(plans, growth, strict=True), start=1):
        for access in plan.accesses if taken.exceeds else ():
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


def index_exercise(name: str, description: IndexExercise) -> None:
    """Declare that the answer to the exercise `name` is a script that makes indexes for a workload.

    index_exercise("example-2", IndexExercise(loans.open_sized, ["SELECT title FROM loans WHERE member_id = 7"]))
    """

    @experiment(name, condition="your statements run, and change indexes and nothing else", description=description)
    def only_indexes(attempt: Attempt) -> IndexObservations:
        try:
            return observe_indexes(description, attempt)
        except EngineError as error:
            # What a script leaves behind may refuse our own statements too.
            found = error.says
            raise Mismatch("a database in which the workload still runs", found) from None

    weights = description.claim_weights
    sentence = "no query of the workload reads a whole table" if len(description.workload) > 1 else ""
    claim(only_indexes, weight=weights["searches"], sentence=sentence)(searches)
    for judge in (covers, keeps_order, takes_little, costs_little):
        if judge.__name__ in weights:
            claim(only_indexes, weight=weights[judge.__name__], after=searches)(judge)
    key_for(name, of=IndexKey)(partial(make_index_key, description))
    lab_for(name)(description.data.open)


def searches(outcome: IndexObservations) -> None:
    """SQLite searches, and reads no whole table"""
    exercise = outcome.exercise
    for number, plan in enumerate(outcome.plans, start=1):
        allowed = COVERING_SCAN if number in exercise.covering else None
        scan = next(
            (a for a in plan.accesses if not (a.searches or a.method == allowed or a.table in exercise.scannable)), None
        )
        if scan:
            hint = hints.unused_hint(plan.query, scan, outcome.created, outcome.tables.get(scan.table))
            found = f"{exercise.name_of(number)}: a {scan}"
            raise Mismatch(f"a search of `{scan.table}`", found, hint, [_table_of_plans(outcome.plans)])
    for plan in outcome.other_plans:
        scan = next((a for a in plan.accesses if not (a.searches or a.method == COVERING_SCAN)), None)
        if scan:
            found = f"`{plan.query}`: a {scan}"
            raise Mismatch(f"a search of `{scan.table}` for other values, too", found, hints.ONE_VALUE)


def _table_of_plans(plans: Sequence[QueryPlan]) -> Table:
    accesses = [(number, access) for number, plan in enumerate(plans, start=1) for access in plan.accesses]
    scans = frozenset(position for position, (_, access) in enumerate(accesses) if not access.searches)
    rows = [(number, str(access)) for number, access in accesses]
    return Table("how each query reaches its rows", ("query", "what it does"), rows, scans, "reads all")


def covers(outcome: IndexObservations) -> None:
    """an index alone answers where it should, without the table"""
    for number, access in _accesses(outcome, outcome.exercise.covering):
        if not access.covering:
            query = outcome.plans[number - 1].query
            hint = hints.covering_hint(query, outcome.index_of(access), outcome.table_of(access))
            expected = f"{outcome.exercise.name_of(number)} answered by an index alone"
            raise Mismatch(expected, f"a {access}, and then the table's rows", hint)


def keeps_order(outcome: IndexObservations) -> None:
    """the rows come out of the index in their order, without a sort"""
    for number, access in _accesses(outcome, outcome.exercise.ordered):
        plan = outcome.plans[number - 1]
        if plan.sorts:
            hint = hints.sort_hint(plan.query, access, outcome.index_of(access), outcome.table_of(access))
            expected = f"the rows of {outcome.exercise.name_of(number)} in their order from the index"
            raise Mismatch(expected, "a sort of all rows found", hint)


def _accesses(outcome: IndexObservations, numbers: Collection[int]) -> list[tuple[int, Access]]:
    """How the queries with these numbers reach their tables, but for those that may be scanned."""
    numbered = [(number, access) for number in sorted(numbers) for access in outcome.plans[number - 1].accesses]
    return [(number, access) for number, access in numbered if access.table not in outcome.exercise.scannable]


def takes_little(outcome: IndexObservations) -> None:
    """the work grows with what is found, not with the table"""
    for number, growth in enumerate(outcome.work, start=1):
        if growth.exceeds:
            name = outcome.exercise.name_of(number)
            expected = f"at most {growth.allowed[-1]:,} steps for {name} at {growth.sizes[-1]:,} rows"
            raise Mismatch(expected, growth.describe(), _work_hint(outcome, number), [growth.table()])


def _work_hint(outcome: IndexObservations, number: int) -> str:
    for _, access in _accesses(outcome, [number]):
        query, index, table = (
            outcome.plans[number - 1].query,
            outcome.index_of(access),
            outcome.table_of(access),
        )
        hint = hints.work_hint(query, access, index, table, outcome.matches.get((number, access.table)))
        if hint:
            return hint
    return ""


def costs_little(outcome: IndexObservations) -> None:
    """the writes and the space pay for no index that is not needed"""
    _must_not_be_redundant(outcome)
    most = outcome.exercise.max_indexes
    if len(outcome.created) > most:
        names = ", ".join(index.name for index in outcome.created)
        expected = "at most 1 index" if most == 1 else f"at most {most} indexes"
        raise Mismatch(expected, f"{len(outcome.created)}: {names}", hints.TOO_MANY)
    if isinstance(outcome.writes, EngineError):
        found = outcome.writes.says
        raise Mismatch("writes that go on as before", found, hints.REFUSED)
    steps = max_work(outcome.key.writes, outcome.exercise.cost_factor)
    if outcome.writes > steps:
        raise Mismatch(f"at most {steps:,} steps for the writes", f"{outcome.writes:,}", hints.TOO_MANY)
    pages = int(outcome.key.pages * outcome.exercise.cost_factor) + 1
    if outcome.pages > pages:
        raise Mismatch(f"at most {pages:,} pages for your indexes", f"{outcome.pages:,}", hints.TOO_WIDE)


def _must_not_be_redundant(outcome: IndexObservations) -> None:
    found = find_redundant(list(outcome.indexes.values()), outcome.tables)
    if not found:
        return
    index, other = found
    beside_key = hints.BESIDE_UNIQUE.format(columns=", ".join(index.columns), index=index.name)
    hint = hints.REDUNDANT.format(index=index.name, other=other.name) if other and other.created else beside_key
    name = f"`{index.name}` ({', '.join(index.columns)}) on `{index.table}`"
    raise Mismatch("no index that another one makes superfluous", name, hint)
