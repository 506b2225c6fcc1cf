"""What an exercise asks of a query, and the one SELECT that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from graders.kernel.report import Mismatch
from graders.labs import EngineError, Lab
from graders.sql import first_keyword
from graders.sql.parsing import TooLarge, check_size
from graders.techniques.queries.comparison import Row

# DuckDB takes longer to fill its tables.
CASES = {"SQLite": 100, "DuckDB": 30}
READS = {"SELECT", "VALUES", "FROM"}


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
    tolerance: float = 0
    """By how much numbers may differ."""
    names: bool = True
    """Whether column names count; they never do where the solution gives a column no name."""
    cases: int | None = None
    """How many data sets to make; by default as many as the engine fills in good time."""

    def __post_init__(self) -> None:
        if self.engine not in CASES:
            raise ValueError(f"queries are judged on {' and '.join(CASES)}, not on {self.engine!r}")

    @property
    def case_count(self) -> int:
        """How many data sets to make."""
        return CASES[self.engine] if self.cases is None else self.cases


def read_query(lab: Lab, text: str) -> str:
    """Give the one statement of `text`, which must read data and change none; else raise `Mismatch`."""
    try:
        statements = lab.statements(text)
    except EngineError as error:
        raise Mismatch("a query", f"{error.engine} says: {error.sentence}") from None
    if len(statements) != 1:
        raise Mismatch("one query", f"{len(statements)} statements" if statements else "no statement")
    word = first_keyword(statements[0], lab.engine)
    # What begins with no keyword is left to the engine, which says what is wrong.
    if word and word not in READS:
        raise Mismatch("one SELECT, which reads data and changes none", f"a statement that starts with {word}")
    try:
        check_size(statements[0], lab.engine)
    except TooLarge as reason:
        raise Mismatch("a query of ordinary size", str(reason)) from None
    return statements[0]
