"""Keeps what a student saved below an answer, for people to look at: plain text and small pictures, nothing active.

It is never run and never judged. Whoever wrote the notebook can have written any of it.
"""

from __future__ import annotations

import base64
import io
import re
import warnings
from collections.abc import Iterator
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output
from PIL import Image

LABEL = "As the student saved it, not run by the grader:\n"
MOST_OUTPUTS, MOST_TEXT, MOST_PICTURES = 20, 10_000, 4
MOST_PICTURE_CHARACTERS, MOST_PIXELS, WIDEST = 4_000_000, 16_000_000, 1_000
PICTURES = {"image/png": "PNG", "image/jpeg": "JPEG"}
# Terminal sequences, and the control and direction signs with which text can pretend to be other text.
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def cleaned(outputs: Any) -> list[NotebookNode]:
    """Of the outputs in a notebook's JSON, whatever it holds, the text as one stream and the pictures as new PNGs."""
    known = [each for each in outputs if isinstance(each, dict)] if isinstance(outputs, list) else []
    known = known[: MOST_OUTPUTS + 1]
    text = _plain("\n".join(filter(None, map(_text, known))))
    kept = [new_output("stream", name="stdout", text=text)] if text.strip() else []
    return [*kept, *list(_pictures(known))[:MOST_PICTURES]]


def labelled(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """`outputs` below a line that says what they are; nothing if there are none."""
    return [new_output("stream", name="stdout", text=LABEL), *outputs] if outputs else []


def _text(output: dict[str, Any]) -> str:
    if output.get("output_type") == "error":
        return f"{_joined(output.get('ename'))}: {_joined(output.get('evalue'))}"
    data = output.get("data")
    return _joined(output.get("text")) or (_joined(data.get("text/plain")) if isinstance(data, dict) else "")


def _joined(text: Any) -> str:
    pieces = text[:MOST_TEXT] if isinstance(text, list) else [text]
    return "".join(piece[:MOST_TEXT] for piece in pieces if isinstance(piece, str))[:MOST_TEXT]


def _plain(text: str) -> str:
    """`text` without hidden signs and our own label, cut to a readable length."""
    text = HIDDEN.sub("\ufffd", ESCAPES.sub("", text.replace("\r\n", "\n"))).replace(LABEL, "").strip("\n")
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + "…"


def _pictures(outputs: list[dict[str, Any]]) -> Iterator[NotebookNode]:
    for output in outputs:
        data = output.get("data")
        for kind, name in PICTURES.items():
            picture = _redrawn(data.get(kind), name) if isinstance(data, dict) else ""
            if picture:
                yield new_output("display_data", data={"image/png": picture})


def _redrawn(content: Any, name: str) -> str:
    """The picture as a new small PNG in base64; nothing if it is none, or of a size that nobody looks at."""
    content = "".join(content) if isinstance(content, list) and all(isinstance(x, str) for x in content) else content
    if not isinstance(content, str) or len(content) > MOST_PICTURE_CHARACTERS:
        return ""
    drawn = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            picture = Image.open(io.BytesIO(base64.b64decode(content)), formats=[name])
            if picture.width * picture.height > MOST_PIXELS:
                return ""
            picture = picture.convert("RGB")
            picture.thumbnail((WIDEST, WIDEST))
            picture.save(drawn, "PNG")
    except Exception:
        # Pillow raises many kinds of errors for what is no picture, and none of them concerns a mark.
        return ""
    return base64.b64encode(drawn.getvalue()).decode()
