"""Declares in one call that an answer is a query, judged by the rows it gives on many small data sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from graders.kernel.claims import KeyRequest, key_for, lab_for
from graders.kernel.named_claims import state
from graders.labs import open_lab
from graders.techniques.queries.rows.values import Row
from graders.techniques.queries.rows_asked import judging
from graders.techniques.queries.rows_asked.asked import Asked
from graders.techniques.queries.rows_asked.key import make_key
from graders.techniques.queries.rows_asked.trying import Trying

__all__ = ["Asked", "Trying", "rows_asked"]

COLUMNS_WORTH, ROWS_WORTH, ORDER_WORTH = 1, 3, 1


def rows_asked(
    exercise: str,
    *,
    answer: str = "answer",
    engine: str = "SQLite",
    schema: str,
    fixture: Mapping[str, Sequence[Row]] | None = None,
    values: Mapping[str, Iterable[object]] | None = None,
    ordered: bool | None = None,
    tolerance: float = 0,
    names: bool = True,
    count: int = 100,
) -> Asked:
    """Register the claims and the key maker of an exercise whose answer is one SELECT.

    `answer` is the name under which the answer is given to the claims. `fixture` is the lesson's own data,
    tried last; `values` adds values to the generated columns, by "column" or "table.column". Order counts
    only where `ordered` is true, and then only as far as the solution's ORDER BY says. Numbers may differ by
    `tolerance`. Column names count unless `names` is false, but never where the solution gives a column no
    name. At most `count` data sets are made, and never more than 30 on DuckDB, which takes longer to fill.
    """
    asked = Asked(engine, schema, fixture or {}, values or {}, bool(ordered), tolerance, names, count)
    register(exercise, answer, asked)
    return asked


def register(exercise: str, answer: str, asked: Asked, weight: float = 1) -> Callable[[KeyRequest], dict]:
    """Register what must be true of the answer to `exercise`, and what makes its key; give the latter.

    With `weight` 0 the claims are conditions for others and are worth nothing themselves.
    """

    def claim(name: str, sentence: str, worth: float, judge: Callable, after: str | None = None) -> None:
        state(exercise, name, answer, asked, judge, sentence=sentence, worth=weight * worth, after=after)

    claim("runs", "your query runs", 0, judging.runs)
    sentence = "it gives exactly the rows asked for, on every data set tried"
    claim("rows", sentence, ROWS_WORTH, judging.gives_rows, "runs")
    sentence = "its columns are called as asked, in their order"
    claim("columns", sentence, COLUMNS_WORTH, judging.gives_columns, "rows")
    if asked.ordered:
        claim("order", "its rows come in the order asked for", ORDER_WORTH, judging.keeps_order, "rows")

    def maker(request: KeyRequest) -> dict:
        return make_key(asked, request.solution, request.seed, asked.count, request.wrong)

    maker.asked = asked
    key_for(exercise)(maker)
    lab_for(exercise)(lambda seed: open_lab(asked.engine, asked.schema, asked.fixture))
    return maker
