"""Judges a query by its columns, its rows and their order on every data set of the key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from graders.labs import EngineError, Result
from graders.report import Mismatch
from graders.techniques.counterexample import shrink
from graders.techniques.instances import Bench, Instance
from graders.techniques.instances.literals import literals
from graders.techniques.rows import compare
from graders.techniques.rows.difference import reordered
from graders.techniques.rows_asked.asked import Asked, only_query
from graders.techniques.rows_asked.hints import Try, order_hint, rows_hint
from graders.techniques.rows_asked.mistakes import hint_for, traits
from graders.techniques.rows_asked.reference import read_reference
from graders.techniques.rows_asked.showing import columns_in_words, error_shown, order_shown, rows_shown

Key = dict[str, Any]


def runs(asked: Asked, answer: str, key: Key, solution: str | None) -> None:
    """The answer is one query, and the engine runs it on the smallest data set and on the last."""
    with _trying(asked, answer, key) as trying:
        for case in (key["cases"][0], key["cases"][-1]):
            try:
                trying.found(case)
            except EngineError as error:
                hint = hint_for(key["mistakes"], {"error": error.sentence}, ["error"])
                raise Mismatch("a query that runs", f"{error.engine} says: {error.sentence}", hint) from None


def gives_columns(asked: Asked, answer: str, key: Key, solution: str | None) -> None:
    """The answer gives the columns asked for, in their order."""
    with _trying(asked, answer, key) as trying:
        difference = trying.tried(key["cases"][0]).difference
        if difference.column_names:
            raise Mismatch(columns_in_words(key["columns"]), difference.column_names, trying.columns_hint())


def gives_rows(asked: Asked, answer: str, key: Key, solution: str | None) -> None:
    """The answer gives the rows asked for on every data set; if not, the smallest one is shown."""
    with _trying(asked, answer, key) as trying:
        tries = trying.all_tried()
        failed = next((i for i, one in enumerate(tries) if one.difference.rows_differ), None)
        if failed is None:
            return
        hint = trying.known_hint(["rows"]) or trying.shared_hint(tries)
        one, own = tries[failed], key["cases"][failed]["own"]
        if solution and not own:
            one = trying.shrunk(one, solution, lambda difference: difference.rows_differ)
        raise rows_shown(trying.bench.lab, trying.query, one, own, hint)


def keeps_order(asked: Asked, answer: str, key: Key, solution: str | None) -> None:
    """The rows, which are right, come in the order asked for; rows that tie may come in any order."""
    with _trying(asked, answer, key) as trying:
        tries = trying.all_tried()
        failed = [i for i, one in enumerate(tries) if one.difference.out_of_order is not None]
        if not failed:
            return
        hint = trying.known_hint(["rows", "order"]) or order_hint(answer, [tries[i] for i in failed])
        one, own = tries[failed[0]], key["cases"][failed[0]]["own"]
        if solution and not own:
            one = trying.shrunk(one, solution, lambda difference: difference.out_of_order is not None)
        raise order_shown(trying.bench.lab, trying.query, one, own, hint)


@contextmanager
def _trying(asked: Asked, answer: str, key: Key) -> Iterator[Trying]:
    with Bench(asked.engine, asked.schema) as bench:
        yield Trying(asked, bench, only_query(bench.lab, answer), key)


@dataclass(frozen=True)
class Trying:
    """A query on a bench, to be tried on the data sets of a key."""

    asked: Asked
    bench: Bench
    query: str
    key: Key

    def found(self, case: dict[str, Any]) -> Result:
        """Run the query on the data of `case`; raise `EngineError` if the engine refuses it."""
        return self.bench.run(self.query, self._data(case))

    def _data(self, case: dict[str, Any]) -> Instance:
        return self.asked.fixture if case["own"] else case["data"]

    def tried(self, case: dict[str, Any]) -> Try:
        """Try the query on `case`; raise `Mismatch` with the data if the engine refuses it there."""
        try:
            found = self.found(case)
        except EngineError as error:
            hint = hint_for(self.key["mistakes"], {"error": error.sentence}, ["error"])
            raise error_shown(self.bench.lab, self.query, self._data(case), case["own"], error, hint) from None
        return self._compared(self._data(case), found, Result(self.key["columns"], case["rows"]), case["ties"])

    def _compared(self, data: Instance, found: Result, expected: Result, ties: Sequence[int]) -> Try:
        asked = self.asked
        difference = compare(found, expected, ties=ties, tolerance=asked.tolerance, names=asked.names)
        if difference.swapped:
            found = Result(expected.columns, reordered(found, expected.columns))
        return Try(data, found, expected, difference)

    def all_tried(self) -> list[Try]:
        """Try the query on every data set, smallest first; raise `Mismatch` if it gives too many columns or few."""
        tries = [self.tried(case) for case in self.key["cases"]]
        found, expected = len(tries[0].found.columns), len(self.key["columns"])
        if found != expected:
            hint = self.known_hint(["rows"])
            raise Mismatch(f"rows of {expected} values", f"rows of {found}", hint)
        return tries

    def _traits(self) -> dict[str, Any]:
        return traits([self.found(case) for case in self.key["cases"]], self.key["salt"])

    def columns_hint(self) -> str:
        """The hint of the known mistake that gives these columns and rows, or nothing."""
        if not self.key["mistakes"]:
            return ""
        return hint_for(self.key["mistakes"], self._traits(), ["columns", "rows"])

    def known_hint(self, by: list[str]) -> str:
        """The hint of the known mistake that agrees with the query in the traits `by`, or nothing.

        Nothing, too, if the claim about columns gives the hint already.
        """
        if not self.key["mistakes"]:
            return ""
        found = self._traits()
        exact = hint_for(self.key["mistakes"], found, ["columns", *by])
        wrong_columns = bool(self.tried(self.key["cases"][0]).difference.column_names)
        if wrong_columns and hint_for(self.key["mistakes"], found, ["columns", "rows"]):
            return ""
        return exact or hint_for(self.key["mistakes"], found, by)

    def shared_hint(self, tries: Sequence[Try]) -> str:
        """The hint for a mistake that many exercises share, or nothing."""
        own = literals([self.query], self.bench.engine)
        return rows_hint(tries, list(dict.fromkeys(value for values in own.of.values() for value in values)))

    def shrunk(self, one: Try, solution: str, fails) -> Try:
        """The smallest try made from `one` whose difference still `fails`."""
        reference = read_reference(self.bench, only_query(self.bench.lab, solution))

        def tried(data: Instance) -> Try | None:
            given = reference.result(self.bench, data, self.asked.tolerance)
            if given is None:
                return None
            result, ties = given
            expected = Result(self.key["columns"], result.rows)
            try:
                found = self.bench.run(self.query, data)
            except EngineError:
                return None
            return self._compared(data, found, expected, ties if self.asked.ordered else ())

        def still_fails(data: Instance) -> bool:
            again = tried(data)
            return again is not None and fails(again.difference)

        return tried(shrink(one.data, still_fails)) or one
