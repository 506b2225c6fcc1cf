"""Makes a data set on which an answer goes wrong as small and plain as it can be, so that people see why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from graders.techniques.queries.comparison import Row
from graders.techniques.queries.generation import Instance

Test = Callable[[Instance], bool]
PLAIN: dict[type, tuple[object, ...]] = {int: (1, 2, 3), float: (1.0, 2.0), str: ("a", "b", "c")}


def shrink(instance: Mapping[str, Sequence[Row]], still_fails: Test, max_trials: int = 300) -> Instance:
    """Give a smaller instance on which the answer still goes wrong, greedily; at most `max_trials` are tried.

    First rows are left out, those that refer to others before those referred to; then values become plainer,
    and a NULL stays only where it is needed. `still_fails` must be false for data the engine refuses. After
    delta debugging (Zeller and Hildebrandt, 2002), one row and one value at a time.
    """
    smallest = {table: list(rows) for table, rows in instance.items()}
    fails = _limit(max_trials, still_fails)
    before = None
    while before != smallest:
        before = smallest
        smallest = _fewer_rows(smallest, fails)
        smallest = _plainer_values(smallest, fails)
    return smallest


def _limit(max_trials: int, test: Test) -> Test:
    """`test`, but false once it has been asked `max_trials` times."""
    left = iter(range(max_trials))
    return lambda instance: next(left, None) is not None and test(instance)


def _fewer_rows(instance: Instance, fails: Test) -> Instance:
    for table in reversed(instance):
        for place in reversed(range(len(instance[table]))):
            rows = instance[table][:place] + instance[table][place + 1 :]
            candidate = {**instance, table: rows}
            if fails(candidate):
                instance = candidate
    return instance


def _plainer_values(instance: Instance, fails: Test) -> Instance:
    for table in instance:
        for place, row in enumerate(instance[table]):
            for column in range(len(row)):
                instance = _plainer_value(instance, table, place, column, fails)
    return instance


def _plainer_value(instance: Instance, table: str, place: int, column: int, fails: Test) -> Instance:
    rows = instance[table]
    row = rows[place]
    for value in _plainer(row[column], [other[column] for other in rows]):
        changed = (*row[:column], value, *row[column + 1 :])
        candidate = {**instance, table: [*rows[:place], changed, *rows[place + 1 :]]}
        if fails(candidate):
            return candidate
    return instance


def _plainer(value: object, column: Sequence[object]) -> Iterator[object]:
    """Values to try instead of `value`, the plainest first; for a NULL, what else stands in its column."""
    if value is None:
        yield from dict.fromkeys(other for other in column if other is not None)
        return
    if isinstance(value, str) and value[:1].isdigit():
        return  # a date or a number written as text: a letter would not be plainer
    for plain in PLAIN.get(type(value), ()):
        if plain == value:
            return
        yield plain
