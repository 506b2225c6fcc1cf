"""What a notebook says of a SQL cell that failed: the engine's own sentence, and the line at fault."""

from __future__ import annotations

import re

from graders.labs import EngineError

WITHOUT_VALUE = ("Incorrect number of bindings supplied", "Values were not provided for the following")
NO_PARAMETERS = (
    "The engine gets the text of the cell unchanged; a parameter such as :name, $name or ? has no value here."
)


class SQLError(Exception):
    """A `%sql` cell that failed: the cell counts as failed, and shows these lines in place of a traceback."""

    def __init__(self, sentence: str, *details: str):
        super().__init__(sentence)
        self.lines = [sentence, *(detail for detail in details if detail)]

    def _render_traceback_(self) -> list[str]:
        return self.lines


def sql_error(error: EngineError, text: str) -> SQLError:
    """What to raise when the engine refused a statement of `text`, the text of the whole cell."""
    missing_value = any(words in error.sentence for words in WITHOUT_VALUE)
    sentence = error.says
    return SQLError(sentence, _locate(error, text), NO_PARAMETERS if missing_value else "")


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
