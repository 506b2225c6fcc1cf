"""Judges a script that makes indexes: by plans, by work at several sizes, and by what it costs the writes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from graders.labs import EngineError, Lab
from graders.report import Mismatch, Table
from graders.techniques.plans import index_hints as hints
from graders.techniques.plans.indexes import Index, key_index, read_indexes, redundant
from graders.techniques.plans.measuring import Sized, bound, grows_with_table, work_table
from graders.techniques.plans.plan import COVERING_SCAN, Access
from graders.techniques.plans.sqlite_plan import sqlite_accesses
from graders.techniques.plans.sqlite_program import read_program, sorts
from graders.techniques.plans.work import work_of

Key = dict[str, Any]


@dataclass(frozen=True)
class IndexAsked:
    """What an exercise asks of indexes; the parameters of `index_asked`."""

    data: Sized
    workload: Sequence[str]
    writes: Sequence[str] = ()
    covering: Collection[int] = ()
    ordered: Collection[int] = ()
    free: Collection[str] = ()
    most: int = 1
    drops: bool = False
    factor: float = 2
    room: float = 1.25

    @property
    def largest(self) -> int:
        """The number of rows on which plans are read."""
        return self.data.sizes[-1]

    def called(self, number: int) -> str:
        """How query `number` is called in sentences."""
        return f"query {number}" if len(self.workload) > 1 else "the query"


def make_key(asked: IndexAsked, solution: str, seed: int) -> Key:
    """What the solution's indexes make of the workload: counts only, from which no index can be read."""
    with asked.data.lab(seed, asked.largest, solution) as lab:
        writes = sum(work_of(lab, write).count for write in asked.writes)
    with asked.data.lab(seed, asked.largest, solution) as lab:
        pages = pages_of_indexes(lab)
    return {"work": asked.data.work(asked.workload, seed, solution), "writes": writes, "pages": pages}


def pages_of_indexes(lab: Lab) -> int:
    """How many pages the indexes made by CREATE INDEX take; they are dropped for it."""
    full = _pages(lab)
    for index in _own(lab):
        lab.execute(f'DROP INDEX "{index.name}"')
    return full - _pages(lab)


def _pages(lab: Lab) -> int:
    return lab.execute("PRAGMA page_count").rows[0][0] - lab.execute("PRAGMA freelist_count").rows[0][0]


def only_indexes(asked: IndexAsked, answer: str, seed: int) -> None:
    """The script runs, makes at least one index (or drops some), and changes nothing else."""
    with asked.data.lab(seed, asked.data.sizes[0]) as lab:
        before, dump, rules = read_indexes(lab), lab.dump(), _rules(lab)
        try:
            lab.run(answer)
        except EngineError as error:
            raise Mismatch("statements that run", f"{error.engine} says: {error.sentence}") from None
        if _rules(lab) != rules or lab.dump() != dump:
            raise Mismatch("the tables and rows as they were", "other ones", hints.ALTERED)
        after = read_indexes(lab)
    lost = [name for name in before if name not in after]
    if lost and not asked.drops:
        raise Mismatch("the indexes that were there", f"`{lost[0]}` is gone", hints.ALTERED)
    if after == before:
        raise Mismatch("a change of indexes" if asked.drops else "a new index", "none", hints.NO_INDEX)


def _rules(lab: Lab) -> list[tuple]:
    made = "SELECT type, name, sql FROM sqlite_schema WHERE type <> 'index' AND name NOT LIKE 'sqlite_stat%'"
    return lab.execute(f"{made} ORDER BY 1, 2").rows


def searches(asked: IndexAsked, answer: str, seed: int) -> None:
    """No query reads a table from end to end."""
    with asked.data.lab(seed, asked.largest, answer) as lab:
        ways = [sqlite_accesses(lab, query) for query in asked.workload]
        for number, (query, way) in enumerate(zip(asked.workload, ways, strict=True), start=1):
            allowed = COVERING_SCAN if number in asked.covering else None
            bad = next((a for a in way if not (a.searches or a.how == allowed or a.table in asked.free)), None)
            if bad:
                hint = hints.unused_hint(lab, query, bad, _own(lab))
                found = f"{asked.called(number)}: a {bad}"
                raise Mismatch(f"a search of `{bad.table}`", found, hint, _plans_table(asked, ways))


def covers(asked: IndexAsked, answer: str, seed: int) -> None:
    """The queries that should be answered by an index alone are."""
    _each(asked, answer, seed, asked.covering, _covered)


def _covered(lab: Lab, query: str, access: Access, called: str) -> None:
    if not access.covering:
        hint = hints.covering_hint(lab, query, access, read_indexes(lab).get(access.index))
        raise Mismatch(f"{called} answered by an index alone", f"a {access}, and then the table's rows", hint)


def keeps_order(asked: IndexAsked, answer: str, seed: int) -> None:
    """The queries whose order an index can give need no sort."""
    _each(asked, answer, seed, asked.ordered, _unsorted)


