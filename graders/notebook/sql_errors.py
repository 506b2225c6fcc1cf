"""What a notebook says of a SQL cell that failed: the engine's own sentence, and the line at fault."""

from __future__ import annotations

import re

from graders.labs import EngineError

WITHOUT_VALUE = ("Incorrect number of bindings supplied", "Values were not provided for the following")
SYNTAX = re.compile(r"syntax error|unrecognized token", re.I)
PARAMETER = re.compile(r"(?<![:\w]):[A-Za-z_]\w*|\{\s*[A-Za-z_]\w*\s*\}")
NO_CODE = re.compile(r"'[^']*'|--[^\n]*|/\*.*?\*/", re.S)
PASSWORD = re.compile(r"(://[^:/@\s]*):\S*@")
NO_PARAMETERS = (
    "The engine gets the text of the cell unchanged; a parameter such as :name, {name}, $name or ? has no value here."
)


class SQLError(Exception):
    """A `%sql` cell that failed: the cell counts as failed, and shows these lines in place of a traceback."""

    def __init__(self, sentence: str, *details: str):
        super().__init__(_hide_password(sentence))
        self.lines = [_hide_password(line) for line in (sentence, *details) if line]

    def _render_traceback_(self) -> list[str]:
        return self.lines


def sql_error(error: EngineError, text: str) -> SQLError:
    """What to raise when the engine refused a statement of `text`, the text of the whole cell."""
    return SQLError(error.says, _locate(error, text), NO_PARAMETERS if _lacks_value(error) else "")


def _lacks_value(error: EngineError) -> bool:
    """Whether the engine stumbled over a parameter: it says so, or cannot read a statement that holds one."""
    if any(words in error.sentence for words in WITHOUT_VALUE):
        return True
    code = NO_CODE.sub("", error.statement)
    return bool(SYNTAX.search(error.sentence) and PARAMETER.search(code))


def _hide_password(text: str) -> str:
    """`text` with three stars in place of the password in a URL."""
    return PASSWORD.sub(r"\1:***@", text)


def _locate(error: EngineError, text: str) -> str:
    """The line at fault where the engine's sentence tells it apart, else the first line of the statement."""
    statement = error.statement.strip()
    start = text.find(statement)
    if not statement or start < 0:
        return ""
    offset = _offset(error.sentence, statement)
    number = text.count("\n", 0, start + max(offset, 0)) + 1
    line = text.splitlines()[number - 1].strip()
    if "\n" not in text:
        return f"  {line}"
    words = "line" if offset >= 0 or "\n" not in statement else "in the statement that begins on line"
    return f"  {words} {number}: {line}"


def _offset(sentence: str, statement: str) -> int:
    """Where the thing that `sentence` names stands in `statement`; -1 if nowhere or in several places."""
    named = re.findall(r'"([^"]+)"', sentence) + re.findall(r": (\S+)$", sentence)
    for name in named:
        places = [found.start() for found in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", statement, re.I)]
        if len(places) == 1:
            return places[0]
    return -1
