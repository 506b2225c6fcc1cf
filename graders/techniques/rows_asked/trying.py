"""Tries a query on the data sets of a key, and makes the one that is shown as small as it can be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graders.labs import EngineError, Result
from graders.report import Mismatch
from graders.techniques.counterexample import shrink
from graders.techniques.instances import Bench, Instance
from graders.techniques.instances.literals import literals
from graders.techniques.rows import Difference, compare
from graders.techniques.rows.difference import reordered
from graders.techniques.rows_asked.asked import Asked, only_query
from graders.techniques.rows_asked.hints import rows_hint
from graders.techniques.rows_asked.mistakes import hint_for, traits_or_error
from graders.techniques.rows_asked.reference import Reference, read_reference
from graders.techniques.rows_asked.showing import error_shown
from graders.techniques.rows_asked.signs import Try

Key = dict[str, Any]
# On all data sets together: a join without a condition gives a third of it.
MAX_ROWS = 100_000


@dataclass(frozen=True)
class Trying:
    """A query on a bench, to be tried on the data sets of a key.

    `shuffled` tries it on tables without keys, stored the other way round: there no order comes by chance.
    """

    asked: Asked
    bench: Bench
    query: str
    key: Key
    shuffled: bool = False

    def found(self, cases: Sequence[dict[str, Any]]) -> list[Result | EngineError]:
        """Run the query on the data of each case, and give its result or what the engine refused."""
        return self._run([self._data(case) for case in cases])

    def _run(self, data_sets: Sequence[Instance]) -> list[Result | EngineError]:
        if not self.shuffled:
            return self.bench.run_each(self.query, data_sets)
        told = self.bench.run_each_shuffled(self.query, data_sets)
        # What only the tables themselves refuse (a query that names rowid, say) runs on those.
        refused = [place for place, outcome in enumerate(told) if isinstance(outcome, EngineError)]
        again = self.bench.run_each(self.query, [data_sets[place] for place in refused])
        for place, outcome in zip(refused, again, strict=True):
            told[place] = outcome
        return told

    def _data(self, case: dict[str, Any]) -> Instance:
        return self.asked.fixture if case["own"] else case["data"]

    def tried(self, case: dict[str, Any]) -> Try:
        """Try the query on one case; raise `Mismatch` with the data if the engine refuses it there."""
        return self._tried(case, *self.found([case]))

    def _tried(self, case: dict[str, Any], found: Result | EngineError) -> Try:
        data, own = self._data(case), case["own"]
        if isinstance(found, EngineError):
            raise error_shown(self.bench.lab, self.query, data, own, found, self.error_hint(found))
        return replace(self._compared(data, found, case["rows"], case["ties"]), own=own)

    def _compared(self, data: Instance, found: Result, rows: list, ties: Sequence[int]) -> Try:
        asked, expected = self.asked, Result(self.key["columns"], rows)
        difference = compare(found, expected, ties=ties, tolerance=asked.tolerance, names=asked.names)
        if difference.swapped:
            found = Result(expected.columns, reordered(found, expected.columns))
        return Try(data, found, expected, difference)

    def tried_on(self, cases: Sequence[dict[str, Any]]) -> list[Try]:
        """Try the query on every case.

        Raise `Mismatch` with the data where the engine refuses it, or if its rows are far too many, or have too many
        values or too few.
        """
        found = self.found(cases)
        if sum(len(outcome.rows) for outcome in found if isinstance(outcome, Result)) > MAX_ROWS:
            raise Mismatch("no more rows than small tables can give", f"more than {MAX_ROWS:,} in all")
        tries = list(map(self._tried, cases, found))
        asked = len(self.key["columns"])
        if tries and len(tries[0].found.columns) != asked:
            hint = self.known_hint(["rows"])
            raise Mismatch(_values_in_words(asked), _values_in_words(len(tries[0].found.columns)), hint)
        return tries

    def error_hint(self, error: EngineError) -> str:
        """The hint of the known mistake that the engine refuses with the same sentence, or nothing."""
        return hint_for(self.key["mistakes"], {"error": error.sentence}, ["error"])

    def columns_hint(self) -> str:
        """The hint of the known mistake that gives these columns and rows, or nothing."""
        return hint_for(self.key["mistakes"], self._traits(), ["columns", "rows"])

    def known_hint(self, by: list[str]) -> str:
        """The hint of the known mistake that agrees with the query in the traits `by`, or nothing."""
        found = self._traits()
        exact = hint_for(self.key["mistakes"], found, ["columns", *by])
        return exact or hint_for(self.key["mistakes"], found, by)

    def _traits(self) -> dict[str, Any]:
        """By what the query is recognised; nothing where no mistakes are known."""
        if not self.key["mistakes"]:
            return {}
        told = self.bench.run_each(self.query, [self._data(case) for case in self.key["cases"]])
        return traits_or_error(told, self.key["salt"])

    def shared_hint(self, tries: Sequence[Try]) -> str:
        """The hint for a mistake that many exercises share, or nothing."""
        own = literals([self.query], self.bench.engine)
        values = list(dict.fromkeys(value for values in own.of.values() for value in values))
        return rows_hint(tries, values, asks_for_null="is null" in " ".join(self.query.lower().split()))

    def shrunk(self, one: Try, solution: str | None, fails: Callable[[Difference], bool]) -> Try:
        """The smallest try made from `one` that still `fails`; `one` itself without a solution."""
        if solution is None or one.own:
            return one
        with Bench(self.asked.engine, self.asked.schema, here=True) as ours:
            reference = read_reference(ours, only_query(ours.lab, solution))

            def still_fails(data: Instance) -> bool:
                again = self._against(reference, ours, data)
                return again is not None and fails(again.difference)

            return self._against(reference, ours, shrink(one.data, still_fails)) or one

    def _against(self, reference: Reference, ours: Bench, data: Instance) -> Try | None:
        """Try the query on data made just now, and the solution on a bench of ours; None if either fails there."""
        given = reference.result(ours, data, self.asked.tolerance)
        if given is None:
            return None
        (found,) = self._run([data])
        if isinstance(found, EngineError):
            return None
        return self._compared(data, found, given[0].rows, given[1] if self.asked.ordered else ())


def _values_in_words(number: int) -> str:
    return "rows of 1 value" if number == 1 else f"rows of {number} values"
