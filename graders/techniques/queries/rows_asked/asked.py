"""What an exercise asks of a query, and one SELECT as the statement that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import sqlglot
from sqlglot.tokens import TokenType

from graders.kernel.report import Mismatch
from graders.labs import EngineError, Lab
from graders.techniques.queries.instances.literals import DIALECTS
from graders.techniques.queries.rows.values import Row

MOST_CASES = {"SQLite": 300, "DuckDB": 30}
READS = {"SELECT", "VALUES", "FROM"}
CHANGES = {"INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE"}


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
    word = verb_of(statements[0], lab.engine)
    if word not in READS:
        raise Mismatch("one SELECT, which reads data and changes none", f"a statement that starts with {word}")
    return statements[0]


def verb_of(statement: str, engine: str) -> str:
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


def _main_words(tokens: Iterable[sqlglot.tokens.Token]) -> Iterator[str]:
    depth = 0
    for token in tokens:
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        if depth == 0 and token.token_type is not TokenType.IDENTIFIER and token.text.upper() in READS | CHANGES:
            yield token.text.upper()
