"""Reads the cells of a notebook of any format since 3, whatever else has become of the file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_BYTES = 50_000_000
MOST_CHARACTERS = 100_000
MOST_CELLS, MOST_PARTS = 10_000, 5_000_000
NO_CELLS = "not a notebook: no cells in it"


class UnreadableNotebook(ValueError):
    """A file that is no notebook; `str()` says why."""


@dataclass(frozen=True)
class Cell:
    """A cell as it stands in the file: its text, its own id, and the id in nbgrader's metadata ("" if it has none).

    `runs` says that it is a code cell. `outputs` is what was saved below it: anything at all.
    """

    text: str
    id: str = ""
    grade_id: str = ""
    runs: bool = True
    outputs: Any = None


def read_notebook(path: Path) -> dict[str, Any]:
    """The JSON of the notebook at `path`; raise `UnreadableNotebook` if it is none."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableNotebook(f"larger than {MAX_BYTES // 1_000_000} MB")
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableNotebook(f"cannot be opened ({error.strerror})") from None
    return parse_notebook(content)


def parse_notebook(content: bytes) -> dict[str, Any]:
    """The JSON of the notebook that a file with this `content` is; raise `UnreadableNotebook` if it is none."""
    # In memory a small part takes fifty times its bytes.
    if sum(map(content.count, (b"{", b"[", b","))) > MOST_PARTS:
        raise UnreadableNotebook(f"more than {MOST_PARTS:,} parts")
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UnreadableNotebook("not a notebook: its JSON is broken") from None
    if not isinstance(data, dict):
        raise UnreadableNotebook(NO_CELLS)
    return data


def read_cells(notebook: dict[str, Any]) -> list[Cell]:
    """The cells of a notebook of format 4, or of the worksheets of format 3; anything else is passed over."""
    worksheets = notebook.get("worksheets")
    sheets = worksheets if isinstance(worksheets, list) else [notebook]
    found = [cell for sheet in sheets if isinstance(sheet, dict) for cell in _list(sheet.get("cells"))]
    if not found and not isinstance(notebook.get("cells"), list) and "worksheets" not in notebook:
        raise UnreadableNotebook(NO_CELLS)
    if len(found) > MOST_CELLS:
        raise UnreadableNotebook(f"more than {MOST_CELLS:,} cells")
    return [_cell(cell) for cell in found if isinstance(cell, dict)]


def named_lesson(notebook: dict[str, Any]) -> str:
    """The id of the lesson that the notebook says it is of; "" if it says nothing."""
    metadata = notebook.get("metadata")
    lesson = metadata.get("lesson") if isinstance(metadata, dict) else None
    return lesson if isinstance(lesson, str) else ""


def _list(value: Any) -> list:
    return value if isinstance(value, list) else []


def _cell(cell: dict[str, Any]) -> Cell:
    # Beyond twice what an answer may hold nothing is looked at, so that a giant text is gone through once.
    text = _source(cell)[: 2 * MOST_CHARACTERS]
    return Cell(
        text, str(cell.get("id", "")), _grade_id(cell), cell.get("cell_type", "code") == "code", cell.get("outputs")
    )


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _grade_id(cell: dict[str, Any]) -> str:
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return str(marks.get("grade_id", "")) if isinstance(marks, dict) else ""