def _unsorted(lab: Lab, query: str, access: Access, called: str) -> None:
    if sorts(read_program(lab, query)):
        hint = hints.sort_hint(lab, query, access, read_indexes(lab).get(access.index))
        raise Mismatch(f"the rows of {called} in their order from the index", "a sort of all rows found", hint)


def _each(asked: IndexAsked, answer: str, seed: int, numbers: Collection[int], judge: Any) -> None:
    with asked.data.lab(seed, asked.largest, answer) as lab:
        for number in sorted(numbers):
            query = asked.workload[number - 1]
            for access in sqlite_accesses(lab, query):
                if access.table not in asked.free:
                    judge(lab, query, access, asked.called(number))


def takes_little(asked: IndexAsked, answer: str, key: Key, seed: int) -> None:
    """The work of each query at each size is within the bound."""
    found = asked.data.work(asked.workload, seed, answer)
    for number, (counts, reference) in enumerate(zip(found, key["work"], strict=True), start=1):
        allowed = [bound(count, asked.factor) for count in reference]
        if any(count > most for count, most in zip(counts, allowed, strict=True)):
            raise _too_much(asked, answer, seed, number, counts, allowed)


def _too_much(
    asked: IndexAsked, answer: str, seed: int, number: int, counts: Sequence[int], allowed: Sequence[int]
) -> Mismatch:
    sizes, query = asked.data.sizes, asked.workload[number - 1]
    with asked.data.lab(seed, asked.largest, answer) as lab:
        indexes = read_indexes(lab)
        ways = (way for way in sqlite_accesses(lab, query) if way.table not in asked.free)
        hint = next(filter(None, (hints.work_hint(lab, query, way, indexes.get(way.index)) for way in ways)), "")
    expected = f"at most {allowed[-1]:,} steps for {asked.called(number)} at {sizes[-1]:,} rows"
    growth = ": the work grows with the table" if grows_with_table(sizes, counts) else ""
    table = work_table(sizes, counts, allowed, "steps")
    return Mismatch(expected, f"{counts[-1]:,}{growth}", hint, [table])


def costs_little(asked: IndexAsked, answer: str, key: Key, seed: int) -> None:
    """No index is superfluous, there are not too many, they are not too wide, and writes still do what they did."""
    with asked.data.lab(seed, asked.largest, answer) as lab:
        _not_redundant(lab, list(read_indexes(lab).values()))
        own = [index.name for index in _own(lab)]
        if len(own) > asked.most:
            raise Mismatch(f"at most {_indexes(asked.most)}", f"{len(own)}: {', '.join(own)}", hints.TOO_MANY)
        _writes_cost_little(asked, lab, key)
    with asked.data.lab(seed, asked.largest, answer) as lab:
        most, pages = int(key["pages"] * asked.room) + 1, pages_of_indexes(lab)
        if pages > most:
            raise Mismatch(f"at most {most:,} pages for your indexes", f"{pages:,}", hints.TOO_WIDE)


def _not_redundant(lab: Lab, indexes: list[Index]) -> None:
    expected = "no index that another one makes superfluous"
    if pair := redundant(indexes):
        index, other = pair
        beside = hints.BESIDE_UNIQUE.format(columns=", ".join(index.columns), index=index.name)
        hint = hints.REDUNDANT.format(index=index.name, other=other.name) if other.own else beside
        raise Mismatch(expected, f"`{index.name}` ({', '.join(index.columns)}) on `{index.table}`", hint)
    if found := key_index(lab, indexes):
        index, column = found
        hint = hints.BESIDE_UNIQUE.format(columns=column, index=index.name)
        raise Mismatch(expected, f"`{index.name}` ({column}) on `{index.table}`", hint)


def _writes_cost_little(asked: IndexAsked, lab: Lab, key: Key) -> None:
    try:
        taken = sum(work_of(lab, write).count for write in asked.writes)
    except EngineError as error:
        raise Mismatch("writes that go on as before", f"{error.engine} says: {error.sentence}", hints.REFUSED) from None
    most = bound(key["writes"], asked.room)
    if taken > most:
        raise Mismatch(f"at most {most:,} steps for the writes", f"{taken:,}", hints.TOO_MANY)


def _own(lab: Lab) -> list[Index]:
    return [index for index in read_indexes(lab).values() if index.own]


def _indexes(number: int) -> str:
    return "1 index" if number == 1 else f"{number} indexes"


def _plans_table(asked: IndexAsked, ways: Sequence[Sequence[Access]]) -> list[Table]:
    rows = [(number, str(way)) for number, found in enumerate(ways, start=1) for way in found]
    scans = [place for place, way in enumerate(w for found in ways for w in found) if not way.searches]
    return [Table("how each query reaches its rows", ("query", "what it does"), rows, frozenset(scans), "reads all")]
