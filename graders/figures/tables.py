"""Draws tables and the rows of EXPLAIN as HTML and as plain text: NULL, empty text and marked rows stand out."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from graders.kernel.readable import format_value, to_one_line, truncate
from graders.kernel.report import Table
from graders.labs import Result

MAX_CHARACTERS = 80
MAX_COLUMNS = 100
SHORT_TITLE = 40
SIGN = "◀"
LINE = "1px solid var(--jp-border-color1, currentColor)"
CELL = "padding: 0.2em 0.7em; white-space: pre-wrap;"
HIDDEN_FROM_MATH = 'class="tex2jax_ignore mathjax_ignore"'


def table_html(table: Table, max_rows: int = 20) -> str:
    """Draw `table` as an HTML table with inline styles only, for light and dark pages.

    At most `max_rows` rows are shown, the marked ones before others; what is left out is said in words.
    """
    table = _prepare(table)
    rows = "".join(_row_html(table, number) for number in table.rows_to_show(max_rows))
    return (
        f'<div {HIDDEN_FROM_MATH} style="overflow-x: auto;">'
        '<table style="border-collapse: collapse; margin: 0.3em 0; color: inherit;">'
        f"{_caption(table.title)}<thead>{_head_html(table)}</thead><tbody>{rows}</tbody></table>"
        f"{note_html(_describe_omission(table, max_rows))}</div>"
    )


def table_text(table: Table, max_rows: int = 20) -> str:
    """Draw `table` as lines of plain text; what is shown is the same as in `table_html`."""
    table = _prepare(table)
    numbers = table.rows_to_show(max_rows)
    cells = [[value_text(value) for value in table.rows[number]] for number in numbers]
    sides = _align_columns(table)
    widths = [max(map(_measure_width, column)) for column in zip(table.columns, *cells, strict=True)]
    lines = [table.title] if table.title else []
    lines += [_line(table.columns, widths, sides), "  ".join("-" * width for width in widths)]
    for number, row in zip(numbers, cells, strict=True):
        sides_here = [_align_value(value) or side for value, side in zip(table.rows[number], sides, strict=True)]
        lines.append(_line([*row, *_list_marks(table, number)], widths, sides_here))
    return "\n".join(line.rstrip() for line in [*lines, _describe_omission(table, max_rows)] if line)


@dataclass(frozen=True)
class ShownRows:
    """Rows as a notebook shows them: a table on a page, lines of plain text elsewhere."""

    table: Table

    def _repr_html_(self) -> str:
        return table_html(self.table)

    def __repr__(self) -> str:
        return table_text(self.table)


def draw_rows(result: Result, title: str = "") -> ShownRows:
    """Show what a statement gave: `draw_rows(lab.run("SELECT …"), "the sizes")`."""
    return ShownRows(Table(title, result.columns, list(result.rows)))


def _prepare(table: Table) -> Table:
    """`table` as it is drawn: not too many columns, each with a name that fits on a line."""
    table = table.limit_columns(MAX_COLUMNS)
    return replace(table, columns=tuple(truncate(to_one_line(name), MAX_CHARACTERS) for name in table.columns))


def value_text(value: Any) -> str:
    """Write a value the way SQL people read it: NULL, true, x'0a'; text that could be mistaken is quoted."""
    if isinstance(value, str) and not _is_ambiguous(value):
        return truncate(to_one_line(value[: MAX_CHARACTERS + 1]), MAX_CHARACTERS)
    return format_value(value, MAX_CHARACTERS)


def escape(text: str) -> str:
    """Escape `text` for HTML, each dollar sign on its own so that no page typesets what lies between two."""
    return html.escape(text).replace("$", "<span>$</span>")


def note_html(text: str) -> str:
    """Draw a quiet line below or in place of a table; nothing for no text."""
    return f'<div style="opacity: 0.75; margin: 0.2em 0;">{escape(text)}</div>' if text else ""


def _is_ambiguous(text: str) -> bool:
    return text in ("", "NULL") or text != text.strip() or text.startswith("'")


def _align_value(value: Any) -> str:
    """The side at which a value stands by its own kind; NULL follows its column."""
    if value is None:
        return ""
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return "right" if is_number else "left"


def _align_columns(table: Table) -> list[str]:
    """The side of each column: right if it holds numbers and nothing else but NULL."""
    kinds = [{_align_value(row[place]) for row in table.rows} - {""} for place in range(len(table.columns))]
    return ["right" if kind == {"right"} else "left" for kind in kinds]


def _describe_omission(table: Table, max_rows: int) -> str:
    total = len(table.rows) + table.more
    if total == 0:
        return "0 rows"
    rows = min(max_rows, len(table.rows))
    return f"{rows:,} of {total:,} rows shown" if total > rows else ""


def _list_marks(table: Table, number: int) -> list[str]:
    return [f"{SIGN} {table.mark}".strip()] if number in table.marked else []


def _caption(title: str) -> str:
    style = "caption-side: top; text-align: left; font-weight: 600; color: inherit; padding: 0.2em 0;"
    if len(title) <= SHORT_TITLE:
        style += " white-space: nowrap;"
    return f'<caption style="{style}">{escape(title)}</caption>' if title else ""


def _head_html(table: Table) -> str:
    style = f"{CELL} border-bottom: {LINE};"
    cells = [
        f'<th scope="col" style="{style} text-align: {side};">{escape(name)}</th>'
        for name, side in zip(table.columns, _align_columns(table), strict=True)
    ]
    return f"<tr>{''.join(cells)}{'<td></td>' if table.marked else ''}</tr>"


def _row_html(table: Table, number: int) -> str:
    cells = [
        f'<td style="{CELL} text-align: {_align_value(value) or side};">{_value_html(value)}</td>'
        for value, side in zip(table.rows[number], _align_columns(table), strict=True)
    ]
    marks = _list_marks(table, number) or [""] * bool(table.marked)
    words = [f'<td style="{CELL} text-align: left; font-weight: 600;">{escape(mark)}</td>' for mark in marks]
    return f"<tr>{''.join(cells + words)}</tr>"


def _value_html(value: Any) -> str:
    text = escape(value_text(value))
    return f'<span style="font-style: italic; opacity: 0.7;">{text}</span>' if value is None else text


def _measure_width(text: str) -> int:
    """How many columns of a fixed-width font `text` takes."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(unicodedata.combining(sign) > 0 for sign in text)


