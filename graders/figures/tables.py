"""Small tables as HTML and as plain text, in which NULL, empty text and a marked row cannot be overlooked."""

from __future__ import annotations

import html
import unicodedata
from dataclasses import replace
from decimal import Decimal
from typing import Any

from graders.kernel.readable import cut, on_one_line, written
from graders.kernel.report import Table

MOST_CHARACTERS = 80
MAX_COLUMNS = 100
SHORT_TITLE = 40
SIGN = "◀"
LINE = "1px solid var(--jp-border-color1, currentColor)"
CELL = "padding: 0.2em 0.7em; white-space: pre-wrap;"
HIDDEN_FROM_MATH = 'class="tex2jax_ignore mathjax_ignore"'


def table_html(table: Table, most_rows: int = 20) -> str:
    """Draw `table` as an HTML table with inline styles only, for light and dark pages.

    At most `most_rows` rows are shown, the marked ones before others; what is left out is said in words.
    """
    table = _with_headings(table)
    rows = "".join(_row_html(table, number) for number in table.rows_to_show(most_rows))
    return (
        f'<div {HIDDEN_FROM_MATH} style="overflow-x: auto;">'
        '<table style="border-collapse: collapse; margin: 0.3em 0; color: inherit;">'
        f"{_caption(table.title)}<thead>{_head_html(table)}</thead><tbody>{rows}</tbody></table>"
        f"{note_html(_count(table, most_rows))}</div>"
    )


def table_text(table: Table, most_rows: int = 20) -> str:
    """Draw `table` as lines of plain text; what is shown is the same as in `table_html`."""
    table = _with_headings(table)
    shown = table.rows_to_show(most_rows)
    cells = [[value_text(value) for value in table.rows[number]] for number in shown]
    sides = _sides(table)
    widths = [max(map(_width, column)) for column in zip(table.columns, *cells, strict=True)]
    lines = [table.title] if table.title else []
    lines += [_line(table.columns, widths, sides), "  ".join("-" * width for width in widths)]
    for number, row in zip(shown, cells, strict=True):
        sides_here = [_side(value) or side for value, side in zip(table.rows[number], sides, strict=True)]
        lines.append(_line([*row, *_marks(table, number)], widths, sides_here))
    return "\n".join(line.rstrip() for line in [*lines, _count(table, most_rows)] if line)


def _with_headings(table: Table) -> Table:
    """`table` as it is drawn: not too many columns, each with a name that fits on a line."""
    table = table.narrowed(MAX_COLUMNS)
    return replace(table, columns=tuple(cut(on_one_line(name), MOST_CHARACTERS) for name in table.columns))


def value_text(value: Any) -> str:
    """Write a value the way SQL people read it: NULL, true, x'0a'; text that could be mistaken is quoted."""
    if isinstance(value, str) and not _could_be_mistaken(value):
        return cut(on_one_line(value[: MOST_CHARACTERS + 1]), MOST_CHARACTERS)
    return written(value, MOST_CHARACTERS)


def escape(text: str) -> str:
    """Escape `text` for HTML, each dollar sign on its own so that no page typesets what lies between two."""
    return html.escape(text).replace("$", "<span>$</span>")


def note_html(text: str) -> str:
    """Draw a quiet line below or in place of a table; nothing for no text."""
    return f'<div style="opacity: 0.75; margin: 0.2em 0;">{escape(text)}</div>' if text else ""


def _could_be_mistaken(text: str) -> bool:
    return text in ("", "NULL") or text != text.strip() or text.startswith("'")


def _side(value: Any) -> str:
    """The side at which a value stands by its own kind; NULL follows its column."""
    if value is None:
        return ""
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return "right" if is_number else "left"


def _sides(table: Table) -> list[str]:
    """The side of each column: right if it holds numbers and nothing else but NULL."""
    kinds = [{_side(row[place]) for row in table.rows} - {""} for place in range(len(table.columns))]
    return ["right" if kind == {"right"} else "left" for kind in kinds]


def _count(table: Table, most_rows: int) -> str:
    total = len(table.rows) + table.more
    if total == 0:
        return "0 rows"
    shown = min(most_rows, len(table.rows))
    return f"{shown:,} of {total:,} rows shown" if total > shown else ""


def _marks(table: Table, number: int) -> list[str]:
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
        for name, side in zip(table.columns, _sides(table), strict=True)
    ]
    return f"<tr>{''.join(cells)}{'<td></td>' if table.marked else ''}</tr>"


def _row_html(table: Table, number: int) -> str:
    cells = [
        f'<td style="{CELL} text-align: {_side(value) or side};">{_value_html(value)}</td>'
        for value, side in zip(table.rows[number], _sides(table), strict=True)
    ]
    marks = _marks(table, number) or [""] * bool(table.marked)
    words = [f'<td style="{CELL} text-align: left; font-weight: 600;">{escape(mark)}</td>' for mark in marks]
    return f"<tr>{''.join(cells + words)}</tr>"


def _value_html(value: Any) -> str:
    text = escape(value_text(value))
    return f'<span style="font-style: italic; opacity: 0.7;">{text}</span>' if value is None else text


def _width(text: str) -> int:
    """How many columns of a fixed-width font `text` takes."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(unicodedata.combining(sign) > 0 for sign in text)


def _line(cells, widths, sides) -> str:
    """Pad cells to their widths; a cell beyond the last width stands as it is."""
    padded = []
    for cell, width, side in zip(cells, widths, sides, strict=False):
        space = " " * (width - _width(cell))
        padded.append(space + cell if side == "right" else cell + space)
    return "  ".join([*padded, *cells[len(widths) :]])
