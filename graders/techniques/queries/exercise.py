"""Exercises whose answer is a query, judged by the rows that it gives on many small data sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from graders.kernel.claims import Attempt, claim, experiment, key_for, lab_for
from graders.kernel.report import Mismatch
from graders.labs import EngineError, Result, open_lab
from graders.techniques.queries import explanations
from graders.techniques.queries.comparison import Difference, compare, describe_columns, reorder
from graders.techniques.queries.explanations import CaseResult, Traits, known_hint, order_hint, read_traits, rows_hint
from graders.techniques.queries.instances import Instance, shrink
from graders.techniques.queries.key import Case, QueryExercise, QueryKey, make_query_key, read_reference
from graders.techniques.queries.query_syntax import literals
from graders.techniques.queries.reusable_lab import ReusableLab, read_query

ROWS_WEIGHT, COLUMNS_WEIGHT, ORDER_WEIGHT = 3, 1, 1
# On all data sets together: a join without a condition gives a third of it.
MAX_ROWS = 100_000
Outcomes = list[Result | EngineError]


def query_exercise(name: str, description: QueryExercise) -> None:
    """Declare that the answer to the exercise `name` is one SELECT that gives the solution's rows.

    query_exercise("open-loans", QueryExercise(library.SCHEMA, fixture=library.data(1)))
    """
    state_query_claims(name, description, lambda key: key)
    key_for(name, of=QueryKey)(partial(make_query_key, description))
    lab_for(name)(lambda seed: open_lab(description.engine, description.schema, description.fixture))


def state_query_claims(
    name: str, description: QueryExercise, key_of: Callable[[Any], QueryKey], *, weight: float = 1
) -> None:
    """State the claims of a query exercise; `key_of` gives its part of the exercise's key.

    With `weight` 0 they are conditions for other claims and earn nothing themselves.
    """

    @experiment(name, condition="your query runs", description=description)
    def runs(attempt: Attempt) -> Observed:
        return observe_query(description, attempt, key_of(attempt.key))

    claim(runs, weight=weight * ROWS_WEIGHT)(gives_the_rows)
    claim(runs, weight=weight * COLUMNS_WEIGHT, after=gives_the_rows)(names_the_columns)
    if description.ordered:
        claim(runs, weight=weight * ORDER_WEIGHT, after=gives_the_rows)(keeps_the_order)


@dataclass(frozen=True)
class Observed:
    """What a query gave on the data sets of its key."""

    key: QueryKey
    first: CaseResult | None = None
    """On the smallest data set; None where `rows` says that not even its columns are right."""
    column_hint: str = ""
    rows: Mismatch | None = None
    """What is wrong with its rows on some data set, if anything."""
    order: Mismatch | None = None
    """What is wrong with the order of its rows, where that counts."""


def gives_the_rows(observed: Observed) -> None:
    """it gives exactly the rows asked for, on every data set tried"""
    if observed.rows:
        raise observed.rows


def names_the_columns(observed: Observed) -> None:
    """its columns are called as asked, in their order"""
    names = observed.first.difference.column_names if observed.first else ""
    if names:
        raise Mismatch(describe_columns(observed.key.columns, unnamed="(any name)"), names, observed.column_hint)


def keeps_the_order(observed: Observed) -> None:
    """its rows come in the order asked for"""
    if observed.order:
        raise observed.order


def observe_query(description: QueryExercise, attempt: Attempt, key: QueryKey) -> Observed:
    """Run the answer on every data set of `key`; raise `Mismatch` if it is no query, or runs on none."""
    with ReusableLab(description.engine, description.schema) as lab:
        return QueryTrial(description, key, lab, read_query(lab.lab, attempt.answer), attempt.solution).observe()


@dataclass(frozen=True)
class QueryTrial:
    """A query in a lab, to be tried on the data sets of a key."""

    description: QueryExercise
    key: QueryKey
    lab: ReusableLab
    query: str
    solution: str | None = None

    def observe(self) -> Observed:
        """Try the query on all data sets, and where its rows are right, on tables in which no order comes by chance."""
        outcomes = self._run(self.key.cases)
        _must_be_few(outcomes)
        traits = read_traits(outcomes, self.key.salt) if self.key.mistakes else Traits()
        for outcome in (outcomes[0], outcomes[-1]):
            if isinstance(outcome, EngineError):
                raise Mismatch("a query that runs", _engine_says(outcome), self._error_hint(outcome))
        try:
            results = self._results(self.key.cases, outcomes, traits)
            self._judge_rows(results, traits)
        except Mismatch as mismatch:
            return Observed(self.key, rows=mismatch)
        order = self._wrong_order(traits) if self.description.ordered else None
        return Observed(self.key, results[0], self._hint(traits, "columns", "rows"), order=order)

    def results(self) -> list[CaseResult]:
        """What the query gives on every data set; raise `Mismatch` where nothing can be compared."""
        return self._results(self.key.cases, self._run(self.key.cases), Traits())

    def _run(self, cases: Sequence[Case]) -> Outcomes:
        return self.lab.run_each(self.query, [self._data(case) for case in cases])

    def _data(self, case: Case) -> Instance:
        return {table: list(rows) for table, rows in self.description.fixture.items()} if case.own else case.data

    def _results(self, cases: Sequence[Case], outcomes: Outcomes, traits: Traits) -> list[CaseResult]:
        results = [self._result(case, outcome) for case, outcome in zip(cases, outcomes, strict=True)]
        width = len(self.key.columns)
        if results and len(results[0].found.columns) != width:
            found = _describe_width(len(results[0].found.columns))
            raise Mismatch(_describe_width(width), found, self._known_hint(traits, "rows"))
        return results

    def _result(self, case: Case, outcome: Result | EngineError) -> CaseResult:
        data = self._data(case)
        if isinstance(outcome, EngineError):
            hint = self._error_hint(outcome)
            raise explanations.wrong_on_some_data(self.lab.lab, self.query, data, case.own, outcome, hint)
        return replace(self._compare(data, outcome, case.rows, case.ties), own=case.own)

    def _compare(self, data: Instance, found: Result, rows: list, ties: Sequence[int]) -> CaseResult:
        expected = Result(self.key.columns, rows)
        description = self.description
        difference = compare(found, expected, ties=ties, tolerance=description.tolerance, names=description.names)
        if difference.swapped:
            found = Result(expected.columns, reorder(found, expected.columns))
        return CaseResult(data, found, expected, difference)

    def _judge_rows(self, results: Sequence[CaseResult], traits: Traits) -> None:
        failed = next((one for one in results if one.difference.rows_differ), None)
        if failed:
            hint = self._known_hint(traits, "rows") or self._shared_hint(results)
            smallest = self._shrink(failed, self.lab.run, lambda difference: difference.rows_differ)
            raise explanations.wrong_rows(self.lab.lab, self.query, smallest, hint)

    def _wrong_order(self, traits: Traits) -> Mismatch | None:
        cases = [case for case in self.key.cases if len(case.ties) > 1]
        outcomes = self.lab.run_each_shuffled(self.query, [self._data(case) for case in cases])
        try:
            results = self._results(cases, outcomes, traits)
        except Mismatch as mismatch:
            return mismatch
        failed = [one for one in results if one.difference.out_of_order is not None]
        if not failed:
            return None
        hint = self._known_hint(traits, "rows", "order") or order_hint(self.query, failed)
        smallest = self._shrink(failed[0], self.lab.run_shuffled, lambda diff: diff.out_of_order is not None)
        return explanations.wrong_order(self.lab.lab, self.query, smallest, hint)

    def _shrink(
        self, one: CaseResult, run: Callable[[str, Instance], Result], fails: Callable[[Difference], bool]
    ) -> CaseResult:
        """The smallest data, made from those of `one`, on which the query still `fails`; without a solution, `one`."""
        if self.solution is None or one.own:
            return one
        with ReusableLab(self.lab.engine, self.lab.schema, here=True) as ours:
            reference = read_reference(ours, read_query(ours.lab, self.solution))

            def compare_again(data: Instance) -> CaseResult | None:
                expected = reference.result(ours, data, self.description.tolerance)
                try:
                    found = run(self.query, data)
                except EngineError:
                    return None
                ties = expected[1] if expected and self.description.ordered else ()
                return self._compare(data, found, expected[0].rows, ties) if expected else None

            def still_fails(data: Instance) -> bool:
                again = compare_again(data)
                return again is not None and fails(again.difference)

            return compare_again(shrink(one.data, still_fails)) or one

    def _error_hint(self, error: EngineError) -> str:
        """The hint of the known mistake that the engine refuses with the same sentence, or nothing."""
        return known_hint(self.key.mistakes, Traits(error.sentence), ["error"])

    def _hint(self, traits: Traits, *by: str) -> str:
        return known_hint(self.key.mistakes, traits, by)

    def _known_hint(self, traits: Traits, *by: str) -> str:
        """The hint of the known mistake that agrees with the query in the traits `by`, or nothing."""
        return self._hint(traits, "columns", *by) or self._hint(traits, *by)

    def _shared_hint(self, results: Sequence[CaseResult]) -> str:
        """The hint for a mistake that many exercises share, or nothing."""
        own = literals([self.query], self.lab.engine)
        values = list(dict.fromkeys(value for column in own.of.values() for value in column))
        return rows_hint(results, values, asks_for_null="is null" in " ".join(self.query.lower().split()))


def _engine_says(error: EngineError) -> str:
    return f"{error.engine} says: {error.sentence}"


def _must_be_few(outcomes: Outcomes) -> None:
    if sum(len(outcome.rows) for outcome in outcomes if isinstance(outcome, Result)) > MAX_ROWS:
        raise Mismatch("no more rows than small tables can give", f"more than {MAX_ROWS:,} in all")


def _describe_width(number: int) -> str:
    return "rows of 1 value" if number == 1 else f"rows of {number} values"
