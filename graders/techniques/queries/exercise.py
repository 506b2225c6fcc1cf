"""Exercises whose answer is a query, judged by the rows that it gives on many small data sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from graders.kernel.claims import Attempt, claim, experiment, key_for, lab_for
from graders.kernel.report import Mismatch
from graders.labs import EngineError, OutOfBounds, Result, open_lab
from graders.techniques.queries import explanations
from graders.techniques.queries.comparison import ResultDifference, Row, compare, describe_columns, reorder
from graders.techniques.queries.explanations import CaseResult, known_hint, order_hint, rows_hint
from graders.techniques.queries.instances import count_rows, shrink
from graders.techniques.queries.key import Case, QueryExercise, QueryKey, make_query_key, read_reference
from graders.techniques.queries.limits import outer_limit
from graders.techniques.queries.query_syntax import collect_literals
from graders.techniques.queries.reusable_lab import Data, ReusableLab, read_query

ROWS_WEIGHT, COLUMNS_WEIGHT, ORDER_WEIGHT = 3, 1, 1
# On all data sets together: a join without a condition gives a third of it.
MAX_ROWS = 100_000
MANY_ROWS, MAX_TRIALS, MAX_TRIALS_WITH_MANY_ROWS = 120, 300, 60
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
    def runs(attempt: Attempt) -> QueryObservations:
        return observe_query(description, attempt, key_of(attempt.key))

    claim(runs, weight=weight * ROWS_WEIGHT)(gives_the_rows)
    if description.names:
        claim(runs, weight=weight * COLUMNS_WEIGHT, after=gives_the_rows)(names_the_columns)
    if description.ordered:
        claim(runs, weight=weight * ORDER_WEIGHT, after=gives_the_rows)(keeps_the_order)


@dataclass(frozen=True)
class QueryObservations:
    """What is wrong with a query's results, if anything."""

    rows: Mismatch | None = None
    """With the rows on some data set; then nothing is known of columns and order."""
    columns: Mismatch | None = None
    """With the names of the columns."""
    order: Mismatch | None = None
    """With the order of the rows, where that counts."""


def gives_the_rows(observed: QueryObservations) -> None:
    """it gives exactly the rows asked for, on every data set tried"""
    if observed.rows:
        raise observed.rows


def names_the_columns(observed: QueryObservations) -> None:
    """its columns are called as asked, in their order"""
    if observed.columns:
        raise observed.columns


def keeps_the_order(observed: QueryObservations) -> None:
    """its rows come in the order asked for"""
    if observed.order:
        raise observed.order


