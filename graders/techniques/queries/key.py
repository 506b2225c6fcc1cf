"""What an exercise asks of a query, and its key: data sets, and what the solution and known mistakes give on them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, islice

from graders.kernel.claims import KeyRequest
from graders.labs import EngineError, Result
from graders.techniques.queries.comparison import Row, compare, normalize
from graders.techniques.queries.explanations import KnownMistake, Traits, read_traits
from graders.techniques.queries.groups import GroupSource
from graders.techniques.queries.instances import Instance, count_rows, generate_instances, shrink
from graders.techniques.queries.limits import cut_off, vary_limits
from graders.techniques.queries.query_syntax import picks_rows, required_names, tables_read, with_sort_keys
from graders.techniques.queries.reusable_lab import Data, ReusableLab, read_query
from graders.techniques.queries.tables import read_tables

CASES = {"SQLite": 100, "DuckDB": 30}
MAX_TRIES_PER_CASE = 5
MAX_TRIALS_PER_MISTAKE = 150
MAX_SHUFFLES = 8
GROUP_TRIES, LARGE_TRIES = {"SQLite": 60, "DuckDB": 12}, {"SQLite": 15, "DuckDB": 4}
MAX_WHOLE_CASES = 2


@dataclass(frozen=True)
class QueryExercise:
    """What an exercise asks of a query."""

    schema: str
    """The script that makes the tables and views."""
    engine: str = "SQLite"
    """"SQLite" or "DuckDB"."""
    fixture: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    """The lesson's own data, which are tried last."""
    values: Mapping[str, Iterable[object]] = field(default_factory=dict)
    """Values that generated columns have beside others, by "column" or "table.column"."""
    ordered: bool = False
    """Whether the order of rows counts; it then counts as far as the solution's ORDER BY says."""
    names: bool = True
    """Whether column names count; they never do where the solution gives a column no name."""
    cases: int = 0
    """How many data sets are made and tried; 0 for 100 on SQLite and 30 on DuckDB, which is slower to fill."""

    def __post_init__(self) -> None:
        if self.engine not in CASES:
            raise ValueError(f"queries are judged on {' and '.join(CASES)}, not on {self.engine!r}")
        if self.cases < 0:
            raise ValueError(f"a query cannot be tried on {self.cases} data sets")
        object.__setattr__(self, "cases", self.cases or CASES[self.engine])


@dataclass(frozen=True)
class Case:
    """One data set of a key."""

    data: dict[str, list[Row]]
    """The rows of each table, parents first; empty for the lesson's own data, which are not repeated."""
    rows: list[Row]
    """The rows that are right."""
    ties: tuple[int, ...] = ()
    """The lengths of the runs of rows that may come in any order, where an order is required."""
    own: bool = False
    """Whether the data are the lesson's own."""


@dataclass(frozen=True)
class QueryKey:
    """What a check of a query needs to know without knowing the solution."""

    columns: tuple[str, ...]
    """The names of the columns; empty where a column may be called anything."""
    cases: tuple[Case, ...]
    """Smallest first, the lesson's own data last."""
    salt: str
    """What the digests of the known mistakes are made with."""
    mistakes: tuple[KnownMistake, ...] = ()
    large: tuple[Case, ...] = ()
    """Cases of some hundred rows, tried where all others are right."""


def make_query_key(exercise: QueryExercise, request: KeyRequest) -> QueryKey:
    """Make the key of an exercise from its solution; raise `ValueError` where the solution determines no rows."""
    with ReusableLab(exercise.engine, exercise.schema) as lab:
        reference = read_reference(lab, read_query(lab.lab, request.solution))
        if exercise.ordered and not reference.sort_keys:
            raise ValueError("an order is asked for, but the solution has no ORDER BY that can be read")
        maker = KeyMaker(exercise, lab, reference, request)
        cases = maker.cases()
        if not cases:
            raise ValueError("the solution's rows are determined on no data set")
        salt = f"{random.Random(request.seed).getrandbits(64):016x}"
        inputs = [exercise.fixture if case.own else case.data for case in cases]
        mistakes = tuple(KnownMistake(hint, _traits_of(lab, text, inputs, salt)) for text, hint in request.wrong)
        names = required_names(reference.query, reference.columns, lab.engine)
        return QueryKey(names, cases, salt, mistakes, maker.large_cases())


def _count_case_rows(case: Case) -> int:
    return count_rows(case.data)


