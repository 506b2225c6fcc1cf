"""Explains how a query goes wrong: the few rows that show it, and a hint where the mistake is recognised."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graders.kernel.report import Mismatch, Table
from graders.labs import EngineError, Lab, Result
from graders.techniques.queries.comparison import ResultDifference, Row, format_value, normalize, row_key
from graders.techniques.queries.instances import count_rows
from graders.techniques.queries.query_syntax import tables_read
from graders.techniques.queries.reusable_lab import Data

TEXT_OR_NUMBER = "Is this value a number or a text?"
NOTHING_TO_ADD = "What does an aggregate give where there is nothing to add up: 0 or NULL?"
COUNTED = "Is the row that stands for a missing partner counted as well?"
SWAPPED = "Which column is asked for first?"
COPIES = "Does a row come out once for each match, where it is asked for only once?"
LOST_COPIES = "May two rows that look the same both be asked for?"
UNMATCHED = "What becomes of the rows that have no partner in the other table?"
NULLS = "It goes wrong only where a value is NULL: what does each of your conditions give for NULL?"
BOUNDARY = "It goes wrong only where a value is exactly {value}: is that value asked for or not?"
STOPS = "Your query stops after {rows}: may more be asked for?"
NO_ORDER = "What decides the order of rows where a query has no ORDER BY?"
BACKWARDS = "Which end comes first: does ORDER BY sort upwards or downwards?"

MIN_FAILED, MIN_HELD = 3, 15
MAX_LITERALS = 50
MAX_ROWS, MAX_ROWS_SHOWN = 40, 120
OWN_DATA = "on the lesson's own data"


@dataclass(frozen=True)
class CaseResult:
    """What an answer gave on one data set, beside what was expected."""

    data: Data
    found: Result
    expected: Result
    difference: ResultDifference
    own: bool = False
    """Whether the data are the lesson's own, not generated."""


def rows_hint(results: Sequence[CaseResult], literals: Sequence[object] = (), asks_for_null: bool = False) -> str:
    """The hint for wrong rows, from the results on all data sets, or nothing.

    A mistake is recognised if every data set that goes wrong shows its sign. `literals` are the answer's own. An answer
    that asks for NULL itself (`asks_for_null`) needs a NULL for everything it does, so NULL explains nothing.
    """
    failed = [result for result in results if result.difference.rows_differ]
    held = [result for result in results if not result.difference.rows_differ]
    for sign, hint in RULES:
        if all(map(sign, failed)):
            return hint
    if all(map(_only_blank_missing, failed)) and any(map(_partner_missing, failed)):
        return UNMATCHED
    if not asks_for_null and _only_with(_has_null, failed, held):
        return NULLS
    return _boundary_hint(failed, held, literals)


def stop_hint(results: Sequence[CaseResult], limit: int | None) -> str:
    """The hint for right rows that end at the answer's own LIMIT while more are asked for, or nothing."""
    failed = [result.difference for result in results if result.difference.rows_differ]
    stopped = [len(result.found.rows) for result in results if result.difference.rows_differ]
    if limit and set(stopped) == {limit} and not any(difference.unwanted for difference in failed):
        return STOPS.format(rows="1 row" if limit == 1 else f"{limit} rows")
    return ""


def _only_with(sign: Callable[[CaseResult], bool], failed: Sequence[CaseResult], held: Sequence[CaseResult]) -> bool:
    """Whether all that goes wrong has the sign, while enough of what has not the sign goes right."""
    without = sum(not sign(result) for result in held)
    return len(failed) >= MIN_FAILED and all(map(sign, failed)) and without >= MIN_HELD


def _boundary_hint(failed: Sequence[CaseResult], held: Sequence[CaseResult], literals: Sequence[object]) -> str:
    for literal in literals[:MAX_LITERALS]:

        def sits_on_it(result: CaseResult, literal: object = normalize(literal)) -> bool:
            return literal in map(normalize, _values(result.data))

        if _only_with(sits_on_it, failed, held):
            return BOUNDARY.format(value=format_value(literal))
    return ""


def order_hint(answer: str, failed: Sequence[CaseResult]) -> str:
    """The hint for the right rows in a wrong order, or nothing."""
    if "order by" not in " ".join(answer.lower().split()):
        return NO_ORDER
    backwards = all(result.found.rows[::-1] == result.expected.rows for result in failed)
    return BACKWARDS if backwards else ""