def observe_query(description: QueryExercise, attempt: Attempt, key: QueryKey) -> QueryObservations:
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

    def observe(self) -> QueryObservations:
        """Try the query on all data sets, and where its rows are right, on tables in which no order comes by chance."""
        outcomes = self._run(self.key.cases)
        _limit_rows(outcomes)
        for outcome in (outcomes[0], outcomes[-1]):
            if isinstance(outcome, EngineError):
                raise Mismatch("a query that runs", outcome.says, self._error_hint(outcome))
        try:
            results = self._compare_each(self.key.cases, outcomes)
            self._check_rows(results, outcomes)
        except Mismatch as mismatch:
            return QueryObservations(rows=mismatch)
        if cut_off := self._wrong_on_many_rows():
            return QueryObservations(rows=cut_off)
        order = self._wrong_order(outcomes) if self.description.ordered else None
        return QueryObservations(columns=self._wrong_columns(results[0].difference, outcomes), order=order)

    def results(self) -> list[CaseResult]:
        """What the query gives on every data set; raise `Mismatch` where nothing can be compared."""
        results = self._compare_each(self.key.cases, self._run(self.key.cases))
        wrong = any(result.difference for result in results)
        return results if wrong else [*results, *self._results_on_many_rows()]

    def _results_on_many_rows(self) -> list[CaseResult]:
        """What the query gives on the large data sets; one that it takes too long for tells nothing."""
        outcomes = zip(self.key.large, self._run(self.key.large), strict=True)
        return [self._compare_case(case, outcome) for case, outcome in outcomes if not isinstance(outcome, OutOfBounds)]

    def _wrong_on_many_rows(self) -> Mismatch | None:
        """What is wrong where there are many rows, after all has been right where there are few."""
        try:
            results = self._results_on_many_rows()
        except Mismatch as mismatch:
            return mismatch
        wrong = next((result for result in results if result.difference.rows_differ), None)
        if wrong is None:
            return None
        smallest = self._shrink(wrong, self.lab.run, lambda difference: difference.rows_differ)
        return explanations.explain_rows(self.lab.lab, self.query, smallest, self._stop_hint(results))

    def _run(self, cases: Sequence[Case]) -> Outcomes:
        return self.lab.run_each(self.query, [self._data(case) for case in cases])

    def _data(self, case: Case) -> Data:
        return self.description.fixture if case.own else case.data

    def _compare_each(self, cases: Sequence[Case], outcomes: Outcomes) -> list[CaseResult]:
        results = [self._compare_case(case, outcome) for case, outcome in zip(cases, outcomes, strict=True)]
        width = len(self.key.columns)
        if results and len(results[0].found.columns) != width:
            found = _describe_width(len(results[0].found.columns))
            raise Mismatch(_describe_width(width), found, self._known_hint(outcomes, "rows"))
        return results

    def _compare_case(self, case: Case, outcome: Result | EngineError) -> CaseResult:
        data = self._data(case)
        if isinstance(outcome, EngineError):
            hint = self._error_hint(outcome)
            raise explanations.explain_refusal(self.lab.lab, self.query, data, case.own, outcome, hint)
        return replace(self._compare(data, outcome, case.rows, case.ties), own=case.own)

    def _compare(self, data: Data, found: Result, rows: list[Row], ties: Sequence[int]) -> CaseResult:
        expected = Result(self.key.columns, rows)
        difference = compare(found, expected, ties=ties, names=self.description.names)
        if difference.swapped:
            found = Result(expected.columns, reorder(found, expected.columns))
        return CaseResult(data, found, expected, difference)

    def _check_rows(self, results: Sequence[CaseResult], outcomes: Outcomes) -> None:
        wrong = next((result for result in results if result.difference.rows_differ), None)
        if wrong:
            hint = self._known_hint(outcomes, "rows") or self._stop_hint(results) or self._shared_hint(results)
            smallest = self._shrink(wrong, self.lab.run, lambda difference: difference.rows_differ)
            raise explanations.explain_rows(self.lab.lab, self.query, smallest, hint)

    def _wrong_columns(self, difference: ResultDifference, outcomes: Outcomes) -> Mismatch | None:
        if not difference.column_names:
            return None
        expected = describe_columns(self.key.columns, unnamed="(any name)")
        hint = self._hint(outcomes, "columns", "rows")
        return Mismatch(expected, difference.column_names, hint)

    def _wrong_order(self, outcomes: Outcomes) -> Mismatch | None:
        """What is wrong with the order, as far as ties leave one; `outcomes` are those on the tables with keys."""
        cases = [case for case in self.key.cases if len(case.ties) > 1]
        shuffled = self.lab.run_each_shuffled(self.query, [self._data(case) for case in cases])
        try:
            results = self._compare_each(cases, shuffled)
        except Mismatch as mismatch:
            return mismatch
        wrong = [result for result in results if result.difference.out_of_order is not None]
        if not wrong:
            return None
        hint = self._known_hint(outcomes, "rows", "order") or order_hint(self.query, wrong)
        smallest = self._shrink(wrong[0], self.lab.run_shuffled, lambda diff: diff.out_of_order is not None)
        return explanations.explain_order(self.lab.lab, self.query, smallest, hint)

    def _shrink(
        self, result: CaseResult, run: Callable[[str, Data], Result], fails: Callable[[ResultDifference], bool]
    ) -> CaseResult:
        """`result` on the smallest data on which the query still `fails`; as it is, without a solution to compare."""
        if self.solution is None or result.own:
            return result
        with ReusableLab(self.lab.engine, self.lab.schema, here=True) as ours:
            reference = read_reference(ours, read_query(ours.lab, self.solution))

            def compare_again(data: Data) -> CaseResult | None:
                expected = reference.result(ours, data)
                try:
                    found = run(self.query, data)
                except EngineError:
                    return None
                ties = expected[1] if expected and self.description.ordered else ()
                return self._compare(data, found, expected[0].rows, ties) if expected else None

            def still_fails(data: Data) -> bool:
                again = compare_again(data)
                return again is not None and fails(again.difference)

            trials = MAX_TRIALS if count_rows(result.data) <= MANY_ROWS else MAX_TRIALS_WITH_MANY_ROWS
            return compare_again(shrink(result.data, still_fails, trials)) or result

    def _error_hint(self, error: EngineError) -> str:
        """The hint of the known mistake that the engine refuses with the same sentence, or nothing."""
        return self._hint([error], "error")

    def _hint(self, outcomes: Outcomes, *by: str) -> str:
        return known_hint(self.key.mistakes, self.key.salt, outcomes, by)

    def _known_hint(self, outcomes: Outcomes, *by: str) -> str:
        """The hint of the known mistake that agrees with the query in the traits `by`, or nothing."""
        return self._hint(outcomes, "columns", *by) or self._hint(outcomes, *by)

    def _stop_hint(self, results: Sequence[CaseResult]) -> str:
        return explanations.stop_hint(results, outer_limit(self.query, self.lab.engine))

    def _shared_hint(self, results: Sequence[CaseResult]) -> str:
        """The hint for a mistake that many exercises share, or nothing."""
        own = collect_literals([self.query], self.lab.engine)
        values = list(dict.fromkeys(value for column in own.by_column.values() for value in column))
        return rows_hint(results, values, asks_for_null="is null" in " ".join(self.query.lower().split()))


def _limit_rows(outcomes: Outcomes) -> None:
    if sum(len(outcome.rows) for outcome in outcomes if isinstance(outcome, Result)) > MAX_ROWS:
        raise Mismatch("no more rows than small tables can give", f"more than {MAX_ROWS:,} in all")


def _describe_width(number: int) -> str:
    return "rows of 1 value" if number == 1 else f"rows of {number} values"
