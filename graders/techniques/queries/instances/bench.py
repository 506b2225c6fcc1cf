"""One lab that is emptied and filled again for each data set: much faster than a fresh lab for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graders.labs import EngineError, Result, open_lab
from graders.techniques.queries.instances.loose import loose_schema
from graders.techniques.queries.rows.values import Row

Data = Mapping[str, Sequence[Row]]


class Bench:
    """A lab on `engine` with the tables of `schema`, for running queries on one data set after the other.

    `here` keeps it in this process, for queries of our own.
    """

    def __init__(self, engine: str, schema: str, *, here: bool = False):
        self.engine = engine
        self.schema = schema
        self.here = here
        self.lab = open_lab(engine, schema, here=here)
        self._filled: list[str] = []
        self._loose: Bench | None = None

    def load(self, data: Data) -> None:
        """Make `data` the content of the database; tables come after those they refer to.

        Raise `EngineError` if the engine refuses a row.
        """
        self._empty()
        for table, rows in data.items():
            if rows:
                self.add(table, rows)

    def add(self, table: str, rows: Sequence[Row]) -> None:
        """Put `rows` into `table` beside what is there; raise `EngineError` if the engine refuses one."""
        if table not in self._filled:
            self._filled.append(table)
        self.lab.put(table, rows)

    def _empty(self) -> None:
        try:
            self.lab.empty(self._filled[::-1])
        except EngineError:
            self._open_again()
        self._filled = []

    def _open_again(self) -> None:
        self.lab.close()
        self.lab = open_lab(self.engine, self.schema, here=self.here)

    def run(self, query: str, data: Data) -> Result:
        """Run `query` on `data`; raise `EngineError` if the engine refuses the data or the query."""
        return _only(self.run_each(query, [data]))

    def run_each(self, query: str, data_sets: Sequence[Data]) -> list[Result | EngineError]:
        """Run `query` on each of `data_sets` alone; give its result on each, or what the engine refused."""
        told: list[Result | EngineError] = []
        self._empty()
        while len(told) < len(data_sets):
            told += self.lab.on_each(data_sets[len(told) :], query)
            if len(told) < len(data_sets):
                self._open_again()
        self._filled = [table for data in data_sets[-1:] for table, rows in data.items() if rows]
        return told

    def run_shuffled(self, query: str, data: Data, turn: int = 0) -> Result:
        """Run `query` on `data` stored the other way round from row `turn` on, in tables without keys.

        What the query leaves open, the order of ties above all, then comes out otherwise. Raise `EngineError`
        if the engine refuses the query there.
        """
        return _only(self.run_each_shuffled(query, [data], turn))

    def run_each_shuffled(self, query: str, data_sets: Sequence[Data], turn: int = 0) -> list[Result | EngineError]:
        """Run `query` on each of `data_sets` as `run_shuffled` does; give its result on each, or the refusal."""
        if self._loose is None:
            self._loose = Bench(self.engine, loose_schema(self.lab, self.schema), here=self.here)
        shuffled = [{table: _turned(rows, turn) for table, rows in data.items()} for data in data_sets]
        return self._loose.run_each(query, shuffled)

    def close(self) -> None:
        """Throw the lab away."""
        self.lab.close()
        if self._loose is not None:
            self._loose.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _only(outcomes: list[Result | EngineError]) -> Result:
    (outcome,) = outcomes
    if isinstance(outcome, EngineError):
        raise outcome
    return outcome


def _turned(rows: Sequence[Row], turn: int) -> list[Row]:
    first = turn % len(rows) if rows else 0
    return [*rows[first:], *rows[:first]][::-1]