def _kind_differs(result: CaseResult) -> bool:
    """The rows differ only in texts that should be numbers, or the reverse."""
    return result.difference.only_kind_differs


def _null_for_zero(result: CaseResult) -> bool:
    """The rows differ only in a NULL where a 0 is asked for, or the reverse."""
    missing, unwanted = result.difference.missing, result.difference.unwanted
    return bool(missing) and _replace_values(missing, {None: 0}) == _replace_values(unwanted, {None: 0})


def _one_for_zero(result: CaseResult) -> bool:
    """The rows differ only in a 1 where a 0 is asked for."""
    missing, unwanted = result.difference.missing, result.difference.unwanted
    return bool(missing) and _replace_values(missing, {0: 1}) == _replace_values(unwanted, {})


def _replace_values(rows: Sequence[Row], instead: Mapping[object, object]) -> list[str]:
    """The rows in a fixed order, some values replaced."""
    return sorted(repr([instead.get(value, value) for value in normalize(row)]) for row in rows)


def _columns_swapped(result: CaseResult) -> bool:
    """Every row has the right values, in other columns."""
    missing, unwanted = result.difference.missing, result.difference.unwanted
    return bool(missing) and _values_of_rows(missing) == _values_of_rows(unwanted)


def _values_of_rows(rows: Sequence[Row]) -> list[list[str]]:
    return sorted(sorted(map(repr, normalize(row))) for row in rows)


def _only_copies(result: CaseResult) -> bool:
    """Nothing is missing, and what is too many are copies of rows that are asked for."""
    expected = set(map(row_key, result.expected.rows))
    return not result.difference.missing and expected.issuperset(map(row_key, result.difference.unwanted))


def _copies_lost(result: CaseResult) -> bool:
    """Nothing is too many, and what is missing are further copies of rows that were found."""
    found = set(map(row_key, result.found.rows))
    return not result.difference.unwanted and found.issuperset(map(row_key, result.difference.missing))


def _only_blank_missing(result: CaseResult) -> bool:
    """Only rows are missing, and each has a NULL or a 0 in it, as a row without a partner has."""
    blank = all({None, 0} & set(normalize(row)) for row in result.difference.missing)
    return not result.difference.unwanted and blank


def _partner_missing(result: CaseResult) -> bool:
    """The missing rows have a NULL or a 0 that is nowhere in the data: it stands for a partner."""
    given = set(map(normalize, _values(result.data)))
    return all({None, 0} & set(normalize(row)) - given for row in result.difference.missing)


def _has_null(result: CaseResult) -> bool:
    """There is a NULL in the data."""
    return None in _values(result.data)


def _values(data: Data) -> list[object]:
    """Every value of every row of `data`."""
    return [value for rows in data.values() for row in rows for value in row]


RULES: tuple[tuple[Callable[[CaseResult], bool], str], ...] = (
    (_kind_differs, TEXT_OR_NUMBER),
    (_null_for_zero, NOTHING_TO_ADD),
    (_one_for_zero, COUNTED),
    (_columns_swapped, SWAPPED),
    (_only_copies, COPIES),
    (_copies_lost, LOST_COPIES),
)


def explain_rows(lab: Lab, query: str, result: CaseResult, hint: str) -> Mismatch:
    """What is wrong with the rows on one data set."""
    unwanted, missing = result.difference.unwanted, result.difference.missing
    tables = (
        *_input_tables(lab, query, result.data),
        _table("your rows", result.found, _positions(result.found.rows, unwanted), "not asked for"),
        _table("rows asked for", _name_columns(result), _positions(result.expected.rows, missing), "missing"),
    )
    return Mismatch(
        _describe_rows(result), result.difference.describe(), hint, tables if _is_small(result.data, result.own) else ()
    )


def explain_order(lab: Lab, query: str, result: CaseResult, hint: str) -> Mismatch:
    """What is wrong with the order of the rows on one data set."""
    first = result.difference.out_of_order
    tables = (
        *_input_tables(lab, query, result.data),
        _table(
            "your rows", result.found, frozenset() if first is None else frozenset({first}), "first row out of order"
        ),
        _table("rows in the order asked for", _name_columns(result), frozenset(), ""),
    )
    where = f"the rows in the order asked for, {OWN_DATA if result.own else f'on {_name_data(result.data)}'}"
    return Mismatch(where, result.difference.describe(), hint, tables if _is_small(result.data, result.own) else ())


