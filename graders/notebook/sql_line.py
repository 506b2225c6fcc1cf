"""What the first line of `%sql` and `%%sql` asks for: an option, a session, a variable, SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from dataclasses import dataclass

from graders.sql import STATEMENT_WORDS

OPTIONS = {
    "-l": "connections",
    "--connections": "connections",
    "-x": "close",
    "--close": "close",
    "-p": "persist",
    "--persist": "persist",
    "--append": "append",
    "-f": "file",
    "--file": "file",
}
WORD = r"[A-Za-z_]\w*"
SOURCE = r"(?:[A-Za-z][\w+.-]*://|\{|\$[A-Za-z_])\S*"
OPTION = re.compile(rf"\s*({'|'.join(OPTIONS)})(?!\S)[ \t]*(\S*)")
OPENING = re.compile(rf"\s*(?:({WORD})\s*=\s*)?({SOURCE})")
FIRST = re.compile(r"\s*(\S+)")
VARIABLE = re.compile(rf"\s*({WORD})\s*<<")
LONE_WORD = re.compile(rf"[ \t]*({WORD})[ \t]*(?:\n|\Z)")


@dataclass(frozen=True)
class Request:
    """One use of the magic: `session` is a name, `source` a database URL, `variable` keeps the result."""

    sql: str = ""
    session: str = ""
    source: str = ""
    variable: str = ""
    option: str = ""
    argument: str = ""


def read_request(text: str, sessions: Container[str], expand: Callable[[str], str]) -> Request:
    """Take options, session and variable off the front of `text`; the rest is SQL and stays as it is.

    `expand` puts Python values for `{name}` and `$name`; it is applied to the database URL alone. Raises
    `ValueError` if a new session is to have the name of an SQL word.
    """
    option, argument, text = _option(text)
    session, source, text = _session(text, sessions, expand)
    variable, text = _taken(VARIABLE, text)
    return Request(text, session, source, variable, option, argument)


def lone_word(sql: str) -> str:
    """The word on the first line of `sql` if it stands alone there and begins no SQL statement; else nothing.

    Such a word is the name of a session that is not open.
    """
    word, _ = _taken(LONE_WORD, sql)
    return "" if _begins_sql(word) else word


def _begins_sql(word: str) -> bool:
    return word.upper() in STATEMENT_WORDS


def _option(text: str) -> tuple[str, str, str]:
    found = OPTION.match(text)
    if not found:
        return "", "", text
    option = OPTIONS[found[1]]
    rest = found.end(1) if option == "connections" else found.end()
    return option, found[2], text[rest:]


def _session(text, sessions, expand) -> tuple[str, str, str]:
    if found := OPENING.match(text):
        if found[1] and _begins_sql(found[1]):
            raise ValueError(f"{found[1]} begins an SQL statement, so a session needs another name")
        return found[1] or "", expand(found[2]), text[found.end() :]
    word, rest = _taken(FIRST, text)
    return (word, "", rest) if word in sessions else ("", "", text)


def _taken(pattern: re.Pattern, text: str) -> tuple[str, str]:
    found = pattern.match(text)
    return (found[1], text[found.end() :]) if found else ("", text)
