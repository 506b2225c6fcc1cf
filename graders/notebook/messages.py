"""What the notebook says outside a report: short messages, and mistakes told in one sentence."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import ParamSpec, TypeVar

from graders.figures.report import FRAME, prose_html
from graders.kernel.containment import fault_words
from graders.kernel.readable import readable

Given, Value = ParamSpec("Given"), TypeVar("Value")


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


def in_one_sentence(word: Callable[Given, Value]) -> Callable[Given, Value]:
    """Have `word`, which a student calls by name, end in its value or in a `SentenceError`, whatever breaks in it."""

    @functools.wraps(word)
    def guarded(*args: Given.args, **options: Given.kwargs) -> Value:
        try:
            return word(*args, **options)
        except SentenceError:
            raise
        except Exception as error:
            words = f"`{word.__name__}` could not run, which is our fault and not yours: {fault_words(error)}."
            raise SentenceError(readable(words)) from None

    return guarded
