"""What a statement says, without its values: the token skeleton that no input may change.

Values written into the text and values handed over as parameters are the same to it, because some drivers write
escaped values into the text; what must not change is everything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graders.sql import Kind, Token, tokenize
from graders.sql.dialects import is_keyword

VALUE, REMARK = "?", "--"
UNREADABLE = ("unreadable",)
Skeleton = tuple[str, ...]


def skeleton(statement: str, engine: str = "SQLite") -> Skeleton:
    """The tokens of `statement` with each value and each parameter as "?", a list after IN as one, comments as "--".

    A text that has no tokens for the engine, such as one with an open quote, is `UNREADABLE`.
    """
    tokens = list(tokenize(statement, engine))
    if tokens and tokens[-1].kind is Kind.OPEN:
        return UNREADABLE
    return tuple(_without_lists(list(_without_signs(list(_words(tokens, engine))))))


def _words(tokens: Sequence[Token], engine: str) -> Iterator[str]:
    """One word for each token; the sign and the name of a named parameter are one value."""
    glued = False
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if glued:
            glued = False
        elif glued := _begins_parameter(token, following):
            yield VALUE
        else:
            yield _word(token, engine)


def _word(token: Token, engine: str) -> str:
    if token.is_value:
        return VALUE
    if token.kind is Kind.COMMENT:
        return REMARK
    return token.keyword if is_keyword(token.text, engine) else token.name.casefold()


def _begins_parameter(token: Token, following: Token | None) -> bool:
    """Whether a driver puts a value here, though the engine itself has no parameters of this form."""
    return (
        token.text in (":", "@")
        and following is not None
        and following.kind is Kind.WORD
        and (following.start == token.end)
    )


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
