"""Reads what stands in front of the SQL in a use of `%sql`: a session, a URL, a variable, or an option."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

from graders.sql import STATEMENT_WORDS

NAME = r"[A-Za-z_]\w*"
URL = r"(?:[A-Za-z][\w+.-]*://|\{|\$[A-Za-z_])\S*"
LIST = re.compile(r"[ \t]*(?:-l|--connections)(?!\S)")
CLOSE = re.compile(r"[ \t]*(?:-x|--close)(?!\S)[ \t]*(\S*)")
HELP = re.compile(r"[ \t]*(?:-h|-\?|--help)(?!\S)")
OPENING = re.compile(rf"\s*(?:({NAME})\s*=\s*)?({URL})")
FIRST_WORD = re.compile(r"\s*(\S+)")
VARIABLE = re.compile(rf"\s*({NAME})\s*<<")
LONE_NAME = re.compile(rf"[ \t]*({NAME})[ \t]*(?:\n|\Z)")
FIRST_OPTION = re.compile(r"[ \t]*(--?[A-Za-z][\w-]*)")
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
NO_TABLE = "A DataFrame is no table: CREATE TABLE and INSERT make one."
KEEP = "CREATE VIEW keeps a query under a name, and rows << keeps its result."
# What options of ipython-sql and JupySQL are called, and what to do here instead.
OPTIONS = {
    **dict.fromkeys(("--persist", "--persist-replace", "--append", "--no-index"), NO_TABLE),
    **dict.fromkeys(("--save", "--with"), KEEP),
    "--alias": "%sql alice = sqlite:///name.db opens a session called alice.",
    **dict.fromkeys(("--file", "--creator", "--section", "--connection_arguments", "--no-execute", "--interact"), ""),
}
STAND_ALONE = ("--connections", "--close", "--help")


@dataclass(frozen=True)
class Request:
    """One use of the magic: `session` is a name, `url` a database's, `variable` the Python name for the result."""

    sql: str
    session: str = ""
    url: str = ""
    variable: str = ""


def read_request(text: str, sessions: Container[str]) -> Request:
    """Take session, URL and variable off the front of `text`; the rest is SQL and stays as it is.

    Raises `ValueError` for an option that is not offered here, and if a new session is to have the name of an SQL word.
    """
    _refuse_options(text)
    session, url, text = _take_session(text, sessions)
    variable, text = _take(VARIABLE, text)
    _refuse_first_option(text)
    return Request(text, session, url, variable)


def lone_name(sql: str) -> str:
    """The word on the first line of `sql` if it is alone there and begins no SQL statement; else nothing.

    Such a word is the name of a session that is not open.
    """
    word, _ = _take(LONE_NAME, sql)
    return "" if _begins_sql(word) else word


def _refuse_options(text: str) -> None:
    """Raise `ValueError` if the line of the magic holds an option of another `%sql`, which SQL takes for a comment."""
    line = QUOTED.sub("", text.partition("\n")[0])
    for word in line.split():
        if word in STAND_ALONE:
            raise ValueError(f"{word} comes first, with no SQL beside it: %sql {word}")
        if word.partition("=")[0] in OPTIONS:
            raise _no_option(word.partition("=")[0])
    _refuse_first_option(text)


def _refuse_first_option(text: str) -> None:
    if option := FIRST_OPTION.match(text):
        raise _no_option(option[1])


def _no_option(option: str) -> ValueError:
    advice = OPTIONS.get(option, "A comment has a blank behind its hyphens." * option.startswith("--"))
    return ValueError(f"%sql has no option {option} here. %sql? says what it can do. {advice}".strip())


def _begins_sql(word: str) -> bool:
    return word.upper() in STATEMENT_WORDS


def _take_session(text: str, sessions: Container[str]) -> tuple[str, str, str]:
    """The session, the URL and the rest of `text`."""
    if opening := OPENING.match(text):
        name, url = opening.groups()
        if name and _begins_sql(name):
            raise ValueError(f"{name} begins an SQL statement, so a session needs another name")
        return name or "", url, text[opening.end() :]
    word, rest = _take(FIRST_WORD, text)
    return (word, "", rest) if word in sessions else ("", "", text)


def _take(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    match = pattern.match(text)
    return (match[1], text[match.end() :]) if match else ("", text)
