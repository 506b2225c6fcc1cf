"""Shows where a query goes wrong: the few input rows, the rows it gave, the rows asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from graders.kernel.report import Mismatch, Table
from graders.labs import EngineError, Lab, Result
from graders.techniques.queries.comparison import Row, normal
from graders.techniques.queries.generation import Instance, size
from graders.techniques.queries.hints import CaseResult
from graders.techniques.queries.reference import tables_read

MAX_ROWS = 40
OWN_DATA = "on the lesson's own data"


def describe_columns(names: Sequence[str]) -> str:
    """The columns asked for, as a phrase."""
    many = "1 column" if len(names) == 1 else f"{len(names)} columns"
    return f"{many}: {', '.join(name or '(any name)' for name in names)}"


def wrong_rows(lab: Lab, query: str, one: CaseResult, hint: str) -> Mismatch:
    """What is wrong with the rows on one data set."""
    unwanted, missing = one.difference.unwanted, one.difference.missing
    tables = (
        *_input_tables(lab, query, one.data),
        _table("your rows", one.found, _places(one.found.rows, unwanted), "not asked for"),
        _table("rows asked for", _named(one), _places(one.expected.rows, missing), "missing"),
    )
    return Mismatch(_describe_rows(one), one.difference.words, hint, tables if _is_small(one.data, one.own) else ())


def wrong_order(lab: Lab, query: str, one: CaseResult, hint: str) -> Mismatch:
    """What is wrong with the order of the rows on one data set."""
    marked = frozenset({one.difference.out_of_order})
    tables = (
        *_input_tables(lab, query, one.data),
        _table("your rows", one.found, marked, "first row out of order"),
        _table("rows in the order asked for", _named(one), frozenset(), ""),
    )
    where = f"the rows in the order asked for, {OWN_DATA if one.own else 'on the data shown'}"
    return Mismatch(where, one.difference.words, hint, tables if _is_small(one.data, one.own) else ())


def wrong_on_some_data(lab: Lab, query: str, data: Instance, own: bool, error: EngineError, hint: str) -> Mismatch:
    """A query that runs on some data and is refused on these."""
    tables = tuple(_input_tables(lab, query, data)) if _is_small(data, own) else ()
    where = OWN_DATA if own else "on the data shown"
    return Mismatch(f"a query that runs {where} too", f"{error.engine} says: {error.sentence}", hint, tables)


def _describe_rows(one: CaseResult) -> str:
    if one.own:
        return f"the rows asked for, {OWN_DATA}"
    number = len(one.expected.rows)
    rows = "no rows" if number == 0 else "1 row" if number == 1 else f"{number} rows"
    return f"{rows} on the data shown"


def _is_small(data: Instance, own: bool) -> bool:
    return not own or size(data) <= MAX_ROWS // 3


def _input_tables(lab: Lab, query: str, data: Instance) -> Iterator[Table]:
    """The tables of `data` that matter: those with rows, and those that `query` reads."""
    read = {name.casefold() for name in tables_read(query, lab.engine)}
    for name, rows in data.items():
        if rows or name.casefold() in read:
            yield Table(name, tuple(lab.columns(name)), list(rows))


def _table(title: str, result: Result, marked: frozenset[int], mark: str) -> Table:
    """At most `MAX_ROWS` rows of `result`; the title says how many more there are."""
    more = len(result.rows) - MAX_ROWS
    title = f"{title} (and {more} more)" if more > 0 else title
    return Table(title, tuple(result.columns), result.rows[:MAX_ROWS], marked, mark if marked else "")


def _named(one: CaseResult) -> Result:
    """The expected result; a column that may be called anything is called as the answer calls it."""
    names = one.found.columns if len(one.found.columns) == len(one.expected.columns) else one.expected.columns
    columns = tuple(name or other for name, other in zip(one.expected.columns, names, strict=True))
    return Result(columns, one.expected.rows)


def _places(rows: Sequence[Row], some: Sequence[Row]) -> frozenset[int]:
    """The numbers of the rows that are among `some`, as often as they occur there; of equals, the last."""
    left = Counter(map(normal, some))
    places = set()
    for place in reversed(range(len(rows))):
        if left[normal(rows[place])]:
            left[normal(rows[place])] -= 1
            places.add(place)
    return frozenset(places)
