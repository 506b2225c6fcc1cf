"""Finds the answers in a notebook: the text of its answer cells, whatever else has become of the file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MAGIC = "%%answer "
MAX_BYTES = 50_000_000
MOST_CHARACTERS = 100_000
MOST_CELLS, MOST_PARTS = 10_000, 5_000_000


class UnreadableNotebook(ValueError):
    """A file that is no notebook; `str()` says why."""


@dataclass
class Answers:
    """The answer texts of one notebook by exercise, without their magic line, and what was odd about it.

    `outputs` is what was saved below each answer, as it stands in the file: anything at all.
    """

    texts: dict[str, str] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)


def read_answers(path: Path, exercises: list[str]) -> Answers:
    """Read the answers to `exercises` from the notebook at `path`, of any notebook format since 3.

    A cell is the answer to an exercise if nbgrader's metadata say so or, where they were lost, if it begins with
    the exercise's `%%answer` line. Raise `UnreadableNotebook` if the file is not a notebook.
    """
    return answers_in(read_notebook(path), exercises)


def answers_in(notebook: dict[str, Any], exercises: list[str]) -> Answers:
    """The same for a notebook that was read already, as the JSON it is."""
    cells = [_read(cell) for cell in _cells(notebook)]
    answers = Answers()
    for name in exercises:
        _take(answers, name, _candidates(cells, name))
    return answers


def read_notebook(path: Path) -> dict[str, Any]:
    """The JSON of the notebook at `path`; raise `UnreadableNotebook` if it is none."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableNotebook(f"larger than {MAX_BYTES // 1_000_000} MB")
        content = path.read_bytes()
        # In memory a small part takes fifty times its bytes.
        if sum(map(content.count, (b"{", b"[", b","))) > MOST_PARTS:
            raise UnreadableNotebook(f"more than {MOST_PARTS:,} parts")
        data = json.loads(content.decode("utf-8-sig"))
    except UnreadableNotebook:
        raise
    except OSError as error:
        raise UnreadableNotebook(f"cannot be opened ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise UnreadableNotebook("not a notebook: its JSON is broken") from None
    if not isinstance(data, dict):
        raise UnreadableNotebook("not a notebook: no cells in it")
    return data


def _cells(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The cells of a notebook of format 4, or of the worksheets of format 3; anything else is passed over."""
    worksheets = data.get("worksheets")
    sheets = worksheets if isinstance(worksheets, list) else [data]
    found = [cell for sheet in sheets if isinstance(sheet, dict) for cell in _list(sheet.get("cells"))]
    if not found and not isinstance(data.get("cells"), list) and "worksheets" not in data:
        raise UnreadableNotebook("not a notebook: no cells in it")
    if len(found) > MOST_CELLS:
        raise UnreadableNotebook(f"more than {MOST_CELLS:,} cells")
    # Beyond twice what an answer may hold nothing is looked at, so that a giant text is gone through once.
    return [{**cell, "source": _source(cell)[: 2 * MOST_CHARACTERS]} for cell in found if isinstance(cell, dict)]


def _list(value: Any) -> list:
    return value if isinstance(value, list) else []


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _grade_id(cell: dict[str, Any]) -> str:
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return str(marks.get("grade_id", "")) if isinstance(marks, dict) else ""


@dataclass(frozen=True)
class _Cell:
    """A cell as it stands in the file: its text, and all by which it may claim to be an answer."""

    text: str
    id: str
    grade_id: str
    signature: tuple[str, ...]
    prose: bool
    outputs: Any


def _read(cell: dict[str, Any]) -> _Cell:
    text = _source(cell)
    signature = tuple(_magic_line(text).split())
    prose = cell.get("cell_type") == "markdown"
    return _Cell(text, str(cell.get("id", "")), _grade_id(cell), signature, prose, cell.get("outputs"))


def _candidates(cells: list[_Cell], name: str) -> list[_Cell]:
    """The cells that claim to answer `name`, in the order of the notebook."""
    marked = [cell for cell in cells if cell.grade_id == f"{name}-answer"]
    prose = [cell for cell in cells if cell.grade_id == name and cell.prose]
    signed = [cell for cell in cells if cell.signature == (MAGIC.strip(), name)]
    return marked or signed or prose


def _magic_line(text: str) -> str:
    """The first line of `text` that is neither blank nor a comment."""
    return next((line.strip() for line in text.splitlines() if line.strip() and line.strip()[0] != "#"), "")


def _take(answers: Answers, name: str, candidates: list[_Cell]) -> None:
    released = [cell for cell in candidates if cell.id == f"{name}-answer"]
    texts = [text for text in (without_magic(cell.text) for cell in candidates) if text.strip()]
    if not candidates:
        answers.odd.append(f"{name}: the answer cell is missing")
    text = without_magic(released[0].text) if len(released) == 1 else ""
    which = "the one in its old place was read" if text.strip() else "the last one was read"
    text = text if text.strip() else (texts or [""])[-1]
    text = _writable(text)
    if len(set(texts)) > 1:
        answers.odd.append(f"{name}: {len(set(texts))} cells answer it; {which}")
    if len(text) > MOST_CHARACTERS:
        answers.odd.append(f"{name}: the answer is longer than {MOST_CHARACTERS:,} characters and was not read")
        text = ""
    answers.texts[name] = text
    read = [cell for cell in [*candidates, *released] if text and _writable(without_magic(cell.text)) == text]
    answers.outputs[name] = read[-1].outputs if read else None


def _writable(text: str) -> str:
    """`text` with a visible sign for what no file, engine or gradebook takes: NUL and halves of characters."""
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def without_magic(text: str) -> str:
    """The text of an answer cell without its `%%` line, and without comments above that line."""
    magic = _magic_line(text)
    return text.split(magic, 1)[1].partition("\n")[2] if magic.startswith("%%") else text
