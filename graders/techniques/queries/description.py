"""What an exercise asks of a query, and the one SELECT that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import sqlglot
from sqlglot.tokens import Token, TokenType

from graders.kernel.report import Mismatch
from graders.labs import EngineError, Lab
from graders.techniques.queries.comparison import Row
from graders.techniques.queries.literals import DIALECTS

# DuckDB takes longer to fill its tables.
CASES = {"SQLite": 100, "DuckDB": 30}
READS = {"SELECT", "VALUES", "FROM"}
CHANGES = {"INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE"}


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
    word = read_verb(statements[0], lab.engine)
    if word not in READS:
        raise Mismatch("one SELECT, which reads data and changes none", f"a statement that starts with {word}")
    return statements[0]


def read_verb(statement: str, engine: str) -> str:
    """The word that says what `statement` does: after WITH, the first such word outside parentheses.

    For a text that SQL has no word for it is SELECT: the engine itself shall say what is wrong.
    """
    try:
        tokens = sqlglot.tokenize(statement, dialect=DIALECTS[engine])
    except sqlglot.errors.SqlglotError:
        return "SELECT"
    first = next((token for token in tokens if token.token_type is not TokenType.L_PAREN), None)
    if first is None or first.token_type is TokenType.VAR:
        return "SELECT"
    return next(_main_words(tokens), "SELECT") if first.token_type is TokenType.WITH else first.text.upper()


def _main_words(tokens: Iterable[Token]) -> Iterator[str]:
    depth = 0
    for token in tokens:
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        if depth == 0 and token.token_type is not TokenType.IDENTIFIER and token.text.upper() in READS | CHANGES:
            yield token.text.upper()
