"""Shows where a query goes wrong: the few input rows, the rows it gave, the rows asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from graders.labs import EngineError, Lab, Result
from graders.report import Mismatch, Table
from graders.techniques.instances import Instance
from graders.techniques.instances.generation import size
from graders.techniques.rows.values import Row, text_key
from graders.techniques.rows_asked.reference import tables_read
from graders.techniques.rows_asked.signs import Try

FEW_ROWS = 40
OWN_DATA = "on the lesson's own data"


def columns_in_words(names: Sequence[str]) -> str:
    """The columns asked for, as a phrase."""
    many = "1 column" if len(names) == 1 else f"{len(names)} columns"
    return f"{many}: {', '.join(name or '(any name)' for name in names)}"


def rows_shown(lab: Lab, query: str, one: Try, hint: str) -> Mismatch:
    """What is wrong with the rows of one try."""
    unwanted, missing = one.difference.unwanted, one.difference.missing
    tables = (
        *input_tables(lab, query, one.data),
        _table("your rows", one.found, _places(one.found.rows, unwanted), "not asked for"),
        _table("rows asked for", _named(one), _places(one.expected.rows, missing), "missing"),
    )
    return Mismatch(_rows_expected(one), one.difference.words, hint, tables if _shown(one.data, one.own) else ())


def order_shown(lab: Lab, query: str, one: Try, hint: str) -> Mismatch:
    """What is wrong with the order of the rows of one try."""
    marked = frozenset({one.difference.out_of_order})
    tables = (
        *input_tables(lab, query, one.data),
        _table("your rows", one.found, marked, "first row out of order"),
        _table("rows in the order asked for", _named(one), frozenset(), ""),
    )
    where = f"the rows in the order asked for, {OWN_DATA if one.own else 'on the data shown'}"
    return Mismatch(where, one.difference.words, hint, tables if _shown(one.data, one.own) else ())


def error_shown(lab: Lab, query: str, data: Instance, own: bool, error: EngineError, hint: str) -> Mismatch:
    """A query that runs on some data and is refused on these."""
    tables = tuple(input_tables(lab, query, data)) if _shown(data, own) else ()
    where = OWN_DATA if own else "on the data shown"
    return Mismatch(f"a query that runs {where} too", f"{error.engine} says: {error.sentence}", hint, tables)


def _rows_expected(one: Try) -> str:
    if one.own:
        return f"the rows asked for, {OWN_DATA}"
    number = len(one.expected.rows)
    rows = "no rows" if number == 0 else "1 row" if number == 1 else f"{number} rows"
    return f"{rows} on the data shown"


def _shown(data: Instance, own: bool) -> bool:
    return not own or size(data) <= FEW_ROWS // 3


def input_tables(lab: Lab, query: str, data: Instance) -> Iterator[Table]:
    """The tables of `data` that matter: those with rows, and those that `query` reads."""
    read = {name.casefold() for name in tables_read(query, lab.engine)}
    for name, rows in data.items():
        if rows or name.casefold() in read:
            yield Table(name, tuple(lab.columns(name)), list(rows))


def _table(title: str, result: Result, marked: frozenset[int], mark: str) -> Table:
    """At most `FEW_ROWS` rows of `result`; the title says how many more there are."""
    more = len(result.rows) - FEW_ROWS
    title = f"{title} (and {more} more)" if more > 0 else title
    return Table(title, tuple(result.columns), result.rows[:FEW_ROWS], marked, mark if marked else "")


def _named(one: Try) -> Result:
    """The expected result; a column that may be called anything is called as the answer calls it."""
    names = one.found.columns if len(one.found.columns) == len(one.expected.columns) else one.expected.columns
    columns = tuple(name or other for name, other in zip(one.expected.columns, names, strict=True))
    return Result(columns, one.expected.rows)


def _places(rows: Sequence[Row], some: Sequence[Row]) -> frozenset[int]:
    """The numbers of the rows that are among `some`, as often as they occur there; of equals, the last."""
    left = Counter(map(text_key, some))
    places = set()
    for place in reversed(range(len(rows))):
        if left[key := text_key(rows[place])]:
            left[key] -= 1
            places.add(place)
    return frozenset(places)
