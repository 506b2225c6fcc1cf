"""The tokens of a script as its engine's own lexer reads them, in one pass over the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import cache
from typing import NamedTuple

from graders.sql.dialects import LETTER, SIGNS, find_dialect


class Kind(Enum):
    """What a token is. `OPEN` is a quote or comment without an end: it reaches to the end of the script."""

    WORD = "word"
    NAME = "quoted name"
    TEXT = "text"
    NUMBER = "number"
    PARAMETER = "parameter"
    SIGN = "sign"
    COMMENT = "comment"
    OPEN = "open"


class Token(NamedTuple):
    """A token with its text as written; it is `script[start:end]`."""

    kind: Kind
    text: str
    start: int

    @property
    def end(self) -> int:
        """The position behind the token."""
        return self.start + len(self.text)

    @property
    def is_value(self) -> bool:
        """Whether the token is a value or stands for one."""
        return self.kind in VALUES

    @property
    def keyword(self) -> str:
        """An unquoted word in upper case, a sign as it is, and "" for everything else."""
        return self.text.upper() if self.kind in (Kind.WORD, Kind.SIGN) else ""

    @property
    def name(self) -> str:
        """A word or a quoted name without its quotes."""
        return unquote_name(self.text) if self.kind is Kind.NAME else self.text


VALUES = frozenset({Kind.TEXT, Kind.NUMBER, Kind.PARAMETER})
COMMON = {"word": rf"{LETTER}(?:{LETTER}|[\d$])*+", "sign": rf"{SIGNS}|."}
KINDS = {kind.name.lower(): kind for kind in Kind}
OPENS_OR_CLOSES = re.compile(r"/\*|\*/")


def tokenize(script: str, engine: str) -> Iterator[Token]:
    """The tokens of `script`, comments among them, white space not; raise `UnknownEngine` for one without rules.

    Rules: https://www.sqlite.org/lang.html (tokenizer), https://www.postgresql.org/docs/current/sql-syntax-lexical.html,
    and DuckDB's, which are PostgreSQL's with backticks, `$name` and x'blobs'.
    """
    match_at, place = _lexer(engine).match, 0
    while place < len(script):
        match = match_at(script, place)
        # The last pattern of all takes any character.
        assert match is not None and match.lastgroup is not None
        kind, end = match.lastgroup, match.end()
        if kind == "nested":
            end, kind = _comment_end(script, end)
        if kind != "space":
            yield Token(KINDS[kind], script[place:end], place)
        place = end


@cache
def _lexer(engine: str) -> re.Pattern:
    groups = (f"(?P<{kind}>{pattern})" for kind, pattern in {**find_dialect(engine).lexer, **COMMON}.items())
    return re.compile("|".join(groups), re.S)


def _comment_end(script: str, place: int) -> tuple[int, str]:
    """Where the comment ends that was opened before `place`, with those nested in it, and what it then is."""
    depth = 1
    for match in OPENS_OR_CLOSES.finditer(script, place):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return match.end(), "comment"
    return len(script), "open"


def unquote_name(text: str) -> str:
    """The name that a quoted identifier stands for."""
    if text.startswith("["):
        return text[1:-1]
    quote = text[-1]
    return text[text.index(quote) + 1 : -1].replace(2 * quote, quote)


def quote_identifier(name: str) -> str:
    """`name` as an identifier for every engine, whatever characters it has."""
    return '"' + name.replace('"', '""') + '"'


def quote_literal(value: str | None) -> str:
    """`value` as a text literal of standard SQL, or NULL."""
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"