@dataclass(frozen=True)
class KeyMaker:
    """Finds data sets on which the solution's rows are determined, and some that tell each known mistake from it."""

    exercise: QueryExercise
    lab: ReusableLab
    reference: Reference
    request: KeyRequest

    def cases(self) -> tuple[Case, ...]:
        """The cases of the key, as many as the exercise wants and the lesson's own data."""
        generated = self._generate()
        told_apart = [*self._distinguish_mistakes(generated), *generated]
        at_limits = self._distinguish_limits(told_apart)
        smallest = sorted(told_apart, key=_count_case_rows)[: max(1, len(generated) - len(at_limits))]
        return (*sorted([*smallest, *at_limits], key=_count_case_rows), *self._fixture_case())

    def large_cases(self) -> tuple[Case, ...]:
        """Large data sets on which the solution gives many rows, and other ones if it stops early."""
        stopped = [one for one in cut_off(self.reference.query, self.lab.engine) if self._runs(one)]
        found: list[Case] = []
        for mixed in (False, True):
            if case := self._best_large_case(stopped, mixed=mixed):
                stopped = self._alike(stopped, case)
                found.append(case)
        return tuple(found)

    def _best_large_case(self, stopped: Sequence[str], *, mixed: bool) -> Case | None:
        """Of some large data sets the one that tells most of the `stopped` queries from the solution."""
        instances = self._groups().large(self.request.seed, mixed=mixed)
        cases = filter(None, map(self._case, islice(instances, LARGE_TRIES[self.exercise.engine])))
        ranked = [(-len(self._alike(stopped, case)), len(case.rows), case) for case in cases]
        return max(ranked, key=lambda rank: rank[:2])[2] if ranked else None

    def _groups(self) -> GroupSource:
        queries = [self.reference.query, *(text for text, _ in self.request.wrong)]
        return GroupSource(self.lab, queries, self.exercise.values, self.exercise.fixture, tuple(self._focus()))

    def _distinguish_limits(self, cases: Sequence[Case]) -> list[Case]:
        """Data that tell the solution from queries that differ from it at a limit, where `cases` do not."""
        alive = self._vary_limits()
        for case in cases:
            alive = self._alike(alive, case)
        small, whole = list[Case](), list[Case]()
        for data in islice(self._groups().at_limits(self.request.seed), GROUP_TRIES[self.exercise.engine]):
            many = self._case(data) if alive else None
            if many and (found := list(self._tell_apart(alive, many))):
                small += found
                whole.append(many)
                for case in found:
                    alive = self._alike(alive, case)
        return [*small, *whole[-MAX_WHOLE_CASES:]]

    def _tell_apart(self, queries: Sequence[str], case: Case) -> Iterator[Case]:
        """Small pieces of `case` that together tell each of `queries` from the solution which all of it does."""
        same = self._alike(queries, case)
        differing = [query for query in queries if query not in same]
        while differing:
            piece = self._shrink_case(differing[0], case.data) or case
            yield piece
            differing = self._alike(differing[1:], piece)

    def _vary_limits(self) -> list[str]:
        """The variants of the solution that the engine can run."""
        engine, focus = self.lab.engine, set(self._focus())
        tables = [table for table in read_tables(self.lab.lab) if table.name in focus]
        columns = [column.name for table in tables for column in table.columns]
        return [one for one in vary_limits(self.reference.query, engine, columns) if self._runs(one)]

    def _runs(self, query: str) -> bool:
        try:
            self.lab.run(query, {})
        except EngineError:
            return False
        return True

    def _alike(self, queries: Sequence[str], case: Case) -> list[str]:
        """Those of `queries` that give the rows of `case`."""
        self.lab.load(case.data)
        expected = Result(self.reference.columns, case.rows)
        outcomes = zip(queries, self.lab.lab.outcomes(queries), strict=True)
        return [
            query
            for query, found in outcomes
            if isinstance(found, Result) and not compare(found, expected, names=False).rows_differ
        ]

    def _shrink_case(self, query: str, data: Instance) -> Case | None:
        """The smallest data found on which `query` still differs from the solution."""
        return self._case(shrink(data, lambda smaller: self._differs(query, smaller), MAX_TRIALS_PER_MISTAKE))

    def _generate(self) -> list[Case]:
        exercise, count = self.exercise, self.exercise.cases
        instances = generate_instances(
            exercise.schema,
            [self.reference.query, *(text for text, _ in self.request.wrong)],
            engine=exercise.engine,
            seed=self.request.seed,
            values=exercise.values,
            examples=exercise.fixture,
            focus=self._focus(),
        )
        cases = filter(None, map(self._case, islice(instances, MAX_TRIES_PER_CASE * count)))
        return sorted(islice(cases, count), key=_count_case_rows)

    def _focus(self) -> list[str]:
        """The tables that the solution reads; none, which means all, where it reads a view."""
        read = tables_read(self.reference.query, self.lab.engine)
        known = {table.casefold() for table in self.lab.lab.tables()}
        return read if all(table.casefold() in known for table in read) else []

    def _case(self, data: Instance) -> Case | None:
        expected = self.reference.result(self.lab, data)
        if expected is None:
            return None
        result, ties = expected
        return Case(data, result.rows, ties if self.exercise.ordered else ())

    def _distinguish_mistakes(self, cases: Sequence[Case]) -> Iterator[Case]:
        """For each wrong answer, the smallest data found that tell it from the solution.

        With them, whoever makes a mistake that the author foresees is shown no row that has nothing to do with it.
        """
        for query, _ in self.request.wrong:
            first = next((case.data for case in cases if self._differs(query, case.data)), None)
            smallest = self._shrink_case(query, first) if first is not None else None
            if smallest:
                yield smallest

    def _differs(self, query: str, data: Instance) -> bool:
        """Whether `query` gives other rows than the solution on `data`; false if either gives none that count."""
        expected = self.reference.result(self.lab, data)
        try:
            return expected is not None and compare(self.lab.run(query, data), expected[0], names=False).rows_differ
        except EngineError:
            return False

    def _fixture_case(self) -> Iterator[Case]:
        """The lesson's own data as a case; its author must see to it that the solution's rows are determined."""
        if not self.exercise.fixture:
            return
        case = self._case({table: list(rows) for table, rows in self.exercise.fixture.items()})
        if case is None:
            raise ValueError("on the lesson's own data the solution's rows depend on how the data are stored")
        yield replace(case, data={}, own=True)


