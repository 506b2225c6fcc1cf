"""What the notebook says outside a report: short messages, and errors of one sentence."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any, ParamSpec, TypeVar

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


class Misuse(Exception):
    """A function was called with what it cannot take; whoever called it is told how it is used."""


def used_as(usage: str) -> Callable[[Callable[Arguments, Value]], Callable[Arguments, Value]]:
    """Have a function that a student calls raise nothing but `SentenceError`: `usage` where it was called wrongly."""

    def decorate(function: Callable[Arguments, Value]) -> Callable[Arguments, Value]:
        @functools.wraps(function)
        def call(*args: Arguments.args, **options: Arguments.kwargs) -> Value:
            try:
                return function(*args, **options)
            except SentenceError:
                raise
            except Exception as error:
                wrong = isinstance(error, Misuse) or _is_wrong_call(error)
                raise SentenceError(usage if wrong else _our_fault(function.__name__, error)) from None

        vars(call)["usage"] = usage
        return call

    return decorate


def _is_wrong_call(error: Exception) -> bool:
    """Whether the arguments did not fit the function: Python says so before the function begins."""
    return isinstance(error, TypeError) and error.__traceback__ is not None and error.__traceback__.tb_next is None


def _our_fault(name: str, error: Exception) -> str:
    return readable(f"`{name}` could not run, which is our fault and not yours: {describe_error(error)}.")


class NotebookFunction:
    """A function as a notebook has it: it is called like any other, and says how when it is only named."""

    def __init__(self, function: Callable[..., Any]):
        functools.update_wrapper(self, function)
        self._function = function

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self._function(*args, **options)

    def __repr__(self) -> str:
        return re.sub(r"`", "", str(vars(self)["usage"]))
