"""Exercises whose answer makes indexes, judged by plans, by work at several sizes, and by what the indexes cost."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial

from graders.kernel.claims import Attempt, claim, experiment, key_for, lab_for
from graders.kernel.report import Mismatch, Table
from graders.labs import EngineError
from graders.techniques.plans import index_hints as hints
from graders.techniques.plans.cost import max_work
from graders.techniques.plans.index_observations import (
    IndexExercise,
    IndexKey,
    IndexObservations,
    QueryPlan,
    make_index_key,
    observe_indexes,
)
from graders.techniques.plans.indexes import REFUSED, Index, find_redundant
from graders.techniques.plans.plan import COVERING_SCAN, Access


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
    # To be small is no merit of an index that lacks what the query reads.
    first: Mapping[Callable, Callable] = {costs_little: covers if description.covering else searches}
    for judge in (covers, keeps_order, takes_little, costs_little):
        if judge.__name__ in weights:
            claim(only_indexes, weight=weights[judge.__name__], after=first.get(judge, searches))(judge)
    key_for(name, of=IndexKey)(partial(make_index_key, description))
    lab_for(name)(description.data.open)


def searches(outcome: IndexObservations) -> None:
    """SQLite goes by an index, and reads no whole table"""
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
    """the writes and the space pay for nothing that no query needs"""
    _must_not_be_redundant(outcome)
    most = outcome.exercise.max_indexes
    if len(outcome.created) > most:
        names = ", ".join(index.name for index in outcome.created)
        expected = "at most 1 index" if most == 1 else f"at most {most} indexes"
        raise Mismatch(expected, f"{len(outcome.created)}: {names}", hints.TOO_MANY)
    if isinstance(outcome.writes, EngineError):
        raise Mismatch("writes that go on as before", outcome.writes.says, REFUSED)
    steps = max_work(outcome.key.writes, outcome.exercise.cost_factor)
    if outcome.writes > steps:
        raise Mismatch(f"at most {steps:,} steps for the writes", f"{outcome.writes:,}", hints.TOO_MANY)
    _must_be_small(outcome)


def _must_be_small(outcome: IndexObservations) -> None:
    unneeded = next(_find_unneeded(outcome), None) if outcome.exercise.narrow else None
    if unneeded:
        index, column = unneeded
        found = f"`{column}` in `{index.name}`"
        raise Mismatch("no column that does not help", found, hints.unneeded_hint(column, index))
    if outcome.rows > outcome.key.rows:
        raise Mismatch(f"at most {outcome.key.rows:,} rows in an index", f"{outcome.rows:,}", hints.TOO_MANY_ROWS)
    pages = int(outcome.key.pages * outcome.exercise.cost_factor) + 1
    if outcome.pages > pages:
        raise Mismatch(f"at most {pages:,} pages for your indexes", f"{outcome.pages:,}", hints.TOO_WIDE)


def _find_unneeded(outcome: IndexObservations) -> Iterator[tuple[Index, str]]:
    """Each column of an index that helps none of the queries that go by it, with that index."""
    needed: dict[str, set[str]] = {}
    for number, (plan, growth) in enumerate(zip(outcome.plans, outcome.work, strict=True), start=1):
        covering = number in outcome.exercise.covering
        for access in plan.accesses:
            columns = hints.read_needed(plan.query, access, outcome.table_of(access), covering, growth.exceeds)
            if columns is not None:
                needed.setdefault(access.index, set()).update(columns)
    for index in outcome.created:
        if index.name in needed:
            yield from ((index, column) for column in index.find_unneeded(needed[index.name]))


def _must_not_be_redundant(outcome: IndexObservations) -> None:
    found = find_redundant(list(outcome.indexes.values()), outcome.tables)
    if not found:
        return
    index, other = found
    beside_key = hints.BESIDE_UNIQUE.format(columns=", ".join(index.columns), index=index.name)
    hint = hints.REDUNDANT.format(index=index.name, other=other.name) if other and other.created else beside_key
    name = f"`{index.name}` ({', '.join(index.columns)}) on `{index.table}`"
    raise Mismatch("no index that another one makes superfluous", name, hint)
