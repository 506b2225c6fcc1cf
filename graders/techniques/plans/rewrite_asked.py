"""Declares in one call that an answer is a query that gives the same rows as a slow one, with less work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graders.kernel.claims import KeyRequest, key_for, lab_for
from graders.kernel.named_claims import state
from graders.kernel.report import Mismatch
from graders.techniques.plans.measuring import SIZES, Opener, Sized, bound, grows_with_table, work_table
from graders.techniques.plans.reading import accesses
from graders.techniques.plans.rewrite_hints import rewrite_hint
from graders.techniques.plans.work import Work, work_of
from graders.techniques.queries import QueryExercise, QueryKey, Row, make_query_key, read_query, state_query_claims

FAR_TOO_MUCH = 5


@dataclass(frozen=True)
class RewriteKey:
    """What a check of a rewritten query needs to know without knowing the solution."""

    query: QueryKey
    """What its rows are judged by."""
    work: list[int]
    """The work of the solution at each size."""


@dataclass(frozen=True)
class RewriteAsked:
    """What an exercise asks of the work of a query; the parameters of `rewrite_asked`."""

    data: Sized
    factor: float


def rewrite_asked(
    exercise: str,
    *,
    answer: str = "answer",
    engine: str = "SQLite",
    opener: Opener,
    schema: str,
    before: str = "",
    fixture: Mapping[str, Sequence[Row]] | None = None,
    values: Mapping[str, Iterable[object]] | None = None,
    ordered: bool = False,
    tolerance: float = 0,
    names: bool = True,
    count: int | None = None,
    sizes: Sequence[int] = SIZES,
    factor: float = 2,
) -> RewriteAsked:
    """Register the claims and the key maker of an exercise whose answer is one SELECT that must not read too much.

    Its rows are judged as `rows_asked` judges them, on many small data sets made for `schema`; `fixture`, `values`,
    `ordered`, `tolerance`, `names` and `count` are those of `rows_asked`. Its work is counted on the data that
    `opener(engine, seed, rows)` opens, with each of `sizes` for the rows, after the script `before` (the indexes, say);
    it may be `factor` times that of the solution, and a little more.
    """
    asked = RewriteAsked(Sized(opener, engine, before, tuple(sizes)), factor)
    rows = QueryExercise(schema, engine, fixture or {}, values or {}, ordered, tolerance, names, count)
    # The slow query has the right rows, so they are a condition and earn nothing.
    state_query_claims(exercise, rows, lambda key: key.query, weight=0)
    sentence = "the work grows with what is found, not with the table"
    state(exercise, "work", answer, asked, takes_little, sentence=sentence, worth=1, after="gives_the_rows")

    def maker(request: KeyRequest) -> RewriteKey:
        (work,) = asked.data.work([request.solution.strip().rstrip(";")], request.seed)
        return RewriteKey(make_query_key(rows, request), work)

    key_for(exercise, of=RewriteKey)(maker)
    lab_for(exercise)(asked.data.open_largest)
    return asked


def takes_little(asked: RewriteAsked, answer: str, key: RewriteKey, seed: int) -> None:
    """The work of the answer at each size is within the bound."""
    found = _measured(asked, answer, key, seed)
    rows, work, most = found[-1]
    if all(work.count <= most for _, work, most in found):
        return
    sizes, counts, allowed = [size for size, *_ in found], [work.count for _, work, _ in found], [m for *_, m in found]
    growth = ": the work grows with the table" if grows_with_table(sizes, counts) else ""
    expected = f"at most {most:,} {work.unit} at {rows:,} rows"
    table = work_table(sizes, counts, allowed, work.unit)
    raise Mismatch(expected, f"{work.count:,}{growth}", _hint(asked, answer, seed), [table])


def _measured(asked: RewriteAsked, answer: str, key: RewriteKey, seed: int) -> list[tuple[int, Work, int]]:
    """Size, work and bound, from the smallest size up to one, not the first, at which the work is far too much."""
    found = []
    for rows, reference in zip(asked.data.sizes, key.work, strict=True):
        most = bound(reference, asked.factor)
        with asked.data.lab(seed, rows) as lab:
            found.append((rows, work_of(lab, read_query(lab, answer)), most))
        if len(found) > 1 and found[-1][1].count > FAR_TOO_MUCH * most:
            break
    return found


def _hint(asked: RewriteAsked, answer: str, seed: int) -> str:
    with asked.data.lab(seed, asked.data.sizes[0]) as lab:
        query = read_query(lab, answer)
        read_whole = [access.table for access in accesses(lab, query) if not access.searches]
        return rewrite_hint(lab, query, list(dict.fromkeys(read_whole)))