def _line(cells, widths, sides) -> str:
    """Pad cells to their widths; a cell beyond the last width stands as it is."""
    padded = []
    for cell, width, side in zip(cells, widths, sides, strict=False):
        space = " " * (width - _measure_width(cell))
        padded.append(space + cell if side == "right" else cell + space)
    return "  ".join([*padded, *cells[len(widths) :]])


SQLITE_PLAN = ("id", "parent", "notused", "detail")
SQLITE_PROGRAM = ("addr", "opcode", "p1", "p2", "p3", "p4", "p5", "comment")
DUCKDB_PLAN = ("explain_key", "explain_value")
POSTGRESQL_PLAN = ("QUERY PLAN",)


def plan_text(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str | None:
    """Write the rows of an EXPLAIN as text, a tree where the engine gives one; None if they are no plan.

    The column names say which engine made them: SQLite's EXPLAIN QUERY PLAN and EXPLAIN, DuckDB's and
    PostgreSQL's EXPLAIN and EXPLAIN ANALYZE.
    """
    columns = tuple(columns)
    if columns == SQLITE_PLAN:
        return "\n".join(_draw_branches(rows))
    if columns == SQLITE_PROGRAM:
        return table_text(Table("", columns, [tuple(row) for row in rows]), max_rows=len(rows))
    if columns in (DUCKDB_PLAN, POSTGRESQL_PLAN):
        return "\n".join(str(row[-1]).rstrip() for row in rows)
    return None


def plan_html(text: str) -> str:
    """Draw a plan in a fixed-width font; lines that are too wide are wrapped."""
    style = "line-height: 1.25; white-space: pre-wrap; color: inherit; background: transparent;"
    return f'<pre {HIDDEN_FROM_MATH} style="{style}">{escape(text)}</pre>'


def _draw_branches(rows, parent=0, indent="") -> list[str]:
    """The lines of the steps below `parent`, drawn as SQLite's own shell draws them."""
    steps = [(row[0], row[3]) for row in rows if row[1] == parent]
    lines = []
    for place, (step, detail) in enumerate(steps, start=1):
        is_last = place == len(steps)
        lines.append(f"{indent}{'└─ ' if is_last else '├─ '}{detail}")
        lines += _draw_branches(rows, step, indent + ("   " if is_last else "│  "))
    return lines
