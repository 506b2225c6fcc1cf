"""What the notebook says outside a report: short messages, and mistakes told in one sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from graders.figures.report import FRAME, prose_html


@dataclass(frozen=True)
class Message:
    """Words for the student, with an optional title; `html` stands in for the words where it is given."""

    words: str
    title: str = ""
    html: str = ""

    def __repr__(self) -> str:
        return f"{self.title}\n{self.words}" if self.title else self.words

    def _repr_html_(self) -> str:
        title = f"<strong>{escape(self.title)}</strong><br>" if self.title else ""
        return f"<div style='{FRAME}'>{title}{self.html or prose_html(self.words)}</div>"


class SentenceError(Exception):
    """A mistake of use, shown as its one sentence and without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [re.sub(r"`", "", str(self))]
