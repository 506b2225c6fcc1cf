"""The statements that a call sent to the driver: what they say whatever their values are, and what they read.

Values written into the text and values handed over as parameters are the same to a skeleton, because some drivers
write escaped values into the text; what must not change is everything else.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

from graders.sql import Kind, Token, tokenize
from graders.sql.parsing import is_keyword

VALUE, COMMENT = "?", "--"
UNREADABLE = "unreadable"
# A sign belongs to the value after it, unless a value or a name comes before.
SIGN = re.compile(r"(^|[A-Z(,=<>] )[-+] (?=\?)")
LIST = re.compile(r"\bIN \( \?( , \?)+")
Column = tuple[str, str]


@dataclass(frozen=True)
class SentStatement:
    """One statement that reached the driver."""

    text: str
    """The statement as the driver got it."""
    parameters: Any = ()
    """Its parameters, in order or by name."""
    error: str = ""
    """The engine's code where it refused the statement; empty if it ran."""


def skeleton(statement: str, engine: str = "SQLite") -> str:
    """The words of `statement` with each value and each parameter as "?", a list after IN as one, comments as "--".

    A text that has no tokens for the engine, such as one with an open quote, is `UNREADABLE`.
    """
    tokens = list(tokenize(statement, engine))
    if tokens and tokens[-1].kind is Kind.OPEN:
        return UNREADABLE
    return LIST.sub("IN ( ?", SIGN.sub(r"\1", " ".join(_skeleton_words(tokens, engine))))


def _skeleton_words(tokens: Sequence[Token], engine: str) -> Iterator[str]:
    """One word for each token; the sign and the name of a named parameter are one value."""
    is_name_of_parameter = False
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if is_name_of_parameter:
            is_name_of_parameter = False
        elif _begins_parameter(token, following):
            is_name_of_parameter = True
            yield VALUE
        else:
            yield _skeleton_word(token, engine)


def _skeleton_word(token: Token, engine: str) -> str:
    if token.is_value:
        return VALUE
    if token.kind is Kind.COMMENT:
        return COMMENT
    return token.keyword if is_keyword(token.text, engine) else token.name.casefold()


def _begins_parameter(token: Token, following: Token | None) -> bool:
    """Whether a driver puts a value here, though the engine itself has no parameters of this form."""
    is_name = following is not None and following.kind is Kind.WORD and following.start == token.end
    return token.text in (":", "@") and is_name


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
