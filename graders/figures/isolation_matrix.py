"""The isolation matrix drawn: which anomaly happens at which level, and what prevents the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap

from graders.figures.svg import BAD, GOOD, Cell, Picture, picture, table
from graders.techniques.schedules import Finding

HEAD = "#e5e7eb"
MAX_LETTERS = 12


def draw_matrix(findings: Mapping[str, Sequence[Finding]]) -> Picture:
    """Draw the findings of each level, by its name, as a column; a row for each anomaly.

    A cell says "✗ happens", or "✓" and what prevents it: blocked, refused, or not seen by the other transaction.
    """
    anomalies = [finding.anomaly for finding in next(iter(findings.values()), ())]
    first, *further = _heads(["anomaly", *findings])
    rows = [
        [Cell(f"{anomaly.name} ({anomaly.code})", HEAD), *(_cell(column[number]) for column in findings.values())]
        for number, anomaly in enumerate(anomalies)
    ]
    heads = [[Cell(words, HEAD) for words in line] for line in further]
    return picture("Isolation matrix", matrix_words(findings), table(first, [*heads, *rows]))


def _heads(names: Sequence[str]) -> list[tuple[str, ...]]:
    """The names broken into lines, the last words of all on the last one, so that the picture stays narrow."""
    wrapped = [wrap(name, MAX_LETTERS) for name in names]
    height = max(map(len, wrapped))
    return list(zip(*([""] * (height - len(lines)) + lines for lines in wrapped), strict=True))


def _cell(finding: Finding) -> Cell:
    return Cell("✗ happens", BAD, marked=True) if finding.happens else Cell(f"✓ {finding.prevention}", GOOD)


def matrix_words(findings: Mapping[str, Sequence[Finding]]) -> str:
    """Say in words which anomalies happen at each level."""
    return " ".join(f"{level}: {_list_happening(column)}." for level, column in findings.items())


def _list_happening(findings: Sequence[Finding]) -> str:
    names = [finding.anomaly.name for finding in findings if finding.happens]
    return f"{', '.join(names)} can happen" if names else f"none of the {len(findings)} anomalies happens"