def explain_refusal(lab: Lab, query: str, data: Data, own: bool, error: EngineError, hint: str) -> Mismatch:
    """A query that runs on some data and is refused on these."""
    tables = tuple(_input_tables(lab, query, data)) if _is_small(data, own) else ()
    where = OWN_DATA if own else f"on {_name_data(data)}"
    return Mismatch(f"a query that runs {where} too", error.says, hint, tables)


def _describe_rows(result: CaseResult) -> str:
    if result.own:
        return f"the rows asked for, {OWN_DATA}"
    number = len(result.expected.rows)
    rows = "no rows" if number == 0 else "1 row" if number == 1 else f"{number} rows"
    return f"{rows} on {_name_data(result.data)}"


def _name_data(data: Data) -> str:
    """The data as the words for them say: those shown, or how many rows they have where those are too many."""
    if _is_small(data, own=False):
        return "the data shown"
    rows = (f"{len(rows)} in `{table}`" for table, rows in data.items() if rows)
    return f"data with many rows: {', '.join(rows)}"


def _is_small(data: Data, own: bool) -> bool:
    return count_rows(data) <= (MAX_ROWS // 3 if own else MAX_ROWS_SHOWN)


def _input_tables(lab: Lab, query: str, data: Data) -> Iterator[Table]:
    """The tables of `data` that matter: those with rows, and those that `query` reads."""
    read = {name.casefold() for name in tables_read(query, lab.engine)}
    for name, rows in data.items():
        if rows or name.casefold() in read:
            yield Table(name, tuple(lab.columns(name)), list(rows))


def _table(title: str, result: Result, marked: frozenset[int], mark: str) -> Table:
    return Table(title, tuple(result.columns), result.rows, marked, mark if marked else "")


def _name_columns(result: CaseResult) -> Result:
    """The expected result; a column that may be called anything is called as the answer calls it."""
    names = (
        result.found.columns if len(result.found.columns) == len(result.expected.columns) else result.expected.columns
    )
    columns = tuple(name or other for name, other in zip(result.expected.columns, names, strict=True))
    return Result(columns, result.expected.rows)


def _positions(rows: Sequence[Row], some: Sequence[Row]) -> frozenset[int]:
    """The numbers of the rows that are among `some`, as often as they occur there; of equals, the last."""
    left = Counter(map(row_key, some))
    positions = set()
    for position in reversed(range(len(rows))):
        if left[key := row_key(rows[position])]:
            left[key] -= 1
            positions.add(position)
    return frozenset(positions)


@dataclass(frozen=True)
class Traits:
    """By what an answer is recognised: what it gives on the data of every case."""

    error: str = ""
    """The sentence with which the engine first refused it; then there is nothing else."""
    columns: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    """A digest for each case of the rows, regardless of their order."""
    order: tuple[str, ...] = ()
    """A digest for each case of the rows in their order."""


@dataclass(frozen=True)
class KnownMistake:
    """A wrong answer that the author foresees, and the hint it must meet."""

    hint: str
    traits: Traits


def read_traits(outcomes: Sequence[Result | EngineError], salt: str) -> Traits:
    """By what an answer that gave `outcomes` is recognised."""
    results = [outcome for outcome in outcomes if isinstance(outcome, Result)]
    if refused := next((outcome for outcome in outcomes if isinstance(outcome, EngineError)), None):
        return Traits(refused.sentence)
    return Traits(
        columns=tuple(name.casefold() for name in results[0].columns),
        rows=tuple(_digest(sorted(map(normalize, result.rows), key=repr), salt) for result in results),
        order=tuple(_digest([normalize(row) for row in result.rows], salt) for result in results),
    )


def _digest(rows: list[object], salt: str) -> str:
    """A short digest of `rows` in their order; it hides them from the eye, not from trying them all."""
    return hashlib.blake2b((salt + repr(rows)).encode(), digest_size=6).hexdigest()


def known_hint(
    mistakes: Sequence[KnownMistake], salt: str, outcomes: Sequence[Result | EngineError], by: Sequence[str]
) -> str:
    """The hint of the first of `mistakes` that agrees with `outcomes` in the traits named in `by`, or nothing."""
    if not mistakes:
        return ""
    traits = read_traits(outcomes, salt)
    known = (one for one in mistakes if all(getattr(one.traits, name) == getattr(traits, name) for name in by))
    return next((mistake.hint for mistake in known), "")
