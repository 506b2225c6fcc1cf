"""Hostile inputs by the place they are meant for: text, pattern, number, identifier, stored text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

QUOTES = (
    "' OR '1'='1",
    "' OR 1=1 -- ",
    "' OR 1=1 /*",
    "') OR ('1'='1",
    "')) OR 1=1 -- ",
    '" OR "1"="1',
    '" OR 1=1 -- ',
    "' AND '1'='2",
    "'||'",
    "'; DELETE FROM books; -- ",
    "x'; UPDATE members SET role = 'clerk'; -- ",
    "'",
    "''",
    "O''Brien",
)
# What another engine takes for an escape, and what a careless filter makes a quote of.
ESCAPES = ("\\", "\\' OR 1=1 -- ", "\\'", "$$", "''' OR 1=1 -- ", "' O/**/R 1=1 -- ", "' oR 1=1 -- ", "' OORR 1=1 -- ")
# Harmless text that block-lists refuse and that formatting trips over.
HARMLESS = (
    "--",
    "/*",
    "*/",
    ";",
    "?",
    ":name",
    "@name",
    "$1",
    "%s",
    "%(x)s",
    "{0}",
    "NULL",
    "SELECT",
    "DROP TABLE books",
    "x=x",
)
WILDCARDS = ("%", "_", "%%", "a%", "_'", "\\%", "!%", "!_", "[a-z]", "*", "^", "#%", "|%")
UNICODE = ("ʼ OR 1=1 -- ", "＇ OR 1=1 -- ", "’", "\u202e' OR 1=1 -- ", "é", "İ", "𝒮")
NUL = ("\0", "O\0Brien", "\0' OR 1=1 -- ", "' OR 1=1 -- \0")
NUMBERS = (
    *(
        "1 OR 1=1",
        "0 OR 1",
        "1) OR (1=1",
        "1 -- ",
        "1; DELETE FROM books",
        "1 OR book_id > 0",
        "-1 OR 1=1",
        "1/**/OR/**/1",
    ),
    *(
        "1 UNION SELECT 1",
        "' OR 1=1 -- ",
        "book_id",
        "1 AND 1=2",
        "CASE WHEN 1 THEN 1 END",
        "(SELECT 1)",
        "1\0",
        "1e0 OR 1",
    ),
)
IDENTIFIERS = (
    *("1", "title --", "title;", "title, price", "title DESC --", "title COLLATE NOCASE", "(SELECT title)", "random()"),
    *(
        "CASE WHEN 1 THEN title ELSE price END",
        "rowid",
        '"title"',
        "'title'",
        "title\0",
        "nowhere",
        "?",
        "NULL",
        "",
        "\u200btitle",
    ),
    *("title; DROP TABLE books", "price * -1", "(SELECT password FROM members LIMIT 1)", "tіtle"),
)
TEXT = (*QUOTES, *ESCAPES, *HARMLESS, *WILDCARDS, *UNICODE, *NUL)
# SQLite's LIKE reads a pattern up to the first NUL only, so a NUL says nothing about a function that uses it.
PATTERN = tuple(value for value in TEXT if "\0" not in value)
KINDS = {"text": TEXT, "pattern": PATTERN, "number": NUMBERS, "identifier": IDENTIFIERS, "stored": TEXT}


def hostile(kind: str) -> tuple[str, ...]:
    """The corpus for an input of one of the `KINDS`, the plainest attacks first."""
    return KINDS[kind]


def near(names: Sequence[str]) -> list[str]:
    """What is nearly one of `names`, or several of them: for lists of names that are searched as text."""
    parts = [part for name in names for part in (name[:-1], name[1:], f"{name},", f"{name} ")]
    return [*(f"{one}, {other}" for one, other in pairwise(names)), *(part for part in parts if part not in names)]


def twin(value: str) -> str:
    """Harmless text of the same shape: as many words, as long, letters where `value` has signs.

    A function that writes a condition for each word writes as many for the twin.
    """
    return "".join(sign if sign.isalnum() or sign.isspace() else "x" for sign in value)
