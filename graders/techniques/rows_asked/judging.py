"""Judges a query by its columns, its rows and their order on every data set of the key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from graders.labs import EngineError
from graders.report import Mismatch
from graders.techniques.instances import Bench
from graders.techniques.rows import columns_in_words
from graders.techniques.rows_asked.asked import Asked, only_query
from graders.techniques.rows_asked.hints import order_hint
from graders.techniques.rows_asked.showing import order_shown, rows_shown
from graders.techniques.rows_asked.trying import Key, Trying


def runs(asked: Asked, answer: str, key: Key, solution: str | None) -> None:
    """The answer is one query, and the engine runs it on the smallest data set and on the last."""
    with _trying(asked, answer, key) as trying:
        for outcome in trying.found([key["cases"][0], key["cases"][-1]]):
            if isinstance(outcome, EngineError):
                said = f"{outcome.engine} says: {outcome.sentence}"
                raise Mismatch("a query that runs", said, trying.error_hint(outcome))


def gives_columns(asked: Asked, answer: str, key: Key, solution: str | None) -> None:
    """The answer gives the columns asked for, in their order."""
    with _trying(asked, answer, key) as trying:
        difference = trying.tried(key["cases"][0]).difference
        if difference.column_names:
            raise Mismatch(
                columns_in_words(key["columns"], unnamed="(any name)"), difference.column_names, trying.columns_hint()
            )


def gives_rows(asked: Asked, answer: str, key: Key, solution: str | None) -> None:
    """The answer gives the rows asked for on every data set; if not, the smallest one is shown."""
    with _trying(asked, answer, key) as trying:
        tries = trying.tried_on(key["cases"])
        failed = next((one for one in tries if one.difference.rows_differ), None)
        if failed:
            hint = trying.known_hint(["rows"]) or trying.shared_hint(tries)
            failed = trying.shrunk(failed, solution, lambda difference: difference.rows_differ)
            raise rows_shown(trying.bench.lab, trying.query, failed, hint)


def keeps_order(asked: Asked, answer: str, key: Key, solution: str | None) -> None:
    """The rows, which are right, come in the order asked for; rows that tie may come in any order."""
    with _trying(asked, answer, key, shuffled=True) as trying:
        tries = trying.tried_on([case for case in key["cases"] if len(case["ties"]) > 1])
        failed = [one for one in tries if one.difference.out_of_order is not None]
        if failed:
            hint = trying.known_hint(["rows", "order"]) or order_hint(answer, failed)
            one = trying.shrunk(failed[0], solution, lambda difference: difference.out_of_order is not None)
            raise order_shown(trying.bench.lab, trying.query, one, hint)


@contextmanager
def _trying(asked: Asked, answer: str, key: Key, shuffled: bool = False) -> Iterator[Trying]:
    with Bench(asked.engine, asked.schema) as bench:
        yield Trying(asked, bench, only_query(bench.lab, answer), key, shuffled)
