"""Text for a table that a spreadsheet opens, in which nothing becomes a formula."""

from __future__ import annotations

FORMULA = tuple("=+-@＝＋－＠")
CONTROL = ("\t", "\r", "\n")


def plain(text: str | None) -> str:
    """`text` for a cell that a spreadsheet must not run: an apostrophe goes before what could begin a formula."""
    text = text or ""
    return f"'{text}" if text.startswith(CONTROL) or text.lstrip().startswith(FORMULA) else text
