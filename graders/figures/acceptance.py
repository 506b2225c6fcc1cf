"""Draws what tables take and refuse: a battery of rows, rule by rule, and one row's values on several engines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby

from graders.figures.schemas import lay_out_tables
from graders.figures.svg import (
    BAD,
    GOOD,
    HEAD,
    INK,
    LINE,
    Block,
    Cell,
    Picture,
    add_lines,
    box,
    flow,
    make_picture,
    move_block,
    table,
    text,
    width_of,
)
from graders.labs.tables import TableDefinition
from graders.techniques.batteries import Finding

CELL, MAX_CELLS = 20, 24
LEGEND = ["+ taken, − refused, as it should be; ✗ not so"]


def draw_battery(findings: Sequence[Finding], definitions: Sequence[TableDefinition] = ()) -> Picture:
    """Draw a row of cells for each rule, a cell for each probe, beside the tables that were tried.

    Probes that went wrong are framed and crossed out, and so are marked the columns that their rules are about.
    """
    cells = _draw_rules(findings)
    block = flow([cells, lay_out_tables(definitions, _wrong_columns(findings, definitions))]) if definitions else cells
    return make_picture("What the tables took", describe_battery(findings), block)


def _draw_rules(findings: Sequence[Finding]) -> Block:
    rules = {rule: list(found) for rule, found in groupby(sorted(findings, key=_rule_of), key=_rule_of)}
    left = max(map(width_of, rules), default=0) + 12
    lines, y, widest = [], 0.0, 0.0
    for rule, found in rules.items():
        lines.append(move_block(_draw_rule(rule, found[:MAX_CELLS], left), 0, y))
        y, widest = y + CELL + 4, max(widest, left + CELL * min(len(found), MAX_CELLS))
    return add_lines(Block(widest, y, "".join(lines)), LEGEND)


def _wrong_columns(findings: Sequence[Finding], definitions: Sequence[TableDefinition]) -> dict[str, set[str]]:
    """For each table the columns that a rule speaks of which something broke."""
    words = [
        (finding.probe.table.name, set(re.findall(r"\w+", finding.probe.rule)))
        for finding in findings
        if not finding.right
    ]
    return {
        table.name: {
            column.name
            for column in table.columns
            for name, mentioned in words
            if name == table.name.lower() and column.name in mentioned
        }
        for table in definitions
    }


def _rule_of(finding: Finding) -> str:
    return finding.probe.rule


def _draw_rule(rule: str, findings: Sequence[Finding], left: float) -> Block:
    cells = [text(0, 15, rule)]
    for place, finding in enumerate(findings):
        sign = "+" if finding.probe.accepted is not False else "−"
        x, fill, border = left + place * CELL, GOOD if finding.right else BAD, 1 if finding.right else 3
        words = sign if finding.right else "✗"
        cells += [box(x, 0, CELL - 2, CELL - 2, fill=fill, border=border), text(x + 5, 14, words, fill=INK)]
    return Block(left + CELL * len(findings), LINE, "".join(cells))


def describe_battery(findings: Sequence[Finding]) -> str:
    """Say how many probes went as the rules say, and how many of which rule did not."""
    wrong = [finding.probe.rule for finding in findings if not finding.right]
    counted = ", ".join(f"{wrong.count(rule)} of {rule}" for rule in dict.fromkeys(wrong))
    start = f"{len(findings) - len(wrong)} of {len(findings)} trials went as the rules say"
    return f"{start}; the others: {counted}." if wrong else f"{start}."


def draw_acceptance(offered: Sequence[str], answers: Mapping[str, Sequence[str]]) -> Picture:
    """Draw what became of each value of `offered` on each engine: "refused", or how it is stored.

    `answers` has a column of words for each engine; those that begin with "refused" are drawn apart from the others.
    """
    columns = ["what is offered", *answers]
    rows = [
        [Cell(words, HEAD), *(_answer_cell(column[number]) for column in answers.values())]
        for number, words in enumerate(offered)
    ]
    taken = [
        f"{engine} takes {sum(not words.startswith('refused') for words in column)} of {len(column)}"
        for engine, column in answers.items()
    ]
    return make_picture("What the engines take", "; ".join(taken) + ".", table(columns, rows))


def _answer_cell(words: str) -> Cell:
    return Cell(words, GOOD if words.startswith("refused") else BAD)
