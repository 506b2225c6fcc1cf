"""The isolation matrix drawn: which anomaly happens at which level, and what prevents the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graders.drawing.svg import BAD, GOOD, Cell, Picture, picture, table
from graders.techniques.schedules.anomalies import Finding


def draw_matrix(findings: Mapping[str, Sequence[Finding]]) -> Picture:
    """Draw the findings of each level, by its name, as a column; a row for each anomaly.

    A cell says "✗ happens", or "✓" and what prevents it: blocked, refused, or not seen by the other transaction.
    """
    cases = [finding.case for finding in next(iter(findings.values()), ())]
    rows = [
        [Cell(f"{case.name} ({case.code})", "#e5e7eb"), *(_cell(column[number]) for column in findings.values())]
        for number, case in enumerate(cases)
    ]
    return picture("Isolation matrix", matrix_words(findings), table(["anomaly", *findings], rows))


def _cell(finding: Finding) -> Cell:
    return Cell("✗ happens", BAD, marked=True) if finding.happens else Cell(f"✓ {finding.how}", GOOD)


def matrix_words(findings: Mapping[str, Sequence[Finding]]) -> str:
    """Say in words which anomalies happen at each level."""
    return " ".join(f"{level}: {_happening(found)}." for level, found in findings.items())


def _happening(found: Sequence[Finding]) -> str:
    names = [finding.case.name for finding in found if finding.happens]
    return f"{', '.join(names)} can happen" if names else f"none of the {len(found)} anomalies happens"