def _traits_of(lab: ReusableLab, query: str, inputs: Sequence[Data], salt: str) -> Traits:
    try:
        (statement,) = lab.lab.statements(query)
    except EngineError as error:
        return Traits(error.sentence)
    except ValueError:
        return Traits("several statements")
    return read_traits(lab.run_each(statement, inputs), salt)


@dataclass(frozen=True)
class Reference:
    """A solution, as the rows of answers are compared with it."""

    query: str
    query_with_keys: str
    """The query with its sort keys as further columns."""
    sort_keys: tuple[int, ...]
    """The positions of the sort keys among the columns of `query_with_keys`."""
    columns: tuple[str, ...]
    """The query's own columns."""
    picks: bool
    """Whether it picks rows by their position, as LIMIT does."""

    def result(self, lab: ReusableLab, data: Data) -> tuple[Result, tuple[int, ...]] | None:
        """Give the solution's result on `data`, and the lengths of its runs of ties.

        None if the engine refuses the data or the query, or if the rows depend on how the data are stored (a
        LIMIT among ties, say): then nobody can be asked for them.
        """
        try:
            result = lab.run(self.query_with_keys, data)
        except EngineError:
            return None
        turns = min(max(map(len, data.values()), default=1), MAX_SHUFFLES) if self.picks else 1
        again = (_run_shuffled(lab, self.query_with_keys, data, turn) or result for turn in range(turns))
        if any(compare(other, result) for other in again):
            return None
        width = len(self.columns)
        rows = [row[:width] for row in result.rows]
        return Result(result.columns[:width], rows), _runs(result.rows, self.sort_keys)


def _run_shuffled(lab: ReusableLab, query: str, data: Data, turn: int) -> Result | None:
    try:
        return lab.run_shuffled(query, data, turn)
    except EngineError:
        return None


def _runs(rows: list[Row], positions: tuple[int, ...]) -> tuple[int, ...]:
    if not positions:
        return ()
    return tuple(
        len(list(run)) for _, run in groupby(rows, key=lambda row: [normalize(row[position]) for position in positions])
    )


def read_reference(lab: ReusableLab, query: str) -> Reference:
    """Read the sort keys of `query` from its ORDER BY; those that are no output column become columns."""
    columns = lab.run(query, {}).columns
    keyed, positions = with_sort_keys(query, columns, lab.engine)
    return Reference(query, keyed, positions, columns, picks_rows(query, lab.engine))
