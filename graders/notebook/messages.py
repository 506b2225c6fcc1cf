"""What the notebook says outside a report: short messages, and errors of one sentence."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import ParamSpec, TypeVar

from graders.figures.report import FRAME, prose_html
from graders.kernel.failures import describe_error
from graders.kernel.readable import readable

Arguments = ParamSpec("Arguments")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Message:
    """A text for the student, with an optional title; `html` is shown in place of the text where it is given."""

    text: str
    title: str = ""
    html: str = ""

    def __repr__(self) -> str:
        return f"{self.title}\n{self.text}" if self.title else self.text

    def _repr_html_(self) -> str:
        title = f"<strong>{escape(self.title)}</strong><br>" if self.title else ""
        return f"<div style='{FRAME}'>{title}{self.html or prose_html(self.text)}</div>"


class SentenceError(Exception):
    """A mistake of use, shown as its one sentence and without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [re.sub(r"`", "", str(self))]


def shorten_errors(function: Callable[Arguments, Value]) -> Callable[Arguments, Value]:
    """Have `function`, which a student calls by name, raise nothing but `SentenceError`, whatever breaks in it."""

    @functools.wraps(function)
    def call(*args: Arguments.args, **options: Arguments.kwargs) -> Value:
        try:
            return function(*args, **options)
        except SentenceError:
            raise
        except Exception as error:
            sentence = (
                f"`{function.__name__}` could not run, which is our fault and not yours: {describe_error(error)}."
            )
            raise SentenceError(readable(sentence)) from None

    return call
