"""Exercises whose answer makes indexes, judged by plans, by work at several sizes, and by what the indexes cost."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial

from graders.kernel.claims import Attempt, claim, experiment, key_for, lab_for
from graders.kernel.report import Mismatch, Table
from graders.labs import EngineError
from graders.techniques.plans import index_hints as hints
from graders.techniques.plans.index_workload import (
    IndexesAtWork,
    IndexExercise,
    IndexKey,
    QueryPlan,
    make_index_key,
    observe_indexes,
)
from graders.techniques.plans.indexes import find_redundant
from graders.techniques.plans.plan import COVERING_SCAN, Access
from graders.techniques.plans.sized_data import bound


def index_exercise(name: str, description: IndexExercise) -> None:
    """Declare that the answer to the exercise `name` is a script that makes indexes for a workload.

    index_exercise("example-2", IndexExercise(loans.open_sized, ["SELECT title FROM loans WHERE member_id = 7"]))
    """

    @experiment(name, condition="your statements run, and change indexes and nothing else", description=description)
    def only_indexes(attempt: Attempt) -> IndexesAtWork:
        try:
            return observe_indexes(description, attempt)
        except EngineError as error:
            # What a script leaves behind may refuse our own statements too.
            found = f"{error.engine} says: {error.sentence}"
            raise Mismatch("a database in which the workload still runs", found) from None

    def state(
        judge: Callable[[IndexesAtWork], None], weight: float, after: Callable | None, sentence: str = ""
    ) -> None:
        weight = description.weights.get(judge.__name__, weight)
        claim(only_indexes, weight=weight, after=after, sentence=sentence)(judge)

    many = len(description.workload) > 1
    state(searches, 2, None, "no query of the workload reads a whole table" if many else "")
    if description.covering:
        state(covers, 1, searches)
    if description.ordered:
        state(keeps_order, 1, searches)
    state(takes_little, 2, searches)
    state(costs_little, 1, searches)
    key_for(name, of=IndexKey)(partial(make_index_key, description))
    lab_for(name)(description.data.open)


def searches(outcome: IndexesAtWork) -> None:
    """SQLite searches, and reads no whole table"""
    exercise = outcome.exercise
    for number, plan in enumerate(outcome.plans, start=1):
        allowed = COVERING_SCAN if number in exercise.covering else None
        scan = next(
            (a for a in plan.accesses if not (a.searches or a.how == allowed or a.table in exercise.free)), None
        )
        if scan:
            hint = hints.unused_hint(plan.query, scan, outcome.own, outcome.tables.get(scan.table))
            found = f"{exercise.name_of(number)}: a {scan}"
            raise Mismatch(f"a search of `{scan.table}`", found, hint, [_table_of_plans(outcome.plans)])
    for plan in outcome.other_plans:
        scan = next((a for a in plan.accesses if not (a.searches or a.how == COVERING_SCAN)), None)
        if scan:
            found = f"`{plan.query}`: a {scan}"
            raise Mismatch(f"a search of `{scan.table}` for other values, too", found, hints.ONE_VALUE)


def _table_of_plans(plans: Sequence[QueryPlan]) -> Table:
    accesses = [(number, access) for number, plan in enumerate(plans, start=1) for access in plan.accesses]
    scans = frozenset(place for place, (_, access) in enumerate(accesses) if not access.searches)
    rows = [(number, str(access)) for number, access in accesses]
    return Table("how each query reaches its rows", ("query", "what it does"), rows, scans, "reads all")


def covers(outcome: IndexesAtWork) -> None:
    """an index alone answers where it should, without the table"""
    for number, access in _accesses(outcome, outcome.exercise.covering):
        if not access.covering:
            query = outcome.plans[number - 1].query
            hint = hints.covering_hint(query, outcome.index_of(access), outcome.table_of(access))
            expected = f"{outcome.exercise.name_of(number)} answered by an index alone"
            raise Mismatch(expected, f"a {access}, and then the table's rows", hint)


def keeps_order(outcome: IndexesAtWork) -> None:
    """the rows come out of the index in their order, without a sort"""
    for number, access in _accesses(outcome, outcome.exercise.ordered):
        plan = outcome.plans[number - 1]
        if plan.sorts:
            hint = hints.sort_hint(plan.query, access, outcome.index_of(access), outcome.table_of(access))
            expected = f"the rows of {outcome.exercise.name_of(number)} in their order from the index"
            raise Mismatch(expected, "a sort of all rows found", hint)


def _accesses(outcome: IndexesAtWork, numbers: Collection[int]) -> list[tuple[int, Access]]:
    """How the queries with these numbers reach their tables, but for those that may be scanned."""
    numbered = [(number, access) for number in sorted(numbers) for access in outcome.plans[number - 1].accesses]
    return [(number, access) for number, access in numbered if access.table not in outcome.exercise.free]


def takes_little(outcome: IndexesAtWork) -> None:
    """the work grows with what is found, not with the table"""
    for number, growth in enumerate(outcome.work, start=1):
        if growth.too_much:
            name = outcome.exercise.name_of(number)
            expected = f"at most {growth.allowed[-1]:,} steps for {name} at {growth.sizes[-1]:,} rows"
            raise Mismatch(expected, growth.words, _work_hint(outcome, number), [growth.table()])


def _work_hint(outcome: IndexesAtWork, number: int) -> str:
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


def costs_little(outcome: IndexesAtWork) -> None:
    """the writes and the space pay for no index that is not needed"""
    _must_not_be_redundant(outcome)
    most = outcome.exercise.max_indexes
    if len(outcome.own) > most:
        names = ", ".join(index.name for index in outcome.own)
        expected = "at most 1 index" if most == 1 else f"at most {most} indexes"
        raise Mismatch(expected, f"{len(outcome.own)}: {names}", hints.TOO_MANY)
    if isinstance(outcome.writes, EngineError):
        found = f"{outcome.writes.engine} says: {outcome.writes.sentence}"
        raise Mismatch("writes that go on as before", found, hints.REFUSED)
    steps = bound(outcome.key.writes, outcome.exercise.space)
    if outcome.writes > steps:
        raise Mismatch(f"at most {steps:,} steps for the writes", f"{outcome.writes:,}", hints.TOO_MANY)
    pages = int(outcome.key.pages * outcome.exercise.space) + 1
    if outcome.pages > pages:
        raise Mismatch(f"at most {pages:,} pages for your indexes", f"{outcome.pages:,}", hints.TOO_WIDE)


def _must_not_be_redundant(outcome: IndexesAtWork) -> None:
    found = find_redundant(list(outcome.indexes.values()), outcome.tables)
    if not found:
        return
    index, other = found
    beside_key = hints.BESIDE_UNIQUE.format(columns=", ".join(index.columns), index=index.name)
    hint = hints.REDUNDANT.format(index=index.name, other=other.name) if other and other.own else beside_key
    name = f"`{index.name}` ({', '.join(index.columns)}) on `{index.table}`"
    raise Mismatch("no index that another one makes superfluous", name, hint)
