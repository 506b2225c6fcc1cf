"""What a statement says, without its values: the token skeleton that no input may change.

Values written into the text and values handed over as parameters are the same to it, because some drivers write
escaped values into the text; what must not change is everything else.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.tokens import Token, TokenType

DIALECTS = {"SQLite": "sqlite", "DuckDB": "duckdb", "PostgreSQL": "postgres", "H2": "postgres"}
VALUE, REMARK = "?", "--"
UNREADABLE = ("unreadable",)
LITERALS = {
    *(TokenType.STRING, TokenType.NUMBER, TokenType.HEX_STRING, TokenType.BIT_STRING, TokenType.BYTE_STRING),
    *(TokenType.NATIONAL_STRING, TokenType.RAW_STRING, TokenType.HEREDOC_STRING, TokenType.UNICODE_STRING),
    TokenType.PLACEHOLDER,
}
NAMED = {TokenType.VAR, TokenType.IDENTIFIER}
Skeleton = tuple[str, ...]


def skeleton(statement: str, engine: str = "SQLite") -> Skeleton:
    """The tokens of `statement` with each value and each parameter as "?", a list after IN as one, comments as "--".

    A text that has no tokens for the engine, such as one with an open quote, is `UNREADABLE`.
    """
    tokens = tokens_of(statement, engine)
    if tokens is None:
        return UNREADABLE
    return tuple(_without_lists(list(_without_signs(list(_words(tokens))))))


def tokens_of(statement: str, engine: str) -> list[Token] | None:
    """The tokens of `statement` as the engine's dialect reads them; None if it cannot be read."""
    try:
        return Dialect.get_or_raise(DIALECTS[engine]).tokenize(statement)
    except SqlglotError:
        return None


def is_value(token: Token) -> bool:
    """Whether `token` is a value, or the place of one."""
    return token.token_type in LITERALS or (token.token_type in NAMED and token.text.startswith("$"))


def _words(tokens: list[Token]) -> Iterator[str]:
    """One word for each token; the sign and the name of a named parameter are one value."""
    glued = False
    for place, token in enumerate(tokens):
        following = tokens[place + 1] if place + 1 < len(tokens) else None
        if glued:
            glued = False
        elif _begins_parameter(token, following):
            glued = True
            yield VALUE
        else:
            yield VALUE if is_value(token) else _word(token)
        yield from (REMARK for _ in token.comments)


def _word(token: Token) -> str:
    return token.text.casefold() if token.token_type in NAMED else token.text.upper()


def _begins_parameter(token: Token, following: Token | None) -> bool:
    signs = {TokenType.COLON, TokenType.PARAMETER, TokenType.PLACEHOLDER}
    touching = following is not None and following.start == token.end + 1
    return token.token_type in signs and touching and bool(following.text) and following.text[0].isalnum()


def _without_signs(words: list[str]) -> Iterator[str]:
    """A sign before a value belongs to the value, where no value or name stands before it."""
    for place, word in enumerate(words):
        before = words[place - 1] if place else "("
        signed = word in "-+" and words[place + 1 : place + 2] == [VALUE]
        if not (signed and (before.isupper() or before in ("(", ",", "=", "<", ">", "<=", ">=", "<>"))):
            yield word


def _without_lists(words: list[str]) -> Iterator[str]:
    """A list of values after IN as one value, however many they are."""
    listing = False
    for place, word in enumerate(words):
        listing = words[place - 1 : place + 1] == ["IN", "("] or (listing and word in (VALUE, ",", "("))
        repeated = listing and word == VALUE and words[place - 1] == ","
        if not (repeated or (listing and word == "," and words[place + 1 : place + 2] == [VALUE])):
            yield word
