"""Draws a report: each claim with a sign and a word, what was expected and found, one hint, the tables."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from textwrap import indent

from graders.figures.tables import table_html, table_text
from graders.kernel.exercise import Exercise
from graders.kernel.readable import describe_points, describe_total
from graders.kernel.report import Report, Table, Verdict
from graders.kernel.scoring import Outcome


@dataclass(frozen=True)
class ReportDisplay:
    """A report as a cell shows it: drawn for the student, and the score as its text, which is what nbgrader reads.

    It is drawn at once, so that what cannot be drawn breaks where it is made and not where it is shown.
    """

    report: Report
    html: str = field(init=False, repr=False)

    def __post_init__(self):
        object.__setattr__(self, "html", report_html(self.report))

    def __repr__(self) -> str:
        return f"{self.report.confirmed_score:g}"

    def _repr_html_(self) -> str:
        return self.html


SIGNS = {
    Outcome.HOLDS: "✓",
    Outcome.FAILS: "✗",
    Outcome.WAITS: "–",
    Outcome.BLANK: "–",
    Outcome.OUR_FAULT: "!",
}
# Between light and dark, so that each reads on both; a page that knows its theme may set the variables.
COLOURS = {
    "right": "var(--dbx-right, #198748)",
    "partly right": "var(--dbx-partly, #a16b00)",
    "wrong": "var(--dbx-wrong, #d2443b)",
    "needs review": "var(--dbx-review, #3777c4)",
    "not attempted": "currentColor",
}
SIGN_COLOURS = {
    Outcome.HOLDS: COLOURS["right"],
    Outcome.FAILS: COLOURS["wrong"],
    Outcome.OUR_FAULT: COLOURS["needs review"],
}
FRAME = "border-left: 4px solid currentColor; padding: 0.2em 0 0.2em 0.8em; margin: 0.4em 0; max-width: 60em"
TABLES = "display: flex; flex-wrap: wrap; gap: 0.4em 1.5em; margin: 0.4em 0 0.4em 1.6em"
RESULTS = ("your rows", "rows asked for")
LINE = "margin: 0.25em 0"
MORE = "margin: 0.1em 0 0.1em 1.6em"


def report_html(report: Report) -> str:
    """The report as a piece of HTML that needs no style sheet and reads in light and dark themes."""
    colour = COLOURS[report.status]
    parts = [f"<p style='{LINE}'><strong style='color: {colour}'>{escape(headline(report))}</strong></p>"]
    parts += [_verdict_html(verdict) for verdict in report.verdicts]
    parts += [f"<p style='{MORE}'>{prose_html(remark)}</p>" for remark in report.remarks]
    return f"<div class='report' style='{FRAME}; border-color: {colour}'>{''.join(parts)}</div>"


def headline(report: Report) -> str:
    """The exercise, its points and its status in one line."""
    so_far = " so far" if report.status == "needs review" else ""
    name = f"{report.heading} · {report.exercise}" if report.heading else report.exercise
    return f"{name}: {describe_points(f'{report.confirmed_score:g}', f'{report.points:g}')}{so_far}, {report.status}"


def describe_reports(reports: Sequence[tuple[Exercise, Report]]) -> str:
    """What the reports on a lesson's exercises come to: the points of the main path, and the bonus beside them."""
    return describe_scores([(exercise, report.confirmed_score) for exercise, report in reports])


def describe_scores(scores: Sequence[tuple[Exercise, float]]) -> str:
    """What the points earned in exercises come to: those of the main path, and the bonus beside them."""
    main = [(exercise, score) for exercise, score in scores if not exercise.further] or scores
    score, total = (math.fsum(score for _, score in part) for part in (main, scores))
    return describe_total(round(score, 2), math.fsum(exercise.points for exercise, _ in main), round(total - score, 2))


def _verdict_html(verdict: Verdict) -> str:
    colour = SIGN_COLOURS.get(verdict.outcome, "currentColor")
    sign = f"<strong aria-hidden='true' style='color: {colour}'>{SIGNS[verdict.outcome]}</strong>"
    lines = [f"<p style='{LINE}'>{sign} {prose_html(verdict.sentence)} <em>({verdict.outcome.value})</em></p>"]
    lines += [f"<p style='{MORE}'>{words}: {prose_html(text)}</p>" for words, text in details(verdict)]
    lines += [_tables_html(tables) for tables in _data_and_results(verdict.tables) if tables]
    if verdict.picture:
        lines.append(f"<div style='{MORE}'>{verdict.picture}</div>")
    return "".join(lines)


def _data_and_results(tables: Sequence[Table]) -> tuple[list[Table], list[Table]]:
    """The data on which an answer goes wrong, and its rows with those asked for, which are compared side by side."""
    results = [table for table in tables if table.title in RESULTS]
    return [table for table in tables if table.title not in RESULTS], results


def _tables_html(tables: Sequence[Table]) -> str:
    return f"<div style='{TABLES}'>{''.join(f'<div>{table_html(table)}</div>' for table in tables)}</div>"


def details(verdict: Verdict) -> list[tuple[str, str]]:
    """What a verdict has to say beyond its sentence, each with the word that leads it."""
    pairs = (("expected", verdict.expected), ("found", verdict.found), ("hint", verdict.hint))
    return [(word, text) for word, text in pairs if text]


def prose_html(text: str) -> str:
    """Escaped text with `code` between backquotes set as code, and no dollar left for mathematics."""
    pieces = re.split(r"`([^`]*)`", escape(text))
    parts = [f"<code>{piece}</code>" if i % 2 else piece for i, piece in enumerate(pieces)]
    return "".join(parts).replace("$", "<span>$</span>").replace("\n", "<br>")


def report_text(report: Report) -> str:
    """The report as plain text, for a terminal."""
    lines = [headline(report)]
    for verdict in report.verdicts:
        lines.append(f"  {SIGNS[verdict.outcome]} {verdict.sentence} ({verdict.outcome.value})")
        lines += [_below(f"{word}: {text}") for word, text in details(verdict)]
        for table in verdict.tables:
            lines.append(_below(table_text(table)))
    return "\n".join([*lines, *map(_below, report.remarks)])


def _below(text: str) -> str:
    """`text` indented, so that no line of it can pass for a verdict."""
    return indent(text, " " * 6)
