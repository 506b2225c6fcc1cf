"""Judges a script that makes indexes: by plans, by work at several sizes, and by what it costs the writes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from graders.kernel.report import Mismatch, Table
from graders.labs import EngineError, Lab
from graders.techniques.plans import index_hints as hints
from graders.techniques.plans.indexes import apart_from_indexes, own_indexes, read_indexes
from graders.techniques.plans.measuring import Sized, bound, grows_with_table, work_table
from graders.techniques.plans.plan import COVERING_SCAN, Access
from graders.techniques.plans.sqlite_plan import sqlite_accesses
from graders.techniques.plans.sqlite_program import read_program, sorts

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
    others: Sequence[str] = ()

    @property
    def largest(self) -> int:
        """The number of rows on which plans are read."""
        return self.data.sizes[-1]

    def called(self, number: int) -> str:
        """How query `number` is called in sentences."""
        return f"query {number}" if len(self.workload) > 1 else "the query"


def only_indexes(asked: IndexAsked, answer: str, seed: int) -> None:
    """The script runs, makes at least one index (or drops some), and changes nothing else."""
    with asked.data.lab(seed, asked.data.sizes[0]) as lab:
        before, rules = read_indexes(lab), apart_from_indexes(lab)
        try:
            lab.run(answer)
        except EngineError as error:
            raise Mismatch("statements that run", f"{error.engine} says: {error.sentence}") from None
        _not_altered(lab, rules)
        after = read_indexes(lab)
    lost = [name for name in before if name not in after]
    if lost and not asked.drops:
        raise Mismatch("the indexes that were there", f"`{lost[0]}` is gone", hints.ALTERED)
    if after == before:
        raise Mismatch("a change of indexes" if asked.drops else "a new index", "none", hints.NO_INDEX)
    _runs_at_all_sizes(asked, answer, seed)


def _runs_at_all_sizes(asked: IndexAsked, answer: str, seed: int) -> None:
    """What a few rows allow, more rows may not: a rule that none of them breaks."""
    for rows in asked.data.sizes[1:]:
        with asked.data.lab(seed, rows) as lab:
            rules = apart_from_indexes(lab)
            try:
                lab.run(answer)
            except EngineError as error:
                found = f"with {rows:,} rows {error.engine} says: {error.sentence}"
                raise Mismatch("statements that run, however many rows there are", found, hints.REFUSED) from None
            _not_altered(lab, rules)


def _not_altered(lab: Lab, rules: tuple) -> None:
    if apart_from_indexes(lab) != rules:
        raise Mismatch("the tables and rows as they were", "other ones", hints.ALTERED)


def searches(asked: IndexAsked, answer: str, seed: int) -> None:
    """No query reads a table from end to end."""
    with asked.data.lab(seed, asked.largest, answer) as lab:
        ways = [sqlite_accesses(lab, query) for query in asked.workload]
        for number, (query, way) in enumerate(zip(asked.workload, ways, strict=True), start=1):
            allowed = COVERING_SCAN if number in asked.covering else None
            bad = next((a for a in way if not (a.searches or a.how == allowed or a.table in asked.free)), None)
            if bad:
                hint = hints.unused_hint(lab, query, bad, own_indexes(lab))
                found = f"{asked.called(number)}: a {bad}"
                raise Mismatch(f"a search of `{bad.table}`", found, hint, _plans_table(asked, ways))
        for query in asked.others:
            bad = next((a for a in sqlite_accesses(lab, query) if not (a.searches or a.how == COVERING_SCAN)), None)
            if bad:
                raise Mismatch(
                    f"a search of `{bad.table}` for other values, too", f"`{query}`: a {bad}", hints.ONE_VALUE
                )


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


def _plans_table(asked: IndexAsked, ways: Sequence[Sequence[Access]]) -> list[Table]:
    rows = [(number, str(way)) for number, found in enumerate(ways, start=1) for way in found]
    scans = [place for place, way in enumerate(w for found in ways for w in found) if not way.searches]
    return [Table("how each query reaches its rows", ("query", "what it does"), rows, frozenset(scans), "reads all")]
