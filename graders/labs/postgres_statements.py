"""Splits a PostgreSQL script into its statements."""

from __future__ import annotations

from sqlglot import TokenError, TokenType, tokenize


def statements(script: str) -> list[str]:
    """Give the statements of `script`, without their semicolons; dollar quotes and comments are respected.

    A script that cannot be read is given as it is, so that the server says what is wrong with it.
    """
    try:
        tokens = tokenize(script, read="postgres")
    except TokenError:
        return [script]
    found, first = [], None
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON:
            if first is not None:
                found.append(script[first : token.start])
            first = None
        elif first is None:
            first = token.start
    return found + ([script[first:]] if first is not None else [])


def is_copy(statement: str) -> bool:
    """Whether `statement` is a COPY, whatever comments stand before it."""
    if "copy" not in statement.lower():
        return False
    try:
        tokens = tokenize(statement, read="postgres")
    except TokenError:
        return False
    return bool(tokens) and tokens[0].text.upper() == "COPY"
