"""The key of a query exercise: data sets, what the solution gives on them, and how known mistakes look."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from graders.kernel.claims import KeyRequest
from graders.labs import EngineError, Result
from graders.techniques.queries.comparison import Row, compare, normal
from graders.techniques.queries.counterexample import shrink
from graders.techniques.queries.description import QueryExercise, read_query
from graders.techniques.queries.generation import Instance, generate_instances, size
from graders.techniques.queries.reference import Reference, expected_names, read_reference, tables_read
from graders.techniques.queries.reusable_lab import ReusableLab

TRIES_A_CASE = 5
TRIALS_A_MISTAKE = 150


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


def make_query_key(exercise: QueryExercise, request: KeyRequest) -> QueryKey:
    """Make the key of an exercise from its solution; raise `ValueError` where the solution determines no rows."""
    with ReusableLab(exercise.engine, exercise.schema) as lab:
        reference = read_reference(lab, read_query(lab.lab, request.solution))
        if exercise.ordered and not reference.sort_keys:
            raise ValueError("an order is asked for, but the solution has no ORDER BY that can be read")
        cases = KeyMaker(exercise, lab, reference, request).cases()
        if not cases:
            raise ValueError("the solution's rows are determined on no data set")
        salt = f"{random.Random(request.seed).getrandbits(64):016x}"
        inputs = [exercise.fixture if case.own else case.data for case in cases]
        mistakes = tuple(KnownMistake(hint, _traits_of(lab, text, inputs, salt)) for text, hint in request.wrong)
        return QueryKey(expected_names(reference, lab.engine), cases, salt, mistakes)


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
        smallest = sorted([*self._tell_mistakes_apart(generated), *generated], key=lambda case: size(case.data))
        return (*smallest[: len(generated)], *self._own())

    def _generate(self) -> list[Case]:
        exercise, wanted = self.exercise, self.exercise.case_count
        instances = generate_instances(
            exercise.schema,
            [self.reference.query, *(text for text, _ in self.request.wrong)],
            engine=exercise.engine,
            seed=self.request.seed,
            values=exercise.values,
            examples=exercise.fixture,
            focus=self._focus(),
        )
        cases = filter(None, map(self._case, islice(instances, TRIES_A_CASE * wanted)))
        return sorted(islice(cases, wanted), key=lambda case: size(case.data))

    def _focus(self) -> list[str]:
        """The tables that the solution reads; none, which means all, where it reads a view."""
        read = tables_read(self.reference.query, self.lab.engine)
        known = {table.casefold() for table in self.lab.lab.tables()}
        return read if all(table.casefold() in known for table in read) else []

    def _case(self, data: Instance) -> Case | None:
        expected = self.reference.result(self.lab, data, self.exercise.tolerance)
        if expected is None:
            return None
        result, ties = expected
        return Case(data, result.rows, ties if self.exercise.ordered else ())

    def _tell_mistakes_apart(self, cases: Sequence[Case]) -> Iterator[Case]:
        """For each wrong answer, the smallest data found that tell it from the solution.

        With them, whoever makes a mistake that the author foresees is shown no row that has nothing to do with it.
        """
        for query, _ in self.request.wrong:

            def differs(data: Instance, query: str = query) -> bool:
                return self._differs(query, data)

            first = next((case.data for case in cases if differs(case.data)), None)
            smallest = self._case(shrink(first, differs, TRIALS_A_MISTAKE)) if first is not None else None
            if smallest:
                yield smallest

    def _differs(self, query: str, data: Instance) -> bool:
        """Whether `query` gives other rows than the solution on `data`; false if either gives none that count."""
        expected = self.reference.result(self.lab, data, self.exercise.tolerance)
        try:
            return expected is not None and compare(self.lab.run(query, data), expected[0], names=False).rows_differ
        except EngineError:
            return False

    def _own(self) -> Iterator[Case]:
        """The lesson's own data as a case; its author must see to it that the solution's rows are determined."""
        if not self.exercise.fixture:
            return
        case = self._case({table: list(rows) for table, rows in self.exercise.fixture.items()})
        if case is None:
            raise ValueError("on the lesson's own data the solution's rows depend on how the data are stored")
        yield replace(case, data={}, own=True)


def _traits_of(lab: ReusableLab, query: str, inputs: Sequence[Instance], salt: str) -> Traits:
    try:
        (statement,) = lab.lab.statements(query)
    except EngineError as error:
        return Traits(error.sentence)
    except ValueError:
        return Traits("several statements")
    return read_traits(lab.run_each(statement, inputs), salt)


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


def hint_for(key: QueryKey, traits: Traits, by: Sequence[str]) -> str:
    """The hint of the first known mistake that agrees with `traits` in those named in `by`, or nothing."""
    known = (one for one in key.mistakes if all(getattr(one.traits, name) == getattr(traits, name) for name in by))
    return next((one.hint for one in known), "")
