"""Rebuilds a submission from the instructor's own copy: from the student come only the texts of the answer cells.

What the student saved below an answer, and what was found elsewhere and not read, is shown to people, as plain text.
"""

from __future__ import annotations

import base64
import inspect
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output

from graders.course.answer_cells import MAGIC, Answers
from graders.figures.report import report_html
from graders.kernel.readable import truncate
from graders.kernel.report import Report
from graders.sandbox import (
    Bounds,
    IsolationUnavailable,
    Sandbox,
    SandboxedFunction,
    SandboxError,
    TemporaryFailure,
    best_isolation,
)

LABEL = "As the student saved it, not run by the grader:\n"
MAX_OUTPUTS, MAX_TEXT, MAX_PICTURES = 20, 10_000, 4
MAX_PICTURE_CHARACTERS = 4_000_000
NOT_SHOWN = "[a picture, not shown: no isolation holds on this machine in which it could be drawn anew]"
PNG = b"\x89PNG\r\n\x1a\n"
PICTURES = {"image/png": "PNG", "image/jpeg": "JPEG"}
# Terminal sequences, and the control and direction signs with which text can pretend to be other text.
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean_outputs(outputs: Any) -> list[NotebookNode]:
    """Of the outputs in a notebook's JSON, whatever it holds, the text as one stream and the pictures as new PNGs."""
    known = [each for each in outputs if isinstance(each, dict)] if isinstance(outputs, list) else []
    known = known[: MAX_OUTPUTS + 1]
    text = clean_text("\n".join(filter(None, map(_text, known))))
    kept = [new_output("stream", name="stdout", text=text)] if text.strip() else []
    return [*kept, *_pictures(known)]


