"""Explains how a query goes wrong: the few rows that show it, and a hint where the mistake is recognised."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graders.kernel.report import Mismatch, Table
from graders.labs import EngineError, Lab, Result
from graders.techniques.queries.comparison import Difference, Row, in_words, normal, text_key
from graders.techniques.queries.instances import Instance, size
from graders.techniques.queries.query_syntax import tables_read

TEXT_OR_NUMBER = "Is this value a number or a text?"
NOTHING_TO_ADD = "What does an aggregate give where there is nothing to add up: 0 or NULL?"
COUNTED = "Is the row that stands for a missing partner counted as well?"
SWAPPED = "Which column is asked for first?"
COPIES = "Does a row come out once for each match, where it is asked for only once?"
LOST_COPIES = "May two rows that look the same both be asked for?"
UNMATCHED = "What becomes of the rows that have no partner in the other table?"
NULLS = "It goes wrong only where a value is NULL: what does each of your conditions give for NULL?"
BOUNDARY = "It goes wrong only where a value is exactly {value}: is that value asked for or not?"
NO_ORDER = "What decides the order of rows where a query has no ORDER BY?"
BACKWARDS = "Which end comes first: does ORDER BY sort upwards or downwards?"
ALL = (
    TEXT_OR_NUMBER,
    NOTHING_TO_ADD,
    COUNTED,
    SWAPPED,
    COPIES,
    LOST_COPIES,
    UNMATCHED,
    NULLS,
    BOUNDARY,
    NO_ORDER,
    BACKWARDS,
)

MIN_FAILED, MIN_HELD = 3, 15
MAX_LITERALS = 50
MAX_ROWS = 40
OWN_DATA = "on the lesson's own data"


@dataclass(frozen=True)
class CaseResult:
    """What an answer gave on one data set, beside what was expected."""

    data: Instance
    found: Result
    expected: Result
    difference: Difference
    own: bool = False
    """Whether the data are the lesson's own, not generated."""


def rows_hint(results: Sequence[CaseResult], literals: Sequence[object] = (), asks_for_null: bool = False) -> str:
    """The hint for wrong rows, from the results on all data sets, or nothing.

    A mistake is recognised if every data set that goes wrong shows its sign. `literals` are the answer's own. An answer
    that asks for NULL itself (`asks_for_null`) needs a NULL for everything it does, so NULL explains nothing.
    """
    failed = [one for one in results if one.difference.rows_differ]
    held = [one for one in results if not one.difference.rows_differ]
    for sign, hint in RULES:
        if all(map(sign, failed)):
            return hint
    if all(map(_only_blank_missing, failed)) and any(map(_partner_missing, failed)):
        return UNMATCHED
    if not asks_for_null and _only_with(_has_null, failed, held):
        return NULLS
    return _boundary_hint(failed, held, literals)


def _only_with(sign: Callable[[CaseResult], bool], failed: Sequence[CaseResult], held: Sequence[CaseResult]) -> bool:
    """Whether all that goes wrong has the sign, while enough of what has not the sign goes right."""
    without = sum(not sign(one) for one in held)
    return len(failed) >= MIN_FAILED and all(map(sign, failed)) and without >= MIN_HELD


def _boundary_hint(failed: Sequence[CaseResult], held: Sequence[CaseResult], literals: Sequence[object]) -> str:
    for literal in literals[:MAX_LITERALS]:

        def sits_on_it(one: CaseResult, literal: object = normal(literal)) -> bool:
            return literal in map(normal, _values(one.data))

        if _only_with(sits_on_it, failed, held):
            return BOUNDARY.format(value=in_words(literal))
    return ""


def order_hint(answer: str, failed: Sequence[CaseResult]) -> str:
    """The hint for the right rows in a wrong order, or nothing."""
    if "order by" not in " ".join(answer.lower().split()):
        return NO_ORDER
    backwards = all(one.found.rows[::-1] == one.expected.rows for one in failed)
    return BACKWARDS if backwards else ""


def _kind_differs(one: CaseResult) -> bool:
    """The rows differ only in texts that should be numbers, or the reverse."""
    return one.difference.only_kind_differs


def _null_for_zero(one: CaseResult) -> bool:
    """The rows differ only in a NULL where a 0 is asked for, or the reverse."""
    missing, unwanted = one.difference.missing, one.difference.unwanted
    return bool(missing) and _with(missing, {None: 0}) == _with(unwanted, {None: 0})


def _one_for_zero(one: CaseResult) -> bool:
    """The rows differ only in a 1 where a 0 is asked for."""
    missing, unwanted = one.difference.missing, one.difference.unwanted
    return bool(missing) and _with(missing, {0: 1}) == _with(unwanted, {})


def _with(rows: Sequence[Row], instead: Mapping[object, object]) -> list[str]:
    """The rows in a fixed order, some values replaced."""
    return sorted(repr([instead.get(value, value) for value in normal(row)]) for row in rows)


def _columns_swapped(one: CaseResult) -> bool:
    """Every row has the right values, in other columns."""
    missing, unwanted = one.difference.missing, one.difference.unwanted
    return bool(missing) and _unplaced(missing) == _unplaced(unwanted)


def _unplaced(rows: Sequence[Row]) -> list[list[str]]:
    return sorted(sorted(map(repr, normal(row))) for row in rows)


def _only_copies(one: CaseResult) -> bool:
    """Nothing is missing, and what is too many are copies of rows that are asked for."""
    expected = set(map(text_key, one.expected.rows))
    return not one.difference.missing and expected.issuperset(map(text_key, one.difference.unwanted))


def _copies_lost(one: CaseResult) -> bool:
    """Nothing is too many, and what is missing are further copies of rows that were found."""
    found = set(map(text_key, one.found.rows))
    return not one.difference.unwanted and found.issuperset(map(text_key, one.difference.missing))


def _only_blank_missing(one: CaseResult) -> bool:
    """Only rows are missing, and each has a NULL or a 0 in it, as a row without a partner has."""
    blank = all({None, 0} & set(normal(row)) for row in one.difference.missing)
    return not one.difference.unwanted and blank


def _partner_missing(one: CaseResult) -> bool:
    """The missing rows have a NULL or a 0 that is nowhere in the data: it stands for a partner."""
    given = set(map(normal, _values(one.data)))
    return all({None, 0} & set(normal(row)) - given for row in one.difference.missing)


def _has_null(one: CaseResult) -> bool:
    """There is a NULL in the data."""
    return None in _values(one.data)


def _values(data: Instance) -> list[object]:
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
    first = one.difference.out_of_order
    tables = (
        *_input_tables(lab, query, one.data),
        _table("your rows", one.found, frozenset() if first is None else frozenset({first}), "first row out of order"),
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
    return Table(title, tuple(result.columns), result.rows, marked, mark if marked else "")


def _named(one: CaseResult) -> Result:
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
        rows=tuple(_digest(sorted(map(normal, result.rows), key=repr), salt) for result in results),
        order=tuple(_digest([normal(row) for row in result.rows], salt) for result in results),
    )


def _digest(rows: list[object], salt: str) -> str:
    """A short digest of `rows` in their order; it hides them from the eye, not from trying them all."""
    return hashlib.blake2b((salt + repr(rows)).encode(), digest_size=6).hexdigest()


def known_hint(mistakes: Sequence[KnownMistake], traits: Traits, by: Sequence[str]) -> str:
    """The hint of the first of `mistakes` that agrees with `traits` in those named in `by`, or nothing."""
    known = (one for one in mistakes if all(getattr(one.traits, name) == getattr(traits, name) for name in by))
    return next((one.hint for one in known), "")
