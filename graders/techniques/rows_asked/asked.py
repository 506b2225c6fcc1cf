"""What an exercise asks of a query, and one SELECT as the statement that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from graders.labs import EngineError, Lab
from graders.report import Mismatch
from graders.sql import first_keyword
from graders.sql.parsing import TooLarge, check_size
from graders.techniques.rows.values import Row

MOST_CASES = {"SQLite": 300, "DuckDB": 30}
READS = {"SELECT", "VALUES", "FROM"}


@dataclass(frozen=True)
class Asked:
    """What an exercise asks of a query; the parameters of `rows_asked`."""

    engine: str
    schema: str
    fixture: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    values: Mapping[str, Iterable[object]] = field(default_factory=dict)
    ordered: bool = False
    tolerance: float = 0
    names: bool = True
    count: int = 100

    def cases(self, count: int) -> int:
        """How many data sets to make where `count` are wished for."""
        return min(count, self.count, MOST_CASES[self.engine])


def only_query(lab: Lab, text: str) -> str:
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
