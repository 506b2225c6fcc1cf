"""Splits a lesson file into its front matter, its prose and its fences, each with the line it stands on.

The format is Jupytext Markdown: a fence is a cell, and what stands behind its language are `key="value"` pairs.
Fences of tildes, and fences without pairs in a language other than SQL and Python, are prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from graders.course.faults import Fault, FaultList, LessonError

RUNS = ("sql", "python")


@dataclass(frozen=True)
class Fence:
    """A piece of a lesson file: prose (language "markdown", no pairs) or a fence; `line` counts from 1."""

    language: str
    text: str
    line: int
    pairs: dict = field(default_factory=dict)

    @property
    def is_prose(self) -> bool:
        """Whether this is text to read rather than a cell or something for the build."""
        return self.language == "markdown"


def front_matter(path: Path, text: str) -> tuple[dict, int]:
    """The YAML between the two lines of dashes at the top, and the number of lines it takes."""
    lines = text.splitlines()
    if not lines or lines[0] != "---" or "---" not in lines[1:]:
        raise LessonError(Fault(path, 1, "the front matter is missing.", "Begin the file with `---`, YAML, `---`."))
    end = lines.index("---", 1)
    return read_yaml(path, 2, "\n".join(lines[1:end])), end + 1


def read_yaml(path: Path, line: int, text: str) -> dict:
    """The mapping that the YAML `text` holds, which begins on `line` of the lesson."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = line + (mark.line if mark else 0)
        fault = Fault(path, at, f"this is not YAML: {error.problem}.", "Quote texts with colons.")
        raise LessonError(fault) from None
    if not isinstance(found, dict):
        raise LessonError(Fault(path, line, "this YAML is not a mapping.", "Write `name: value` lines."))
    return found


def split(path: Path, text: str, begin: int, faults: FaultList) -> list[Fence]:
    """The pieces of a lesson in order, from line `begin` (counted from 0) on, without fences that have a fault."""
    lines = text.splitlines()
    faults.faults += _backquotes_behind_fences(path, lines)
    pieces, last = [], begin
    for token in MarkdownIt("commonmark").parse("\n" * begin + "\n".join(lines[begin:])):
        if token.type != "fence" or token.level or token.markup[0] == "~":
            continue
        with faults.collect():
            fence = _read_fence(path, lines, token)
            if fence.language not in RUNS and not fence.pairs:
                continue
            pieces += [*_prose(lines, last, token.map[0]), fence]
        last = token.map[1]
    return pieces + _prose(lines, last, len(lines))


def _read_fence(path: Path, lines: list[str], token: Token) -> Fence:
    if _is_open(lines, token):
        remedy = "Close it with a line of three backquotes."
        raise LessonError(Fault(path, token.map[0] + 1, "this fence is not closed.", remedy))
    language, pairs = _info(path, token)
    return Fence(language, token.content.rstrip("\n"), token.map[0] + 1, pairs)


def _is_open(lines: list[str], token: Token) -> bool:
    """Where the closing line is forgotten, the fence swallows the prose and the fences that follow."""
    swallowed = any(re.match(r"```\w+ \w+=", line) for line in token.content.splitlines())
    return swallowed or not lines[token.map[1] - 1].startswith("```") or token.map[1] - token.map[0] < 2


def _backquotes_behind_fences(path: Path, lines: list[str]) -> Iterator[Fault]:
    """Markdown does not take a line for a fence if a backquote stands in it, so the whole fence would be prose."""
    for number, line in enumerate(lines, start=1):
        if line.startswith("```") and "`" in line.lstrip("`"):
            yield Fault(path, number, "a backquote stands behind the fence.", "Leave it out of says=.")


def _prose(lines: list[str], begin: int, end: int) -> list[Fence]:
    while begin < end and not lines[begin].strip():
        begin += 1
    text = "\n".join(lines[begin:end]).strip()
    return [Fence("markdown", text, begin + 1)] if text else []


def _info(path: Path, token: Token) -> tuple[str, dict]:
    # Jupytext takes longer to import than all lessons take to read: a build that changes nothing does without it.
    from jupytext.cell_metadata import parse_key_equal_value

    language, _, rest = token.info.strip().partition(" ")
    if not rest:
        return language, {}
    pairs = parse_key_equal_value(rest)
    if "incorrectly_encoded_metadata" in pairs or any(value is None for value in pairs.values()):
        remedy = 'Write pairs such as exercise="name-1" points=2.'
        raise LessonError(Fault(path, token.map[0] + 1, f"cannot read `{rest}`.", remedy))
    return language, pairs
