"""How each engine writes SQL: the patterns of its lexer, where its statements end, and sqlglot's name for it.

An engine whose SQL is read here has one entry in `DIALECTS`, and nothing else in this package.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


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
