"""What a statement says without its values, the token skeleton that no input may change, and which columns it reads.

Values written into the text and values handed over as parameters are the same to a skeleton, because some drivers
write escaped values into the text; what must not change is everything else.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress

from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.tokens import Token, TokenType

DIALECTS = {"SQLite": "sqlite", "DuckDB": "duckdb", "PostgreSQL": "postgres", "H2": "postgres"}
VALUE, COMMENT = "?", "--"
UNREADABLE = "unreadable"
LITERALS = {
    *(TokenType.STRING, TokenType.NUMBER, TokenType.HEX_STRING, TokenType.BIT_STRING, TokenType.BYTE_STRING),
    *(TokenType.NATIONAL_STRING, TokenType.RAW_STRING, TokenType.HEREDOC_STRING, TokenType.UNICODE_STRING),
    TokenType.PLACEHOLDER,
}
NAMES = {TokenType.VAR, TokenType.IDENTIFIER}
PARAMETER_SIGNS = {TokenType.COLON, TokenType.PARAMETER, TokenType.PLACEHOLDER}
# A sign belongs to the value after it, unless a value or a name comes before.
SIGN = re.compile(r"(^|[A-Z(,=<>] )[-+] (?=\?)")
LIST = re.compile(r"\bIN \( \?( , \?)+")
Column = tuple[str, str]


def skeleton(statement: str, engine: str = "SQLite") -> str:
    """The words of `statement` with each value and each parameter as "?", a list after IN as one, comments as "--".

    A text that has no tokens for the engine, such as one with an open quote, is `UNREADABLE`.
    """
    tokens = tokens_of(statement, engine)
    if tokens is None:
        return UNREADABLE
    return LIST.sub("IN ( ?", SIGN.sub(r"\1", " ".join(_words(tokens))))


def tokens_of(statement: str, engine: str) -> list[Token] | None:
    """The tokens of `statement` as the engine's dialect reads them; None if it cannot be read."""
    try:
        return Dialect.get_or_raise(DIALECTS[engine]).tokenize(statement)
    except SqlglotError:
        return None


def is_value(token: Token) -> bool:
    """Whether `token` is a value, or the place of one."""
    return token.token_type in LITERALS or (token.token_type in NAMES and token.text.startswith("$"))


def _words(tokens: list[Token]) -> Iterator[str]:
    """One word for each token; the sign and the name of a named parameter are one value."""
    is_name_of_parameter = False
    for token, following in zip(tokens, [*tokens[1:], None], strict=False):
        if is_name_of_parameter:
            is_name_of_parameter = False
        elif _begins_parameter(token, following):
            is_name_of_parameter = True
            yield VALUE
        else:
            yield VALUE if is_value(token) else _word(token)
        yield from (COMMENT for _ in token.comments)


def _word(token: Token) -> str:
    return token.text.casefold() if token.token_type in NAMES else token.text.upper()


def _begins_parameter(token: Token, following: Token | None) -> bool:
    if token.token_type not in PARAMETER_SIGNS or following is None:
        return False
    return following.start == token.end + 1 and following.text[:1].isalnum()


def columns_read(statement: str, schema: str) -> frozenset[Column]:
    """The (table, column) pairs that `statement` reads from the tables of `schema`; none if SQLite cannot prepare it.

    The statement is not run. Source: https://www.sqlite.org/c3ref/set_authorizer.html
    """
    read: set[Column] = set()

    def note(action: int, table: str | None, column: str | None, *_: object) -> int:
        if action == sqlite3.SQLITE_READ and table and column:
            read.add((table.casefold(), column.casefold()))
        return sqlite3.SQLITE_OK

    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(schema)
        connection.set_authorizer(note)
        # EXPLAIN prepares and does not run. By the time parameters are missed, the authorizer has been called.
        with suppress(sqlite3.Error, sqlite3.Warning, ValueError):
            connection.execute(f"EXPLAIN {statement}")
    return frozenset(read)
