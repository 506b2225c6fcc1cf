"""Makes the key of a query exercise: data sets, what the solution gives on them, and how mistakes look."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from graders.labs import EngineError
from graders.techniques.queries.counterexample import shrink
from graders.techniques.queries.instances import Bench, Instance, stream
from graders.techniques.queries.instances.generation import size
from graders.techniques.queries.rows import compare
from graders.techniques.queries.rows_asked.asked import Asked, only_query
from graders.techniques.queries.rows_asked.mistakes import mistake
from graders.techniques.queries.rows_asked.reference import Reference, asked_names, read_reference, tables_read

TRIES_A_CASE = 5
TRIALS_A_MISTAKE = 150


def make_key(
    asked: Asked, solution: str, seed: int, count: int, wrong: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    """Make the key of an exercise from its solution; `wrong` holds wrong answers, each with its hint.

    The key is plain data: `columns`, `cases` (smallest first, each with its data, the rows asked for and
    their runs of ties; the lesson's own data come last and are not repeated), and `mistakes`.
    """
    with Bench(asked.engine, asked.schema) as bench:
        query = only_query(bench.lab, solution)
        reference = read_reference(bench, query)
        if asked.ordered and not reference.sort_keys:
            raise ValueError("an order is asked for, but the solution has no ORDER BY that can be read")
        made = _generated(asked, bench, reference, seed, asked.cases(count), wrong)
        telling = _telling(asked, bench, reference, made, [text for text, _ in wrong])
        cases = [*sorted([*telling, *made], key=_size)[: len(made)], *_own(asked, bench, reference)]
        if not cases:
            raise ValueError("the solution's rows are determined on no data set")
        salt = f"{random.Random(seed).getrandbits(64):016x}"
        inputs = [asked.fixture if case["own"] else case["data"] for case in cases]
        mistakes = [mistake(bench, text, hint, inputs, salt) for text, hint in wrong]
        return {"columns": asked_names(bench, reference), "cases": cases, "salt": salt, "mistakes": mistakes}


def _generated(
    asked: Asked, bench: Bench, reference: Reference, seed: int, count: int, wrong: Sequence[tuple[str, str]]
) -> list[dict[str, Any]]:
    made = stream(
        asked.schema,
        [reference.query, *(text for text, _ in wrong)],
        engine=asked.engine,
        seed=seed,
        values=asked.values,
        examples=asked.fixture,
        focus=_focus(bench, reference),
    )
    cases = _determined(asked, bench, reference, islice(made, TRIES_A_CASE * count))
    return sorted(islice(cases, count), key=_size)


def _size(case: dict[str, Any]) -> int:
    return size(case["data"])


def _telling(
    asked: Asked, bench: Bench, reference: Reference, cases: Sequence[dict[str, Any]], wrong: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """For each wrong answer, the smallest data found that tell it from the solution.

    With them, whoever makes a mistake that the author foresees is shown no row that has nothing to do with it.
    """
    for query in wrong:

        def tells(data: Instance, query: str = query) -> bool:
            return _differs(asked, bench, reference, query, data)

        first = next((case["data"] for case in cases if tells(case["data"])), None)
        if first is not None:
            data = shrink(first, tells, TRIALS_A_MISTAKE)
            yield {"data": data, **_case(asked, bench, reference, data)}


def _differs(asked: Asked, bench: Bench, reference: Reference, query: str, data: Instance) -> bool:
    """Whether `query` gives other rows than the solution on `data`; false if either gives none that count."""
    given = reference.result(bench, data, asked.tolerance)
    try:
        return given is not None and compare(bench.run(query, data), given[0], names=False).rows_differ
    except EngineError:
        return False


def _focus(bench: Bench, reference: Reference) -> list[str]:
    """The tables that the solution reads; none, which means all, where it reads a view."""
    read = tables_read(reference.query, bench.engine)
    known = {table.casefold() for table in bench.lab.tables()}
    return read if all(table.casefold() in known for table in read) else []


def _determined(asked: Asked, bench: Bench, reference: Reference, made: Iterator[Instance]) -> Iterator[dict[str, Any]]:
    for data in made:
        if case := _case(asked, bench, reference, data):
            yield {"data": data, **case}


def _case(asked: Asked, bench: Bench, reference: Reference, data: Instance) -> dict[str, Any] | None:
    given = reference.result(bench, data, asked.tolerance)
    if given is None:
        return None
    result, ties = given
    return {"rows": result.rows, "ties": ties if asked.ordered else (), "own": False}


def _own(asked: Asked, bench: Bench, reference: Reference) -> Iterator[dict[str, Any]]:
    """The lesson's own data as a case; its author must see to it that the solution's rows are determined."""
    if not asked.fixture:
        return
    case = _case(asked, bench, reference, asked.fixture)
    if case is None:
        raise ValueError("on the lesson's own data the solution's rows depend on how the data are stored")
    yield {"data": {}, **case, "own": True}