def label_outputs(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """`outputs` below a line that says what they are; nothing if there are none."""
    return [new_output("stream", name="stdout", text=LABEL), *outputs] if outputs else []


def _text(output: dict[str, Any]) -> str:
    if output.get("output_type") == "error":
        return f"{_join_pieces(output.get('ename'))}: {_join_pieces(output.get('evalue'))}"
    data = output.get("data")
    return _join_pieces(output.get("text")) or (_join_pieces(data.get("text/plain")) if isinstance(data, dict) else "")


def _join_pieces(text: Any) -> str:
    pieces = text[:MAX_TEXT] if isinstance(text, list) else [text]
    return "".join(piece[:MAX_TEXT] for piece in pieces if isinstance(piece, str))[:MAX_TEXT]


def clean_text(text: str) -> str:
    """`text` without hidden signs and our own label, cut to a readable length."""
    text = HIDDEN.sub("\ufffd", ESCAPES.sub("", text.replace("\r\n", "\n")))
    # A label inside a label is one when the inner one has gone.
    while LABEL in text:
        text = text.replace(LABEL, "")
    text = text.strip("\n")
    text = text.encode("utf-8", "replace").decode()
    return truncate(text, MAX_TEXT + 1)


def _pictures(outputs: list[dict[str, Any]]) -> list[NotebookNode]:
    """The first pictures among `outputs`, drawn anew in a sandbox; where none can be had, a line that says so."""
    candidates = list(_candidates(outputs))
    if not candidates:
        return []
    try:
        with Sandbox(isolation=best_isolation(), bounds=Bounds(work=2, in_all=4)) as sandbox:
            redraw = sandbox.define(inspect.getsource(redraw_picture), "redraw_picture")
            drawn = filter(None, (_redraw(redraw, *candidate) for candidate in candidates))
            return [new_output("display_data", data={"image/png": each}) for each in islice(drawn, MAX_PICTURES)]
    except (IsolationUnavailable, TemporaryFailure):
        return [new_output("stream", name="stdout", text=NOT_SHOWN)]


def _candidates(outputs: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """What may be a picture: its content in base64, not too much of it, and the kind that it is said to be."""
    for output in outputs:
        data = output.get("data")
        for mime, kind in PICTURES.items():
            content = data.get(mime) if isinstance(data, dict) else None
            if isinstance(content, list) and all(isinstance(piece, str) for piece in content):
                content = "".join(content)
            if isinstance(content, str) and content.isascii() and len(content) <= MAX_PICTURE_CHARACTERS:
                yield content, kind


def _redraw(redraw: SandboxedFunction, content: str, kind: str) -> str:
    """The new picture in base64 if the sandbox gives one: anything else is none."""
    try:
        picture = redraw(content, kind)
        start = base64.b64decode(picture, validate=True)[: len(PNG)] if isinstance(picture, str) else b""
    except (SandboxError, ValueError):
        return ""
    return picture if start == PNG else ""


def redraw_picture(content: str, kind: str) -> str:
    """The picture of `kind` ("PNG" or "JPEG") as a new small PNG, both in base64; nothing if it is none.

    A picture of a size that nobody looks at is none. The text of this function is run in a sandbox, because who made a
    picture may mean harm to whatever decodes it.
    """
    import base64
    import io
    import warnings

    from PIL import Image

    drawn = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            picture = Image.open(io.BytesIO(base64.b64decode(content)), formats=[kind])
            if picture.width * picture.height > 16_000_000:
                return ""
            small = picture.convert("RGB")
            small.thumbnail((1_000, 1_000))
            small.save(drawn, "PNG")
    except Exception:
        # Pillow raises many kinds of errors for what is no picture, and none of them concerns a mark.
        return ""
    return base64.b64encode(drawn.getvalue()).decode()


UNREAD = "Found in another cell, and not read by the grader:\n"


def rebuild_notebook(
    notebook: NotebookNode,
    answers: Answers,
    reports: dict[str, Report],
    notes: Sequence[str] = (),
    *,
    for_people: bool = True,
) -> NotebookNode:
    """Put `answers` into `notebook`, a fresh copy of the instructor's, and `reports` below the check cells.

    The outputs in `answers`, which were cleaned, and what was not read go below each answer, with a line that says
    what they are; `notes` go to the top. `for_people` shows prose as the text it is: rendered as Markdown it could run
    scripts and fetch things.
    """
    for cell in notebook.cells:
        role = cell.metadata.get("nbgrader", {})
        name = role.get("grade_id", "").removesuffix("-answer")
        if role.get("solution"):
            cell.source = _answer_source(cell, name, answers.texts.get(name, ""), for_people)
            if cell.cell_type == "code":
                cell.outputs = [*label_outputs(answers.outputs.get(name) or []), *_unread(answers, name)]
        elif role.get("grade") and name in reports:
            cell.outputs = [report_output(reports[name])]
    notebook.cells[:0] = [_note_cell(notes)] if notes else []
    return notebook


def _answer_source(cell: NotebookNode, name: str, text: str, for_people: bool) -> str:
    if cell.cell_type == "code":
        return f"{MAGIC}{name}\n{text}"
    return fence_text(text) if for_people and text else text


def _unread(answers: Answers, name: str) -> list[NotebookNode]:
    """What may be an answer too, as outputs."""
    return [
        new_output("stream", name="stdout", text=UNREAD + clean_text(text)) for text in answers.unread.get(name, [])
    ]


def _note_cell(notes: Sequence[str]) -> NotebookNode:
    cell = new_markdown_cell("**About this submission**\n\n" + fence_text("\n".join(notes)))
    cell.id = "about-this-submission"
    return cell


def fence_text(text: str) -> str:
    """Markdown that shows `text` letter by letter: a fence that nothing in it can close."""
    longest = max(map(len, re.findall(r"~+", text)), default=0)
    fence = "~" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def unmarked_output() -> NotebookNode:
    """The output of a check cell in a submission that was not marked: no points for nbgrader, a sentence for people."""
    data = {"text/plain": "0", "text/html": "<p>Not marked: see the top of this notebook.</p>"}
    return nbformat.from_dict({"output_type": "execute_result", "data": data, "execution_count": None, "metadata": {}})


def report_output(report: Report) -> NotebookNode:
    """`report` as the output of a check cell: the score for nbgrader, the rest for people."""
    data = {"text/plain": f"{report.confirmed_score:g}", "text/html": report_html(report)}
    output = {"output_type": "execute_result", "data": data, "execution_count": None, "metadata": {}}
    return nbformat.from_dict(output)
