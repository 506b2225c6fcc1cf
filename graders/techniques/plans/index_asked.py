"""Declares in one call that an answer makes indexes so that a workload searches where it would scan."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from graders.kernel.claims import key_for, lab_for
from graders.kernel.named_claims import state
from graders.techniques.plans import index_judging as judging
from graders.techniques.plans.index_costs import costs_little, make_key
from graders.techniques.plans.index_judging import IndexAsked
from graders.techniques.plans.measuring import SIZES, Opener, Sized


def index_asked(
    exercise: str,
    *,
    answer: str = "answer",
    opener: Opener,
    workload: Sequence[str],
    before: str = "",
    writes: Sequence[str] = (),
    covering: Collection[int] = (),
    ordered: Collection[int] = (),
    free: Collection[str] = (),
    most: int = 1,
    drops: bool = False,
    sizes: Sequence[int] = SIZES,
    factor: float = 2,
    room: float = 1.25,
    others: Sequence[str] = (),
    worths: Mapping[str, float] | None = None,
) -> IndexAsked:
    """Register the claims and the key maker of an exercise on SQLite whose answer is a script of CREATE INDEX.

    `opener(engine, seed, rows)` opens the data set, as `open_sized` of `datasets/loans.py` does; `before` is a
    script that runs first. `workload` are the queries; those whose number (from 1) is in `covering` must be
    answered by an index alone, and may read all of it; those in `ordered` must need no sort. Tables in `free` may
    be scanned; the queries in `others`, the same with other values, must be searched too.
    The `writes` must still run; their work, and the pages of all indexes, may be `room` times the
    solution's. At most `most` indexes may have been made by CREATE INDEX in the end; indexes may be dropped only
    where `drops` is true. The work of each query is counted at each of `sizes` and may be `factor` times what it
    is with the solution's indexes, and a little more. `worths` gives single claims, by their names, another worth.
    """
    data = Sized(opener, before=before, sizes=tuple(sizes))
    asked = IndexAsked(data, workload, writes, covering, ordered, free, most, drops, factor, room, others)
    many = len(workload) > 1

    def claim(judge: Callable, sentence: str, worth: float, after: str | None) -> None:
        worth = (worths or {}).get(judge.__name__, worth)
        state(exercise, judge.__name__, answer, asked, judge, sentence=sentence, worth=worth, after=after)

    claim(judging.only_indexes, "your statements run, and change indexes and nothing else", 0, None)
    searched = "no query of the workload reads a whole table" if many else "SQLite searches, and reads no whole table"
    claim(judging.searches, searched, 2, "only_indexes")
    if covering:
        claim(judging.covers, "an index alone answers where it should, without the table", 1, "searches")
    if ordered:
        claim(judging.keeps_order, "the rows come out of the index in their order, without a sort", 1, "searches")
    claim(judging.takes_little, "the work grows with what is found, not with the table", 2, "searches")
    claim(costs_little, "the writes and the room pay for no index that is not needed", 1, "searches")
    key_for(exercise)(lambda request: make_key(asked, request.solution, request.seed))
    lab_for(exercise)(data.open_largest)
    return asked
