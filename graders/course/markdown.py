"""Splits a part of a lesson into its front matter, its prose and its fences, each with its place.

The format is Jupytext Markdown: a fence is a cell, and what follows its language are `key="value"` attributes.
Fences of tildes, and fences without attributes in a language other than SQL and Python, are prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from graders.course.faults import Fault, FaultList, Place

RUNS = ("sql", "python")
# libyaml's, which takes a fraction of the time, where PyYAML was built with it.
FASTEST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Fence:
    """A piece of a lesson file: prose (language "markdown", no attributes) or a fence."""

    language: str
    text: str
    place: Place
    attributes: dict[str, Any] = field(default_factory=dict)

    @property
    def is_prose(self) -> bool:
        """Whether this is text to read rather than a cell or something for the build."""
        return self.language == "markdown"


def read_front_matter(path: Path, lines: list[str]) -> tuple[dict[str, Any], int]:
    """The YAML between the two lines of dashes at the top, if any, and the number of lines it takes."""
    if not lines or lines[0] != "---" or "---" not in lines[1:]:
        return {}, 0
    end = lines.index("---", 1)
    return read_yaml(Place(path, 2), "\n".join(lines[1:end])), end + 1


def read_yaml(place: Place, text: str) -> dict[str, Any]:
    """The mapping that the YAML `text` holds, which begins at `place`."""
    try:
        found = _load_yaml(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = Place(place.path, place.line + (mark.line if mark else 0))
        raise at.error(f"this is not YAML: {getattr(error, 'problem', error)}.", "Quote texts with colons.") from None
    if not isinstance(found, dict):
        raise place.error("this YAML is not a mapping.", "Write `name: value` lines.")
    return found


def _load_yaml(text: str) -> Any:
    """What `text` holds; a fault is told as PyYAML's own loader tells it, which names the right line."""
    try:
        return yaml.load(text, FASTEST)
    except yaml.YAMLError:
        return yaml.safe_load(text)


def split(path: Path, lines: list[str], begin: int, faults: FaultList) -> list[Fence]:
    """The pieces of a part in order, from line `begin` (counted from 0) on, without fences that have a fault."""
    faults.faults += _backquotes_after_fences(path, lines)
    pieces: list[Fence] = []
    last = begin
    for token in MarkdownIt("commonmark").parse("\n" * begin + "\n".join(lines[begin:])):
        if token.type != "fence" or token.level or token.markup[0] == "~" or token.map is None:
            continue
        with faults.collect():
            fence = _read_fence(path, lines, token, *token.map)
            if fence.language not in RUNS and not fence.attributes:
                continue
            pieces += [*_prose(path, lines, last, token.map[0]), fence]
        last = token.map[1]
    return pieces + _prose(path, lines, last, len(lines))


def _read_fence(path: Path, lines: list[str], token: Token, begin: int, end: int) -> Fence:
    place = Place(path, begin + 1)
    if _is_open(lines, token, begin, end):
        raise place.error("this fence is not closed.", "Close it with a line of three backquotes.")
    language, attributes = _read_info(place, token.info.strip())
    return Fence(language, token.content.rstrip("\n"), place, attributes)


def _is_open(lines: list[str], token: Token, begin: int, end: int) -> bool:
    """Where the closing line is forgotten, the fence swallows the prose and the fences that follow."""
    swallowed = any(re.match(r"```\w+ \w+=", line) for line in token.content.splitlines())
    return swallowed or not lines[end - 1].startswith("```") or end - begin < 2


def _backquotes_after_fences(path: Path, lines: list[str]) -> Iterator[Fault]:
    """Markdown does not take a line for a fence if it has another backquote, so the whole fence would be prose."""
    for number, line in enumerate(lines, start=1):
        if line.startswith("```") and "`" in line.lstrip("`"):
            yield Place(path, number).fault("there is a backquote after the fence.", "Leave it out of says=.")


def _prose(path: Path, lines: list[str], begin: int, end: int) -> list[Fence]:
    while begin < end and not lines[begin].strip():
        begin += 1
    text = "\n".join(lines[begin:end]).strip()
    return [Fence("markdown", text, Place(path, begin + 1))] if text else []


def _read_info(place: Place, info: str) -> tuple[str, dict[str, Any]]:
    # Jupytext takes longer to import than all lessons take to read: a build that changes nothing does without it.
    from jupytext.cell_metadata import parse_key_equal_value

    language, _, rest = info.partition(" ")
    if not rest:
        return language, {}
    attributes = parse_key_equal_value(rest)
    if "incorrectly_encoded_metadata" in attributes or any(value is None for value in attributes.values()):
        raise place.error(f"cannot read `{rest}`.", 'Write attributes such as exercise="add-an-index" points=2.')
    return language, attributes
