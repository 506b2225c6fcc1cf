"""How each engine writes SQL, and the tokens of a script as its own lexer reads them, in one pass over the text.

An engine whose SQL is read here has one entry in `DIALECTS`, and nothing else in this package.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import NamedTuple


class UnknownEngine(LookupError):
    """There is no engine of this name; `str()` is the sentence that says which there are."""

    def __init__(self, engine: str, known: Mapping[str, object]):
        super().__init__(f"There is no engine `{engine}` here. There are {', '.join(known)}.")

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows instead of a traceback."""
        return [str(self)]


@dataclass(frozen=True)
class Dialect:
    """The SQL of one engine as text."""

    sqlglot_name: str
    """What sqlglot calls it."""
    lexer: Mapping[str, str]
    """A pattern for each kind of token, tried in this order; "nested" opens a comment that may hold others."""
    has_trigger_bodies: bool = False
    """Whether only triggers have semicolons inside, as on SQLite; elsewhere bodies of routines and brackets do."""


LETTER = r"[A-Za-z_\x80-\U0010ffff]"
TAG = rf"(?:{LETTER}(?:{LETTER}|\d)*+)?"
SIGNS = r"<=>|->>|->|<>|<=|>=|!=|==|=>|\|\||<<|>>|::|:="
NUMBER = r"0[xX][0-9A-Fa-f_]+|(?:\d[\d_]*+(?:\.[\d_]*+)?|\.\d[\d_]*+)(?:[eE][+-]?\d+)?"
# Every pattern of an opening quote comes twice: closed, and else open to the end, so that no text is read twice.
TEXT = r"'(?:[^']|'')*+'"
ESCAPED = r"[eE]'(?:[^'\\]|''|\\.)*+'"
DOLLAR = rf"\$(?P<tag>{TAG})\$.*?\$(?P=tag)\$"
QUOTED = r'"(?:[^"]|"")*+"'
BACKTICK, BRACKET = r"`(?:[^`]|``)*+`", r"\[[^\]]*+\]"
# Nested comments are no regular language: `tokens` finds their ends.
SQLITE = Dialect(
    "sqlite",
    {
        "space": r"[ \t\n\f\r\ufeff]++",
        "comment": r"--[^\n]*+|/\*(?:.*?\*/|.*)",
        "text": rf"[xX]'[^']*+'|{TEXT}",
        "name": rf"{QUOTED}|{BACKTICK}|{BRACKET}",
        "open": r"""['"`\[].*""",
        "number": NUMBER,
        "parameter": rf"\?\d*+|[:@\#$](?:{LETTER}|[\d$]|::)++(?:\([^\s)]*+\))?",
    },
    has_trigger_bodies=True,
)
DUCKDB = Dialect(
    "duckdb",
    {
        "space": r"[\s\ufeff]++",
        "comment": r"--[^\n\r]*+",
        "nested": r"/\*",
        "text": rf"{ESCAPED}|[bBxXnN]?{TEXT}|{DOLLAR}",
        "name": rf"{QUOTED}|{BACKTICK}",
        "open": rf"""[bBeExXnN]?'.*|["`].*|\${TAG}\$.*""",
        "number": NUMBER,
        "parameter": rf"\?\d*+|\$(?:\d++|{LETTER}(?:{LETTER}|\d)*+)",
    },
)
POSTGRESQL = Dialect(
    "postgres",
    {
        "space": r"[ \t\n\r\f\v]++",
        "comment": r"--[^\n\r]*+",
        "nested": r"/\*",
        "text": rf"{ESCAPED}|(?:[uU]&|[bBxXnN])?{TEXT}|{DOLLAR}",
        "name": rf"(?:[uU]&)?{QUOTED}",
        "open": rf"""(?:[uU]&|[bBeExXnN])?'.*|(?:[uU]&)?".*|\${TAG}\$.*""",
        "number": NUMBER,
        "parameter": r"\?\d*+|\$\d++",
    },
)
DIALECTS = {"SQLite": SQLITE, "DuckDB": DUCKDB, "PostgreSQL": POSTGRESQL, "H2": POSTGRESQL}


def find_dialect(engine: str) -> Dialect:
    """The SQL of `engine`; raise `UnknownEngine` if nothing is known of it."""
    if engine not in DIALECTS:
        raise UnknownEngine(engine, DIALECTS)
    return DIALECTS[engine]


def dialect_of(engine: str) -> str:
    """sqlglot's name for the SQL of `engine`; raise `UnknownEngine` for an engine that has none here."""
    return find_dialect(engine).sqlglot_name


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
