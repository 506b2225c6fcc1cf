"""What indexes cost: the writes, the room, and whether one of them is superfluous; and the key of an exercise."""

from __future__ import annotations

from graders.labs import EngineError, Lab
from graders.report import Mismatch
from graders.sql import quote_identifier
from graders.techniques.plans import index_hints as hints
from graders.techniques.plans.index_judging import IndexAsked, Key
from graders.techniques.plans.indexes import Index, key_index, own_indexes, read_indexes, redundant
from graders.techniques.plans.measuring import bound
from graders.techniques.plans.work import work_of


def make_key(asked: IndexAsked, solution: str, seed: int) -> Key:
    """What the solution's indexes make of the workload: counts only, from which no index can be read."""
    with asked.data.lab(seed, asked.largest, solution) as lab:
        writes = sum(work_of(lab, write).count for write in asked.writes)
    with asked.data.lab(seed, asked.largest, solution) as lab:
        pages = pages_of_indexes(lab)
    return {"work": asked.data.work(asked.workload, seed, solution), "writes": writes, "pages": pages}


def costs_little(asked: IndexAsked, answer: str, key: Key, seed: int) -> None:
    """No index is superfluous, there are not too many, they are not too wide, and writes still do what they did."""
    with asked.data.lab(seed, asked.largest, answer) as lab:
        _not_redundant(lab, list(read_indexes(lab).values()))
        own = [index.name for index in own_indexes(lab)]
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


def pages_of_indexes(lab: Lab) -> int:
    """How many pages the indexes made by CREATE INDEX take; they are dropped for it."""
    full = _pages(lab)
    for index in own_indexes(lab):
        lab.execute(f"DROP INDEX {quote_identifier(index.name)}")
    return full - _pages(lab)


def _pages(lab: Lab) -> int:
    return lab.execute("PRAGMA page_count").rows[0][0] - lab.execute("PRAGMA freelist_count").rows[0][0]


def _indexes(number: int) -> str:
    return "1 index" if number == 1 else f"{number} indexes"
