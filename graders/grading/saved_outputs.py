"""Cleans what a student saved below an answer: plain text and small pictures stay, for people to look at.

It is never run and never judged, as whoever wrote the notebook can have written any of it.
"""

from __future__ import annotations

import base64
import inspect
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from graders.kernel.readable import truncate
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
