"""Opens a student's Python answer in a box and gives claims what it defines."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from graders.box import Box
from graders.exercise import Exercise


def open_answer(exercise: Exercise, text: str, stack: ExitStack) -> Any:
    """Give what the cell defines under the answer's name: plain data, or a function that runs in a box.

    The box lives as long as `stack`. Raise `Mismatch` if the cell does not run or does not define the name.
    """
    return stack.enter_context(Box()).define(text, exercise.answer)
