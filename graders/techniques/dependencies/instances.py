"""Small relations as rows: joined, searched for rows that break a rule, and made to show what a decomposition loses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from graders.techniques.dependencies.decomposition import Chase, chase, local_closure, read_parts
from graders.techniques.dependencies.fd import FD, Universe, attribute_set, closure_mask, list_attributes, subsets
from graders.techniques.dependencies.normal_forms import restrict_fds

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Relation:
    """A table without repeated rows."""

    columns: tuple[str, ...]
    """Their names, in order."""
    rows: tuple[Row, ...]
    """Distinct rows, in the order in which they came."""

    def project(self, onto: Iterable[str]) -> Relation:
        """Keep the columns `onto`, in their order here if it is a set, else in its own; repeated rows go."""
        if isinstance(onto, (set, frozenset)):
            onto = [name for name in self.columns if name in onto]
        onto = tuple(onto)
        places = [self.columns.index(name) for name in onto]
        return Relation(onto, tuple(dict.fromkeys(tuple(row[place] for place in places) for row in self.rows)))

    def join(self, other: Relation) -> Relation:
        """Give the natural join: pairs of rows that agree on every column the two have in common."""
        shared = [name for name in self.columns if name in other.columns]
        extra = [name for name in other.columns if name not in shared]
        matches: dict[Row, list[Row]] = {}
        for row in other.rows:
            matches.setdefault(_pick(row, other.columns, shared), []).append(_pick(row, other.columns, extra))
        rows = [row + more for row in self.rows for more in matches.get(_pick(row, self.columns, shared), ())]
        return Relation((*self.columns, *extra), tuple(rows))


def _pick(row: Row, columns: Sequence[str], names: Iterable[str]) -> Row:
    return tuple(row[columns.index(name)] for name in names)


def join_all(parts: Sequence[Relation], columns: Sequence[str]) -> Relation:
    """Give the natural join of `parts`, its columns in the order of `columns`."""
    joined, waiting = parts[0], list(parts[1:])
    # Parts that share columns first: joining strangers makes rows that a later part takes away again.
    while waiting:
        nearest = max(waiting, key=lambda part: len(set(part.columns) & set(joined.columns)))
        waiting.remove(nearest)
        joined = joined.join(nearest)
    return joined.project(columns)


def holds_on(rows: Iterable[Row], columns: Sequence[str], fd: FD) -> bool:
    """Whether all `rows` that agree on the left side of `fd` agree on its right side.

    NULL, written None or NaN, is a value like any other, equal to itself, as in GROUP BY. Raise `ValueError` if the
    rows lack a column.
    """
    if unknown := fd.attributes - attribute_set(columns):
        raise ValueError(f"the rows have no column {', '.join(sorted(unknown))}")
    left = [place for place, name in enumerate(columns) if name in fd.left]
    right = [place for place, name in enumerate(columns) if name in fd.right]
    determined: dict[Row, Row] = {}
    for row in rows:
        values = tuple(_plain(row[place]) for place in right)
        if determined.setdefault(tuple(_plain(row[place]) for place in left), values) != values:
            return False
    return True


def _plain(value: Any) -> Any:
    """None for NaN as well, which alone differs from itself."""
    return None if value != value else value


@dataclass(frozen=True)
class SpuriousJoin:
    """A relation that obeys the dependencies, and the rows that joining its parts invents."""

    relation: Relation
    """What was stored."""
    parts: tuple[Relation, ...]
    """Its projections."""
    joined: Relation
    """The natural join of the parts."""
    spurious: tuple[Row, ...]
    """The rows of the join that were not stored."""


def find_spurious_join(
    attributes: str | Iterable[str], decomposition: Iterable[str | Iterable[str]], fds: Iterable[FD]
) -> SpuriousJoin | None:
    """Give a small relation that obeys `fds` but is not the join of its parts; None if lossless.

    Two rows if two are enough, else rows of the final tableau of the chase (Aho, Beeri & Ullman 1979).
    """
    fds = list(fds)
    result = chase(attributes, decomposition, fds)
    if result.lossless:
        return None
    cells = _find_two_rows(result, fds) or _pick_tableau_rows(result)
    relation = Relation(result.columns, tuple(_make_row(result.columns, row) for row in cells))
    parts = tuple(relation.project(part) for part in result.parts)
    joined = join_all(parts, result.columns)
    spurious = tuple(row for row in joined.rows if row not in relation.rows)
    return SpuriousJoin(relation, parts, joined, spurious)


def _find_two_rows(result: Chase, fds: Iterable[FD]) -> list[tuple[int, ...]] | None:
    """Two rows whose differences lie in parts that nothing connects, so that the join can mix them."""
    universe = Universe(result.columns)
    rules = universe.rules(restrict_fds(fds, result.columns))
    parts = [universe.mask(part) for part in result.parts]
    for agreed in reversed(subsets(universe.all)):
        closed = closure_mask(agreed, rules) == agreed
        if closed and _is_disconnected(universe.all & ~agreed, parts):
            return _two_rows(result.columns, universe.attributes(agreed))
    return None


def _is_disconnected(attributes: int, parts: list[int]) -> bool:
    """Whether some of `attributes` cannot be reached from the first by way of parts that overlap there."""
    reached, before = attributes & -attributes, 0
    while reached != before:
        before = reached
        for part in parts:
            if part & reached:
                reached |= part & attributes
    return reached != attributes


def _two_rows(columns: Sequence[str], agreed: Iterable[str]) -> list[tuple[int, ...]]:
    return [(0,) * len(columns), tuple(int(name not in agreed) for name in columns)]


def _pick_tableau_rows(result: Chase) -> list[tuple[int, ...]]:
    """As few rows of the final tableau as still hold, for every part, a row that is complete on that part."""
    needed = set(result.parts)
    rows: list[tuple[int, ...]] = []
    while needed:
        row = max(result.final, key=lambda row: len(_complete_parts(result, row) & needed))
        needed -= _complete_parts(result, row)
        rows.append(row)
    return rows


def _complete_parts(result: Chase, row: tuple[int, ...]) -> set[frozenset[str]]:
    others = {name for name, cell in zip(result.columns, row, strict=True) if cell}
    return {part for part in result.parts if not part & others}


def _make_row(columns: Sequence[str], row: tuple[int, ...]) -> Row:
    return tuple(f"{name.lower()}{cell + 1}" for name, cell in zip(columns, row, strict=True))


@dataclass(frozen=True)
class BrokenRule:
    """Parts that obey every dependency they can check, and two rows of their join that break a lost one."""

    parts: tuple[Relation, ...]
    """Projections that each obey all that they can check."""
    joined: Relation
    """The natural join of the parts."""
    pair: tuple[Row, Row]
    """Two rows of the join that break the dependency."""


def find_broken_rule(
    attributes: str | Iterable[str],
    decomposition: Iterable[str | Iterable[str]],
    fds: Iterable[FD],
    lost: FD,
) -> BrokenRule | None:
    """Give rows for each part that are locally legal while their join breaks `lost`; None if it is not lost.

    Two rows that agree on exactly what the parts can derive from the left side of `lost`: each part sees
    nothing wrong (the argument of Beeri & Honeyman 1981, read as an instance). Raises `ValueError` if the
    parts do not cover the attributes, or `lost` mentions an attribute that is not there.
    """
    columns = list_attributes(attributes)
    parts = read_parts(columns, decomposition)
    universe = Universe(columns)
    rules = universe.rules(restrict_fds(fds, columns))
    agreed = local_closure(universe.mask(lost.left), [universe.mask(part) for part in parts], rules)
    if not universe.mask(lost.right) & ~agreed:
        return None
    first, second = (_make_row(columns, row) for row in _two_rows(columns, universe.attributes(agreed)))
    tables = tuple(Relation(columns, (first, second)).project(part) for part in parts)
    return BrokenRule(tables, join_all(tables, columns), (first, second))
